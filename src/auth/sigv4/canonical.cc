// Canonical requests. The common request (path "/", no query, signed headers listed as they should be, one space in a
// row) takes a straight path that only appends; everything unusual is handled by the slower code beside it, which gives
// the same text.
#include "auth/sigv4/canonical.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "codec/hex.h"
#include "codec/sha256.h"

namespace reprise::auth::sigv4 {
namespace {

constexpr std::array<bool, 256> make_unreserved() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
constexpr std::array<bool, 256> unreserved = make_unreserved();

bool is_unreserved(char c) { return unreserved[static_cast<unsigned char>(c)]; }
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
char lower(char c) { return is_upper(c) ? static_cast<char>(c | 0x20) : c; }

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Cuts the piece before the next `separator` (or all that is left) from `rest`.
std::string_view take_piece(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const std::string_view piece = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return piece;
}

// RFC 3986 section 5.2.4 over whole segments, and doubled slashes count as one.
Bytes normalized_path(std::string_view path) {
  std::vector<std::string_view> segments;
  const bool folder = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
  while (!path.empty()) {
    const std::string_view segment = take_piece(path, '/');
    if (segment.empty() || segment == ".") continue;
    if (segment != "..") {
      segments.push_back(segment);
    } else if (!segments.empty()) {
      segments.pop_back();
    }
  }
  Bytes out;
  for (const std::string_view segment : segments) out.append("/").append(segment);
  if (folder || out.empty()) out.push_back('/');
  return out;
}

bool same_name(std::string_view name, std::string_view lower_name) {
  if (name.size() != lower_name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (lower(name[i]) != lower_name[i]) return false;
  }
  return true;
}

void append_collapsed(Bytes& out, std::string_view value) {
  while (!value.empty() && is_blank(value.front())) value.remove_prefix(1);
  while (!value.empty() && is_blank(value.back())) value.remove_suffix(1);
  bool plain = true;
  for (std::size_t i = 0; plain && i < value.size(); ++i) {
    plain = !is_blank(value[i]) || (value[i] == ' ' && value[i + 1] != ' ');  // the last is no blank, so i + 1 exists
  }
  if (plain) {
    out.append(value);
    return;
  }
  bool in_blanks = false;
  for (const char c : value) {
    const bool blank = is_blank(c);
    if (!blank) out.push_back(c);
    if (blank && !in_blanks) out.push_back(' ');
    in_blanks = blank;
  }
}

bool is_canonical_list(std::string_view list) {
  if (std::ranges::any_of(list, is_upper)) return false;
  std::string_view before = take_piece(list, ';');
  while (!list.empty()) {
    const std::string_view name = take_piece(list, ';');
    if (name <= before) return false;
    before = name;
  }
  return true;
}

}  // namespace

const Header* find_header(std::span<const Header> headers, std::string_view name) noexcept {
  for (const Header& header : headers) {
    if (same_name(header.name, name)) return &header;
  }
  return nullptr;
}

TargetParts split_target(std::string_view target) noexcept {
  if (!target.empty() && target.front() != '/') {
    if (const auto scheme = target.find("://"); scheme != target.npos && scheme < target.find_first_of("/?")) {
      const auto path = target.find_first_of("/?", scheme + 3);
      target.remove_prefix(std::min(path, target.size()));
    }
  }
  const auto mark = target.find('?');
  if (mark == target.npos) return {target, {}};
  return {target.substr(0, mark), target.substr(mark + 1)};
}

void append_uri_encoded(Bytes& out, std::string_view text, Slash slash) {
  constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    if (is_unreserved(c) || (c == '/' && slash == Slash::keep)) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      const char code[3] = {'%', digits[byte >> 4], digits[byte & 0xf]};
      out.append(code, sizeof code);
    }
  }
}

