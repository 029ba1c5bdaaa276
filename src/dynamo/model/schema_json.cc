// The catalogue's form of a table definition (docs/formats/table-definition.md): one JSON object. Members with their
// default value are left out; members that are not known are skipped.
#include <string>

#include "codec/json.h"
#include "codec/json_members.h"
#include "dynamo/model/schema.h"

namespace reprise::dynamo {

namespace {

using codec::JsonType;
using codec::JsonValue;
using codec::JsonWriter;

constexpr std::int64_t format_version = 1;

// ---- Writing ----

void write_tags(JsonWriter& w, const std::vector<Tag>& tags) {
  if (tags.empty()) return;
  w.key("tags");
  w.begin_array();
  for (const Tag& tag : tags) {
    w.begin_object();
    w.member("key", tag.key);
    w.member("value", tag.value);
    w.end_object();
  }
  w.end_array();
}

template <class Attribute>
void write_attributes(JsonWriter& w, std::string_view name, const std::vector<Attribute>& attributes) {
  w.key(name);
  w.begin_array();
  for (const auto& attribute : attributes) {
    w.begin_object();
    w.member("name", attribute.name);
    w.member("type", type_name(attribute.type));
    w.end_object();
  }
  w.end_array();
}

void write_key(JsonWriter& w, const KeySchema& key) {
  write_attributes(w, "hash", key.hash);
  write_attributes(w, "range", key.range);
}

void write_throughput(JsonWriter& w, const Throughput& throughput) {
  w.key("throughput");
  w.begin_object();
  write_integer(w, "read", throughput.read_units);
  write_integer(w, "write", throughput.write_units);
  write_integer(w, "last_increase", throughput.last_increase_micros);
  write_integer(w, "last_decrease", throughput.last_decrease_micros);
  write_integer(w, "decreases_today", throughput.decreases_today);
  w.end_object();
}

void write_on_demand(JsonWriter& w, const std::optional<OnDemandThroughput>& on_demand) {
  if (!on_demand) return;
  w.key("on_demand");
  w.begin_object();
  write_integer(w, "read", on_demand->max_read_units, -1);
  write_integer(w, "write", on_demand->max_write_units, -1);
  w.end_object();
}

void write_warm(JsonWriter& w, const std::optional<WarmThroughput>& warm) {
  if (!warm) return;
  w.key("warm");
  w.begin_object();
  write_integer(w, "read", warm->read_units_per_second);
  write_integer(w, "write", warm->write_units_per_second);
  w.end_object();
}

template <class Index>
void write_index_core(JsonWriter& w, const Index& index) {
  w.member("name", index.name);
  w.key("space");
  w.unsigned_integer(index.space.value());
  write_key(w, index.key);
  w.member("projection", wire_name(index.projection.type));
  if (index.projection.non_key_attributes.empty()) return;
  w.key("include");
  w.begin_array();
  for (const auto& name : index.projection.non_key_attributes) w.string(name);
  w.end_array();
}

void write_indexes(JsonWriter& w, const TableDefinition& table) {
  w.key("local_indexes");
  w.begin_array();
  for (const auto& index : table.local_indexes) {
    w.begin_object();
    write_index_core(w, index);
    w.end_object();
  }
  w.end_array();
  w.key("global_indexes");
  w.begin_array();
  for (const auto& index : table.global_indexes) {
    w.begin_object();
    write_index_core(w, index);
    write_throughput(w, index.throughput);
    write_on_demand(w, index.on_demand);
    write_warm(w, index.warm);
    w.member("status", wire_name(index.status));
    write_flag(w, "backfilling", index.backfilling);
    w.end_object();
  }
  w.end_array();
}

void write_recovery(JsonWriter& w, const TableDefinition& table) {
  w.key("recovery");
  w.begin_object();
  write_flag(w, "enabled", table.recovery.enabled);
  write_integer(w, "enabled_at", table.recovery.enabled_at_micros);
  write_integer(w, "earliest_floor", table.recovery.earliest_floor_micros);
  write_integer(w, "period_days", table.recovery.period_days, -1);
  w.end_object();
  if (!table.restore) return;
  w.key("restore");
  w.begin_object();
  write_text(w, "source_table", table.restore->source_table_arn);
  write_text(w, "source_backup", table.restore->source_backup_arn);
  write_integer(w, "at", table.restore->restore_micros);
  write_flag(w, "in_progress", table.restore->in_progress);
  w.end_object();
}

void write_stream(JsonWriter& w, const StreamSettings& stream) {
  w.begin_object();
  write_flag(w, "enabled", stream.enabled);
  write_text(w, "view", stream.view_type);
  write_text(w, "label", stream.label);
  write_integer(w, "enabled_at", stream.enabled_micros);
  write_integer(w, "disabled_at", stream.disabled_micros);
  w.end_object();
}

void write_policy(JsonWriter& w, std::string_view name, const std::optional<ResourcePolicy>& policy) {
  if (!policy) return;
  w.key(name);
  w.begin_object();
  w.member("document", policy->document);
  w.member("revision", policy->revision_id);
  w.end_object();
}

void write_insights(JsonWriter& w, const std::vector<ContributorInsights>& insights) {
  if (insights.empty()) return;
  w.key("insights");
  w.begin_array();
  for (const auto& one : insights) {
    w.begin_object();
    write_text(w, "index", one.index);
    write_text(w, "mode", one.mode);
    write_flag(w, "enabled", one.enabled);
    write_integer(w, "changed", one.changed_micros);
    w.end_object();
  }
  w.end_array();
}

void write_settings(JsonWriter& w, const TableDefinition& table) {
  if (table.encryption) {
    w.key("encryption");
    w.begin_object();
    write_flag(w, "kms", table.encryption->kms);
    write_text(w, "key", table.encryption->key_arn);
    w.end_object();
  }
  w.key("stream");
  write_stream(w, table.stream);
  w.key("past_streams");
  w.begin_array();
  for (const auto& stream : table.past_streams) write_stream(w, stream);
  w.end_array();
  w.key("ttl");
  w.begin_object();
  write_flag(w, "enabled", table.ttl.enabled);
  write_text(w, "attribute", table.ttl.attribute);
  write_integer(w, "changed", table.ttl.changed_micros);
  w.end_object();
  write_policy(w, "policy", table.policy);
  write_policy(w, "stream_policy", table.stream_policy);
  write_insights(w, table.insights);
}

// ---- Reading ----
// Remembers the first thing that is wrong, so that the readers below need no checks of their own.
class Reader {
 public:
  void fail(std::string_view what) {
    if (problem_.empty()) problem_ = what;
  }
  [[nodiscard]] const std::string& problem() const { return problem_; }

