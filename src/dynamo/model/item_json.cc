// DynamoDB JSON to the item encoding.
//
// Members of a JSON object come in any order and an encoding wants them sorted, so each map is read in two steps: its
// members are listed (16 bytes each, no copies), sorted if they are not already, and then written in order.
#include "dynamo/model/item_json.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "codec/base64.h"
#include "dynamo/model/limits.h"

namespace reprise::dynamo {

namespace {

using codec::JsonType;
using codec::JsonValue;

constexpr std::string_view empty_value =
    "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
constexpr std::string_view ambiguous_value =
    "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes";
constexpr std::string_view too_deep =
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit";

// The members of one JSON object in name order; of duplicates the last one counts, as in any Java map.
class SortedMembers {
 public:
  struct Member {
    std::string_view name;
    JsonValue value;
  };

  explicit SortedMembers(const JsonValue& object) {
    const std::size_t size = object.size();
    if (size > inline_members_.size()) heap_members_.resize(size);
    data_ = heap_members_.empty() ? inline_members_.data() : heap_members_.data();
    bool sorted = true;
    for (auto member = object.first_member(); member; member.advance()) {
      data_[count_] = {member.key(), member.value()};
      if (count_ > 0 && data_[count_ - 1].name >= data_[count_].name) sorted = false;
      ++count_;
    }
    if (!sorted) sort();
  }

  [[nodiscard]] const Member* begin() const { return data_; }
  [[nodiscard]] const Member* end() const { return data_ + count_; }

 private:
  void sort() {
    std::stable_sort(data_, data_ + count_, [](const Member& a, const Member& b) { return a.name < b.name; });
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count_; ++i) {
      if (i + 1 < count_ && data_[i].name == data_[i + 1].name) continue;
      data_[kept++] = data_[i];
    }
    count_ = kept;
  }

