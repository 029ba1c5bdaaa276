// For tests: items and values written as DynamoDB JSON, single quotes standing for double ones.
#pragma once

#include <algorithm>
#include <string>

#include "base/assert.h"
#include "codec/json.h"
#include "dynamo/model/item_json.h"

namespace reprise::dynamo::test {

inline std::string quoted(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '"');
  return text;
}

inline Outcome<Bytes> try_item(const std::string& text) {
  codec::JsonDocument document;
  auto json = document.parse(quoted(text));
  ASSERT(json.ok());
  return parse_item(*json);
}

// {'a':{'S':'x'}}
inline Bytes item(const std::string& text) {
  auto parsed = try_item(text);
  ASSERT(parsed.ok());
  return *parsed;
}

inline Outcome<Bytes> try_value(const std::string& text) {
  codec::JsonDocument document;
  auto json = document.parse(quoted(text));
  ASSERT(json.ok());
  Bytes out;
  auto check = parse_value(*json, out);
  if (!check.ok()) return std::move(check).error();
  return out;
}

// {'S':'x'}
inline Bytes value(const std::string& text) {
  auto parsed = try_value(text);
  ASSERT(parsed.ok());
  return *parsed;
}

// An encoded item as JSON, double quotes as single ones.
inline std::string text_of(BytesView encoded) {
  Bytes out;
  append_item_json(out, ItemView(encoded));
  std::replace(out.begin(), out.end(), '"', '\'');
  return out;
}

}  // namespace reprise::dynamo::test
