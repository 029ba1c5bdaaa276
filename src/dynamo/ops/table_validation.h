// The rules about tables and indexes that the service model does not state: DynamoDB's order, DynamoDB's texts. All
// functions are pure; the specs have passed their shape.
//
// Sources: answers of the real service recorded in public issue threads and by a public probe laboratory (2026-10);
// where the order between two rules was not observed, ours is the order of the functions below.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dynamo/model/error.h"
#include "dynamo/model/schema.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/shape.h"
#include "dynamo/ops/table_request.h"

namespace reprise::dynamo {

// What every operation on a table that is there does first: types, the presence of TableName (by a rule of the
// service's own, before the model's constraints), then the constraints.
Check check_table_request(const Shape& shape, const codec::JsonValue& body);
// The same of CreateTable, which refuses a name of a wrong length in words of its own.
Check check_create_request(const Shape& shape, const codec::JsonValue& body);
// "TableName must be at least 3 characters long and at most 255 characters long"
Check check_plain_table_name(std::string_view name);
// TableClass is not an enumeration of the model: an unknown word is refused by a text of its own.
Check check_table_class(const Fields& request);

// A new table. Things that Reprise does not have are refused last, with a text of our own.
Check check_new_table(const TableSpec& spec);

// The parts of check_new_table that UpdateTable and restores need by themselves.
Check check_index_key(const std::vector<KeyElementSpec>& key);
Check check_projection(const ProjectionSpec& projection);
Check check_projected_total(const TableDefinition& table);
Check check_encryption(const EncryptionSpec& encryption);
// Warm throughput of an index that is being made.
Check check_index_warm(const IndexSpec& index, BillingMode billing);
// The upper bound of provisioned capacity; of the table when `index` is empty.
Check check_units(const ThroughputSpec& spec, std::string_view index);
// "Invalid KeySchema: Some index key attribute have no definition"
ApiError key_has_no_definition();
// "Some index key attributes are not defined in AttributeDefinitions. Keys: [x, y], AttributeDefinitions: [a, b]",
// where the keys are all those of the key schema.
Check check_defined(const std::vector<KeyElementSpec>& key, const std::vector<AttributeDefinition>& definitions);

// "Requested resource not found: Table: x not found"
ApiError table_not_found(std::string_view name);

// ---- From valid specs to a definition ------------------------------------------------------------------------------

KeySchema make_key(const std::vector<KeyElementSpec>& key, const std::vector<AttributeDefinition>& definitions);
IndexProjection make_projection(const ProjectionSpec& projection);
Throughput make_throughput(const std::optional<ThroughputSpec>& spec);
std::optional<WarmThroughput> make_warm(const std::optional<WarmSpec>& spec, const WarmThroughput& otherwise);
std::optional<OnDemandThroughput> make_on_demand(const std::optional<OnDemandSpec>& spec);
// A new index; its space, warm throughput and status are the caller's to set.
GlobalIndex make_global_index(const IndexSpec& spec, const std::vector<AttributeDefinition>& definitions);
std::optional<EncryptionSettings> make_encryption(const std::optional<EncryptionSpec>& spec, std::string_view account,
                                                  std::string_view region);
// The definitions of the attributes that some key of `table` uses, by name.
std::vector<AttributeDefinition> used_attributes(const TableDefinition& table);

}  // namespace reprise::dynamo
