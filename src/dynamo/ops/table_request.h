// The members that requests about tables share, read from JSON into plain structs: key schemas, indexes, throughput.
//
// The JSON has passed its shape (shape.h): members have the right JSON types and required ones are there. Nothing else
// has been checked; table_validation.h does that.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/model/schema.h"
#include "dynamo/ops/request.h"

namespace reprise::dynamo {

struct KeyElementSpec {
  std::string name;
  bool hash = false;  // KeyType HASH; else RANGE
};

struct ProjectionSpec {
  std::optional<ProjectionType> type;
  std::optional<std::vector<std::string>> non_key_attributes;
};

// What is absent has no value.
struct ThroughputSpec {
  std::int64_t read_units = 0;
  std::int64_t write_units = 0;
};
struct OnDemandSpec {
  std::optional<std::int64_t> max_read_units;
  std::optional<std::int64_t> max_write_units;
};
struct WarmSpec {
  std::optional<std::int64_t> read_units_per_second;
  std::optional<std::int64_t> write_units_per_second;
  [[nodiscard]] bool empty() const { return !read_units_per_second && !write_units_per_second; }
};

// A local or a global index, to be made or as a restore names it.
struct IndexSpec {
  std::string name;
  std::vector<KeyElementSpec> key;
  ProjectionSpec projection;
  std::optional<ThroughputSpec> throughput;  // global only, as is what follows
  std::optional<OnDemandSpec> on_demand;
  std::optional<WarmSpec> warm;
};

struct EncryptionSpec {
  bool enabled = false;
  std::optional<std::string> type;
  std::optional<std::string> key_id;
};

struct TagSpec {
  std::optional<std::string> key;
  std::optional<std::string> value;
};

// CreateTable's members.
struct TableSpec {
  std::string name;
  std::vector<AttributeDefinition> attributes;
  std::vector<KeyElementSpec> key;
  std::optional<std::vector<IndexSpec>> local_indexes;
  std::optional<std::vector<IndexSpec>> global_indexes;
  std::optional<BillingMode> billing;
  std::optional<ThroughputSpec> throughput;
  std::optional<OnDemandSpec> on_demand;
  std::optional<EncryptionSpec> encryption;
  std::optional<TableClass> table_class;
  std::optional<bool> deletion_protection;
  std::optional<bool> stream_enabled;
  std::optional<std::string> stream_view_type;
  std::optional<std::vector<TagSpec>> tags;
  std::optional<WarmSpec> warm;
  std::optional<std::string> policy;  // ResourcePolicy
};

TableSpec read_table_spec(const Fields& request);
std::optional<std::vector<AttributeDefinition>> read_attribute_definitions(const Fields& request);
IndexSpec read_index(const Fields& index);
// The lists and structures called `member`; nothing when they are absent.
std::optional<std::vector<IndexSpec>> read_indexes(const Fields& request, std::string_view member);
std::optional<ThroughputSpec> read_throughput(const Fields& request, std::string_view member);
std::optional<OnDemandSpec> read_on_demand(const Fields& request, std::string_view member);
std::optional<WarmSpec> read_warm(const Fields& request, std::string_view member);
std::optional<std::vector<TagSpec>> read_tags(const Fields& request);
// Without Enabled, an SSEType asks for encryption all the same.
std::optional<EncryptionSpec> read_encryption(const Fields& request, std::string_view member);

}  // namespace reprise::dynamo
