// Reading an answer's JSON, and printing it for programs.
//
// Threading: an Answer belongs to one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "codec/json.h"

namespace reprise::cli {

class Answer {
 public:
  // `text` is JSON: Client::call has looked.
  explicit Answer(Bytes text);
  [[nodiscard]] const codec::JsonValue& root() const { return root_; }
  // The answer as it came, with a line break.
  void print() const;

 private:
  Bytes text_;
  codec::JsonDocument document_;
  codec::JsonValue root_;
};

// Members of an object; empty, zero or null when they are absent or of another type.
[[nodiscard]] std::string text_of(const codec::JsonValue& object, std::string_view name);
[[nodiscard]] std::uint64_t count_of(const codec::JsonValue& object, std::string_view name);
[[nodiscard]] codec::JsonValue member_of(const codec::JsonValue& object, std::string_view name);
// A time of epoch seconds as terminal.h prints it; "-" when there is none.
[[nodiscard]] std::string time_of(const codec::JsonValue& object, std::string_view name);

}  // namespace reprise::cli