  std::string text(const JsonValue& object, std::string_view name) {
    const auto member = object.find(name);
    if (!member) return {};
    if (member->is(JsonType::string)) return std::string(member->string());
    fail(name);
    return {};
  }
  std::int64_t integer(const JsonValue& object, std::string_view name, std::int64_t otherwise = 0) {
    const auto member = object.find(name);
    if (!member) return otherwise;
    const auto value = member->is(JsonType::number) ? member->integer() : std::nullopt;
    if (!value) fail(name);
    return value.value_or(otherwise);
  }
  bool flag(const JsonValue& object, std::string_view name) {
    const auto member = object.find(name);
    if (!member) return false;
    if (member->is(JsonType::boolean)) return member->boolean();
    fail(name);
    return false;
  }
  template <class Enum>
  Enum named(const JsonValue& object, std::string_view name, std::optional<Enum> (*parse)(std::string_view)) {
    const auto value = parse(text(object, name));
    if (!value) fail(name);
    return value.value_or(Enum{});
  }
  // Calls `read(element)` for each object of an array.
  template <class Read>
  void each(const JsonValue& object, std::string_view name, Read read) {
    const auto member = object.find(name);
    if (!member) return;
    if (!member->is(JsonType::array)) return fail(name);
    for (auto element = member->first_element(); element; element.advance()) read(element.value());
  }

