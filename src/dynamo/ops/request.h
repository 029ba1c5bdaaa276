// Reading a request's body once check_types (shape.h) has passed it: members by name, with null the same as absent.
//
//   const Fields in(request.body);
//   if (in.boolean("ConsistentRead", false)) ...
//
// Threading: plain views into the request's document.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "codec/json.h"
#include "dynamo/model/error.h"
#include "dynamo/ops/shape.h"

namespace reprise::dynamo {

// The member, unless it is absent or null.
inline std::optional<codec::JsonValue> find_present(const codec::JsonValue& object, std::string_view name) {
  auto value = object.find(name);
  if (value && value->is(codec::JsonType::null)) return std::nullopt;
  return value;
}

// A JSON number as the real service reads whole numbers: fractions cut off, what is out of range clamped.
inline std::int64_t json_int64(const codec::JsonValue& number) {
  if (const auto whole = number.integer()) return *whole;
  const double value = std::trunc(number.number());
  if (value <= -9223372036854775808.0) return std::numeric_limits<std::int64_t>::min();
  if (value >= 9223372036854775808.0) return std::numeric_limits<std::int64_t>::max();
  return static_cast<std::int64_t>(value);
}
inline std::int64_t json_int32(const codec::JsonValue& number) {
  constexpr std::int64_t low = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t high = std::numeric_limits<std::int32_t>::max();
  const std::int64_t value = json_int64(number);
  return value < low ? low : value > high ? high : value;
}

// Typed access to the members of one JSON object.
class Fields {
 public:
  explicit Fields(codec::JsonValue object) : object_(object) {}

  [[nodiscard]] bool has(std::string_view name) const { return value(name).has_value(); }
  [[nodiscard]] std::optional<codec::JsonValue> value(std::string_view name) const {
    return find_present(object_, name);
  }
  [[nodiscard]] std::optional<std::string_view> string(std::string_view name) const {
    const auto found = value(name);
    if (!found) return std::nullopt;
    return found->string();
  }
  [[nodiscard]] std::string_view string_or(std::string_view name, std::string_view otherwise) const {
    const auto found = string(name);
    return found ? *found : otherwise;
  }
  [[nodiscard]] std::optional<bool> boolean(std::string_view name) const {
    const auto found = value(name);
    if (!found) return std::nullopt;
    return found->boolean();
  }
  [[nodiscard]] bool boolean(std::string_view name, bool otherwise) const {
    const auto found = boolean(name);
    return found ? *found : otherwise;
  }
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view name) const {
    const auto found = value(name);
    if (!found) return std::nullopt;
    return json_int64(*found);
  }
  // Epoch seconds of a timestamp member as microseconds; before the epoch counts as the epoch.
  [[nodiscard]] std::optional<std::uint64_t> timestamp_micros(std::string_view name) const {
    const auto found = value(name);
    if (!found) return std::nullopt;
    const double micros = std::round(found->number() * 1e6);
    if (!(micros > 0)) return 0;
    return micros >= 4e15 ? std::uint64_t{4'000'000'000'000'000} : static_cast<std::uint64_t>(micros);
  }
  // A structure member.
  [[nodiscard]] std::optional<Fields> object(std::string_view name) const {
    const auto found = value(name);
    if (!found) return std::nullopt;
    return Fields(*found);
  }
  [[nodiscard]] const codec::JsonValue& json() const { return object_; }

 private:
  codec::JsonValue object_;
};

// The table a TableName member means, which may be a name or a table's ARN.
struct TableReference {
  std::string account;  // the caller's, or the ARN's
  std::string name;
};

// `text` has passed check_constraints. Fails with ValidationException for an ARN that is none, or is another region's.
Outcome<TableReference> parse_table_reference(std::string_view text, std::string_view account, std::string_view region);

}  // namespace reprise::dynamo
