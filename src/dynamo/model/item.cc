// Reading and writing the item encoding (docs/formats/item.md).
//
//   item      = version byte | members
//   value     = tag | body
//   body      = varint length | octets             S, B, N
//             | be32 length | members              M
//             | be32 length | values               L
//             | be32 length | (varint length | octets)...   SS, NS, BS
//             | nothing                            NULL, true, false
//   members   = (varint length | name | value)..., names in increasing byte order
//
// Containers have a length of fixed width so that a writer can fill it in when it closes them.
#include "dynamo/model/item.h"

#include <algorithm>
#include <optional>

#include "dynamo/model/limits.h"

namespace reprise::dynamo {

namespace {

// Booleans carry their value in the tag.
constexpr char tag_false = 11;
constexpr std::size_t container_header_size = 5;

void append_varint(Bytes& out, std::size_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

// Takes a varint off trusted bytes.
inline std::size_t take_varint(BytesView& in) noexcept {
  const auto first = static_cast<unsigned char>(in[0]);
  if (first < 0x80) {
    in.remove_prefix(1);
    return first;
  }
  std::size_t value = 0;
  std::size_t i = 0;
  for (int shift = 0;; shift += 7) {
    const auto byte = static_cast<unsigned char>(in[i++]);
    value |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  in.remove_prefix(i);
  return value;
}

bool is_container(char tag) {
  return tag >= static_cast<char>(AttributeType::list) && tag <= static_cast<char>(AttributeType::binary_set);
}
bool is_scalar(char tag) {
  return tag >= static_cast<char>(AttributeType::string) && tag <= static_cast<char>(AttributeType::binary);
}

// The size of the trusted value that `in` begins with.
inline std::size_t encoded_value_size(BytesView in) noexcept {
  const char tag = in[0];
  if (is_scalar(tag)) {
    BytesView rest = in.substr(1);
    const std::size_t length = take_varint(rest);
    return static_cast<std::size_t>(rest.data() - in.data()) + length;
  }
  if (is_container(tag)) return container_header_size + read_be32(in.substr(1));
  return 1;
}

// ---- Checking bytes that are not trusted ----

// Takes a varint in its shortest form; nothing when there is none.
std::optional<std::size_t> checked_varint(BytesView& in) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < in.size() && i < 5; ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    value |= static_cast<std::size_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      if (i > 0 && byte == 0) return std::nullopt;
      in.remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

std::optional<BytesView> checked_octets(BytesView& in) {
  const auto length = checked_varint(in);
  if (!length || *length > in.size()) return std::nullopt;
  const BytesView octets = in.substr(0, *length);
  in.remove_prefix(*length);
  return octets;
}

bool check_value(BytesView& in, int depth);

bool check_members(BytesView in, int depth) {
  std::optional<BytesView> previous;
  while (!in.empty()) {
    const auto name = checked_octets(in);
    if (!name || name->empty() || (previous && *previous >= *name)) return false;
    if (!check_value(in, depth)) return false;
    previous = name;
  }
  return true;
}

bool check_set(BytesView in, bool numbers) {
  std::optional<BytesView> previous;
  while (!in.empty()) {
    const auto element = checked_octets(in);
    if (!element || (previous && *previous >= *element)) return false;
    if (numbers && (element->empty() || encoded_number_size(*element) != element->size())) return false;
    previous = element;
  }
  return previous.has_value();
}

bool check_container(char tag, BytesView payload, int depth) {
  switch (static_cast<AttributeType>(tag)) {
    case AttributeType::map: return check_members(payload, depth + 1);
    case AttributeType::list:
      while (!payload.empty()) {
        if (!check_value(payload, depth + 1)) return false;
      }
      return true;
    case AttributeType::number_set: return check_set(payload, true);
    default: return check_set(payload, false);
  }
}

bool check_value(BytesView& in, int depth) {
  if (in.empty() || depth > limits::nesting_max) return false;
  const char tag = in[0];
  in.remove_prefix(1);
  if (is_scalar(tag)) {
    const auto octets = checked_octets(in);
    if (!octets) return false;
    return tag != static_cast<char>(AttributeType::number) ||
           (!octets->empty() && encoded_number_size(*octets) == octets->size());
  }
  if (is_container(tag)) {
    if (in.size() < 4) return false;
    const std::size_t length = read_be32(in);
    in.remove_prefix(4);
    if (length > in.size()) return false;
    const BytesView payload = in.substr(0, length);
    in.remove_prefix(length);
    return check_container(tag, payload, depth);
  }
  return tag == static_cast<char>(AttributeType::boolean) || tag == static_cast<char>(AttributeType::null) ||
         tag == tag_false;
}

}  // namespace

std::string_view type_name(AttributeType type) noexcept {
  switch (type) {
    case AttributeType::string: return "S";
    case AttributeType::number: return "N";
    case AttributeType::binary: return "B";
    case AttributeType::boolean: return "BOOL";
    case AttributeType::null: return "NULL";
    case AttributeType::list: return "L";
    case AttributeType::map: return "M";
    case AttributeType::string_set: return "SS";
    case AttributeType::number_set: return "NS";
    case AttributeType::binary_set: return "BS";
  }
  return "";
}

AttributeType ValueView::type() const noexcept {
  return encoded_[0] == tag_false ? AttributeType::boolean : static_cast<AttributeType>(encoded_[0]);
}

BytesView ValueView::bytes() const noexcept {
  BytesView rest = encoded_.substr(1);
  take_varint(rest);
  return rest;
}

bool ValueView::boolean() const noexcept { return encoded_[0] != tag_false; }
MapView ValueView::map() const noexcept { return MapView(encoded_.substr(container_header_size)); }
ListView ValueView::list() const noexcept { return ListView(encoded_.substr(container_header_size)); }
SetView ValueView::set() const noexcept { return SetView(encoded_.substr(container_header_size)); }

void MapView::Iterator::load() noexcept {
  if (rest_.empty()) {
    value_ = {};
    return;
  }
  entry_ = rest_.data();
  const std::size_t length = take_varint(rest_);
  name_ = rest_.substr(0, length);
  rest_.remove_prefix(length);
  value_ = rest_.substr(0, encoded_value_size(rest_));
  rest_.remove_prefix(value_.size());
}

std::size_t MapView::count() const noexcept {
  std::size_t count = 0;
  for (auto member = members(); member; member.advance()) ++count;
  return count;
}

ValueView MapView::find(std::string_view name) const noexcept {
  for (auto member = members(); member; member.advance()) {
    const int order = member.name().compare(name);
    if (order == 0) return member.value();
    if (order > 0) break;
  }
  return {};
}

void ListView::Iterator::load() noexcept {
  value_ = rest_.empty() ? BytesView() : rest_.substr(0, encoded_value_size(rest_));
  rest_.remove_prefix(value_.size());
}

std::size_t ListView::count() const noexcept {
  std::size_t count = 0;
  for (auto element = elements(); element; element.advance()) ++count;
  return count;
}

ValueView ListView::at(std::size_t index) const noexcept {
  for (auto element = elements(); element; element.advance()) {
    if (index-- == 0) return element.value();
  }
  return {};
}

void SetView::Iterator::load() noexcept {
  if (rest_.empty()) {
    done_ = true;
    return;
  }
  const std::size_t length = take_varint(rest_);
  bytes_ = rest_.substr(0, length);
  rest_.remove_prefix(length);
}

std::size_t SetView::count() const noexcept {
  std::size_t count = 0;
  for (auto element = elements(); element; element.advance()) ++count;
  return count;
}

bool SetView::contains(BytesView element) const noexcept {
  for (auto it = elements(); it; it.advance()) {
    const int order = it.bytes().compare(element);
    if (order == 0) return true;
    if (order > 0) break;
  }
  return false;
}

bool is_valid_item(BytesView encoded) noexcept {
  if (encoded.empty() || encoded[0] != ItemView::format_version) return false;
  return check_members(encoded.substr(1), 1);
}

// ---- Writing -------------------------------------------------------------------------------------------------------

void ValueWriter::boolean(bool value) { out_.push_back(value ? static_cast<char>(AttributeType::boolean) : tag_false); }

void ValueWriter::null() { out_.push_back(static_cast<char>(AttributeType::null)); }

void ValueWriter::scalar(AttributeType type, BytesView payload) {
  out_.push_back(static_cast<char>(type));
  append_varint(out_, payload.size());
  out_.append(payload);
}

void ValueWriter::name(std::string_view name) {
  append_varint(out_, name.size());
  out_.append(name);
}

void ValueWriter::set_element(BytesView element) {
  append_varint(out_, element.size());
  out_.append(element);
}

void ValueWriter::open(AttributeType type) {
  out_.push_back(static_cast<char>(type));
  open_.push_back(out_.size());
  out_.append(4, '\0');
}

void ValueWriter::close() {
  ASSERT(!open_.empty());
  const std::size_t at = open_.back();
  open_.pop_back();
  const std::size_t length = out_.size() - at - 4;
  ASSERT(length <= 0xffffffff);
  for (std::size_t i = 0; i < 4; ++i) out_[at + i] = static_cast<char>((length >> (24 - 8 * i)) & 0xff);
}

// ---- ItemBuilder ---------------------------------------------------------------------------------------------------

ItemBuilder::ItemBuilder(ItemView base) {
  for (auto member = base.members(); member; member.advance()) {
    members_.emplace_back(std::string(member.name()), Bytes(member.value().encoded()));
  }
}

Bytes& ItemBuilder::slot(std::string_view name) {
  auto it = std::lower_bound(members_.begin(), members_.end(), name,
                             [](const auto& member, std::string_view wanted) { return member.first < wanted; });
  if (it == members_.end() || it->first != name) it = members_.emplace(it, std::string(name), Bytes());
  it->second.clear();
  return it->second;
}

ItemBuilder& ItemBuilder::set(std::string_view name, ValueView value) {
  Bytes copy(value.encoded());  // the view may look into this builder
  slot(name) = std::move(copy);
  return *this;
}
ItemBuilder& ItemBuilder::set_string(std::string_view name, std::string_view text) {
  ValueWriter(slot(name)).string(text);
  return *this;
}
ItemBuilder& ItemBuilder::set_binary(std::string_view name, BytesView octets) {
  ValueWriter(slot(name)).binary(octets);
  return *this;
}
ItemBuilder& ItemBuilder::set_number(std::string_view name, const Number& value) {
  ValueWriter(slot(name)).number(value);
  return *this;
}
ItemBuilder& ItemBuilder::set_boolean(std::string_view name, bool value) {
  ValueWriter(slot(name)).boolean(value);
  return *this;
}
ItemBuilder& ItemBuilder::set_null(std::string_view name) {
  ValueWriter(slot(name)).null();
  return *this;
}

ItemBuilder& ItemBuilder::erase(std::string_view name) {
  std::erase_if(members_, [name](const auto& member) { return member.first == name; });
  return *this;
}

ValueView ItemBuilder::find(std::string_view name) const {
  for (const auto& [member, value] : members_) {
    if (member == name) return ValueView(value);
  }
  return {};
}

Bytes ItemBuilder::build() const {
  Bytes out(1, ItemView::format_version);
  ValueWriter writer(out);
  for (const auto& [name, value] : members_) {
    writer.name(name);
    writer.copy(ValueView(value));
  }
  return out;
}

}  // namespace reprise::dynamo
