// Texts and patterns as the real service gives them.
#include "dynamo/archive/transfer_request.h"

#include <algorithm>
#include <charconv>

#include "codec/hex.h"

namespace reprise::dynamo {

namespace {

bool is_alphanumeric(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

// The text up to the next `separator`, which is removed with it.
std::string_view take_part(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const auto part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

constexpr std::string_view token_mark = "reprise-";
constexpr std::size_t token_bytes_min = 56;
constexpr std::size_t token_bytes_unit = 8;

}  // namespace

void ExtraConstraints::require(bool holds, std::string_view value, std::string_view path, std::string_view constraint) {
  if (holds) return;
  failures_.push_back(
      std::string("Value '").append(value).append("' at '").append(path).append("' failed to satisfy constraint: ") +
      std::string(constraint));
}

void ExtraConstraints::require_pattern(bool holds, std::string_view value, std::string_view path,
                                       std::string_view pattern) {
  require(holds, value, path, std::string("Member must satisfy regular expression pattern: ").append(pattern));
}

Check ExtraConstraints::check(const Shape& shape, const codec::JsonValue& body) const {
  Check first = check_constraints(shape, body);
  if (failures_.empty()) return first;
  std::size_t count = failures_.size();
  std::string text;
  if (!first.ok()) {
    // "2 validation errors detected: A; B"
    const std::string& message = first.error().message;
    std::size_t others = 0;
    std::from_chars(message.data(), message.data() + message.size(), others);
    count += others;
    text = message.substr(message.find(": ") + 2) + "; ";
  }
  for (std::size_t i = 0; i < failures_.size(); ++i) text.append(i == 0 ? "" : "; ").append(failures_[i]);
  return validation(std::to_string(count) +
                    (count == 1 ? " validation error detected: " : " validation errors detected: ") + text);
}

bool is_bucket_name(std::string_view text) {
  if (text.size() < 2 || !is_alphanumeric(text.front()) || !is_alphanumeric(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alphanumeric(c) || c == '.' || c == '-' || c == '_'; });
}

bool is_account_number(std::string_view text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void require_common(ExtraConstraints& constraints, std::optional<std::string_view> token,
                    std::optional<std::string_view> bucket, std::string_view bucket_path,
                    std::optional<std::string_view> owner, std::string_view owner_path) {
  if (token) {
    const bool holds = !token->empty() && token->find('$') == std::string_view::npos;
    constraints.require_pattern(holds, *token, "clientToken", client_token_pattern);
  }
  if (bucket) constraints.require_pattern(is_bucket_name(*bucket), *bucket, bucket_path, bucket_name_pattern);
  if (owner) constraints.require_pattern(is_account_number(*owner), *owner, owner_path, account_number_pattern);
}

std::optional<TransferArn> parse_transfer_arn(std::string_view text) {
  if (take_part(text, ':') != "arn" || take_part(text, ':').empty() || take_part(text, ':') != "dynamodb") {
    return std::nullopt;
  }
  TransferArn arn;
  arn.region = take_part(text, ':');
  arn.account = take_part(text, ':');
  if (arn.region.empty() || !is_account_number(arn.account) || take_part(text, '/') != "table") return std::nullopt;
  arn.table = take_part(text, '/');
  if (arn.table.empty()) return std::nullopt;
  arn.kind = take_part(text, '/');
  arn.id = text;
  if (arn.kind.empty() != arn.id.empty()) return std::nullopt;
  return arn;
}

Outcome<TransferArn> read_listed_table(std::string_view arn, std::string_view account) {
  auto parsed = parse_transfer_arn(arn);
  if (!parsed || !parsed->kind.empty()) return invalid_parameter("tableArn is not a valid ARN");
  if (parsed->account != account) return api_error(ErrorKind::access_denied, "Access is denied");
  return *std::move(parsed);
}

std::string page_token(std::string_view kind, std::string_view last) {
  Bytes plain(token_mark);
  plain.append(kind).append("/").append(last);
  while (plain.size() < token_bytes_min || plain.size() % token_bytes_unit != 0) plain.push_back('\0');
  return codec::to_hex(plain);
}

Outcome<std::string> read_page_token(std::string_view kind, std::string_view token) {
  auto plain = codec::from_hex(token);
  const std::string start = std::string(token_mark).append(kind).append("/");
  if (!plain.ok() || !plain->starts_with(start)) {
    return validation("Invalid Request: Provided nextToken is invalid: " + std::string(token));
  }
  std::string last = plain->substr(start.size());
  while (!last.empty() && last.back() == '\0') last.pop_back();
  return last;
}

}  // namespace reprise::dynamo
