// Keys (docs/formats/keys.md). Each attribute delimits itself: S and B as codec/ordered.h writes them, N as its
// number encoding. So a key needs no separators, reads back with the schema alone, and the keys of one partition are
// exactly those that begin with its hash and its encoded partition attributes.
#include "dynamo/model/key.h"

#include <string>

#include "codec/hash64.h"
#include "codec/ordered.h"
#include "dynamo/model/limits.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t hash_size = 8;
constexpr std::string_view schema_mismatch = "The provided key element does not match the schema";

void append_attribute(Bytes& out, ValueView value) {
  if (value.type() == AttributeType::number) {
    out.append(value.bytes());
  } else {
    codec::append_ordered(out, value.bytes());
  }
}

// Takes one attribute off `in` and gives it to the builder. The bytes are ours.
void take_attribute(BytesView& in, const KeyAttribute& attribute, ItemBuilder& item) {
  if (attribute.type == AttributeType::number) {
    const std::size_t size = encoded_number_size(in);
    ASSERT(size > 0);
    item.set_number(attribute.name, Number::from_encoded(in.substr(0, size)));
    in.remove_prefix(size);
    return;
  }
  Bytes decoded;
  const bool whole = codec::read_ordered(in, decoded);
  ASSERT(whole);
  if (attribute.type == AttributeType::string) {
    item.set_string(attribute.name, decoded);
  } else {
    item.set_binary(attribute.name, decoded);
  }
}

Bytes with_hash(BytesView partition) {
  Bytes key;
  key.reserve(hash_size + partition.size() + 32);
  append_be64(key, codec::hash64(partition));
  key.append(partition);
  return key;
}

// All values are there and of their types.
Bytes make_key(const KeySchema& schema, ItemView item) {
  Bytes partition;
  for (const auto& attribute : schema.hash) append_attribute(partition, item.find(attribute.name));
  Bytes key = with_hash(partition);
  for (const auto& attribute : schema.range) append_attribute(key, item.find(attribute.name));
  return key;
}

bool has_key(const KeySchema& schema, ItemView item) {
  for (const auto* side : {&schema.hash, &schema.range}) {
    for (const auto& attribute : *side) {
      if (!item.find(attribute.name).is(attribute.type)) return false;
    }
  }
  return true;
}

std::string_view kind_of_empty(AttributeType type) { return type == AttributeType::binary ? "binary" : "string"; }

bool is_empty(ValueView value) { return value.type() != AttributeType::number && value.bytes().empty(); }

std::size_t key_size(const std::vector<KeyAttribute>& attributes, ItemView item) {
  std::size_t size = 0;
  for (const auto& attribute : attributes) {
    const ValueView value = item.find(attribute.name);
    if (value) size += value.bytes().size();
  }
  return size;
}

Check check_sizes(const KeySchema& schema, ItemView item) {
  if (key_size(schema.hash, item) > limits::partition_key_size_max) {
    return invalid_parameter("Size of hashkey has exceeded the maximum size limit of2048 bytes");
  }
  if (key_size(schema.range, item) > limits::sort_key_size_max) {
    return invalid_parameter("Aggregated size of all range keys has exceeded the size limit of 1024 bytes");
  }
  return Passed{};
}

Check check_not_empty(const KeySchema& schema, ItemView item) {
  for (const auto* side : {&schema.hash, &schema.range}) {
    for (const auto& attribute : *side) {
      if (!is_empty(item.find(attribute.name))) continue;
      return validation(
          "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
          "empty " +
          std::string(kind_of_empty(attribute.type)) + " value. Key: " + attribute.name);
    }
  }
  return Passed{};
}

Check check_index_attribute(const std::string& index, const KeyAttribute& attribute, ValueView value) {
  if (!value) return Passed{};
  if (!value.is(attribute.type)) {
    return invalid_parameter("Type mismatch for Index Key " + attribute.name +
                             " Expected: " + std::string(type_name(attribute.type)) +
                             " Actual: " + std::string(type_name(value.type())) + " IndexName: " + index);
  }
  if (is_empty(value)) {
    return validation(
        "One or more parameter values are not valid. A value specified for a secondary index key is not supported. "
        "The AttributeValue for a key attribute cannot contain an empty " +
        std::string(kind_of_empty(attribute.type)) + " value. IndexName: " + index + ", IndexKey: " + attribute.name);
  }
  return Passed{};
}

Check check_index(const std::string& index, const KeySchema& schema, ItemView item) {
  for (const auto* side : {&schema.hash, &schema.range}) {
    for (const auto& attribute : *side) {
      TRY(check_index_attribute(index, attribute, item.find(attribute.name)));
    }
  }
  return check_sizes(schema, item);
}

ApiError invalid_start(StartOf use) {
  std::string message = "The provided starting key is invalid";
  if (use == StartOf::scan) message.append(": ").append(schema_mismatch);
  return validation(std::move(message));
}

// A Query's start is held against its condition, which nothing empty meets.
Check check_start_not_empty(const KeySchema& schema, ItemView start, StartOf use) {
  if (use == StartOf::query) return Passed{};
  Check filled = check_not_empty(schema, start);
  if (filled.ok()) return filled;
  return validation("The provided starting key is invalid: " + filled.error().message);
}

}  // namespace

