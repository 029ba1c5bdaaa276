// JSON over simdjson's DOM tape.
//
// A JsonValue is simdjson's internal::tape_ref: the address of the dom::document that owns the tape and an index on
// that tape. Both classes are rebuilt from each other here and nowhere else. Invariants:
//   - the dom::document lives on the heap, so cursors stay valid when their JsonDocument is moved;
//   - the parser sees a copy of the text with simdjson's padding behind it, never the caller's own bytes;
//   - capacities grow by powers of two and are given back after an unusually large text.
#include "codec/json.h"

#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>

namespace reprise::codec {
namespace {

using simdjson::internal::tape_ref;
using simdjson::internal::tape_type;

constexpr std::size_t max_depth = 1024;
constexpr std::size_t min_capacity = 4096;
// A tape costs about 14 bytes for each byte of capacity; more than this much is not kept between requests.
constexpr std::size_t max_kept_capacity = std::size_t{1} << 18;

tape_ref at(const void* tape, std::size_t index) { return {static_cast<const simdjson::dom::document*>(tape), index}; }

// What is between the brackets of the array or object that begins at `scope`.
std::size_t scope_begin(const tape_ref& scope) { return scope.json_index + 1; }
std::size_t scope_end(const tape_ref& scope) { return scope.matching_brace_index() - 1; }

}  // namespace

JsonType JsonValue::type() const {
  switch (at(tape_, index_).tape_ref_type()) {
    case tape_type::START_ARRAY: return JsonType::array;
    case tape_type::START_OBJECT: return JsonType::object;
    case tape_type::STRING: return JsonType::string;
    case tape_type::INT64:
    case tape_type::UINT64:
    case tape_type::DOUBLE: return JsonType::number;
    case tape_type::TRUE_VALUE:
    case tape_type::FALSE_VALUE: return JsonType::boolean;
    default: return JsonType::null;
  }
}

bool JsonValue::boolean() const {
  ASSERT(is(JsonType::boolean));
  return at(tape_, index_).is_true();
}

std::string_view JsonValue::string() const {
  const tape_ref ref = at(tape_, index_);
  ASSERT(ref.tape_ref_type() == tape_type::STRING);
  return ref.get_string_view();
}

double JsonValue::number() const {
  const tape_ref ref = at(tape_, index_);
  if (ref.is_int64()) return static_cast<double>(ref.next_tape_value<std::int64_t>());
  if (ref.is_uint64()) return static_cast<double>(ref.next_tape_value<std::uint64_t>());
  ASSERT(ref.is_double());
  return ref.next_tape_value<double>();
}

std::optional<std::int64_t> JsonValue::integer() const {
  const tape_ref ref = at(tape_, index_);
  if (ref.is_int64()) return ref.next_tape_value<std::int64_t>();
  if (ref.is_uint64()) return std::nullopt;  // simdjson says uint64 only for what is above the greatest int64
  ASSERT(ref.is_double());
  const double value = ref.next_tape_value<double>();
  constexpr double limit = 9223372036854775808.0;  // 2^63
  if (value < -limit || value >= limit || std::trunc(value) != value) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

std::size_t JsonValue::size() const {
  const tape_ref ref = at(tape_, index_);
  const tape_type type = ref.tape_ref_type();
  ASSERT(type == tape_type::START_ARRAY || type == tape_type::START_OBJECT);
  const std::size_t count = ref.scope_count();
  if (count < simdjson::internal::JSON_COUNT_MASK) return count;
  // The tape's counter has 24 bits and sticks at its greatest value: count by walking.
  std::size_t walked = 0;
  const bool members = type == tape_type::START_OBJECT;
  for (std::size_t i = scope_begin(ref); i < scope_end(ref); ++walked)
    i = at(tape_, members ? i + 1 : i).after_element();
  return walked;
}

std::optional<JsonValue> JsonValue::find(std::string_view name) const {
  if (!is(JsonType::object)) return std::nullopt;
  for (auto member = first_member(); member; member.advance()) {
    if (member.key() == name) return member.value();
  }
  return std::nullopt;
}

JsonValue::Iterator JsonValue::first_element() const {
  const tape_ref ref = at(tape_, index_);
  ASSERT(ref.tape_ref_type() == tape_type::START_ARRAY);
  Iterator it;
  it.tape_ = tape_;
  it.position_ = scope_begin(ref);
  it.end_ = scope_end(ref);
  return it;
}

JsonValue::Iterator JsonValue::first_member() const {
  const tape_ref ref = at(tape_, index_);
  ASSERT(ref.tape_ref_type() == tape_type::START_OBJECT);
  Iterator it;
  it.tape_ = tape_;
  it.position_ = scope_begin(ref);
  it.end_ = scope_end(ref);
  it.members_ = true;
  return it;
}

void JsonValue::Iterator::advance() {
  ASSERT(position_ < end_);
  position_ = at(tape_, members_ ? position_ + 1 : position_).after_element();
}

std::string_view JsonValue::Iterator::key() const {
  ASSERT(members_ && position_ < end_);
  return at(tape_, position_).get_string_view();
}

JsonValue JsonValue::Iterator::value() const {
  ASSERT(position_ < end_);
  return {tape_, members_ ? position_ + 1 : position_};
}

struct JsonDocument::Impl {
  simdjson::dom::parser parser;
  simdjson::dom::document tape;
  std::unique_ptr<char[]> padded;  // capacity + SIMDJSON_PADDING bytes
  std::size_t capacity = 0;

  simdjson::error_code reserve(std::size_t size) {
    const bool too_small = capacity == 0 || size > capacity;
    const bool wasteful = capacity > max_kept_capacity && size <= max_kept_capacity;
    if (!too_small && !wasteful) return simdjson::SUCCESS;
    capacity = 0;
    const std::size_t wanted = std::bit_ceil(std::max(size, min_capacity));
    padded.reset(new (std::nothrow) char[wanted + simdjson::SIMDJSON_PADDING]());
    if (!padded) return simdjson::MEMALLOC;
    if (auto error = parser.allocate(wanted, max_depth); error != simdjson::SUCCESS) return error;
    if (auto error = tape.allocate(wanted); error != simdjson::SUCCESS) return error;
    capacity = wanted;
    return simdjson::SUCCESS;
  }
};

JsonDocument::JsonDocument() : impl_(std::make_unique<Impl>()) {}
JsonDocument::~JsonDocument() = default;
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;

Result<JsonValue> JsonDocument::parse(BytesView text) {
  if (auto error = impl_->reserve(text.size()); error != simdjson::SUCCESS) {
    if (error == simdjson::CAPACITY) return invalid("the JSON text is too large");
    return Status(Code::exhausted, "out of memory for a JSON text");
  }
  if (!text.empty()) std::memcpy(impl_->padded.get(), text.data(), text.size());
  std::memset(impl_->padded.get() + text.size(), ' ', simdjson::SIMDJSON_PADDING);
  const auto root = impl_->parser.parse_into_document(impl_->tape, impl_->padded.get(), text.size(), false);
  if (const auto error = root.error(); error != simdjson::SUCCESS) {
    return invalid(std::string("not valid JSON: ") + simdjson::error_message(error));
  }
  return JsonValue(&impl_->tape, 1);  // tape[0] is the document's own frame
}

}  // namespace reprise::codec