  std::array<Member, 24> inline_members_;
  std::vector<Member> heap_members_;
  Member* data_ = nullptr;
  std::size_t count_ = 0;
};

std::optional<AttributeType> type_of_name(std::string_view name) {
  if (name.size() == 1) {
    switch (name[0]) {
      case 'S': return AttributeType::string;
      case 'N': return AttributeType::number;
      case 'B': return AttributeType::binary;
      case 'L': return AttributeType::list;
      case 'M': return AttributeType::map;
      default: return std::nullopt;
    }
  }
  if (name == "BOOL") return AttributeType::boolean;
  if (name == "NULL") return AttributeType::null;
  if (name == "SS") return AttributeType::string_set;
  if (name == "NS") return AttributeType::number_set;
  if (name == "BS") return AttributeType::binary_set;
  return std::nullopt;
}

// ---- Shape: what the real service's JSON reader refuses ------------------------------------------------------------

std::string_view number_token(const JsonValue& json) { return json.integer() ? "NUMBER_VALUE" : "DECIMAL_VALUE"; }

Check check_string_shape(const JsonValue& json) {
  switch (json.type()) {
    case JsonType::string: return Passed{};
    case JsonType::boolean:
      return serialization(std::string(json.boolean() ? "TRUE_VALUE" : "FALSE_VALUE") +
                           " cannot be converted to String");
    case JsonType::number: return serialization(std::string(number_token(json)) + " cannot be converted to String");
    case JsonType::array: return serialization("Unrecognized collection type class java.lang.String");
    default: return serialization("Start of structure or map found where not expected");
  }
}

Check check_boolean_shape(const JsonValue& json) {
  switch (json.type()) {
    case JsonType::boolean: return Passed{};
    case JsonType::string: return serialization("Unexpected token received from parser");
    case JsonType::number: return serialization(std::string(number_token(json)) + " cannot be converted to Boolean");
    case JsonType::array: return serialization("Unrecognized collection type class java.lang.Boolean");
    default: return serialization("Start of structure or map found where not expected");
  }
}

// Checks the type, and the base64 without keeping it.
Check check_binary_shape(const JsonValue& json) {
  switch (json.type()) {
    case JsonType::string: break;
    case JsonType::array: return serialization("Unrecognized collection type class java.nio.ByteBuffer");
    case JsonType::object: return serialization("Start of structure or map found where not expected");
    default: return serialization("only base-64-encoded strings are convertible to bytes");
  }
  return Passed{};
}

Check decode_binary(const JsonValue& json, Bytes& out) {
  TRY(check_binary_shape(json));
  const std::string_view text = json.string();
  const codec::Base64Check check = codec::append_decoded_base64(out, text);
  switch (check.fault) {
    case codec::Base64Fault::none: return Passed{};
    case codec::Base64Fault::length:
      return serialization("Base64 encoded length is expected a multiple of 4 bytes but found: " +
                           std::to_string(text.size()));
    case codec::Base64Fault::character:
      return serialization("Invalid Base64 character: '" + std::string(text.substr(check.position, 1)) + "'");
    case codec::Base64Fault::last_bits: return serialization("Invalid last non-pad Base64 character dectected");
  }
  return Passed{};
}

Check check_array_shape(const JsonValue& json) {
  switch (json.type()) {
    case JsonType::array: return Passed{};
    case JsonType::object: return serialization("Start of structure or map found where not expected");
    default: return serialization("Unexpected field type");
  }
}

Check check_map_shape(const JsonValue& json) {
  switch (json.type()) {
    case JsonType::object: return Passed{};
    case JsonType::array:
      return serialization(
          "Unrecognized collection type java.util.Map<java.lang.String, "
          "com.amazonaws.dynamodb.v20120810.AttributeValue>");
    default: return serialization("Unexpected field type");
  }
}

// A null stands for a value that was not given; whoever reads on decides what that means.
Check check_attribute_shape(const JsonValue& json) {
  switch (json.type()) {
    case JsonType::null:
    case JsonType::object: return Passed{};
    case JsonType::array:
      return serialization("Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue");
    default: return serialization("Unexpected value type in payload");
  }
}

Check check_set_shape(const JsonValue& json, AttributeType type) {
  TRY(check_array_shape(json));
  for (auto element = json.first_element(); element; element.advance()) {
    const JsonValue value = element.value();
    if (value.is(JsonType::null)) continue;
    if (type == AttributeType::binary_set) {
      Bytes scratch;
      TRY(decode_binary(value, scratch));
    } else {
      TRY(check_string_shape(value));
    }
  }
  return Passed{};
}

Check check_typed_shape(const JsonValue& json, AttributeType type) {
  switch (type) {
    case AttributeType::string:
    case AttributeType::number: return check_string_shape(json);
    case AttributeType::binary: {
      Bytes scratch;
      return decode_binary(json, scratch);
    }
    case AttributeType::boolean:
    case AttributeType::null: return check_boolean_shape(json);
    case AttributeType::list:
      TRY(check_array_shape(json));
      for (auto element = json.first_element(); element; element.advance()) TRY(check_value_shape(element.value()));
      return Passed{};
    case AttributeType::map: return check_item_shape(json);
    default: return check_set_shape(json, type);
  }
}

// ---- Values --------------------------------------------------------------------------------------------------------

Check parse_number(const JsonValue& json, Bytes& out) {
  TRY(check_string_shape(json));
  TRY_ASSIGN(const Number number, Number::parse(json.string()));
  ValueWriter(out).number(number);
  return Passed{};
}

std::string joined(const JsonValue& array) {
  std::string text;
  for (auto element = array.first_element(); element; element.advance()) {
    if (!text.empty()) text += ", ";
    text.append(element.value().string());
  }
  return text;
}

Check duplicate_error(const JsonValue& json, AttributeType type) {
  switch (type) {
    case AttributeType::string_set:
      return invalid_parameter("Input collection [" + joined(json) + "] contains duplicates.");
    case AttributeType::binary_set:
      return invalid_parameter("Input collection [" + joined(json) + "]of type BS contains duplicates.");
    default: return validation("Input collection contains duplicates");
  }
}

Check empty_set_error(AttributeType type) {
  switch (type) {
    case AttributeType::string_set: return invalid_parameter("An string set  may not be empty");
    case AttributeType::number_set: return invalid_parameter("An number set  may not be empty");
    default: return invalid_parameter("Binary sets should not be empty");
  }
}

Check null_element_error(AttributeType type) {
  switch (type) {
    case AttributeType::string_set: return invalid_parameter("An string set may not have a null string as a member");
    case AttributeType::number_set: return invalid_parameter("An number set may not have a null number as a member");
    default: return invalid_parameter("Binary sets may not contain null or empty values");
  }
}

// Appends an element's bytes: text, octets or an encoded number.
Check append_set_element(const JsonValue& json, AttributeType type, Bytes& out) {
  if (json.is(JsonType::null)) return null_element_error(type);
  if (type == AttributeType::binary_set) return decode_binary(json, out);
  TRY(check_string_shape(json));
  if (type == AttributeType::string_set) {
    out.append(json.string());
    return Passed{};
  }
  TRY_ASSIGN(const Number number, Number::parse(json.string()));
  out.append(number.encoded());
  return Passed{};
}

Check parse_set(const JsonValue& json, AttributeType type, Bytes& out) {
  TRY(check_array_shape(json));
  if (json.size() == 0) return empty_set_error(type);
  Bytes storage;
  std::vector<std::size_t> ends;
  ends.reserve(json.size());
  for (auto element = json.first_element(); element; element.advance()) {
    TRY(append_set_element(element.value(), type, storage));
    ends.push_back(storage.size());
  }
  std::vector<BytesView> elements;
  elements.reserve(ends.size());
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    elements.push_back(BytesView(storage).substr(begin, end - begin));
    begin = end;
  }
  std::sort(elements.begin(), elements.end());
  if (std::adjacent_find(elements.begin(), elements.end()) != elements.end()) return duplicate_error(json, type);
  ValueWriter writer(out);
  writer.begin_set(type);
  for (const BytesView element : elements) writer.set_element(element);
  writer.end_set();
  return Passed{};
}