void append_uri_decoded(Bytes& out, std::string_view text, Plus plus) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%' && i + 2 < text.size() && digit_value(text[i + 1]) >= 0 && digit_value(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(digit_value(text[i + 1]) << 4 | digit_value(text[i + 2])));
      i += 2;
    } else {
      out.push_back(c == '+' && plus == Plus::space ? ' ' : c);
    }
  }
}

void append_canonical_path(Bytes& out, std::string_view path, PathStyle style) {
  if (path.empty() || path == "/") {
    out.push_back('/');
  } else if (style == PathStyle::plain) {
    Bytes decoded;
    append_uri_decoded(decoded, path, Plus::space);  // as S3 reads a path
    append_uri_encoded(out, decoded, Slash::keep);
  } else {
    append_uri_encoded(out, normalized_path(path), Slash::keep);
  }
}

void append_canonical_query(Bytes& out, std::string_view query) {
  if (query.empty()) return;
  std::vector<std::pair<Bytes, Bytes>> parameters;
  Bytes decoded;
  auto recoded = [&decoded](std::string_view text) {
    decoded.clear();
    append_uri_decoded(decoded, text, Plus::space);
    Bytes encoded;
    append_uri_encoded(encoded, decoded, Slash::encode);
    return encoded;
  };
  while (!query.empty()) {
    std::string_view piece = take_piece(query, '&');
    if (piece.empty()) continue;
    Bytes name = recoded(take_piece(piece, '='));
    if (name == "X-Amz-Signature") continue;
    parameters.emplace_back(std::move(name), recoded(piece));
  }
  std::ranges::sort(parameters);
  for (bool first = true; const auto& [name, value] : parameters) {
    if (!std::exchange(first, false)) out.push_back('&');
    out.append(name).append("=").append(value);
  }
}

void append_canonical_headers(Bytes& out, std::span<const Header> headers, std::string_view signed_headers) {
  while (!signed_headers.empty()) {
    const std::string_view name = take_piece(signed_headers, ';');
    out.append(name).push_back(':');
    bool first = true;
    for (const Header& header : headers) {
      if (!same_name(header.name, name)) continue;
      if (!std::exchange(first, false)) out.push_back(',');
      append_collapsed(out, header.value);
    }
    out.push_back('\n');
  }
}

std::string_view canonical_header_list(std::string_view list, std::string& storage) {
  if (is_canonical_list(list)) return list;
  std::string lowered(list);
  std::ranges::transform(lowered, lowered.begin(), lower);
  std::vector<std::string_view> names;
  for (std::string_view rest = lowered; !rest.empty();) names.push_back(take_piece(rest, ';'));
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  storage.clear();
  for (const std::string_view name : names) {
    if (!storage.empty()) storage.push_back(';');
    storage.append(name);
  }
  return storage;
}

bool lists_header(std::string_view list, std::string_view name) noexcept {
  while (!list.empty()) {
    if (take_piece(list, ';') == name) return true;
  }
  return false;
}

void append_canonical_request(Bytes& out, const RequestView& request, PathStyle style,
                              std::string_view signed_headers) {
  const auto [path, query] = split_target(request.target);
  out.append(request.method).push_back('\n');
  append_canonical_path(out, path, style);
  out.push_back('\n');
  append_canonical_query(out, query);
  out.push_back('\n');
  append_canonical_headers(out, request.headers, signed_headers);
  out.push_back('\n');
  out.append(signed_headers).push_back('\n');
  if (request.payload_hash.empty()) {
    codec::append_hex(out, codec::bytes_of(codec::sha256(request.body)));
  } else {
    out.append(request.payload_hash);
  }
}

void append_string_to_sign(Bytes& out, std::string_view amz_date, std::string_view scope, BytesView canonical_request) {
  out.append(algorithm).push_back('\n');
  out.append(amz_date).push_back('\n');
  out.append(scope).push_back('\n');
  codec::append_hex(out, codec::bytes_of(codec::sha256(canonical_request)));
}

}  // namespace reprise::auth::sigv4
