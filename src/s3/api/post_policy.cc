// Keeps: every field of a form but those that carry the signature itself is covered by a condition, so that a form says
// nothing that its signer did not foresee.
#include "s3/api/post_policy.h"

#include <algorithm>
#include <array>
#include <optional>

#include "base/clock.h"
#include "codec/json.h"

namespace reprise::s3 {
namespace {

using codec::JsonType;
using codec::JsonValue;

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lowered;
}

S3Error invalid_policy(std::string_view what) {
  return s3_error(ErrorCode::invalid_post_policy, "Invalid Policy: " + std::string(what));
}
S3Error against_policy(std::string_view what) {
  return s3_error(ErrorCode::access_denied, "Invalid according to Policy: " + std::string(what));
}

// ["eq", "$key", "value"], as S3 quotes a condition.
std::string quoted(std::string_view kind, std::string_view field, std::string_view value) {
  Bytes text = "[";
  codec::JsonWriter::append_quoted(text, kind);
  text += ", ";
  codec::JsonWriter::append_quoted(text, "$" + std::string(field));
  text += ", ";
  codec::JsonWriter::append_quoted(text, value);
  return text + "]";
}

void add_condition(PostPolicy& policy, PolicyCondition::Kind kind, std::string_view field, std::string_view value) {
  const std::string_view word = kind == PolicyCondition::Kind::equal ? "eq" : "starts-with";
  policy.conditions.push_back({kind, lower_case(field), std::string(value), quoted(word, field, value)});
}

// Policies may escape two characters as JSON does not: "\$", a dollar, and "\v", a vertical tab (S3 API reference,
// "Creating a POST policy", "Character escaping").
Bytes as_plain_json(BytesView policy) {
  Bytes json;
  json.reserve(policy.size());
  for (std::size_t i = 0; i < policy.size(); ++i) {
    if (policy[i] != '\\' || i + 1 == policy.size()) {
      json.push_back(policy[i]);
      continue;
    }
    const char escaped = policy[++i];
    if (escaped == 'v') {
      json += "\\u000b";
    } else {
      if (escaped != '$') json.push_back('\\');
      json.push_back(escaped);
    }
  }
  return json;
}

// {"acl": "private", ...}
Check add_members(PostPolicy& policy, const JsonValue& condition) {
  if (condition.size() != 1)
    return invalid_policy("Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.");
  for (auto member = condition.first_member(); member; member.advance()) {
    if (!member.value().is(JsonType::string)) {
      return invalid_policy("Invalid Simple-Condition: value must be a string.");
    }
    add_condition(policy, PolicyCondition::Kind::equal, member.key(), member.value().string());
  }
  return Passed{};
}

// A bound of content-length-range: a number, or a string of one.
std::optional<std::uint64_t> bound_of(const JsonValue& value) {
  if (value.is(JsonType::number)) {
    const auto number = value.integer();
    if (!number || *number < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*number);
  }
  if (!value.is(JsonType::string) || value.string().empty() || value.string().size() > 18) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : value.string()) {
    if (c < '0' || c > '9') return std::nullopt;
    number = 10 * number + static_cast<std::uint64_t>(c - '0');
  }
  return number;
}

// A condition that makes no sense, as S3 quotes it.
std::string quoted_list(const std::vector<JsonValue>& parts) {
  Bytes text = "[";
  for (const JsonValue& part : parts) {
    if (text.size() > 1) text += ", ";
    if (part.is(JsonType::string)) {
      codec::JsonWriter::append_quoted(text, part.string());
    } else if (part.is(JsonType::number) && part.integer()) {
      text += std::to_string(*part.integer());
    } else {
      text += part.is(JsonType::array) ? "[]" : part.is(JsonType::object) ? "{}" : "null";
    }
  }
  return text + "]";
}

