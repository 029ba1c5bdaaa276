// Members that are absent stay without a value, so that "not given" and "given as 0" are told apart by the rules.
#include "dynamo/ops/table_request.h"

#include <utility>

namespace reprise::dynamo {

namespace {

std::optional<std::string> owned(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  return std::string(*text);
}

// Calls `read` with the Fields of each structure in the list called `member`; false when there is no list.
template <class Read>
bool for_each(const Fields& request, std::string_view member, Read read) {
  const auto list = request.value(member);
  if (!list) return false;
  for (auto element = list->first_element(); element; element.advance()) {
    if (!element.value().is(codec::JsonType::null)) read(Fields(element.value()));
  }
  return true;
}

std::vector<KeyElementSpec> read_key(const Fields& request) {
  std::vector<KeyElementSpec> key;
  for_each(request, "KeySchema", [&](const Fields& element) {
    key.push_back({std::string(element.string_or("AttributeName", "")), element.string("KeyType") == "HASH"});
  });
  return key;
}

ProjectionSpec read_projection(const Fields& index) {
  ProjectionSpec spec;
  const auto projection = index.object("Projection");
  if (!projection) return spec;
  if (const auto type = projection->string("ProjectionType")) spec.type = projection_type(*type);
  if (const auto names = projection->value("NonKeyAttributes")) {
    spec.non_key_attributes.emplace();
    for (auto name = names->first_element(); name; name.advance()) {
      if (name.value().is(codec::JsonType::string)) spec.non_key_attributes->emplace_back(name.value().string());
    }
  }
  return spec;
}

}  // namespace

std::optional<std::vector<TagSpec>> read_tags(const Fields& request) {
  std::vector<TagSpec> tags;
  const bool given = for_each(request, "Tags", [&](const Fields& tag) {
    tags.push_back({owned(tag.string("Key")), owned(tag.string("Value"))});
  });
  if (!given) return std::nullopt;
  return tags;
}

std::optional<std::vector<AttributeDefinition>> read_attribute_definitions(const Fields& request) {
  std::vector<AttributeDefinition> definitions;
  const bool given = for_each(request, "AttributeDefinitions", [&](const Fields& element) {
    definitions.push_back({std::string(element.string_or("AttributeName", "")),
                           key_type(element.string_or("AttributeType", "")).value_or(AttributeType::string)});
  });
  if (!given) return std::nullopt;
  return definitions;
}

IndexSpec read_index(const Fields& index) {
  IndexSpec spec;
  spec.name = index.string_or("IndexName", "");
  spec.key = read_key(index);
  spec.projection = read_projection(index);
  spec.throughput = read_throughput(index, "ProvisionedThroughput");
  spec.on_demand = read_on_demand(index, "OnDemandThroughput");
  spec.warm = read_warm(index, "WarmThroughput");
  return spec;
}

std::optional<std::vector<IndexSpec>> read_indexes(const Fields& request, std::string_view member) {
  std::vector<IndexSpec> indexes;
  if (!for_each(request, member, [&](const Fields& index) { indexes.push_back(read_index(index)); }))
    return std::nullopt;
  return indexes;
}

std::optional<ThroughputSpec> read_throughput(const Fields& request, std::string_view member) {
  const auto throughput = request.object(member);
  if (!throughput) return std::nullopt;
  return ThroughputSpec{throughput->integer("ReadCapacityUnits").value_or(0),
                        throughput->integer("WriteCapacityUnits").value_or(0)};
}

std::optional<OnDemandSpec> read_on_demand(const Fields& request, std::string_view member) {
  const auto on_demand = request.object(member);
  if (!on_demand) return std::nullopt;
  return OnDemandSpec{on_demand->integer("MaxReadRequestUnits"), on_demand->integer("MaxWriteRequestUnits")};
}

std::optional<WarmSpec> read_warm(const Fields& request, std::string_view member) {
  const auto warm = request.object(member);
  if (!warm) return std::nullopt;
  return WarmSpec{warm->integer("ReadUnitsPerSecond"), warm->integer("WriteUnitsPerSecond")};
}

std::optional<EncryptionSpec> read_encryption(const Fields& request, std::string_view member) {
  const auto encryption = request.object(member);
  if (!encryption) return std::nullopt;
  return EncryptionSpec{encryption->boolean("Enabled", encryption->has("SSEType")),
                        owned(encryption->string("SSEType")), owned(encryption->string("KMSMasterKeyId"))};
}

TableSpec read_table_spec(const Fields& request) {
  TableSpec spec;
  spec.name = request.string_or("TableName", "");
  spec.attributes = read_attribute_definitions(request).value_or(std::vector<AttributeDefinition>());
  spec.key = read_key(request);
  spec.local_indexes = read_indexes(request, "LocalSecondaryIndexes");
  spec.global_indexes = read_indexes(request, "GlobalSecondaryIndexes");
  if (const auto mode = request.string("BillingMode")) spec.billing = billing_mode(*mode);
  spec.throughput = read_throughput(request, "ProvisionedThroughput");
  spec.on_demand = read_on_demand(request, "OnDemandThroughput");
  spec.encryption = read_encryption(request, "SSESpecification");
  if (const auto name = request.string("TableClass")) spec.table_class = table_class(*name);
  spec.deletion_protection = request.boolean("DeletionProtectionEnabled");
  if (const auto stream = request.object("StreamSpecification")) {
    spec.stream_enabled = stream->boolean("StreamEnabled");
    spec.stream_view_type = owned(stream->string("StreamViewType"));
  }
  spec.tags = read_tags(request);
  spec.warm = read_warm(request, "WarmThroughput");
  spec.policy = owned(request.string("ResourcePolicy"));
  return spec;
}

}  // namespace reprise::dynamo
