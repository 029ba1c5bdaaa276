// Step 2 of reading a request: the constraints of the service model, all of them together in one message.
//
// Paths are spelled as the real service does: first letters in lower case ("sSESpecification"), elements of lists as
// ".1.member", values of maps as ".NAME.member". Values are echoed as its language would print them.
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "dynamo/ops/request.h"
#include "dynamo/ops/shape.h"

namespace reprise::dynamo {
namespace {

using codec::JsonType;
using codec::JsonValue;

constexpr std::string_view name_pattern_text = "[a-zA-Z0-9_.-]+";

bool matches_name_pattern(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!letter && c != '_' && c != '.' && c != '-') return false;
  }
  return true;
}

// Lengths of strings are counted in UTF-16 units.
std::int64_t utf16_length(std::string_view text) {
  std::int64_t length = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) length += byte >= 0xf0 ? 2 : 1;
  }
  return length;
}

std::string lower_first(std::string_view name) {
  std::string text(name);
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z') text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

// ---- Echoes --------------------------------------------------------------------------------------------------------

std::string echo(const Shape& shape, const JsonValue& json);

std::string echo_attribute_value(const JsonValue& json) {
  // The real service prints the object's identity hash; nobody can rely on it, but it should not always be the same.
  std::size_t seed = json.is(JsonType::object) ? json.size() : 0;
  if (json.is(JsonType::object)) {
    for (auto member = json.first_member(); member; member.advance()) {
      seed = seed * 31 + std::hash<std::string_view>()(member.key());
      if (member.value().is(JsonType::string))
        seed = seed * 31 + std::hash<std::string_view>()(member.value().string());
    }
  }
  constexpr char digits[] = "0123456789abcdef";
  std::string text = "com.amazonaws.dynamodb.v20120810.AttributeValue@";
  for (int shift = 28; shift >= 0; shift -= 4) text.push_back(digits[(seed >> shift) & 0xf]);
  return text;
}

std::string echo_members(const Shape* element, const JsonValue& json) {
  std::string text = "{";
  for (auto member = json.first_member(); member; member.advance()) {
    if (text.size() > 1) text.append(", ");
    text.append(member.key()).push_back('=');
    text.append(element == nullptr ? echo_attribute_value(member.value()) : echo(*element, member.value()));
  }
  return text.append("}");
}

std::string echo_structure(const Shape& shape, const JsonValue& json) {
  std::string text(shape.name);
  text.push_back('(');
  bool first = true;
  for (const Member& member : shape.members) {
    if (!first) text.append(", ");
    first = false;
    text.append(lower_first(member.name)).push_back('=');
    const auto value = json.find(member.name);
    text.append(value ? echo(*member.shape, *value) : "null");
  }
  return text.append(")");
}

std::string echo(const Shape& shape, const JsonValue& json) {
  if (json.is(JsonType::null)) return "null";
  switch (shape.kind) {
    case ShapeKind::structure: return echo_structure(shape, json);
    case ShapeKind::list: {
      std::string text = "[";
      for (auto element = json.first_element(); element; element.advance()) {
        if (text.size() > 1) text.append(", ");
        text.append(echo(*shape.element, element.value()));
      }
      return text.append("]");
    }
    case ShapeKind::map: return echo_members(shape.element, json);
    case ShapeKind::item: return echo_members(nullptr, json);
    case ShapeKind::attribute_value: return echo_attribute_value(json);
    case ShapeKind::string: return std::string(json.string());
    case ShapeKind::boolean: return json.boolean() ? "true" : "false";
    case ShapeKind::integer: return std::to_string(json_int32(json));
    case ShapeKind::long_integer: return std::to_string(json_int64(json));
    case ShapeKind::timestamp:
    case ShapeKind::any: return "";
  }
  return "";
}

// ---- Constraints of one value --------------------------------------------------------------------------------------

std::string must_be(std::string_view what, std::string_view relation, std::int64_t bound) {
  return std::string("Member must have ").append(what).append(relation).append(std::to_string(bound));
}
std::string at_least(const Shape& shape) {
  const bool number = shape.kind == ShapeKind::integer || shape.kind == ShapeKind::long_integer;
  return must_be(number ? "value" : "length", " greater than or equal to ", shape.min);
}
std::string at_most(const Shape& shape) {
  const bool number = shape.kind == ShapeKind::integer || shape.kind == ShapeKind::long_integer;
  return must_be(number ? "value" : "length", " less than or equal to ", shape.max);
}
std::string pattern_constraint() {
  return std::string("Member must satisfy regular expression pattern: ").append(name_pattern_text);
}
std::string values_constraint(const Shape& shape) {
  std::string text = "Member must satisfy enum value set: [";
  for (const auto value : shape.values) text.append(value).append(", ");
  text.resize(text.size() - 2);
  return text.append("]");
}

// A number's value, anything else's length; Shape::none when there is nothing to measure.
std::int64_t measure(const Shape& shape, const JsonValue& json) {
  switch (shape.kind) {
    case ShapeKind::string: return utf16_length(json.string());
    case ShapeKind::integer: return json_int32(json);
    case ShapeKind::long_integer: return json_int64(json);
    case ShapeKind::list:
    case ShapeKind::map:
    case ShapeKind::item: return static_cast<std::int64_t>(json.size());
    default: return Shape::none;
  }
}

// Calls `fail` with the text of each constraint of this one value that does not hold.
template <class Fail>
void check_value(const Shape& shape, std::int64_t size, std::string_view text, Fail fail) {
  if (shape.or_arn && text.starts_with("arn:")) return;
  if (shape.empty_apart && text.empty()) {
    fail(must_be("length", " greater than or equal to ", 1));
    return;
  }
  if (!shape.values.empty()) {
    for (const auto value : shape.values) {
      if (value == text) return;
    }
    fail(values_constraint(shape));
    return;
  }
  const bool mismatch = shape.name_pattern && !matches_name_pattern(text);
  if (mismatch && shape.pattern_first) fail(pattern_constraint());
  if (shape.min != Shape::none && size < shape.min) fail(at_least(shape));
  if (shape.max != Shape::none && size > shape.max) fail(at_most(shape));
  if (mismatch && !shape.pattern_first) fail(pattern_constraint());
}

template <class Fail>
void check_value(const Shape& shape, const JsonValue& json, Fail fail) {
  const auto text = shape.kind == ShapeKind::string ? json.string() : std::string_view();
  check_value(shape, measure(shape, json), text, fail);
}

// Every constraint of a shape, as collections of it list them: [.., ..].
std::string constraint_list(const Shape& shape) {
  if (!shape.values.empty()) return "[" + values_constraint(shape) + "]";
  std::string text = "[";
  if (shape.max != Shape::none) text.append(at_most(shape)).append(", ");
  if (shape.min != Shape::none) text.append(at_least(shape)).append(", ");
  if (shape.name_pattern) text.append(pattern_constraint()).append(", ");
  text.resize(text.size() - 2);
  return text.append("]");
}

bool is_constrained(const Shape& shape) {
  return shape.min != Shape::none || shape.max != Shape::none || shape.name_pattern || !shape.values.empty();
}

// ---- The walk ------------------------------------------------------------------------------------------------------

class Walk {
 public:
  void structure(const Shape& shape, const JsonValue& json, const std::string& path) {
    for (const Member& member : shape.members) {
      if (shape.failures != Failures::all && !failures_.empty()) {
        if (shape.failures == Failures::one || &member == &shape.members[1]) break;
      }
      const auto value = find_present(json, member.name);
      if (value) {
        visit(*member.shape, *value, path, member.name);
      } else if (member.required) {
        failures_.push_back("Value null at '" + join(path, member.name) +
                            "' failed to satisfy constraint: Member must not be null");
      }
    }
  }

  Check result(Failures which) && {
    if (failures_.empty()) return Passed{};
    if (which == Failures::one) failures_.resize(1);
    std::string text = std::to_string(failures_.size());
    text.append(failures_.size() == 1 ? " validation error detected: " : " validation errors detected: ");
    for (std::size_t i = 0; i < failures_.size(); ++i) text.append(i == 0 ? "" : "; ").append(failures_[i]);
    return validation(std::move(text));
  }

 private:
  // One message lists at most this many failures, so that a hostile body cannot make it large.
  static constexpr std::size_t failures_max = 50;
  static constexpr std::size_t echo_size_max = 16 * 1024;

  static std::string join(const std::string& path, std::string_view name) {
    return path.empty() ? lower_first(name) : path + "." + lower_first(name);
  }

  void visit(const Shape& shape, const JsonValue& json, const std::string& path, std::string_view name) {
    check_value(shape, json, [&](const std::string& constraint) { fail(shape, json, join(path, name), constraint); });
    if (shape.kind == ShapeKind::structure) structure(shape, json, join(path, name));
    if (shape.kind == ShapeKind::list) list(shape, json, join(path, name));
    if (shape.kind == ShapeKind::map) map(shape, json, join(path, name));
  }

  void list(const Shape& shape, const JsonValue& json, const std::string& path) {
    const Shape& element = *shape.element;
    bool element_failed = false;
    std::size_t index = 0;
    for (auto it = json.first_element(); it && failures_.size() < failures_max; it.advance()) {
      ++index;
      const JsonValue value = it.value();
      if (value.is(JsonType::null)) continue;
      check_value(element, value, [&](const std::string&) { element_failed = true; });
      descend(element, value, path + "." + std::to_string(index) + ".member");
    }
    if (element_failed) fail(shape, json, path, "Member must satisfy constraint: " + constraint_list(element));
  }

  void map(const Shape& shape, const JsonValue& json, const std::string& path) {
    const Shape& element = *shape.element;
    bool key_failed = false;
    bool value_failed = false;
    for (auto it = json.first_member(); it && failures_.size() < failures_max; it.advance()) {
      if (shape.key != nullptr) {
        check_value(*shape.key, utf16_length(it.key()), it.key(), [&](const std::string&) { key_failed = true; });
      }
      const JsonValue value = it.value();
      if (value.is(JsonType::null)) continue;
      if (is_constrained(element)) check_value(element, value, [&](const std::string&) { value_failed = true; });
      descend(element, value, path + "." + std::string(it.key()) + ".member");
    }
    if (key_failed) fail(shape, json, path, "Map keys must satisfy constraint: " + constraint_list(*shape.key));
    if (value_failed) fail(shape, json, path, "Map value must satisfy constraint: " + constraint_list(element));
  }

  void descend(const Shape& shape, const JsonValue& json, const std::string& path) {
    if (shape.kind == ShapeKind::structure) structure(shape, json, path);
    if (shape.kind == ShapeKind::list) list(shape, json, path);
    if (shape.kind == ShapeKind::map) map(shape, json, path);
  }

  void fail(const Shape& shape, const JsonValue& json, const std::string& path, const std::string& constraint) {
    if (failures_.size() >= failures_max) return;
    std::string value = echo(shape, json);
    if (value.size() > echo_size_max) value.resize(echo_size_max);
    failures_.push_back("Value '" + value + "' at '" + path + "' failed to satisfy constraint: " + constraint);
  }

  std::vector<std::string> failures_;
};

}  // namespace

Check check_constraints(const Shape& shape, const JsonValue& body) {
  Walk walk;
  walk.structure(shape, body, "");
  return std::move(walk).result(shape.failures);
}

}  // namespace reprise::dynamo
