// From Select, IndexName, ConsistentRead and ExclusiveStartKey to what a page is read from.
#include <algorithm>
#include <string>
#include <utility>

#include "dynamo/model/item_json.h"
#include "dynamo/model/key.h"
#include "dynamo/ops/item_request.h"
#include "dynamo/ops/page.h"

namespace reprise::dynamo {
namespace {

Check check_readable(const IndexView& index) {
  if (index.global != nullptr && index.global->status == IndexStatus::creating) {
    return validation("Cannot read from backfilling global secondary index: " + std::string(index.name));
  }
  return Passed{};
}

// The attributes asked for that entries of the index do not hold.
std::vector<std::string> not_projected(const PagePlan& plan) {
  std::vector<std::string> missing;
  if (!plan.projection) return missing;
  for (auto& name : plan.projection->root_names()) {
    if (!projects(*plan.table, *plan.index, name)) missing.push_back(std::move(name));
  }
  return missing;
}

// Whether the entries of the index are enough for what is selected.
Check resolve_projection(std::string_view select, PagePlan& plan) {
  const bool all = plan.index->projection->type == ProjectionType::all;
  const bool local = plan.index->global == nullptr;
  if (select == "ALL_ATTRIBUTES" && !all) {
    if (!local) {
      return invalid_parameter("Select type ALL_ATTRIBUTES is not supported for global secondary index " +
                               std::string(plan.index->name) + " because its projection type is not ALL");
    }
    plan.fetch = true;
  }
  const auto missing = not_projected(plan);
  if (missing.empty()) return Passed{};
  if (!local) {
    std::string text = "Global secondary index " + std::string(plan.index->name) + " does not project [";
    for (std::size_t i = 0; i < missing.size(); ++i) text.append(i == 0 ? "" : ", ").append(missing[i]);
    return invalid_parameter(text + "]");
  }
  plan.fetch = true;
  return Passed{};
}

}  // namespace

Check check_select(const Fields& in) {
  const auto select = in.string_or("Select", "");
  const bool attributes = in.has("AttributesToGet");
  const bool projection = attributes || in.has("ProjectionExpression");
  const std::string which = attributes ? "AttributesToGet" : "ProjectionExpression";
  if (select == "ALL_PROJECTED_ATTRIBUTES" && !in.has("IndexName")) {
    return validation("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
  }
  if (projection && select == "COUNT") {
    return validation("Cannot specify the " + which + " when choosing to get only the Count");
  }
  if (projection && !select.empty() && select != "SPECIFIC_ATTRIBUTES") {
    return validation("Cannot specify the " + which + " when choosing to get " + std::string(select));
  }
  if (!projection && select == "SPECIFIC_ATTRIBUTES") {
    return validation(
        "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES");
  }
  return Passed{};
}

Check resolve_source(Services& services, const Caller& caller, const Fields& in, PagePlan& plan) {
  TRY_ASSIGN(plan.table, find_item_table(services, caller, in.string_or("TableName", "")));
  plan.consistent = in.boolean("ConsistentRead", false);
  const auto select = in.string_or("Select", "");
  plan.count_only = select == "COUNT";
  plan.limit = static_cast<std::size_t>(in.integer("Limit").value_or(0));
  plan.report = capacity_report(in);
  const auto index_name = in.string("IndexName");
  if (!index_name) return Passed{};
  plan.index = find_index(*plan.table, *index_name);
  if (!plan.index) return validation("The table does not have the specified index: " + std::string(*index_name));
  TRY(check_readable(*plan.index));
  if (plan.consistent && plan.index->global != nullptr) {
    return validation("Consistent reads are not supported on global secondary indexes");
  }
  return resolve_projection(select, plan);
}

Outcome<Bytes> parse_start(const Fields& in) {
  const auto start = in.value("ExclusiveStartKey");
  if (!start) return Bytes();
  auto item = parse_item(*start);
  if (item.ok() || item.error().kind != ErrorKind::validation) return item;
  return validation("The provided starting key is invalid: " + item.error().message);
}

Outcome<std::optional<Bytes>> resolve_start(const PagePlan& plan, const Bytes& start, StartOf use) {
  if (start.empty()) return std::optional<Bytes>();
  auto key = plan.index ? index_start_key(*plan.index->key, plan.table->key, ItemView(start), use)
                        : start_key(plan.table->key, ItemView(start), use);
  if (!key.ok()) return std::move(key).error();
  return std::optional<Bytes>(std::move(key).value());
}

}  // namespace reprise::dynamo