  template <class Attribute>
  std::vector<Attribute> attributes(const JsonValue& object, std::string_view name) {
    std::vector<Attribute> list;
    each(object, name, [&](const JsonValue& element) {
      Attribute attribute;
      attribute.name = text(element, "name");
      attribute.type = named<AttributeType>(element, "type", &key_type);
      list.push_back(std::move(attribute));
    });
    return list;
  }
  KeySchema key(const JsonValue& object) {
    KeySchema schema{attributes<KeyAttribute>(object, "hash"), attributes<KeyAttribute>(object, "range")};
    if (schema.hash.empty()) fail("hash");
    return schema;
  }
  Throughput throughput(const JsonValue& object) {
    Throughput result;
    const auto member = object.find("throughput");
    if (!member) return result;
    result.read_units = integer(*member, "read");
    result.write_units = integer(*member, "write");
    result.last_increase_micros = integer(*member, "last_increase");
    result.last_decrease_micros = integer(*member, "last_decrease");
    result.decreases_today = integer(*member, "decreases_today");
    return result;
  }
  std::optional<OnDemandThroughput> on_demand(const JsonValue& object) {
    const auto member = object.find("on_demand");
    if (!member) return std::nullopt;
    return OnDemandThroughput{integer(*member, "read", -1), integer(*member, "write", -1)};
  }
  std::optional<WarmThroughput> warm(const JsonValue& object) {
    const auto member = object.find("warm");
    if (!member) return std::nullopt;
    return WarmThroughput{integer(*member, "read"), integer(*member, "write")};
  }
  StreamSettings stream(const JsonValue& object) {
    return {flag(object, "enabled"), text(object, "view"), text(object, "label"), integer(object, "enabled_at"),
            integer(object, "disabled_at")};
  }
  std::optional<ResourcePolicy> policy(const JsonValue& object, std::string_view name) {
    const auto member = object.find(name);
    if (!member) return std::nullopt;
    return ResourcePolicy{text(*member, "document"), text(*member, "revision")};
  }
  template <class Index>
  Index index_core(const JsonValue& object) {
    Index index;
    index.name = text(object, "name");
    index.space = SpaceId(static_cast<std::uint64_t>(integer(object, "space")));
    index.key = key(object);
    index.projection.type = named<ProjectionType>(object, "projection", &projection_type);
    each(object, "include", [&](const JsonValue& element) {
      if (!element.is(JsonType::string)) return fail("include");
      index.projection.non_key_attributes.emplace_back(element.string());
    });
    return index;
  }