Check check_name(std::string_view name) {
  if (name.size() > limits::attribute_name_size_max) {
    return validation("Attribute name is too large, must be less than 65536 bytes");
  }
  return Passed{};
}

// Appends the members of a map or item, without any header.
Check parse_members(const JsonValue& json, Bytes& out, int depth) {
  ValueWriter writer(out);
  for (const auto& member : SortedMembers(json)) {
    if (member.name.empty()) return invalid_parameter("Attribute name must not be empty");
    TRY(check_name(member.name));
    writer.name(member.name);
    TRY(parse_value(member.value, out, depth));
  }
  return Passed{};
}

Check parse_map(const JsonValue& json, Bytes& out, int depth) {
  TRY(check_map_shape(json));
  ValueWriter writer(out);
  writer.begin_map();
  TRY(parse_members(json, out, depth + 1));
  writer.end_map();
  return Passed{};
}

Check parse_list(const JsonValue& json, Bytes& out, int depth) {
  TRY(check_array_shape(json));
  ValueWriter writer(out);
  writer.begin_list();
  for (auto element = json.first_element(); element; element.advance()) {
    TRY(parse_value(element.value(), out, depth + 1));
  }
  writer.end_list();
  return Passed{};
}

Check parse_typed(const JsonValue& json, AttributeType type, Bytes& out, int depth) {
  switch (type) {
    case AttributeType::string:
      TRY(check_string_shape(json));
      ValueWriter(out).string(json.string());
      return Passed{};
    case AttributeType::number: return parse_number(json, out);
    case AttributeType::binary: {
      Bytes octets;
      TRY(decode_binary(json, octets));
      ValueWriter(out).binary(octets);
      return Passed{};
    }
    case AttributeType::boolean:
      TRY(check_boolean_shape(json));
      ValueWriter(out).boolean(json.boolean());
      return Passed{};
    case AttributeType::null:
      TRY(check_boolean_shape(json));
      if (!json.boolean()) return invalid_parameter("Null attribute value types must have the value of true");
      ValueWriter(out).null();
      return Passed{};
    case AttributeType::list: return parse_list(json, out, depth);
    case AttributeType::map: return parse_map(json, out, depth);
    default: return parse_set(json, type, out);
  }
}

}  // namespace

Check check_value_shape(const JsonValue& json) {
  TRY(check_attribute_shape(json));
  if (!json.is(JsonType::object)) return Passed{};
  for (auto member = json.first_member(); member; member.advance()) {
    const auto type = type_of_name(member.key());
    if (!type || member.value().is(JsonType::null)) continue;
    TRY(check_typed_shape(member.value(), *type));
  }
  return Passed{};
}

Check check_item_shape(const JsonValue& json) {
  TRY(check_map_shape(json));
  for (auto member = json.first_member(); member; member.advance()) TRY(check_value_shape(member.value()));
  return Passed{};
}

Check parse_value(const JsonValue& json, Bytes& out, int depth) {
  TRY(check_attribute_shape(json));
  if (json.is(JsonType::null)) return validation(std::string(empty_value));
  if (depth >= limits::nesting_max) return validation(std::string(too_deep));
  int types = 0;
  for (auto member = json.first_member(); member; member.advance()) {
    const auto type = type_of_name(member.key());
    if (!type || member.value().is(JsonType::null)) continue;
    ++types;
    TRY(parse_typed(member.value(), *type, out, depth));
  }
  if (types == 0) return validation(std::string(empty_value));
  if (types > 1) return validation(std::string(ambiguous_value));
  return Passed{};
}

Outcome<Bytes> parse_item(const JsonValue& json) {
  TRY(check_map_shape(json));
  Bytes out(1, ItemView::format_version);
  TRY(parse_members(json, out, 0));
  return out;
}

}  // namespace reprise::dynamo
