// What a table is: its keys, its indexes and its settings, and the catalogue's form of all that.
//
// A TableDefinition is a value: the catalogue hands out shared, immutable copies and replaces them whole. Names follow
// the API; times are microseconds since the epoch, 0 for "never".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/status.h"
#include "dynamo/model/item.h"

namespace reprise::dynamo {

// One attribute of a key. Keys are S, N or B.
struct KeyAttribute {
  std::string name;
  AttributeType type = AttributeType::string;
  bool operator==(const KeyAttribute&) const = default;
};

// The key of a table (one HASH, at most one RANGE) or of an index (a GSI may have up to four of each).
struct KeySchema {
  std::vector<KeyAttribute> hash;
  std::vector<KeyAttribute> range;

  [[nodiscard]] std::size_t count() const { return hash.size() + range.size(); }
  // The attribute called `name`, or null.
  [[nodiscard]] const KeyAttribute* find(std::string_view name) const;
  bool operator==(const KeySchema&) const = default;
};

struct AttributeDefinition {
  std::string name;
  AttributeType type = AttributeType::string;
  bool operator==(const AttributeDefinition&) const = default;
};

enum class ProjectionType : std::uint8_t { all, keys_only, include };
struct IndexProjection {
  ProjectionType type = ProjectionType::all;
  std::vector<std::string> non_key_attributes;  // include only; in the request's order
  bool operator==(const IndexProjection&) const = default;
};

// 0/0 on a PAY_PER_REQUEST table.
struct Throughput {
  std::int64_t read_units = 0;
  std::int64_t write_units = 0;
  std::int64_t last_increase_micros = 0;
  std::int64_t last_decrease_micros = 0;
  std::int64_t decreases_today = 0;
  bool operator==(const Throughput&) const = default;
};

// -1: no cap.
struct OnDemandThroughput {
  std::int64_t max_read_units = -1;
  std::int64_t max_write_units = -1;
  bool operator==(const OnDemandThroughput&) const = default;
};

struct WarmThroughput {
  std::int64_t read_units_per_second = 0;
  std::int64_t write_units_per_second = 0;
  bool operator==(const WarmThroughput&) const = default;
};

enum class BillingMode : std::uint8_t { provisioned, pay_per_request };
enum class TableStatus : std::uint8_t { creating, active, updating, deleting };
enum class IndexStatus : std::uint8_t { creating, active, updating, deleting };
enum class TableClass : std::uint8_t { standard, standard_infrequent_access };

struct LocalIndex {
  std::string name;
  SpaceId space;
  KeySchema key;
  IndexProjection projection;
  bool operator==(const LocalIndex&) const = default;
};

struct GlobalIndex {
  std::string name;
  SpaceId space;
  KeySchema key;
  IndexProjection projection;
  Throughput throughput;
  std::optional<OnDemandThroughput> on_demand;
  std::optional<WarmThroughput> warm;
  IndexStatus status = IndexStatus::active;
  bool backfilling = false;
  bool operator==(const GlobalIndex&) const = default;
};

// Point-in-time recovery of one table.
struct RecoverySettings {
  bool enabled = false;
  std::int64_t enabled_at_micros = 0;  // since when the present window is open
  // The window never reaches back further than this: it moves forward when the period is shortened.
  std::int64_t earliest_floor_micros = 0;
  std::int64_t period_days = 35;
  bool operator==(const RecoverySettings&) const = default;
};

// What a restored table came from.
struct RestoreSummary {
  std::string source_table_arn;
  std::string source_backup_arn;  // empty for a restore to a point in time
  std::int64_t restore_micros = 0;
  bool in_progress = false;
  bool operator==(const RestoreSummary&) const = default;
};

// One life of a table's stream: a view of its change log from when it was enabled to when it was disabled.
struct StreamSettings {
  bool enabled = false;
  std::string view_type;  // as on the wire: NEW_IMAGE, ...
  std::string label;      // ISO 8601 time of enabling
  std::int64_t enabled_micros = 0;
  std::int64_t disabled_micros = 0;  // 0 while enabled
  bool operator==(const StreamSettings&) const = default;
};

struct TimeToLive {
  bool enabled = false;
  std::string attribute;  // the last one, also while off
  std::int64_t changed_micros = 0;
  bool operator==(const TimeToLive&) const = default;
};

// A resource-based policy, stored as it was sent.
struct ResourcePolicy {
  std::string document;
  std::string revision_id;
  bool operator==(const ResourcePolicy&) const = default;
};

// CloudWatch Contributor Insights of the table (empty index) or of one global index: noted, nothing is sent anywhere.
struct ContributorInsights {
  std::string index;
  std::string mode;  // ACCESSED_AND_THROTTLED_KEYS, THROTTLED_KEYS
  bool enabled = false;
  std::int64_t changed_micros = 0;
  bool operator==(const ContributorInsights&) const = default;
};

struct EncryptionSettings {
  bool kms = false;
  std::string key_arn;
  bool operator==(const EncryptionSettings&) const = default;
};

struct Tag {
  std::string key;
  std::string value;
  bool operator==(const Tag&) const = default;
};

struct TableDefinition {
  std::string account;  // 12 digits
  std::string name;
  std::string id;  // UUID: tells incarnations of one name apart
  std::string arn;
  SpaceId space;  // of the items
  TableStatus status = TableStatus::active;
  std::int64_t creation_micros = 0;
  std::vector<AttributeDefinition> attributes;  // in the request's order
  KeySchema key;
  std::vector<LocalIndex> local_indexes;
  std::vector<GlobalIndex> global_indexes;
  BillingMode billing = BillingMode::provisioned;
  std::int64_t pay_per_request_since_micros = 0;  // LastUpdateToPayPerRequestDateTime
  Throughput throughput;
  std::optional<OnDemandThroughput> on_demand;
  std::optional<WarmThroughput> warm;
  TableClass table_class = TableClass::standard;
  std::int64_t table_class_since_micros = 0;
  bool deletion_protection = false;
  RecoverySettings recovery;
  std::optional<RestoreSummary> restore;
  std::optional<EncryptionSettings> encryption;
  StreamSettings stream;
  std::vector<StreamSettings> past_streams;  // disabled ones whose records can still be read, oldest first
  TimeToLive ttl;
  std::vector<Tag> tags;  // in the request's order
  std::optional<ResourcePolicy> policy;
  std::optional<ResourcePolicy> stream_policy;
  std::vector<ContributorInsights> insights;
  // When DeleteTable took it away; 0 while it lives. A deleted table stays in the catalogue as long as it is
  // restorable.
  std::int64_t deleted_micros = 0;

