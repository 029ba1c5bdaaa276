// A stream's ARN is its table's, "/stream/" and its label. The table may be deleted, and a newer one of the same name
// there: labels tell them apart.
#include "dynamo/streams/stream_lookup.h"

#include <optional>
#include <utility>

#include "dynamo/ops/request.h"
#include "dynamo/ops/table_streams.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

struct StreamName {
  std::string account;
  std::string table;
  std::string region;
};

// arn:PARTITION:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL
std::optional<StreamName> parse_arn(std::string_view arn) {
  constexpr std::string_view middle = "/stream/";
  const auto cut = arn.find(middle);
  if (!arn.starts_with("arn:") || cut == std::string_view::npos || cut + middle.size() == arn.size()) {
    return std::nullopt;
  }
  // The region is whatever stands in its place.
  std::string_view rest = arn.substr(0, cut);
  for (int part = 0; part < 3; ++part) {
    const auto colon = rest.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(colon + 1);
  }
  const std::string region(rest.substr(0, rest.find(':')));
  auto table = parse_table_reference(arn.substr(0, cut), "", region);
  if (!table.ok()) return std::nullopt;
  return StreamName{std::move(table->account), std::move(table->name), region};
}

std::optional<FoundStream> find_in(const TablePtr& table, std::string_view arn, std::int64_t now_micros) {
  if (!table) return std::nullopt;
  for (const StreamSettings& stream : readable_streams(*table, now_micros)) {
    if (stream_arn(*table, stream) == arn) return FoundStream{table, stream};
  }
  return std::nullopt;
}

}  // namespace

Check check_stream_request(const Shape& shape, const codec::JsonValue& body, std::string_view arn_member) {
  TRY(check_types(shape, body));
  const auto arn = Fields(body).string(arn_member);
  if (arn && !parse_arn(*arn)) return validation("Invalid StreamArn");
  return check_constraints(shape, body);
}

ApiError stream_not_found(std::string_view arn) {
  return api_error(ErrorKind::resource_not_found,
                   std::string("Requested resource not found: Stream: ").append(arn).append(" not found"));
}

Outcome<FoundStream> find_stream(Services& services, const Caller& caller, std::string_view arn) {
  const auto name = parse_arn(arn);
  if (!name) return validation("Invalid StreamArn");
  if (name->account != caller.account) {
    return api_error(ErrorKind::access_denied, "User is not authorized to access a stream of another account");
  }
  const auto now = static_cast<std::int64_t>(services.store.now().micros());
  if (auto found = find_in(services.catalog.find(name->account, name->table), arn, now)) return std::move(*found);
  for (const TablePtr& table : services.catalog.deleted(name->account, name->table)) {
    if (auto found = find_in(table, arn, now)) return std::move(*found);
  }
  return stream_not_found(arn);
}

}  // namespace reprise::dynamo
