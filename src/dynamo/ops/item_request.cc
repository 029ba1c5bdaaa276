// The rules here come after the modelled constraints and before the table is looked for, in that order.
#include "dynamo/ops/item_request.h"

#include <string>
#include <utility>

#include "dynamo/expr/parser.h"
#include "dynamo/ops/legacy_conditions.h"
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

ApiError mixed(const std::vector<std::string_view>& legacy, const std::vector<std::string_view>& expressions) {
  return validation(
      "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: {" +
      list_names(legacy, ", ") + "} Expression parameters: {" + list_names(expressions, ", ") + "}");
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
  collect_present(in, parameters.with_names, expressions);
  const std::size_t without_values = expressions.size();
  collect_present(in, parameters.with_values, expressions);
  const bool takes_values = expressions.size() > without_values;
  std::vector<std::string_view> legacy;
  for (const auto member : parameters.legacy) {
    if (member == "KeyConditions" && !in.has("KeyConditionExpression")) continue;
    if (in.has(member)) legacy.push_back(member);
  }

  if (!expressions.empty() && !legacy.empty()) return mixed(legacy, expressions);
  if (expressions.empty() && in.has("ExpressionAttributeNames")) {
    return validation("ExpressionAttributeNames can only be specified when using expressions");
  }
  if (!takes_values && in.has("ExpressionAttributeValues")) {
    const std::vector<std::string_view> all(parameters.with_values);
    return validation("ExpressionAttributeValues can only be specified when using expressions: " +
                      list_names(all, " and ") + (all.size() == 1 ? " is null" : " are null"));
  }
  return Passed{};
}

Outcome<Substitutions> parse_substitutions(const Fields& in) {
  return Substitutions::parse(in.value("ExpressionAttributeNames"), in.value("ExpressionAttributeValues"));
}

Outcome<std::optional<Projection>> read_projection(Services& services, const Fields& in) {
  TRY_ASSIGN(const auto attributes, read_attributes_to_get(in));
  if (attributes) return std::optional<Projection>(Projection::of_attributes(*attributes));
  if (!in.has("ProjectionExpression")) return std::optional<Projection>();
  TRY_ASSIGN(auto substitutions, parse_substitutions(in));
  TRY_ASSIGN(auto ast, parse_member(services, in, "ProjectionExpression", ExpressionKind::projection));
  TRY_ASSIGN(auto projection, Projection::bind(std::move(ast), substitutions));
  TRY(substitutions.check_all_used());
  return std::optional<Projection>(std::move(projection));
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
