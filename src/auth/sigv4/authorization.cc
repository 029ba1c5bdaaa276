#include "auth/sigv4/authorization.h"

#include <array>

#include "auth/sigv4/canonical.h"

namespace reprise::auth::sigv4 {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string_view take_piece(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const std::string_view piece = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return piece;
}

std::string_view value_of(const Header* header) {
  return header == nullptr ? std::string_view() : trimmed(header->value);
}

bool has_query_signature(std::string_view query) {
  if (query.find("X-Amz-") == query.npos) return false;
  while (!query.empty()) {
    std::string_view piece = take_piece(query, '&');
    const std::string_view name = take_piece(piece, '=');
    if (name == "X-Amz-Algorithm" || name == "X-Amz-Credential" || name == "X-Amz-Signature") return true;
  }
  return false;
}

}  // namespace

Mechanism mechanism_of(const RequestView& request) noexcept {
  const Header* const header = find_header(request.headers, "authorization");
  const bool in_query = has_query_signature(split_target(request.target).query);
  if (header == nullptr) return in_query ? Mechanism::query : Mechanism::none;
  if (in_query) return Mechanism::both;
  return trimmed(header->value).starts_with("AWS4-") ? Mechanism::header : Mechanism::other;
}

Presented presented_in_header(const RequestView& request) {
  Presented presented;
  presented.authorization = value_of(find_header(request.headers, "authorization"));
  std::string_view rest = presented.authorization;
  presented.algorithm = take_piece(rest, ' ');
  while (!rest.empty()) {
    std::string_view piece = trimmed(take_piece(rest, ','));
    const std::string_view name = trimmed(take_piece(piece, '='));
    if (name == "Credential") presented.credential = trimmed(piece);
    if (name == "SignedHeaders") presented.signed_headers = trimmed(piece);
    if (name == "Signature") presented.signature = trimmed(piece);
  }
  const Header* date = find_header(request.headers, "x-amz-date");
  if (date == nullptr) {
    date = find_header(request.headers, "date");
    presented.http_date = date != nullptr;
  }
  presented.date = value_of(date);
  presented.session_token = value_of(find_header(request.headers, "x-amz-security-token"));
  return presented;
}

Presented presented_in_query(const RequestView& request) {
  Presented presented;
  presented.presigned = true;
  presented.decoded = std::make_unique<Presented::Decoded>();
  auto& decoded = *presented.decoded;
  const std::array<std::pair<std::string_view, std::string*>, 7> wanted = {{
      {"X-Amz-Algorithm", &decoded.algorithm},
      {"X-Amz-Credential", &decoded.credential},
      {"X-Amz-SignedHeaders", &decoded.signed_headers},
      {"X-Amz-Signature", &decoded.signature},
      {"X-Amz-Date", &decoded.date},
      {"X-Amz-Expires", &decoded.expires},
      {"X-Amz-Security-Token", &decoded.session_token},
  }};
  for (std::string_view query = split_target(request.target).query; !query.empty();) {
    std::string_view piece = take_piece(query, '&');
    const std::string_view name = take_piece(piece, '=');
    for (const auto& [wanted_name, value] : wanted) {
      if (name == wanted_name && value->empty()) append_uri_decoded(*value, piece, Plus::space);
    }
  }
  presented.algorithm = decoded.algorithm;
  presented.credential = decoded.credential;
  presented.signed_headers = decoded.signed_headers;
  presented.signature = decoded.signature;
  presented.date = decoded.date;
  presented.expires = decoded.expires;
  presented.session_token = decoded.session_token;
  return presented;
}

std::optional<Credential> parse_credential(std::string_view text) noexcept {
  std::array<std::string_view, 5> parts;
  std::string_view rest = text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto slash = rest.find('/');
    const bool last = i + 1 == parts.size();
    if ((slash == rest.npos) != last) return std::nullopt;
    parts[i] = rest.substr(0, slash);
    if (!last) rest.remove_prefix(slash + 1);
  }
  return Credential{parts[0], {parts[1], parts[2], parts[3]}, parts[4], text.substr(parts[0].size() + 1)};
}

std::string claimed_service(const RequestView& request) {
  Presented presented;
  switch (mechanism_of(request)) {
    case Mechanism::header: presented = presented_in_header(request); break;
    case Mechanism::query: presented = presented_in_query(request); break;
    default: return {};
  }
  const auto credential = parse_credential(presented.credential);
  return credential ? std::string(credential->scope.service) : std::string();
}

}  // namespace reprise::auth::sigv4
