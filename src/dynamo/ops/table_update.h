// UpdateTable's request as a plain struct, its rules, and what it makes of a definition. Pure; update_table.cc does the
// rest.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dynamo/model/error.h"
#include "dynamo/model/schema.h"
#include "dynamo/ops/table_description.h"
#include "dynamo/ops/table_request.h"

namespace reprise::dynamo {

// One element of GlobalSecondaryIndexUpdates: exactly one of the three in a valid request.
struct IndexChange {
  std::optional<IndexSpec> create;
  std::optional<IndexSpec> update;  // name, throughput, warm throughput
  std::optional<std::string> remove;
  [[nodiscard]] std::string name() const;
};

struct TableUpdate {
  std::optional<std::vector<AttributeDefinition>> attributes;
  std::optional<BillingMode> billing;
  std::optional<ThroughputSpec> throughput;
  std::optional<OnDemandSpec> on_demand;
  std::optional<WarmSpec> warm;
  std::optional<std::vector<IndexChange>> indexes;
  std::optional<bool> stream_enabled;
  std::optional<std::string> stream_view_type;
  std::optional<EncryptionSpec> encryption;
  std::optional<TableClass> table_class;
  std::optional<bool> deletion_protection;
};

TableUpdate read_table_update(const Fields& request);

// What can be said before the table is looked at: something is asked for, and nothing that must come alone comes with
// something else.
Check check_table_update(const TableUpdate& update);

// What a change means beyond the definition.
struct UpdateEffect {
  std::optional<std::string> created;  // the index that has to be filled; its space is not assigned yet
  std::optional<GlobalIndex> removed;  // the index whose space can go
};
// Changes the definition, or says why not and leaves it half changed (it is a copy). `region`: of key ARNs.
Outcome<UpdateEffect> apply_table_update(const TableUpdate& update, std::string_view region, std::uint64_t now_micros,
                                         TableDefinition& table);

// What the answer shows: changes of throughput, encryption and class with their old values, indexes on their way.
struct ShownUpdate {
  TableDefinition table;
  ShownChanges changes;
};
ShownUpdate updated_as_shown(const TableUpdate& update, const UpdateEffect& effect, const TableDefinition& before,
                             const TableDefinition& after);

}  // namespace reprise::dynamo
