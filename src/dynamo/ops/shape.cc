// Step 1 of reading a request: types. The texts are those that the real service's deserializer gives; what kind of
// token it met comes first ("NUMBER_VALUE cannot be converted to String").
//
// Invariant: a body that passes can be read with request.h's accessors without looking at a JSON type again.
#include "dynamo/ops/shape.h"

#include <cmath>
#include <optional>
#include <string>

#include "dynamo/model/item_json.h"

namespace reprise::dynamo {
namespace {

using codec::JsonType;
using codec::JsonValue;

enum class Place : std::uint8_t { root, field, element };

std::string_view token_name(const JsonValue& json) {
  switch (json.type()) {
    case JsonType::boolean: return json.boolean() ? "TRUE_VALUE" : "FALSE_VALUE";
    case JsonType::number: return std::trunc(json.number()) == json.number() ? "NUMBER_VALUE" : "DECIMAL_VALUE";
    default: return "STRING_VALUE";
  }
}

ApiError wrong_scalar(const JsonValue& json, std::string_view java_name) {
  switch (json.type()) {
    case JsonType::array:
      return serialization(std::string("Unrecognized collection type class java.lang.").append(java_name));
    case JsonType::object: return serialization("Start of structure or map found where not expected");
    default: return serialization(std::string(token_name(json)).append(" cannot be converted to ").append(java_name));
  }
}

Check check(const Shape& shape, const JsonValue& json, Values values, Place place);

const Member* find_member(const Shape& shape, std::string_view name) {
  for (const Member& member : shape.members) {
    if (member.name == name) return &member;
  }
  return nullptr;
}

Check check_structure(const Shape& shape, const JsonValue& json, Values values, Place place) {
  if (json.is(JsonType::array)) {
    return serialization(
        std::string("Unrecognized collection type class com.amazonaws.dynamodb.v20120810.").append(shape.name));
  }
  if (!json.is(JsonType::object)) {
    return serialization(place == Place::field ? "Unexpected field type" : "Unexpected value type in payload");
  }
  for (auto member = json.first_member(); member; member.advance()) {
    const Member* known = find_member(shape, member.key());
    if (known != nullptr) TRY(check(*known->shape, member.value(), values, Place::field));
  }
  return Passed{};
}

// A collection within a collection, of which there is something else: the service's own failure shows.
ApiError not_a_collection(Place place) {
  if (place != Place::element) return serialization("Unexpected field type");
  return serialization(
      "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to class java.lang.Class "
      "(sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl and java.lang.Class are in module java.base of "
      "loader 'bootstrap')");
}

// How the service's language calls what a map holds.
std::string java_name(const Shape& shape) {
  constexpr std::string_view package = "com.amazonaws.dynamodb.v20120810.";
  switch (shape.kind) {
    case ShapeKind::string: return "java.lang.String";
    case ShapeKind::attribute_value: return std::string(package) + "AttributeValue";
    case ShapeKind::list: return "java.util.List<" + java_name(*shape.element) + ">";
    default: return std::string(package).append(shape.name);
  }
}

Check check_list(const Shape& shape, const JsonValue& json, Values values, Place place) {
  if (json.is(JsonType::object)) return serialization("Start of structure or map found where not expected");
  if (!json.is(JsonType::array)) return not_a_collection(place);
  for (auto element = json.first_element(); element; element.advance()) {
    TRY(check(*shape.element, element.value(), values, Place::element));
  }
  return Passed{};
}

Check check_map(const Shape& shape, const JsonValue& json, Values values, Place place) {
  if (json.is(JsonType::array)) {
    return serialization("Unrecognized collection type java.util.Map<java.lang.String, " + java_name(*shape.element) +
                         ">");
  }
  if (!json.is(JsonType::object)) return not_a_collection(place);
  for (auto member = json.first_member(); member; member.advance()) {
    TRY(check(*shape.element, member.value(), values, Place::element));
  }
  return Passed{};
}

Check check(const Shape& shape, const JsonValue& json, Values values, Place place) {
  if (json.is(JsonType::null)) return Passed{};
  switch (shape.kind) {
    case ShapeKind::structure: return check_structure(shape, json, values, place);
    case ShapeKind::list: return check_list(shape, json, values, place);
    case ShapeKind::map: return check_map(shape, json, values, place);
    case ShapeKind::string:
      if (!json.is(JsonType::string)) return wrong_scalar(json, "String");
      return Passed{};
    case ShapeKind::boolean:
      if (json.is(JsonType::string)) return serialization("Unexpected token received from parser");
      if (!json.is(JsonType::boolean)) return wrong_scalar(json, "Boolean");
      return Passed{};
    case ShapeKind::integer:
      if (!json.is(JsonType::number)) return wrong_scalar(json, "Integer");
      return Passed{};
    case ShapeKind::long_integer:
      if (!json.is(JsonType::number)) return wrong_scalar(json, "Long");
      return Passed{};
    case ShapeKind::timestamp:
      if (!json.is(JsonType::number)) return wrong_scalar(json, "Date");
      return Passed{};
    case ShapeKind::attribute_value: return values == Values::checked ? check_value_shape(json) : Check(Passed{});
    case ShapeKind::item:
      if (!json.is(JsonType::object) && !json.is(JsonType::array)) return not_a_collection(place);
      // That it is a map at all is never deferred: constraints count its members.
      if (values == Values::checked || !json.is(JsonType::object)) return check_item_shape(json);
      return Passed{};
    case ShapeKind::any: return Passed{};
  }
  return Passed{};
}

}  // namespace

Check check_types(const Shape& shape, const JsonValue& body, Values values) {
  if (!body.is(JsonType::object)) return serialization("Unexpected value type in payload");
  return check(shape, body, values, Place::root);
}

Check check_request(const Shape& shape, const JsonValue& body, Values values) {
  TRY(check_types(shape, body, values));
  auto constraints = check_constraints(shape, body);
  if (constraints.ok() || values == Values::checked) return constraints;
  return first_error(shape, body, std::move(constraints).error());
}

ApiError first_error(const Shape& shape, const JsonValue& body, ApiError error) {
  if (error.kind == ErrorKind::serialization) return error;
  auto types = check_types(shape, body, Values::checked);
  if (types.ok()) return error;
  return std::move(types).error();
}

}  // namespace reprise::dynamo