Outcome<Bytes> item_key(const KeySchema& schema, ItemView item) {
  for (const auto* side : {&schema.hash, &schema.range}) {
    for (const auto& attribute : *side) {
      const ValueView value = item.find(attribute.name);
      if (!value) return invalid_parameter("Missing the key " + attribute.name + " in the item");
      if (!value.is(attribute.type)) {
        return invalid_parameter("Type mismatch for key " + attribute.name +
                                 " expected: " + std::string(type_name(attribute.type)) +
                                 " actual: " + std::string(type_name(value.type())));
      }
    }
  }
  TRY(check_not_empty(schema, item));
  TRY(check_sizes(schema, item));
  return make_key(schema, item);
}

Outcome<Bytes> request_key(const KeySchema& schema, ItemView key) {
  if (key.map().count() != schema.count() || !has_key(schema, key)) return validation(std::string(schema_mismatch));
  TRY(check_not_empty(schema, key));
  TRY(check_sizes(schema, key));
  return make_key(schema, key);
}

Check check_index_keys(const TableDefinition& table, ItemView item) {
  for (const auto& index : table.local_indexes) TRY(check_index(index.name, index.key, item));
  for (const auto& index : table.global_indexes) TRY(check_index(index.name, index.key, item));
  return Passed{};
}

std::optional<Bytes> index_key(const KeySchema& index, const KeySchema& table, ItemView item) {
  if (!has_key(index, item)) return std::nullopt;
  Bytes key = make_key(index, item);
  for (const auto* side : {&table.hash, &table.range}) {
    for (const auto& attribute : *side) append_attribute(key, item.find(attribute.name));
  }
  return key;
}

Bytes key_attributes(const KeySchema& schema, BytesView key) {
  BytesView rest = key.substr(hash_size);
  ItemBuilder item;
  for (const auto* side : {&schema.hash, &schema.range}) {
    for (const auto& attribute : *side) take_attribute(rest, attribute, item);
  }
  return item.build();
}

Bytes index_key_attributes(const KeySchema& index, const KeySchema& table, BytesView key) {
  BytesView rest = key.substr(hash_size);
  ItemBuilder item;
  for (const auto* side : {&index.hash, &index.range, &table.hash, &table.range}) {
    for (const auto& attribute : *side) take_attribute(rest, attribute, item);
  }
  return item.build();
}

Bytes key_of_item(const KeySchema& schema, ItemView item) {
  ItemBuilder key;
  for (const auto* side : {&schema.hash, &schema.range}) {
    for (const auto& attribute : *side) {
      if (const ValueView value = item.find(attribute.name)) key.set(attribute.name, value);
    }
  }
  return key.build();
}

KeyRange query_range(const KeySchema& schema, const KeyCondition& condition) {
  ASSERT(condition.hash.size() == schema.hash.size());
  Bytes partition;
  for (const ValueView value : condition.hash) append_attribute(partition, value);
  Bytes prefix = with_hash(partition);
  for (const ValueView value : condition.range_equal) append_attribute(prefix, value);

  Bytes at_low = prefix;
  if (condition.op == SortOperator::begins_with) {
    codec::append_ordered_prefix(at_low, condition.low.bytes());
  } else if (condition.op != SortOperator::none) {
    append_attribute(at_low, condition.low);
  }
  switch (condition.op) {
    case SortOperator::none:
    case SortOperator::equal:
    case SortOperator::begins_with: return {at_low, prefix_end(at_low)};
    case SortOperator::less: return {prefix, at_low};
    case SortOperator::less_equal: return {prefix, prefix_end(at_low)};
    case SortOperator::greater: return {prefix_end(at_low), prefix_end(prefix)};
    case SortOperator::greater_equal: return {at_low, prefix_end(prefix)};
    case SortOperator::between: {
      Bytes at_high = prefix;
      append_attribute(at_high, condition.high);
      return {at_low, prefix_end(at_high)};
    }
  }
  return {};
}

KeyRange whole_range() { return {}; }

KeyRange segment_range(std::uint32_t segment, std::uint32_t total) {
  ASSERT(segment < total);
  // floor(2^64 * n / total), without 2^64 itself.
  const auto boundary = [total](std::uint32_t n) {
    __extension__ using Wide = unsigned __int128;
    return static_cast<std::uint64_t>((static_cast<Wide>(n) << 64) / total);
  };
  KeyRange range;
  if (segment > 0) append_be64(range.lower, boundary(segment));
  if (segment + 1 < total) append_be64(range.upper, boundary(segment + 1));
  return range;
}

std::uint64_t key_hash(BytesView key) noexcept { return read_be64(key); }

Outcome<Bytes> start_key(const KeySchema& schema, ItemView start, StartOf use) {
  if (start.map().count() != schema.count() || !has_key(schema, start)) return invalid_start(use);
  TRY(check_start_not_empty(schema, start, use));
  return make_key(schema, start);
}

Outcome<Bytes> index_start_key(const KeySchema& index, const KeySchema& table, ItemView start, StartOf use) {
  std::size_t expected = table.count();
  for (const auto* side : {&index.hash, &index.range}) {
    for (const auto& attribute : *side) expected += table.find(attribute.name) == nullptr ? 1 : 0;
  }
  // Said shortly of an index, whoever asks.
  if (start.map().count() != expected || !has_key(table, start) || !has_key(index, start)) {
    return invalid_start(StartOf::query);
  }
  TRY(check_start_not_empty(table, start, use));
  TRY(check_start_not_empty(index, start, use));
  return *index_key(index, table, start);
}

}  // namespace reprise::dynamo