 private:
  std::string problem_;
};

void read_indexes(Reader& r, const JsonValue& json, TableDefinition& table) {
  r.each(json, "local_indexes",
         [&](const JsonValue& element) { table.local_indexes.push_back(r.index_core<LocalIndex>(element)); });
  r.each(json, "global_indexes", [&](const JsonValue& element) {
    auto index = r.index_core<GlobalIndex>(element);
    index.throughput = r.throughput(element);
    index.on_demand = r.on_demand(element);
    index.warm = r.warm(element);
    index.status = r.named<IndexStatus>(element, "status", &index_status);
    index.backfilling = r.flag(element, "backfilling");
    table.global_indexes.push_back(std::move(index));
  });
}

void read_recovery(Reader& r, const JsonValue& json, TableDefinition& table) {
  if (const auto recovery = json.find("recovery")) {
    table.recovery.enabled = r.flag(*recovery, "enabled");
    table.recovery.enabled_at_micros = r.integer(*recovery, "enabled_at");
    table.recovery.earliest_floor_micros = r.integer(*recovery, "earliest_floor");
    table.recovery.period_days = r.integer(*recovery, "period_days", table.recovery.period_days);
  }
  if (const auto restore = json.find("restore")) {
    table.restore.emplace();
    table.restore->source_table_arn = r.text(*restore, "source_table");
    table.restore->source_backup_arn = r.text(*restore, "source_backup");
    table.restore->restore_micros = r.integer(*restore, "at");
    table.restore->in_progress = r.flag(*restore, "in_progress");
  }
}

void read_settings(Reader& r, const JsonValue& json, TableDefinition& table) {
  if (const auto encryption = json.find("encryption")) {
    table.encryption = EncryptionSettings{r.flag(*encryption, "kms"), r.text(*encryption, "key")};
  }
  if (const auto stream = json.find("stream")) table.stream = r.stream(*stream);
  r.each(json, "past_streams", [&](const JsonValue& stream) { table.past_streams.push_back(r.stream(stream)); });
  if (const auto ttl = json.find("ttl")) {
    table.ttl = {r.flag(*ttl, "enabled"), r.text(*ttl, "attribute"), r.integer(*ttl, "changed")};
  }
  table.policy = r.policy(json, "policy");
  table.stream_policy = r.policy(json, "stream_policy");
  r.each(json, "insights", [&](const JsonValue& one) {
    table.insights.push_back(
        {r.text(one, "index"), r.text(one, "mode"), r.flag(one, "enabled"), r.integer(one, "changed")});
  });
}

}  // namespace

Bytes encode_table(const TableDefinition& table) {
  Bytes out;
  JsonWriter w(out);
  w.begin_object();
  w.key("version");
  w.integer(format_version);
  w.member("account", table.account);
  w.member("name", table.name);
  w.member("id", table.id);
  w.member("arn", table.arn);
  w.key("space");
  w.unsigned_integer(table.space.value());
  w.member("status", wire_name(table.status));
  write_integer(w, "created", table.creation_micros);
  write_integer(w, "deleted", table.deleted_micros);
  write_attributes(w, "attributes", table.attributes);
  write_key(w, table.key);
  write_indexes(w, table);
  w.member("billing", wire_name(table.billing));
  write_integer(w, "pay_per_request_since", table.pay_per_request_since_micros);
  write_throughput(w, table.throughput);
  write_on_demand(w, table.on_demand);
  write_warm(w, table.warm);
  w.member("class", wire_name(table.table_class));
  write_integer(w, "class_since", table.table_class_since_micros);
  write_flag(w, "deletion_protection", table.deletion_protection);
  write_recovery(w, table);
  write_settings(w, table);
  write_tags(w, table.tags);
  w.end_object();
  return out;
}

Result<TableDefinition> decode_table(BytesView text) {
  codec::JsonDocument document;
  auto parsed = document.parse(text);
  if (!parsed.ok()) return corruption("table definition: " + std::string(parsed.error().message()));
  const JsonValue json = *parsed;
  Reader r;
  if (!json.is(JsonType::object)) return corruption("table definition: no object");
  const std::int64_t version = r.integer(json, "version");
  if (version > format_version) {
    return unsupported("table definition of version " + std::to_string(version) + "; this program knows " +
                       std::to_string(format_version));
  }
  if (version < 1) r.fail("version");
  TableDefinition table;
  table.account = r.text(json, "account");
  table.name = r.text(json, "name");
  table.id = r.text(json, "id");
  table.arn = r.text(json, "arn");
  table.space = SpaceId(static_cast<std::uint64_t>(r.integer(json, "space")));
  table.status = r.named<TableStatus>(json, "status", &table_status);
  table.creation_micros = r.integer(json, "created");
  table.deleted_micros = r.integer(json, "deleted");
  table.attributes = r.attributes<AttributeDefinition>(json, "attributes");
  table.key = r.key(json);
  read_indexes(r, json, table);
  table.billing = r.named<BillingMode>(json, "billing", &billing_mode);
  table.pay_per_request_since_micros = r.integer(json, "pay_per_request_since");
  table.throughput = r.throughput(json);
  table.on_demand = r.on_demand(json);
  table.warm = r.warm(json);
  table.table_class = r.named<TableClass>(json, "class", &table_class);
  table.table_class_since_micros = r.integer(json, "class_since");
  table.deletion_protection = r.flag(json, "deletion_protection");
  read_recovery(r, json, table);
  read_settings(r, json, table);
  r.each(json, "tags", [&](const JsonValue& tag) { table.tags.push_back({r.text(tag, "key"), r.text(tag, "value")}); });
  if (!r.problem().empty()) return corruption("table definition: bad member " + r.problem());
  return table;
}

}  // namespace reprise::dynamo
