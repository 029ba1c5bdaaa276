// Members of answers, taken as they come: a newer server may say more, an older one less.
#include "cli/answer.h"

#include <algorithm>
#include <cstdio>

#include "base/assert.h"
#include "cli/terminal.h"

namespace reprise::cli {

using codec::JsonType;
using codec::JsonValue;

Answer::Answer(Bytes text) : text_(std::move(text)) {
  auto parsed = document_.parse(text_);
  ASSERT(parsed.ok());
  root_ = *parsed;
}

void Answer::print() const {
  std::fwrite(text_.data(), 1, text_.size(), stdout);
  std::fputc('\n', stdout);
}

std::string text_of(const JsonValue& object, std::string_view name) {
  const auto value = object.find(name);
  return value && value->is(JsonType::string) ? std::string(value->string()) : std::string();
}

std::uint64_t count_of(const JsonValue& object, std::string_view name) {
  const auto value = object.find(name);
  if (!value || !value->is(JsonType::number)) return 0;
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, value->integer().value_or(0)));
}

JsonValue member_of(const JsonValue& object, std::string_view name) { return object.find(name).value_or(JsonValue()); }

std::string time_of(const JsonValue& object, std::string_view name) {
  const auto value = object.find(name);
  return value && value->is(JsonType::number) ? time_text(value->number()) : std::string("-");
}

}  // namespace reprise::cli
