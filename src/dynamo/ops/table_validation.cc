// CreateTable's rules in order: billing, keys and attribute definitions, indexes, encryption, tags, streams. The check
// of definitions against keys comes before every other rule about indexes and hides them.
#include "dynamo/ops/table_validation.h"

#include <algorithm>
#include <set>
#include <utility>

#include "codec/hex.h"
#include "codec/sha256.h"
#include "dynamo/model/limits.h"
#include "dynamo/ops/policy_document.h"
#include "dynamo/ops/tag_rules.h"
#include "dynamo/ops/warm_throughput.h"

namespace reprise::dynamo {

namespace {

// The service prints sets in the order of its language's hash sets; so that texts are equal, we order as they do: by
// bucket, then by arrival. `buckets` is a power of two.
std::vector<std::string> in_hash_order(const std::vector<std::string>& names, std::size_t buckets) {
  const auto bucket = [buckets](const std::string& name) {
    std::uint32_t hash = 0;
    for (const char c : name) hash = hash * 31 + static_cast<unsigned char>(c);
    return (hash ^ (hash >> 16)) & static_cast<std::uint32_t>(buckets - 1);
  };
  std::vector<std::string> ordered;
  for (const std::string& name : names) {
    if (std::find(ordered.begin(), ordered.end(), name) == ordered.end()) ordered.push_back(name);
  }
  std::stable_sort(ordered.begin(), ordered.end(),
                   [&](const std::string& a, const std::string& b) { return bucket(a) < bucket(b); });
  return ordered;
}

// A set made for `expected` members grows when it is three quarters full.
std::size_t bucket_count(std::size_t expected, std::size_t members) {
  std::size_t buckets = 1;
  while (buckets < expected) buckets *= 2;
  while (members * 4 > buckets * 3) buckets *= 2;
  return buckets;
}

std::string bracketed(const std::vector<std::string>& names) {
  std::string text = "[";
  for (const std::string& name : names) text.append(text.size() > 1 ? ", " : "").append(name);
  return text.append("]");
}

std::string keys_text(const std::vector<std::string>& names) {
  constexpr std::size_t default_buckets = 16;
  return bracketed(in_hash_order(names, bucket_count(default_buckets, names.size())));
}

std::string definitions_text(const std::vector<AttributeDefinition>& definitions) {
  std::vector<std::string> names;
  for (const AttributeDefinition& definition : definitions) names.push_back(definition.name);
  return bracketed(in_hash_order(names, bucket_count(names.size(), names.size())));
}

bool is_defined(const std::vector<AttributeDefinition>& definitions, std::string_view name) {
  return std::any_of(definitions.begin(), definitions.end(), [&](const auto& one) { return one.name == name; });
}

// ---- Billing -------------------------------------------------------------------------------------------------------

Check check_on_demand_values(const OnDemandSpec& spec, std::string_view whose) {
  for (const auto& [name, value] : {std::pair{"MaxReadRequestUnits", spec.max_read_units},
                                    std::pair{"MaxWriteRequestUnits", spec.max_write_units}}) {
    if (value && *value < 1) {
      return invalid_parameter(
          std::string("Requested ").append(name).append(" for OnDemandThroughput for ").append(whose) +
          " is outside of valid range");
    }
  }
  return Passed{};
}

Check check_billing(const TableSpec& spec) {
  if (spec.billing == BillingMode::pay_per_request) {
    if (spec.throughput) {
      return invalid_parameter(
          "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST");
    }
    if (spec.on_demand) TRY(check_on_demand_values(*spec.on_demand, "table"));
    return spec.warm ? check_new_warm(*spec.warm, BillingMode::pay_per_request, {}, "table") : Check(Passed{});
  }
  if (!spec.throughput) {
    return invalid_parameter(
        "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED");
  }
  TRY(check_units(*spec.throughput, ""));
  if (spec.on_demand) {
    return invalid_parameter(
        std::string(spec.on_demand->max_read_units ? "MaxReadRequestUnits" : "MaxWriteRequestUnits") +
        " for OnDemandThroughput cannot be specified when table BillingMode is PROVISIONED.");
  }
  return spec.warm ? check_new_warm(*spec.warm, BillingMode::provisioned, spec.throughput, "table") : Check(Passed{});
}

Check check_index_billing(const TableSpec& spec, const IndexSpec& index) {
  if (spec.billing == BillingMode::pay_per_request) {
    if (index.throughput) {
      return invalid_parameter("ProvisionedThroughput should not be specified for index: " + index.name +
                               " when BillingMode is PAY_PER_REQUEST");
    }
    if (index.on_demand) TRY(check_on_demand_values(*index.on_demand, "index : " + index.name));
    return check_index_warm(index, BillingMode::pay_per_request);
  }
  if (!index.throughput) {
    return invalid_parameter("ProvisionedThroughput is not specified for index: " + index.name);
  }
  TRY(check_units(*index.throughput, index.name));
  if (index.on_demand) {
    return invalid_parameter(
        std::string(index.on_demand->max_read_units ? "MaxReadRequestUnits" : "MaxWriteRequestUnits") +
        " for OnDemandThroughput for index: " + index.name +
        " cannot be specified when table BillingMode is PROVISIONED.");
  }
  return check_index_warm(index, BillingMode::provisioned);
}

// ---- Keys ----------------------------------------------------------------------------------------------------------

Check check_simple_key(const std::vector<KeyElementSpec>& key) {
  if (!key.front().hash) return validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  if (key.size() > 1 && key[1].hash) {
    return validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type");
  }
  if (key.size() > 1 && key[0].name == key[1].name) {
    return validation("Both the Hash Key and the Range Key element in the KeySchema have the same name");
  }
  return Passed{};
}

// Definitions and keys must name the same attributes.
Check check_definitions(const TableSpec& spec) {
  std::set<std::string> defined;
  for (const AttributeDefinition& definition : spec.attributes) {
    if (!defined.insert(definition.name).second) return validation("Attribute Name is duplicated: " + definition.name);
  }
  Check key_defined = check_defined(spec.key, spec.attributes);
  // A key of two attributes, or of one where nothing is defined, is refused in other words.
  if (!key_defined.ok() && (spec.key.size() > 1 || defined.empty())) return key_has_no_definition();
  TRY(std::move(key_defined));
  std::vector<std::string> used;
  for (const KeyElementSpec& element : spec.key) used.push_back(element.name);
  const bool plain = spec.key.size() == 1 && !spec.local_indexes && !spec.global_indexes;
  for (const auto* indexes : {&spec.local_indexes, &spec.global_indexes}) {
    if (!*indexes) continue;
    for (const IndexSpec& index : **indexes) {
      TRY(check_defined(index.key, spec.attributes));
      for (const KeyElementSpec& element : index.key) used.push_back(element.name);
    }
  }
  if (std::set<std::string>(used.begin(), used.end()).size() == defined.size()) return Passed{};
  if (plain) {
    return invalid_parameter(
        "Number of attributes in KeySchema does not exactly match number of attributes defined in "
        "AttributeDefinitions");
  }
  return invalid_parameter("Some AttributeDefinitions are not used. AttributeDefinitions: " +
                           definitions_text(spec.attributes) + ", keys used: " + keys_text(used));
}

// ---- Indexes -------------------------------------------------------------------------------------------------------

Check check_local_index(const TableSpec& spec, const IndexSpec& index) {
  TRY(check_simple_key(index.key));
  if (index.key.size() < 2) {
    return invalid_parameter("Index KeySchema does not have a range key for index: " + index.name);
  }
  if (index.key[0].name != spec.key[0].name) {
    return invalid_parameter(
        "Index KeySchema does not have the same leading hash key as table KeySchema for index: " + index.name +
        ". index hash key: " + index.key[0].name + ", table hash key: " + spec.key[0].name);
  }
  return check_projection(index.projection);
}

Check check_global_index(const TableSpec& spec, const IndexSpec& index) {
  TRY(check_index_key(index.key));
  TRY(check_projection(index.projection));
  return check_index_billing(spec, index);
}

Check check_indexes(const TableSpec& spec) {
  std::set<std::string> names;
  std::size_t projected = 0;
  if (spec.local_indexes) {
    if (spec.local_indexes->empty()) return invalid_parameter("List of LocalSecondaryIndexes is empty");
    if (spec.key.size() < 2) {
      return invalid_parameter(
          "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex");
    }
    for (const IndexSpec& index : *spec.local_indexes) {
      TRY(check_local_index(spec, index));
      if (!names.insert(index.name).second) return invalid_parameter("Duplicate index name: " + index.name);
      if (index.projection.non_key_attributes) projected += index.projection.non_key_attributes->size();
    }
    if (spec.local_indexes->size() > limits::local_indexes_max) {
      return invalid_parameter("Number of LocalSecondaryIndexes exceeds per-table limit of 5");
    }
  }
  if (spec.global_indexes) {
    if (spec.global_indexes->empty()) return invalid_parameter("List of GlobalSecondaryIndexes is empty");
    for (const IndexSpec& index : *spec.global_indexes) {
      TRY(check_global_index(spec, index));
      if (!names.insert(index.name).second) return invalid_parameter("Duplicate index name: " + index.name);
      if (index.projection.non_key_attributes) projected += index.projection.non_key_attributes->size();
    }
    if (spec.global_indexes->size() > limits::global_indexes_max) {
      return invalid_parameter("GlobalSecondaryIndex count exceeds the per-table limit of 20");
    }
  }
  if (projected > limits::projected_attributes_total_max) {
    return invalid_parameter("The number of projected attributes over all indexes exceeds the per-table limit of 100");
  }
  return Passed{};
}

// ---- The rest ------------------------------------------------------------------------------------------------------

Check check_stream(const TableSpec& spec) {
  if (!spec.stream_enabled) return Passed{};
  if (!*spec.stream_enabled) {
    if (!spec.stream_view_type) return Passed{};
    return invalid_parameter("Table is being created with a stream disabled, UpdateViewType should not be specified");
  }
  if (!spec.stream_view_type) {
    return invalid_parameter("Table is being created with a stream enabled, UpdateViewType is required");
  }
  return Passed{};
}

ApiError name_is_required() {
  return validation("The parameter 'TableName' is required but was not present in the request");
}

// AWS shows keys by their ids; an alias stands for the same key whoever names it.
std::string key_id_of_alias(std::string_view alias, std::string_view scope) {
  const auto digest = codec::sha256(std::string(scope).append(alias));
  const std::string hex = codec::to_hex(codec::bytes_of(digest));
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-4" + hex.substr(13, 3) + "-8" + hex.substr(17, 3) + "-" +
         hex.substr(20, 12);
}

}  // namespace

Check check_table_request(const Shape& shape, const codec::JsonValue& body) {
  TRY(check_types(shape, body));
  const auto name = Fields(body).string("TableName");
  if (!name) return name_is_required();
  if (!name->empty()) return check_constraints(shape, body);
  const std::string failure = "Value '' at 'tableName' failed to satisfy constraint: Member must ";
  return validation("2 validation errors detected: " + failure + "have length greater than or equal to 3; " + failure +
                    "satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
}

Check check_create_request(const Shape& shape, const codec::JsonValue& body) {
  TRY(check_types(shape, body));
  const auto name = Fields(body).string("TableName");
  if (!name) return name_is_required();
  if (!name->starts_with("arn:")) TRY(check_plain_table_name(*name));
  return check_constraints(shape, body);
}

Check check_plain_table_name(std::string_view name) {
  if (name.size() >= limits::table_name_size_min && name.size() <= limits::table_name_size_max) return Passed{};
  return validation("TableName must be at least 3 characters long and at most 255 characters long");
}

Check check_table_class(const Fields& request) {
  const auto name = request.string("TableClass");
  if (!name || table_class(*name)) return Passed{};
  return validation(
      "Invalid table-class parameter provided. Please try again with a valid table-class value: [STANDARD, "
      "STANDARD_INFREQUENT_ACCESS].");
}

Check check_index_warm(const IndexSpec& index, BillingMode billing) {
  if (!index.warm) return Passed{};
  return check_new_warm(*index.warm, billing, index.throughput, "index " + index.name);
}

Check check_new_table(const TableSpec& spec) {
  TRY(check_billing(spec));
  TRY(check_simple_key(spec.key));
  TRY(check_definitions(spec));
  TRY(check_indexes(spec));
  if (spec.encryption) TRY(check_encryption(*spec.encryption));
  if (spec.tags) TRY(check_tags(*spec.tags));
  TRY(check_stream(spec));
  if (spec.policy) {
    const auto document = canonical_policy(*spec.policy, PolicyTarget::table);
    if (!document.ok()) return document.error();
  }
  return Passed{};
}

Check check_index_key(const std::vector<KeyElementSpec>& key) {
  if (!key.front().hash) return validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type");
  std::set<std::string> names;
  std::size_t hashes = 0;
  for (std::size_t i = 0; i < key.size(); ++i) {
    if (key[i].hash && !key[i - (i > 0 ? 1 : 0)].hash) {
      return invalid_parameter("All HASH key attributes must precede RANGE key attributes in the KeySchema");
    }
    hashes += key[i].hash ? 1 : 0;
    names.insert(key[i].name);
  }
  if (names.size() < key.size()) {
    return validation(key.size() == 2
                          ? "Both the Hash Key and the Range Key element in the KeySchema have the same name"
                          : "The KeySchema contains multiple key attributes with the same name");
  }
  if (hashes > limits::index_key_attributes_max) {
    return invalid_parameter("The KeySchema exceeds the maximum allowed number of HASH key attributes");
  }
  if (key.size() - hashes > limits::index_key_attributes_max) {
    return invalid_parameter("The KeySchema exceeds the maximum allowed number of RANGE key attributes");
  }
  return Passed{};
}

Check check_units(const ThroughputSpec& spec, std::string_view index) {
  for (const auto& [name, value] :
       {std::pair{"ReadCapacityUnits", spec.read_units}, std::pair{"WriteCapacityUnits", spec.write_units}}) {
    if (value <= limits::capacity_units_max) continue;
    std::string message = "Given value " + std::to_string(value) + " for " + name + " is out of bounds";
    if (!index.empty()) message.append(" for index ").append(index);
    return validation(std::move(message));
  }
  return Passed{};
}

ApiError key_has_no_definition() {
  return validation("Invalid KeySchema: Some index key attribute have no definition");
}

Check check_projection(const ProjectionSpec& projection) {
  if (!projection.type) return invalid_parameter("Unknown ProjectionType: null");
  const auto& names = projection.non_key_attributes;
  if (*projection.type == ProjectionType::include) {
    if (!names) return invalid_parameter("ProjectionType is INCLUDE, but NonKeyAttributes is not specified");
    std::set<std::string> seen;
    for (const std::string& name : *names) {
      if (!seen.insert(name).second) return invalid_parameter("Duplicate element in NonKeyAttributes: " + name);
    }
    return Passed{};
  }
  if (!names) return Passed{};
  return invalid_parameter(std::string("ProjectionType is ").append(wire_name(*projection.type)) +
                           ", but NonKeyAttributes is specified");
}

Check check_projected_total(const TableDefinition& table) {
  std::size_t projected = 0;
  for (const LocalIndex& index : table.local_indexes) projected += index.projection.non_key_attributes.size();
  for (const GlobalIndex& index : table.global_indexes) projected += index.projection.non_key_attributes.size();
  if (projected <= limits::projected_attributes_total_max) return Passed{};
  return invalid_parameter("The number of projected attributes over all indexes exceeds the per-table limit of 100");
}

Check check_encryption(const EncryptionSpec& encryption) {
  if (!encryption.enabled) {
    if (encryption.type) return invalid_parameter("SSEType can not be specified if Enabled is false");
    if (encryption.key_id) return invalid_parameter("KMSMasterKeyId can not be specified if Enabled is false");
    return Passed{};
  }
  if (encryption.type == "AES256") return invalid_parameter("SSEType AES256 is not supported");
  if (encryption.key_id && !encryption.type) {
    return invalid_parameter("SSEType KMS is required if KMSMasterKeyId is specified");
  }
  return Passed{};
}

Check check_defined(const std::vector<KeyElementSpec>& key, const std::vector<AttributeDefinition>& definitions) {
  std::vector<std::string> names;
  bool missing = false;
  for (const KeyElementSpec& element : key) {
    names.push_back(element.name);
    missing = missing || !is_defined(definitions, element.name);
  }
  if (!missing) return Passed{};
  return invalid_parameter("Some index key attributes are not defined in AttributeDefinitions. Keys: " +
                           keys_text(names) + ", AttributeDefinitions: " + definitions_text(definitions));
}

ApiError table_not_found(std::string_view name) {
  return api_error(ErrorKind::resource_not_found,
                   std::string("Requested resource not found: Table: ").append(name) + " not found");
}

KeySchema make_key(const std::vector<KeyElementSpec>& key, const std::vector<AttributeDefinition>& definitions) {
  KeySchema schema;
  for (const KeyElementSpec& element : key) {
    KeyAttribute attribute;
    attribute.name = element.name;
    for (const AttributeDefinition& definition : definitions) {
      if (definition.name == element.name) attribute.type = definition.type;
    }
    (element.hash ? schema.hash : schema.range).push_back(std::move(attribute));
  }
  return schema;
}

// As DescribeTable shows them: by name.
IndexProjection make_projection(const ProjectionSpec& projection) {
  IndexProjection made;
  made.type = projection.type.value_or(ProjectionType::all);
  made.non_key_attributes = projection.non_key_attributes.value_or(std::vector<std::string>());
  std::sort(made.non_key_attributes.begin(), made.non_key_attributes.end());
  return made;
}

Throughput make_throughput(const std::optional<ThroughputSpec>& spec) {
  Throughput throughput;
  if (spec) {
    throughput.read_units = spec->read_units;
    throughput.write_units = spec->write_units;
  }
  return throughput;
}

std::optional<WarmThroughput> make_warm(const std::optional<WarmSpec>& spec, const WarmThroughput& otherwise) {
  if (!spec || spec->empty()) return std::nullopt;
  return WarmThroughput{spec->read_units_per_second.value_or(otherwise.read_units_per_second),
                        spec->write_units_per_second.value_or(otherwise.write_units_per_second)};
}

std::optional<OnDemandThroughput> make_on_demand(const std::optional<OnDemandSpec>& spec) {
  if (!spec) return std::nullopt;
  return OnDemandThroughput{spec->max_read_units.value_or(-1), spec->max_write_units.value_or(-1)};
}

GlobalIndex make_global_index(const IndexSpec& spec, const std::vector<AttributeDefinition>& definitions) {
  GlobalIndex index;
  index.name = spec.name;
  index.key = make_key(spec.key, definitions);
  index.projection = make_projection(spec.projection);
  index.throughput = make_throughput(spec.throughput);
  index.on_demand = make_on_demand(spec.on_demand);
  return index;
}

std::optional<EncryptionSettings> make_encryption(const std::optional<EncryptionSpec>& spec, std::string_view account,
                                                  std::string_view region) {
  if (!spec || !spec->enabled) return std::nullopt;
  EncryptionSettings settings;
  settings.kms = true;
  const std::string key = spec->key_id.value_or("alias/aws/dynamodb");
  const std::string prefix = std::string("arn:aws:kms:").append(region).append(":").append(account).append(":");
  const auto alias = key.find("alias/");
  if (alias != std::string::npos && (alias == 0 || key.starts_with("arn:"))) {
    settings.key_arn = prefix + "key/" + key_id_of_alias(std::string_view(key).substr(alias), prefix);
  } else {
    settings.key_arn = key.starts_with("arn:") ? key : prefix + "key/" + key;
  }
  return settings;
}

std::vector<AttributeDefinition> used_attributes(const TableDefinition& table) {
  std::vector<const KeySchema*> keys{&table.key};
  for (const LocalIndex& index : table.local_indexes) keys.push_back(&index.key);
  for (const GlobalIndex& index : table.global_indexes) keys.push_back(&index.key);
  std::vector<AttributeDefinition> used;
  for (const KeySchema* key : keys) {
    for (const auto* side : {&key->hash, &key->range}) {
      for (const KeyAttribute& attribute : *side) {
        if (!is_defined(used, attribute.name)) used.push_back({attribute.name, attribute.type});
      }
    }
  }
  std::sort(used.begin(), used.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return used;
}

}  // namespace reprise::dynamo
