// The rules here come after the modelled constraints and before the table is looked for, in that order.
#include "dynamo/ops/item_request.h"

#include <string>
#include <utility>

#include "dynamo/expr/parser.h"
#include "dynamo/ops/store_error.h"
#include "history/store.h"

namespace reprise::dynamo {
namespace {

// "A", "A and B", "A, B and C" of those members that are there (or of all of them).
std::string list_names(const std::vector<std::string_view>& names, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) text.append(i == 0 ? "" : separator).append(names[i]);
  return text;
}

void collect_present(const Fields& in, std::initializer_list<std::string_view> members,
                     std::vector<std::string_view>& out) {
  for (const auto member : members) {
    if (in.has(member)) out.push_back(member);
  }
}

}  // namespace

Outcome<TablePtr> find_item_table(const Services& services, const Caller& caller, std::string_view table_name) {
  TablePtr table;
  if (table_name.starts_with("arn:")) {
    TRY_ASSIGN(const TableReference reference,
               parse_table_reference(table_name, caller.account, services.settings.region));
    if (reference.account != caller.account) {
      return api_error(ErrorKind::access_denied, "User is not authorized to access a table of another account");
    }
    table = services.catalog.find(caller.account, reference.name);
  } else {
    table = services.catalog.find(caller.account, table_name);
  }
  const bool ready =
      table != nullptr && (table->status == TableStatus::active || table->status == TableStatus::updating);
  if (!ready) return api_error(ErrorKind::resource_not_found, "Requested resource not found");
  return table;
}

Check check_expression_parameters(const Fields& in, const ExpressionParameters& parameters) {
  std::vector<std::string_view> expressions;
  collect_present(in, parameters.with_values, expressions);
  const bool takes_values = !expressions.empty();
  collect_present(in, parameters.with_names, expressions);
  std::vector<std::string_view> legacy;
  collect_present(in, parameters.legacy, legacy);

  if (!expressions.empty() && !legacy.empty()) {
    return validation(
        "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {" +
        list_names(legacy, ", ") + "} Expression parameters: {" + list_names(expressions, ", ") + "}");
  }
  if (expressions.empty() && in.has("ExpressionAttributeNames")) {
    return validation("ExpressionAttributeNames can only be specified when using expressions");
  }
  if (!takes_values && in.has("ExpressionAttributeValues")) {
    const std::vector<std::string_view> all(parameters.with_values);
    return validation("ExpressionAttributeValues can only be specified when using expressions: " +
                      list_names(all, " and ") + (all.size() == 1 ? " is null" : " are null"));
  }
  if (!legacy.empty()) {
    return validation("Reprise does not support the legacy parameter " + std::string(legacy.front()) +
                      " yet; use the expression parameters, see docs/compatibility.md");
  }
  return Passed{};
}

Outcome<Substitutions> parse_substitutions(const Fields& in) {
  return Substitutions::parse(in.value("ExpressionAttributeNames"), in.value("ExpressionAttributeValues"));
}

Outcome<std::shared_ptr<const Ast>> parse_member(Services& services, const Fields& in, std::string_view member,
                                                 ExpressionKind kind) {
  const auto text = in.string(member);
  if (!text) return std::shared_ptr<const Ast>();
  return services.expressions.get(kind, *text);
}

Outcome<std::optional<Timestamp>> resolve_as_of(Services& services, SpaceId space, std::optional<Timestamp> as_of) {
  if (!as_of) return std::optional<Timestamp>();
  const Timestamp now = services.store.now();
  if (as_of->micros() > now.micros()) {
    return validation("x-reprise-as-of: " + format_iso8601(as_of->micros()) + " is in the future");
  }
  const auto info = services.store.info(space);
  if (!info.ok()) return store_error(info.error());
  if (*as_of < info->horizon || *as_of < info->created) {
    const Timestamp earliest = info->horizon < info->created ? info->created : info->horizon;
    return validation("x-reprise-as-of: " + format_iso8601(as_of->micros()) +
                      " is before the oldest time this table can be read at, " + format_iso8601(earliest.micros()));
  }
  return std::optional<Timestamp>(*as_of < now ? *as_of : now);
}

}  // namespace reprise::dynamo