// ["starts-with", "$key", "user/"] and ["content-length-range", 1, 10]
void add_list(PostPolicy& policy, const JsonValue& condition) {
  std::vector<JsonValue> parts;
  for (auto element = condition.first_element(); element; element.advance()) parts.push_back(element.value());
  const bool three = parts.size() == 3 && parts[0].is(JsonType::string);
  const std::string word = three ? lower_case(parts[0].string()) : "";
  if (word == "content-length-range") {
    const auto least = bound_of(parts[1]);
    const auto most = bound_of(parts[2]);
    if (least && most) {
      policy.bytes_min = std::max(policy.bytes_min, *least);
      policy.bytes_max = std::min(policy.bytes_max, *most);
      return;
    }
  }
  const bool texts = three && parts[1].is(JsonType::string) && parts[2].is(JsonType::string);
  if (texts && parts[1].string().starts_with('$') && (word == "eq" || word == "starts-with")) {
    add_condition(policy, word == "eq" ? PolicyCondition::Kind::equal : PolicyCondition::Kind::starts_with,
                  parts[1].string().substr(1), parts[2].string());
    return;
  }
  policy.conditions.push_back({PolicyCondition::Kind::never, "", "", quoted_list(parts)});
}

// What carries the signature, and what S3 was told to ignore.
bool needs_no_condition(std::string_view name) {
  constexpr std::array<std::string_view, 5> exempt = {"policy", "x-amz-signature", "awsaccesskeyid", "signature",
                                                      "file"};
  return std::ranges::find(exempt, name) != exempt.end() || name.starts_with("x-ignore-");
}

bool holds(const PolicyCondition& condition, std::string_view value) {
  if (condition.kind == PolicyCondition::Kind::equal) return value == condition.value;
  if (condition.field != "content-type") return value.starts_with(condition.value);
  // A list of types: each must begin so.
  while (true) {
    const auto comma = value.find(',');
    std::string_view type = value.substr(0, comma);
    while (type.starts_with(' ')) type.remove_prefix(1);
    if (!type.starts_with(condition.value)) return false;
    if (comma == value.npos) return true;
    value.remove_prefix(comma + 1);
  }
}

}  // namespace

Outcome<PostPolicy> parse_post_policy(BytesView json) {
  codec::JsonDocument document;
  const Bytes plain = as_plain_json(json);
  const auto root = document.parse(plain);
  if (!root.ok() || !root->is(JsonType::object)) return invalid_policy("Invalid JSON.");
  PostPolicy policy;
  const auto expiration = root->find("expiration");
  if (!expiration) return invalid_policy("Policy missing expiration.");
  if (!expiration->is(JsonType::string)) return invalid_policy("Invalid 'expiration' value.");
  const auto micros = parse_time_micros(expiration->string());
  if (!micros.ok() || expiration->string().find('T') == std::string_view::npos) {
    return invalid_policy("Invalid 'expiration' value: '" + std::string(expiration->string()) + "'");
  }
  policy.expiration_micros = static_cast<std::int64_t>(*micros);
  const auto conditions = root->find("conditions");
  if (!conditions) return invalid_policy("Policy missing conditions.");
  if (!conditions->is(JsonType::array)) return invalid_policy("Invalid 'conditions' value: must be a List.");
  for (auto element = conditions->first_element(); element; element.advance()) {
    const JsonValue condition = element.value();
    if (condition.is(JsonType::object)) {
      TRY(add_members(policy, condition));
    } else if (condition.is(JsonType::array)) {
      add_list(policy, condition);
    } else {
      return invalid_policy("Conditions must be simple objects or lists.");
    }
  }
  return policy;
}

Check check_post_policy(const PostPolicy& policy, const std::vector<FormField>& fields, std::string_view bucket,
                        std::string_view key, std::int64_t now_micros) {
  if (policy.expiration_micros <= now_micros) return against_policy("Policy expired.");
  const auto value_of = [&](std::string_view name) -> std::optional<std::string_view> {
    if (name == "bucket") return bucket;
    if (name == "key") return key;
    const auto found = std::ranges::find(fields, name, &FormField::name);
    if (found == fields.end()) return std::nullopt;
    return found->value;
  };
  for (const PolicyCondition& condition : policy.conditions) {
    const auto value = value_of(condition.field);
    const bool met = condition.kind != PolicyCondition::Kind::never && value && holds(condition, *value);
    if (!met) return against_policy("Policy Condition failed: " + condition.text);
  }
  const auto covered = [&](std::string_view name) {
    return std::ranges::find(policy.conditions, name, &PolicyCondition::field) != policy.conditions.end();
  };
  // The bucket is one, whether or not the form names it.
  if (!covered("bucket")) return against_policy("Extra input fields: bucket");
  for (const FormField& field : fields) {
    if (!needs_no_condition(field.name) && !covered(field.name)) {
      return against_policy("Extra input fields: " + field.name);
    }
  }
  return Passed{};
}

}  // namespace reprise::s3