  [[nodiscard]] const LocalIndex* local_index(std::string_view name) const;
  [[nodiscard]] const GlobalIndex* global_index(std::string_view name) const;
  bool operator==(const TableDefinition&) const = default;
};

// The catalogue's form: JSON text with a format version; members that are not known are skipped, so that an older
// program of the same version reads a newer text. Written down in docs/formats/table-definition.md.
Bytes encode_table(const TableDefinition& table);
// Fails with Code::corruption when the text is not a table, Code::unsupported when it is of a newer version.
Result<TableDefinition> decode_table(BytesView text);

// "HASH"/"RANGE" texts and friends, as on the wire.
std::string_view wire_name(ProjectionType type) noexcept;     // ALL, KEYS_ONLY, INCLUDE
std::string_view wire_name(BillingMode mode) noexcept;        // PROVISIONED, PAY_PER_REQUEST
std::string_view wire_name(TableStatus status) noexcept;      // CREATING, ...
std::string_view wire_name(IndexStatus status) noexcept;      // CREATING, ...
std::string_view wire_name(TableClass table_class) noexcept;  // STANDARD, STANDARD_INFREQUENT_ACCESS
std::optional<ProjectionType> projection_type(std::string_view wire) noexcept;
std::optional<BillingMode> billing_mode(std::string_view wire) noexcept;
std::optional<TableStatus> table_status(std::string_view wire) noexcept;
std::optional<IndexStatus> index_status(std::string_view wire) noexcept;
std::optional<TableClass> table_class(std::string_view wire) noexcept;
// S, N or B; nothing else can be a key.
std::optional<AttributeType> key_type(std::string_view wire) noexcept;

}  // namespace reprise::dynamo
