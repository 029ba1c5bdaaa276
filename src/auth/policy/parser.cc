// Reading policy documents: what a document may hold depends on what it is attached to, and so do the words in which it
// is refused. Those of buckets are S3's (MalformedPolicy), those of identities IAM's (MalformedPolicyDocument).
//
// Invariant: a document that is accepted has nothing in it that evaluation would silently pass over.
#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "auth/policy/policy.h"
#include "auth/policy/s3_actions.h"
#include "auth/policy/statement.h"
#include "codec/json.h"

namespace reprise::auth::policy {
namespace {

using codec::JsonDocument;
using codec::JsonType;
using codec::JsonValue;

constexpr std::string_view syntax_text = "Syntax errors in policy.";
constexpr std::string_view vendor_text = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";

bool is_account(std::string_view text) {
  constexpr std::size_t digits = 12;
  return text.size() == digits && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}
bool is_canonical_id(std::string_view text) {
  constexpr std::size_t digits = 64;
  return text.size() == digits &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}
bool is_alphanumeric(std::string_view text) {
  return std::ranges::all_of(
      text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

// A string, or a list of strings; a condition's values may also be numbers and booleans. Nothing: something else.
std::optional<std::string> scalar_text(const JsonValue& json, bool strings_only) {
  if (json.is(JsonType::string)) return std::string(json.string());
  if (strings_only) return std::nullopt;
  if (json.is(JsonType::boolean)) return json.boolean() ? "true" : "false";
  if (!json.is(JsonType::number)) return std::nullopt;
  if (const auto whole = json.integer()) return std::to_string(*whole);
  Bytes out;
  codec::JsonWriter(out).number(json.number());
  return out;
}
std::optional<std::vector<std::string>> texts_of(const JsonValue& json, bool strings_only = true) {
  std::vector<std::string> found;
  if (!json.is(JsonType::array)) {
    auto text = scalar_text(json, strings_only);
    if (!text) return std::nullopt;
    found.push_back(std::move(*text));
    return found;
  }
  for (auto element = json.first_element(); element; element.advance()) {
    auto text = scalar_text(element.value(), strings_only);
    if (!text) return std::nullopt;
    found.push_back(std::move(*text));
  }
  return found;
}

// "arn:aws:iam::111122223333:root", the number alone, a user's ARN, "*".
std::optional<PrincipalName> aws_principal(const std::string& text) {
  using Kind = PrincipalName::Kind;
  if (text == "*") return PrincipalName{Kind::everybody};
  if (is_account(text)) return PrincipalName{Kind::account, text};
  if (text.starts_with("AIDA") || text.starts_with("AROA")) return PrincipalName{Kind::other, text};
  std::array<std::string_view, 6> parts;
  std::string_view rest = text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const std::size_t end = i + 1 == parts.size() ? rest.size() : rest.find(':');
    if (end == std::string_view::npos) return std::nullopt;
    parts[i] = rest.substr(0, end);
    rest.remove_prefix(std::min(rest.size(), end + 1));
  }
  const auto& [arn, partition, service, region, account, name] = parts;
  if (arn != "arn" || !partition.starts_with("aws") || !region.empty()) return std::nullopt;
  if (account == "cloudfront") return PrincipalName{Kind::other, text};
  if ((service != "iam" && service != "sts") || !is_account(account)) return std::nullopt;
  if (name == "root") return PrincipalName{Kind::account, std::string(account)};
  const std::size_t slash = name.find('/');
  if (slash == std::string_view::npos || slash + 1 == name.size()) return std::nullopt;
  if (name.find_first_of("*?") != std::string_view::npos) return std::nullopt;
  return PrincipalName{Kind::arn, text};
}

class Parser {
 public:
  Parser(Kind kind, std::string_view bucket) : kind_(kind), bucket_(bucket) {}

  Result<std::vector<Statement>> parse(std::string_view text) {
    JsonDocument document;
    const auto json = document.parse(text);
    if (!json.ok() || !json->is(JsonType::object)) {
      return refuse(syntax_text, "Policies must be valid JSON and the first byte must be '{'");
    }
    TRY(read_head(*json));
    const auto statement = json->find("Statement");
    if (!statement) return refuse(syntax_text, "Missing required field Statement");
    std::vector<Statement> found;
    if (statement->is(JsonType::object)) {
      TRY_ASSIGN(Statement one, read_statement(*statement));
      found.push_back(std::move(one));
      return found;
    }
    if (!statement->is(JsonType::array)) return refuse(syntax_text, "Invalid policy syntax.");
    if (statement->size() == 0) return refuse(syntax_text, "Could not parse the policy: Statement is empty!");
    for (auto element = statement->first_element(); element; element.advance()) {
      TRY_ASSIGN(Statement one, read_statement(element.value()));
      found.push_back(std::move(one));
    }
    return found;
  }

 private:
  // What IAM says, and what S3 says.
  [[nodiscard]] Status refuse(std::string_view of_identity, std::string_view of_bucket) const {
    return invalid(std::string(kind_ == Kind::identity ? of_identity : of_bucket));
  }
  [[nodiscard]] Status unknown_field(std::string_view name) const {
    return refuse(syntax_text, "Unknown field " + std::string(name));
  }

  Status read_head(const JsonValue& json) {
    std::set<std::string, std::less<>> seen;
    for (auto member = json.first_member(); member; member.advance()) {
      const std::string_view name = member.key();
      if (name != "Version" && name != "Id" && name != "Statement") return unknown_field(name);
      if (!seen.emplace(name).second) return refuse(syntax_text, "Invalid policy syntax.");
      if (name == "Statement") continue;
      if (!member.value().is(JsonType::string)) return refuse(syntax_text, "Invalid policy syntax.");
      if (name == "Id") continue;
      const std::string_view version = member.value().string();
      if (version != "2012-10-17" && version != "2008-10-17") {
        return refuse(syntax_text, "The policy must contain a valid version string");
      }
      variables_ = version == "2012-10-17";
    }
    return {};
  }

  Result<Statement> read_statement(const JsonValue& json) {
    if (!json.is(JsonType::object)) return refuse(syntax_text, "Invalid policy syntax.");
    TRY(check_members(json));
    Statement statement;
    TRY(read_effect(json, statement));
    TRY(read_principal(json, statement));
    TRY(read_actions(json, statement));
    TRY(read_resources(json, statement));
    TRY(read_conditions(json, statement));
    TRY(read_sid(json, statement));
    if (kind_ == Kind::bucket) TRY(check_levels(statement));
    return statement;
  }

  Status check_members(const JsonValue& json) const {
    static constexpr std::array<std::string_view, 9> known = {
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"};
    std::set<std::string, std::less<>> seen;
    for (auto member = json.first_member(); member; member.advance()) {
      const std::string_view name = member.key();
      if (std::ranges::find(known, name) == known.end()) return unknown_field(name);
      if (!seen.emplace(name).second) return refuse(syntax_text, "Invalid policy syntax.");
      const std::string other = name.starts_with("Not") ? std::string(name.substr(3)) : "Not" + std::string(name);
      if (seen.contains(other)) return refuse(syntax_text, "Invalid policy syntax.");
    }
    return {};
  }

  Status read_effect(const JsonValue& json, Statement& statement) const {
    const auto effect = json.find("Effect");
    if (!effect) return refuse(syntax_text, "Missing required field Effect");
    if (!effect->is(JsonType::string)) return refuse(syntax_text, "Invalid policy syntax.");
    statement.deny = effect->string() == "Deny";
    if (statement.deny || effect->string() == "Allow") return {};
    return refuse(syntax_text, "Invalid effect: " + std::string(effect->string()));
  }

  Status read_principal(const JsonValue& json, Statement& statement) const {
    auto principal = json.find("Principal");
    if (!principal) {
      principal = json.find("NotPrincipal");
      statement.not_principal = principal.has_value();
    }
    if (kind_ == Kind::identity) {
      return principal ? invalid("Policy document should not specify a principal.") : Status();
    }
    if (!principal) return invalid("Missing required field Principal");
    statement.has_principal = true;
    if (principal->is(JsonType::string)) {
      if (principal->string() != "*") return invalid("Invalid principal in policy");
      statement.principals.push_back({PrincipalName::Kind::everybody});
      return {};
    }
    if (!principal->is(JsonType::object)) return invalid("Invalid policy syntax.");
    if (principal->size() == 0) return invalid("Missing required field Principal cannot be empty!");
    for (auto member = principal->first_member(); member; member.advance()) {
      TRY(read_names(member.key(), member.value(), statement));
    }
    return {};
  }

  static Status read_names(std::string_view sort, const JsonValue& json, Statement& statement) {
    const auto names = texts_of(json);
    if (!names) return invalid("Invalid policy syntax.");
    if (names->empty()) return invalid("Missing required field Principal cannot be empty!");
    for (const std::string& name : *names) {
      std::optional<PrincipalName> read;
      if (sort == "AWS") {
        read = aws_principal(name);
      } else if (sort == "CanonicalUser") {
        if (is_canonical_id(name)) read = PrincipalName{PrincipalName::Kind::canonical, name};
      } else if (sort == "Service" || sort == "Federated") {
        if (!name.empty()) read = PrincipalName{PrincipalName::Kind::other, name};
      }
      if (!read) return invalid("Invalid principal in policy");
      statement.principals.push_back(std::move(*read));
    }
    return {};
  }

  Status read_actions(const JsonValue& json, Statement& statement) const {
    auto actions = json.find("Action");
    if (!actions) {
      actions = json.find("NotAction");
      statement.not_action = actions.has_value();
    }
    if (!actions) return refuse("Policy statement must contain actions.", "Missing required field Action");
    const auto texts = texts_of(*actions);
    if (!texts) return refuse(syntax_text, "Invalid policy syntax.");
    if (texts->empty()) return refuse("Policy statement must contain actions.", "Missing required field Action");
    for (const std::string& text : *texts) {
      TRY(check_action(text));
      Pattern::Options options;
      options.variables = false;
      options.ignore_case = true;
      statement.actions.emplace_back(text, options);
    }
    return {};
  }

  Status check_action(const std::string& text) const {
    if (text == "*" || kind_ == Kind::table) return {};
    if (kind_ == Kind::bucket) {
      const bool ours = covers_ignoring_case("s3:*", text) || covers_ignoring_case("reprise:*", text);
      return ours && s3_levels(text).any() ? Status() : invalid("Policy has invalid action");
    }
    const std::size_t colon = text.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) {
      return invalid(std::string(vendor_text));
    }
    const std::string_view vendor = std::string_view(text).substr(0, colon);
    const bool known = std::ranges::all_of(vendor, [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    });
    return known ? Status() : invalid("Vendor " + std::string(vendor) + " is not valid");
  }

  Status read_resources(const JsonValue& json, Statement& statement) const {
    constexpr std::string_view none = "Policy statement must contain resources.";
    auto resources = json.find("Resource");
    if (!resources) {
      resources = json.find("NotResource");
      statement.not_resource = resources.has_value();
    }
    if (!resources) return refuse(none, "Statement is missing required element");
    const auto texts = texts_of(*resources);
    if (!texts) return refuse(syntax_text, "Invalid policy syntax.");
    if (texts->empty()) return refuse(none, "Statement is missing required element");
    for (const std::string& text : *texts) {
      TRY(check_resource(text));
      Pattern::Options options;
      options.variables = variables_;
      statement.resources.emplace_back(text, options);
    }
    return {};
  }

  Status check_resource(const std::string& text) const {
    if (kind_ == Kind::bucket) return is_ours(text) ? Status() : invalid("Policy has invalid resource");
    if (text == "*" || kind_ == Kind::table) return {};
    if (text.starts_with("arn:") && std::ranges::count(text, ':') >= 5) return {};
    return invalid("Resource " + text + " must be in ARN format or \"*\".");
  }

  // The bucket itself, or something in it.
  [[nodiscard]] std::string_view in_bucket(std::string_view resource) const {
    constexpr std::size_t prefix = std::string_view("arn:aws:s3:::").size();
    return resource.substr(prefix + bucket_.size());
  }
  [[nodiscard]] bool is_ours(std::string_view resource) const {
    if (!resource.starts_with("arn:aws:s3:::" + std::string(bucket_))) return false;
    const std::string_view rest = in_bucket(resource);
    return rest.empty() || rest.front() == '/' || rest.front() == '*';
  }

  // S3 wants of each action that it means something to a resource of its statement, and of keys of listings that the
  // statement speaks of a listing.
  [[nodiscard]] Status check_levels(const Statement& statement) const {
    if (!statement.not_resource && !statement.not_action) {
      S3Levels present;
      for (const Pattern& resource : statement.resources) {
        const std::string_view rest = in_bucket(resource.text());
        present.bucket |= rest.empty() || rest.front() == '*';
        present.object |= !rest.empty();
      }
      for (const Pattern& action : statement.actions) {
        const S3Levels levels = s3_levels(action.text());
        if ((levels.bucket && present.bucket) || (levels.object && present.object)) continue;
        return invalid("Action does not apply to any resource(s) in statement");
      }
    }
    const bool lists = statement.not_action || std::ranges::any_of(statement.actions, [](const Pattern& action) {
                         return covers_listing(action.text());
                       });
    for (const Condition& condition : statement.conditions) {
      if (lists || !is_listing_key(condition.key())) continue;
      return invalid("Conditions do not apply to combination of actions and resources in statement");
    }
    return {};
  }

  Status read_conditions(const JsonValue& json, Statement& statement) const {
    const auto block = json.find("Condition");
    if (!block) return {};
    if (!block->is(JsonType::object)) return refuse(syntax_text, "Invalid policy syntax.");
    for (auto test = block->first_member(); test; test.advance()) {
      const auto parsed = parse_operator(test.key());
      if (!parsed) return refuse(syntax_text, "Invalid Condition type : " + std::string(test.key()));
      if (!test.value().is(JsonType::object)) return refuse(syntax_text, "Invalid policy syntax.");
      for (auto key = test.value().first_member(); key; key.advance()) {
        TRY(check_key(key.key()));
        auto values = texts_of(key.value(), false);
        if (!values) return refuse(syntax_text, "Invalid policy syntax.");
        statement.conditions.emplace_back(*parsed, key.key(), std::move(*values), variables_);
      }
    }
    return {};
  }

  [[nodiscard]] Status check_key(std::string_view key) const {
    if (kind_ == Kind::bucket) {
      return is_s3_condition_key(normal_key(key)) ? Status() : invalid("Policy has an invalid condition key");
    }
    const std::size_t colon = key.find(':');
    if (kind_ == Kind::table || (colon != std::string_view::npos && colon > 0)) return {};
    return invalid(std::string(vendor_text));
  }

  Status read_sid(const JsonValue& json, Statement& statement) {
    const auto sid = json.find("Sid");
    if (!sid) return {};
    if (!sid->is(JsonType::string)) return refuse(syntax_text, "Invalid policy syntax.");
    statement.sid = sid->string();
    if (kind_ == Kind::identity && !is_alphanumeric(statement.sid)) {
      return invalid(
          "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression "
          "[0-9A-Za-z]*");
    }
    if (statement.sid.empty() || sids_.insert(statement.sid).second) return {};
    return invalid("Statement IDs (SID) in a single policy must be unique.");
  }

  Kind kind_;
  std::string_view bucket_;
  bool variables_ = false;  // only from the version on that has them
  std::set<std::string> sids_;
};

}  // namespace

Result<std::shared_ptr<const Document>> Document::parse(std::string_view text, Kind kind, std::string_view bucket) {
  if (text.size() > policy_bytes_max) {
    return invalid("Policy size must not exceed " + std::to_string(policy_bytes_max) + " bytes");
  }
  TRY_ASSIGN(std::vector<Statement> statements, Parser(kind, bucket).parse(text));
  return std::make_shared<const Document>(std::move(statements));
}

}  // namespace reprise::auth::policy
