// Table references. An ARN is arn:PARTITION:dynamodb:REGION:ACCOUNT:table/NAME and nothing behind it.
#include "dynamo/ops/request.h"

#include <algorithm>

namespace reprise::dynamo {
namespace {

bool is_table_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' ||
           c == '-';
  };
  return name.size() >= 3 && name.size() <= 255 && std::all_of(name.begin(), name.end(), allowed);
}

bool is_account(std::string_view text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// The text before the next colon, which is removed with it.
std::string_view take_part(std::string_view& rest) {
  const auto colon = rest.find(':');
  const auto part = rest.substr(0, colon);
  rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
  return part;
}

}  // namespace

Outcome<TableReference> parse_table_reference(std::string_view text, std::string_view account,
                                              std::string_view region) {
  if (!text.starts_with("arn:")) return TableReference{std::string(account), std::string(text)};
  std::string_view rest = text.substr(4);
  const auto partition = take_part(rest);
  const auto service = take_part(rest);
  const auto arn_region = take_part(rest);
  const auto arn_account = take_part(rest);
  constexpr std::string_view prefix = "table/";
  const auto wrong = [text](std::string_view what) {
    return validation(std::string("1 validation error detected: Invalid ").append(what) + " in '" + std::string(text) +
                      "'");
  };
  if (partition != "aws") return wrong("AWS partition");
  if (service == "dynamodb" && arn_region != region) return wrong("AWS region");
  if (service == "dynamodb" && !rest.starts_with(prefix)) return wrong("resource type");
  if (service != "dynamodb" || !is_account(arn_account) || !is_table_name(rest.substr(prefix.size()))) {
    return validation("Invalid TableArn: Invalid Table ARN");
  }
  return TableReference{std::string(arn_account), std::string(rest.substr(prefix.size()))};
}

}  // namespace reprise::dynamo
