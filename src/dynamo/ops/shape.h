// Shapes: what the input of each operation may look like, as static tables, and the one checker that reads them.
//
// DynamoDB looks at a request in three steps, and clients see the difference:
//   1. types: any JSON value of a wrong type anywhere is a SerializationException, before anything else is looked at;
//   2. modelled constraints (presence, lengths, ranges, patterns, enumerations), all of them together in one
//      ValidationException: "2 validation errors detected: Value null at 'tableName' failed to ...; Value ...";
//   3. the operation's own rules, one at a time.
// Steps 1 and 2 are here, step 3 is each operation's. The tables mirror the public service model (2012-08-10). Where
// several constraints fail, the real service's order is that of its hash maps and differs between its regions; ours is
// the order of the tables, which follow captured answers where there are any.
//
// Attribute values are a shape of their own (model/item_json.h knows it); this checker hands them over.
//
// Threading: the tables are constants; all functions are pure.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "codec/json.h"
#include "dynamo/model/error.h"

namespace reprise::dynamo {

enum class ShapeKind : std::uint8_t {
  structure,
  list,
  map,  // of `element` by string
  string,
  boolean,
  integer,          // 32 bits; a fraction is cut off, what is out of range is clamped, as the real service does
  long_integer,     // 64 bits, the same
  timestamp,        // epoch seconds, possibly with a fraction
  attribute_value,  // {"S": "x"}
  item,             // a map of attribute values
  any,              // looked at by nobody (a member that only matters by being there)
};

struct Shape;

// A member of a structure.
struct Member {
  std::string_view name;  // as in the JSON: "TableName"
  const Shape* shape;
  bool required = false;
};

// Which failed constraints of a whole request are reported.
enum class Failures : std::uint8_t {
  all,
  // Those of the first member, which is TableName, alone; else all (observed of PutItem in 2026).
  first_member_or_all,
  // Only one: the first in the order of the table (observed of UpdateItem in 2026).
  one,
};

struct Shape {
  static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min();

  ShapeKind kind;
  std::string_view name{};  // of structures: the class name that echoed values and type errors show
  // Length of strings, lists and maps; value of numbers.
  std::int64_t min = none;
  std::int64_t max = none;
  bool name_pattern = false;                   // strings: [a-zA-Z0-9_.-]+
  bool pattern_first = false;                  // strings: the pattern is named before the length
  bool or_arn = false;                         // strings: what starts with "arn:" is checked by the operation instead
  bool empty_apart = false;                    // strings: of an empty one only "at least 1" is said
  std::span<const std::string_view> values{};  // strings: an enumeration, in the order the real service lists it
  std::span<const Member> members{};           // structures
  const Shape* element = nullptr;              // lists and maps
  const Shape* key = nullptr;                  // maps whose keys are constrained
  Failures failures = Failures::all;           // of a request
};

// How deep check_types looks.
enum class Values : std::uint8_t {
  checked,   // attribute values as well
  deferred,  // attribute values are left to whoever parses them: see first_error()
};

// Step 1. Members that the shape does not know are skipped unseen; null is the same as absent.
Check check_types(const Shape& shape, const codec::JsonValue& body, Values values = Values::checked);

// Step 2. The body has passed step 1.
Check check_constraints(const Shape& shape, const codec::JsonValue& body);

// Steps 1 and 2: what an operation calls first.
Check check_request(const Shape& shape, const codec::JsonValue& body, Values values = Values::checked);

// For operations that defer attribute values (to parse them once instead of twice): the error to answer when step 2 or
// 3 has failed with `error`, which is that of a deferred step 1 if there is one.
ApiError first_error(const Shape& shape, const codec::JsonValue& body, ApiError error);

}  // namespace reprise::dynamo
