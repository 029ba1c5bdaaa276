// The binary form of items and attribute values: what is stored, compared, filtered and printed. Written down in
// docs/formats/item.md.
//
// Invariants of every encoding:
//   - one value has one encoding: map members are sorted by name bytes and unique, set elements sorted and unique,
//     numbers canonical. Two values are equal exactly when their bytes are.
//   - the views below read in place: no copy, no heap. They stay valid while the bytes they look at do.
//   - encodings are made by ValueWriter, ItemBuilder and item_json.h only; the views trust them. Bytes from a disk are
//     checked once with is_valid_item().
//
// An absent attribute is an empty view: `if (auto value = item.find("a"))`.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "dynamo/model/number.h"

namespace reprise::dynamo {

enum class AttributeType : std::uint8_t {
  string = 1,
  number = 2,
  binary = 3,
  boolean = 4,
  null = 5,
  list = 6,
  map = 7,
  string_set = 8,
  number_set = 9,
  binary_set = 10,
};

// "S", "N", "B", "BOOL", "NULL", "L", "M", "SS", "NS", "BS".
std::string_view type_name(AttributeType type) noexcept;

class MapView;
class ListView;
class SetView;

// One attribute value, or none.
class ValueView {
 public:
  ValueView() noexcept = default;
  // `encoded` is exactly one value, or empty for none.
  explicit ValueView(BytesView encoded) noexcept : encoded_(encoded) {}

  explicit operator bool() const noexcept { return !encoded_.empty(); }
  // The whole value with its tag.
  [[nodiscard]] BytesView encoded() const noexcept { return encoded_; }

  // The rest needs a value, of the type named.
  [[nodiscard]] AttributeType type() const noexcept;
  [[nodiscard]] bool is(AttributeType type) const noexcept { return !encoded_.empty() && this->type() == type; }
  // The text of S, the octets of B, the encoded number of N.
  [[nodiscard]] BytesView bytes() const noexcept;
  [[nodiscard]] bool boolean() const noexcept;
  [[nodiscard]] Number number() const noexcept { return Number::from_encoded(bytes()); }
  [[nodiscard]] MapView map() const noexcept;
  [[nodiscard]] ListView list() const noexcept;
  [[nodiscard]] SetView set() const noexcept;  // of SS, NS or BS

  bool operator==(const ValueView& other) const noexcept { return encoded_ == other.encoded_; }

 private:
  BytesView encoded_;
};

// The members of a map, in name order:
//   for (auto member = map.members(); member; member.advance()) use(member.name(), member.value());
class MapView {
 public:
  class Iterator {
   public:
    explicit Iterator(BytesView rest) noexcept : rest_(rest) { load(); }
    explicit operator bool() const noexcept { return !value_.empty(); }
    void advance() noexcept { load(); }
    [[nodiscard]] std::string_view name() const noexcept { return name_; }
    [[nodiscard]] ValueView value() const noexcept { return ValueView(value_); }
    // Name and value as they stand in the encoding, to be copied as a whole.
    [[nodiscard]] BytesView encoded() const noexcept {
      return {entry_, static_cast<std::size_t>(value_.data() + value_.size() - entry_)};
    }

   private:
    void load() noexcept;
    BytesView rest_;
    const char* entry_ = nullptr;
    std::string_view name_;
    BytesView value_;
  };

  MapView() noexcept = default;
  explicit MapView(BytesView payload) noexcept : payload_(payload) {}
  [[nodiscard]] bool empty() const noexcept { return payload_.empty(); }
  [[nodiscard]] std::size_t count() const noexcept;  // walks
  [[nodiscard]] ValueView find(std::string_view name) const noexcept;
  [[nodiscard]] Iterator members() const noexcept { return Iterator(payload_); }
  [[nodiscard]] BytesView payload() const noexcept { return payload_; }

 private:
  BytesView payload_;
};

// The elements of a list, in order; the same loop with elements() and value().
class ListView {
 public:
  class Iterator {
   public:
    explicit Iterator(BytesView rest) noexcept : rest_(rest) { load(); }
    explicit operator bool() const noexcept { return !value_.empty(); }
    void advance() noexcept { load(); }
    [[nodiscard]] ValueView value() const noexcept { return ValueView(value_); }

   private:
    void load() noexcept;
    BytesView rest_;
    BytesView value_;
  };

