// JSON: reading whole request bodies, and writing responses straight into a string.
//
// Reading keeps simdjson behind this header: a JsonDocument owns the parsed tape, a JsonValue is a 16-byte cursor
// into it, valid while the document lives and is not parsed into again. Objects keep the order and the duplicates
// of the text; find() returns the first match (a linear walk: requests are small).
//
// Threading: a JsonDocument belongs to one thread at a time and is worth reusing (it keeps its buffers).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::codec {

enum class JsonType : unsigned char { null, boolean, number, string, array, object };

class JsonValue {
 public:
  JsonValue() = default;

  [[nodiscard]] JsonType type() const;
  [[nodiscard]] bool is(JsonType type) const { return this->type() == type; }

  // Each of these needs the value to be of its type.
  [[nodiscard]] bool boolean() const;
  [[nodiscard]] std::string_view string() const;
  [[nodiscard]] double number() const;
  // The number as a signed integer; nothing when it has a fraction or does not fit.
  [[nodiscard]] std::optional<std::int64_t> integer() const;
  [[nodiscard]] std::size_t size() const;  // of an array or object

  // The member called `name` of an object; nothing when absent or when this is no object.
  [[nodiscard]] std::optional<JsonValue> find(std::string_view name) const;

  // Forward iteration: `for (auto element = v.first_element(); element; element.advance())` over an array's values,
  // the same with first_member() over an object's, where key() is the member's name.
  class Iterator;
  [[nodiscard]] Iterator first_element() const;
  [[nodiscard]] Iterator first_member() const;

 private:
  friend class JsonDocument;
  friend class Iterator;
  JsonValue(const void* tape, std::size_t index) : tape_(tape), index_(index) {}
  const void* tape_ = nullptr;
  std::size_t index_ = 0;
};

class JsonValue::Iterator {
 public:
  explicit operator bool() const { return position_ != end_; }
  void advance();
  [[nodiscard]] std::string_view key() const;  // of a member
  [[nodiscard]] JsonValue value() const;

 private:
  friend class JsonValue;
  const void* tape_ = nullptr;
  std::size_t position_ = 0;
  std::size_t end_ = 0;
  bool members_ = false;
};

class JsonDocument {
 public:
  JsonDocument();
  ~JsonDocument();
  JsonDocument(JsonDocument&&) noexcept;
  JsonDocument& operator=(JsonDocument&&) noexcept;

  // Parses one JSON text (UTF-8, at most 1024 levels deep). Fails with Code::invalid, naming what is wrong.
  Result<JsonValue> parse(BytesView text);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Appends JSON to a string; commas come by themselves. The caller keeps the nesting right (asserted).
//   JsonWriter w(out); w.begin_object(); w.key("TableName"); w.string(name); w.end_object();
class JsonWriter {
 public:
  explicit JsonWriter(Bytes& out) : out_(out) {}

  void begin_object() {
    separate();
    out_.push_back('{');
    fresh_ = true;
  }
  void end_object() {
    out_.push_back('}');
    fresh_ = false;
  }
  void begin_array() {
    separate();
    out_.push_back('[');
    fresh_ = true;
  }
  void end_array() {
    out_.push_back(']');
    fresh_ = false;
  }
  void key(std::string_view name) {
    string(name);
    out_.push_back(':');
    fresh_ = true;
  }
  void string(std::string_view text) {
    separate();
    append_quoted(out_, text);
  }
  void boolean(bool value) {
    separate();
    out_.append(value ? "true" : "false");
  }
  void null() {
    separate();
    out_.append("null");
  }
  void integer(std::int64_t value);
  void unsigned_integer(std::uint64_t value);
  // Shortest form that reads back the same; whole numbers print with ".0" as AWS prints capacity units.
  void number(double value);
  // Epoch seconds with exactly `fraction_digits` (0, 3 or 6) digits, as AWS prints timestamps.
  void epoch_seconds(std::uint64_t micros, int fraction_digits = 3);
  // `text` is JSON already.
  void raw(std::string_view text) {
    separate();
    out_.append(text);
  }

  void member(std::string_view name, std::string_view text) {
    key(name);
    string(text);
  }

  // "text" with the escapes JSON asks for; text is UTF-8.
  static void append_quoted(Bytes& out, std::string_view text);

 private:
  void separate() {
    if (!fresh_) out_.push_back(',');
    fresh_ = false;
  }
  Bytes& out_;
  bool fresh_ = true;
};

}  // namespace reprise::codec
