// Members of JSON objects, a line each: those of the records that this program stores and of the answers it gives.
//
// The rule of stored records: a member with its default value is not written, and one that is not there reads as its
// default, so that a record of an older version still reads. Readers here are lenient: a member of another type is as
// good as none. Who has to tell damage from absence (dynamo/model/schema_json.cc) looks for itself.
//
// Threading: pure functions; a JsonWriter or JsonDocument belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "codec/json.h"

namespace reprise::codec {

// ---- Writing: the writer stands inside an object ----

// Nothing when `text` is empty, `value` is `unless`, or `micros` is 0.
void write_text(JsonWriter& w, std::string_view name, std::string_view text);
void write_integer(JsonWriter& w, std::string_view name, std::int64_t value, std::int64_t unless = 0);
void write_flag(JsonWriter& w, std::string_view name, bool value, bool unless = false);
// Microseconds since the epoch, printed as AWS prints times: seconds with three digits behind the point.
void write_moment(JsonWriter& w, std::string_view name, std::uint64_t micros);

// Always, as a number.
void write_count(JsonWriter& w, std::string_view name, std::uint64_t value);
// Always, as text: the numbers of JSON readers do not hold all 64 bits.
void write_unsigned(JsonWriter& w, std::string_view name, std::uint64_t value);

// ---- Reading: the default when `object` is no object, has no such member, or one of another type ----

[[nodiscard]] std::string text_of(const JsonValue& object, std::string_view name);
[[nodiscard]] std::int64_t integer_of(const JsonValue& object, std::string_view name);  // 0 too when it has a fraction
[[nodiscard]] bool flag_of(const JsonValue& object, std::string_view name, bool otherwise = false);
// What write_unsigned() wrote.
[[nodiscard]] std::uint64_t unsigned_of(const JsonValue& object, std::string_view name);

}  // namespace reprise::codec