  ListView() noexcept = default;
  explicit ListView(BytesView payload) noexcept : payload_(payload) {}
  [[nodiscard]] bool empty() const noexcept { return payload_.empty(); }
  [[nodiscard]] std::size_t count() const noexcept;              // walks
  [[nodiscard]] ValueView at(std::size_t index) const noexcept;  // walks; none beyond the end
  [[nodiscard]] Iterator elements() const noexcept { return Iterator(payload_); }
  [[nodiscard]] BytesView payload() const noexcept { return payload_; }

 private:
  BytesView payload_;
};

// The elements of a set, in byte order (numeric order for NS): text, octets or encoded numbers.
class SetView {
 public:
  class Iterator {
   public:
    explicit Iterator(BytesView rest) noexcept : rest_(rest) { load(); }
    explicit operator bool() const noexcept { return !done_; }
    void advance() noexcept { load(); }
    [[nodiscard]] BytesView bytes() const noexcept { return bytes_; }

   private:
    void load() noexcept;
    BytesView rest_;
    BytesView bytes_;
    bool done_ = false;
  };

  SetView() noexcept = default;
  explicit SetView(BytesView payload) noexcept : payload_(payload) {}
  [[nodiscard]] std::size_t count() const noexcept;  // walks
  [[nodiscard]] bool contains(BytesView element) const noexcept;
  [[nodiscard]] Iterator elements() const noexcept { return Iterator(payload_); }

 private:
  BytesView payload_;
};

// An item: a format version and the members of one map. The empty view is "no item" and reads as one without
// attributes.
class ItemView {
 public:
  static constexpr char format_version = 1;

  ItemView() noexcept = default;
  explicit ItemView(BytesView encoded) noexcept : encoded_(encoded) {}

  explicit operator bool() const noexcept { return !encoded_.empty(); }
  [[nodiscard]] BytesView encoded() const noexcept { return encoded_; }
  [[nodiscard]] MapView map() const noexcept { return MapView(encoded_.empty() ? encoded_ : encoded_.substr(1)); }
  [[nodiscard]] ValueView find(std::string_view name) const noexcept { return map().find(name); }
  [[nodiscard]] MapView::Iterator members() const noexcept { return map().members(); }

 private:
  BytesView encoded_;
};

// Whether bytes of unknown origin are one item that keeps every invariant above.
[[nodiscard]] bool is_valid_item(BytesView encoded) noexcept;

// Appends values to a string, containers included. The caller closes what it opens, gives map names in increasing
// order and set elements unique and in increasing byte order (asserted).
//   ValueWriter w(out); w.begin_map(); w.name("a"); w.string("x"); w.end_map();
class ValueWriter {
 public:
  explicit ValueWriter(Bytes& out) noexcept : out_(out) {}

  void string(std::string_view text) { scalar(AttributeType::string, text); }
  void binary(BytesView octets) { scalar(AttributeType::binary, octets); }
  void number(const Number& value) { scalar(AttributeType::number, value.encoded()); }
  void encoded_number(BytesView encoded) { scalar(AttributeType::number, encoded); }
  void boolean(bool value);
  void null();
  void copy(ValueView value) { out_.append(value.encoded()); }

  void begin_list() { open(AttributeType::list); }
  void end_list() { close(); }
  void begin_map() { open(AttributeType::map); }
  void name(std::string_view name);
  void end_map() { close(); }
  void begin_set(AttributeType type) { open(type); }
  void set_element(BytesView element);
  void end_set() { close(); }

 private:
  void scalar(AttributeType type, BytesView payload);
  void open(AttributeType type);
  void close();

  Bytes& out_;
  std::vector<std::size_t> open_;  // where the length of each open container stands
};

// Makes items attribute by attribute, in any order; a name set again replaces the value. Owns what it is given.
class ItemBuilder {
 public:
  ItemBuilder() = default;
  explicit ItemBuilder(ItemView base);

  ItemBuilder& set(std::string_view name, ValueView value);
  ItemBuilder& set_string(std::string_view name, std::string_view text);
  ItemBuilder& set_binary(std::string_view name, BytesView octets);
  ItemBuilder& set_number(std::string_view name, const Number& value);
  ItemBuilder& set_boolean(std::string_view name, bool value);
  ItemBuilder& set_null(std::string_view name);
  ItemBuilder& erase(std::string_view name);
  [[nodiscard]] ValueView find(std::string_view name) const;
  [[nodiscard]] bool empty() const { return members_.empty(); }
  [[nodiscard]] Bytes build() const;

 private:
  Bytes& slot(std::string_view name);
  std::vector<std::pair<std::string, Bytes>> members_;  // sorted by name
};

}  // namespace reprise::dynamo
