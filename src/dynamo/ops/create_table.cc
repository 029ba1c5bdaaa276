// CreateTable. The table is usable when the answer is given, although the answer says CREATING as DynamoDB's does.
//
// The spaces come first, the catalogue's entry second: a crash in between leaves spaces that nobody names, which the
// catalogue drops at the next start.
#include <utility>

#include "base/fault_point.h"
#include "base/rng.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/policy_document.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/table_description.h"
#include "dynamo/ops/table_lookup.h"
#include "dynamo/ops/table_operations.h"
#include "dynamo/ops/table_streams.h"
#include "dynamo/ops/table_validation.h"
#include "dynamo/ops/warm_throughput.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

TableDefinition define(const TableSpec& spec, const Services& services, std::string account, std::string name,
                       std::uint64_t now_micros) {
  TableDefinition table;
  table.account = std::move(account);
  table.name = std::move(name);
  table.id = random_uuid();
  table.arn = table_arn(services.settings.region, table.account, table.name);
  table.creation_micros = static_cast<std::int64_t>(now_micros);
  table.billing = spec.billing.value_or(BillingMode::provisioned);
  table.key = make_key(spec.key, spec.attributes);
  for (const IndexSpec& index : spec.local_indexes.value_or(std::vector<IndexSpec>())) {
    LocalIndex made;
    made.name = index.name;
    made.key = make_key(index.key, spec.attributes);
    made.projection = make_projection(index.projection);
    table.local_indexes.push_back(std::move(made));
  }
  for (const IndexSpec& index : spec.global_indexes.value_or(std::vector<IndexSpec>())) {
    GlobalIndex made = make_global_index(index, spec.attributes);
    made.warm = make_warm(index.warm, warm_of(table, made));
    table.global_indexes.push_back(std::move(made));
  }
  table.attributes = used_attributes(table);
  if (table.billing == BillingMode::pay_per_request) table.pay_per_request_since_micros = table.creation_micros;
  table.throughput = make_throughput(spec.throughput);
  table.on_demand = make_on_demand(spec.on_demand);
  table.warm = make_warm(spec.warm, warm_of(table));
  table.table_class = spec.table_class.value_or(TableClass::standard);
  table.encryption = make_encryption(spec.encryption, table.account, services.settings.region);
  for (const TagSpec& tag : spec.tags.value_or(std::vector<TagSpec>())) {
    table.tags.push_back({tag.key.value_or(""), tag.value.value_or("")});
  }
  if (spec.stream_enabled == true) enable_stream(table, spec.stream_view_type.value_or(""), table.creation_micros);
  protect_new_table(table, services.settings, spec.deletion_protection);
  return table;
}

}  // namespace

Task<OperationResult> create_table(Services& services, OperationRequest request) {
  CO_TRY(check_create_request(shapes::create_table, request.body));
  const Fields in(request.body);
  const TableSpec spec = read_table_spec(in);
  CO_TRY_ASSIGN(const std::string name, own_table_name(services, request.caller, in.string_or("TableName", "")));
  CO_TRY(check_table_class(in));
  CO_TRY(check_new_table(spec));
  CO_TRY(refuse_members(request.body, {"GlobalTableSourceArn", "GlobalTableSettingsReplicationMode", "VectorIndexes"}));

  const auto guard = co_await services.catalog.lock_name(request.caller.account, name);
  if (const TablePtr taken = services.catalog.find(request.caller.account, name)) {
    const bool filling = taken->status == TableStatus::creating;  // by a restore or an import, which are told apart
    const bool restoring = filling && taken->restore;
    co_return api_error(ErrorKind::resource_in_use,
                        (restoring ? "Table is being used: "
                         : filling ? "Attempt to change a resource which is still in use: Table is being created: "
                                   : "Table already exists: ") +
                            name);
  }
  std::optional<ResourcePolicy> policy;
  if (spec.policy) {
    CO_TRY_ASSIGN(const std::string document, canonical_policy(*spec.policy, PolicyTarget::table));
    constexpr std::uint64_t micros_per_milli = 1000;
    policy = ResourcePolicy{document, std::to_string(services.wall.now_micros() / micros_per_milli)};
  }
  TableDefinition table = define(spec, services, request.caller.account, name, services.store.now().micros());
  table.policy = std::move(policy);
  std::vector<history::NewSpace> wanted = new_spaces_of(table);
  FAULT_POINT("create_table.before_spaces");
  auto spaces = co_await services.store.create(std::move(wanted));
  if (!spaces.ok()) co_return store_error(spaces.error());
  FAULT_POINT("create_table.after_spaces");
  assign_spaces(table, spaces.value());
  const Status added = co_await services.catalog.add(table);
  // Nobody else makes a table of that name now, so a failure is the store's; what may be named by an entry that is
  // found at the next start must not go.
  if (!added.ok()) co_return store_error(added);

  table.status = TableStatus::creating;
  for (GlobalIndex& index : table.global_indexes) index.status = IndexStatus::creating;
  co_return describe(services, "TableDescription", table);
}

}  // namespace reprise::dynamo
