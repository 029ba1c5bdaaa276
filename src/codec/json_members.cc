#include "codec/json_members.h"

#include <cstdlib>

namespace reprise::codec {

void write_text(JsonWriter& w, std::string_view name, std::string_view text) {
  if (!text.empty()) w.member(name, text);
}

void write_integer(JsonWriter& w, std::string_view name, std::int64_t value, std::int64_t unless) {
  if (value == unless) return;
  w.key(name);
  w.integer(value);
}

void write_flag(JsonWriter& w, std::string_view name, bool value, bool unless) {
  if (value == unless) return;
  w.key(name);
  w.boolean(value);
}

void write_moment(JsonWriter& w, std::string_view name, std::uint64_t micros) {
  if (micros == 0) return;
  w.key(name);
  w.epoch_seconds(micros);
}

void write_count(JsonWriter& w, std::string_view name, std::uint64_t value) {
  w.key(name);
  w.unsigned_integer(value);
}

void write_unsigned(JsonWriter& w, std::string_view name, std::uint64_t value) {
  w.member(name, std::to_string(value));
}

std::string text_of(const JsonValue& object, std::string_view name) {
  const auto member = object.find(name);
  return member && member->is(JsonType::string) ? std::string(member->string()) : std::string();
}

std::int64_t integer_of(const JsonValue& object, std::string_view name) {
  const auto member = object.find(name);
  return member && member->is(JsonType::number) ? member->integer().value_or(0) : 0;
}

bool flag_of(const JsonValue& object, std::string_view name, bool otherwise) {
  const auto member = object.find(name);
  return member && member->is(JsonType::boolean) ? member->boolean() : otherwise;
}

std::uint64_t unsigned_of(const JsonValue& object, std::string_view name) {
  return std::strtoull(text_of(object, name).c_str(), nullptr, 10);
}

}  // namespace reprise::codec
