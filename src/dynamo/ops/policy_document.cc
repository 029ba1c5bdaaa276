// Invariant: what canonical_policy() returns is JSON that canonical_policy() accepts and returns unchanged.
#include "dynamo/ops/policy_document.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "codec/json.h"

namespace reprise::dynamo {

namespace {

using codec::JsonDocument;
using codec::JsonType;
using codec::JsonValue;
using codec::JsonWriter;

// ---- Texts ---------------------------------------------------------------------------------------------------------

ApiError invalid_document(std::string_view problem) {
  return invalid_parameter(std::string("Invalid policy document: ").append(problem));
}

// (row, column) of what comes after the first `offset` bytes.
ApiError syntax_error(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto row = 1 + std::count(before.begin(), before.end(), '\n');
  const auto line = before.rfind('\n');
  const auto column = line == std::string_view::npos ? before.size() + 1 : before.size() - line;
  return invalid_document("Syntax error at position (" + std::to_string(row) + "," + std::to_string(column) + ")");
}
// Behind `token`, or behind the whole text when it does not stand there as written.
ApiError syntax_error_after(std::string_view text, std::string_view token) {
  const auto found = text.find("\"" + std::string(token) + "\"");
  return syntax_error(text, found == std::string_view::npos ? text.size() : found + token.size() + 2);
}

ApiError missing(std::string_view field) { return invalid_document("Missing required field " + std::string(field)); }
ApiError unbounded() {
  return validation(
      "Resource-based policy grants unbounded access in one or more elements. Please revise the policy to ensure "
      "least-privilege form of access");
}
ApiError invalid_principal() { return invalid_parameter("Invalid principal in policy document."); }

// ---- Small matters -------------------------------------------------------------------------------------------------

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

bool is_account(std::string_view text) {
  return text.size() == 12 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Whether `pattern` with its * and ? covers `text`; ASCII case does not matter.
bool covers(std::string_view pattern, std::string_view text) {
  const std::string p = lower(pattern);
  const std::string t = lower(text);
  std::size_t i = 0, j = 0, star = std::string::npos, mark = 0;
  while (j < t.size()) {
    if (i < p.size() && p[i] == '*') {
      star = i++;
      mark = j;
    } else if (i < p.size() && (p[i] == '?' || p[i] == t[j])) {
      ++i, ++j;
    } else if (star != std::string::npos) {
      i = star + 1;
      j = ++mark;
    } else {
      return false;
    }
  }
  while (i < p.size() && p[i] == '*') ++i;
  return i == p.size();
}

// The strings of a string or of a list of strings; nothing when it is neither.
std::optional<std::vector<std::string>> strings_of(const JsonValue& json) {
  std::vector<std::string> found;
  if (json.is(JsonType::string)) {
    found.emplace_back(json.string());
    return found;
  }
  if (!json.is(JsonType::array)) return std::nullopt;
  for (auto element = json.first_element(); element; element.advance()) {
    if (!element.value().is(JsonType::string)) return std::nullopt;
    found.emplace_back(element.value().string());
  }
  return found;
}

void write_strings(JsonWriter& w, const std::vector<std::string>& strings) {
  if (strings.size() == 1) return w.string(strings.front());
  w.begin_array();
  for (const std::string& text : strings) w.string(text);
  w.end_array();
}

void write_any(JsonWriter& w, const JsonValue& json) {
  switch (json.type()) {
    case JsonType::null: return w.null();
    case JsonType::boolean: return w.boolean(json.boolean());
    case JsonType::string: return w.string(json.string());
    case JsonType::number:
      if (const auto whole = json.integer()) return w.integer(*whole);
      return w.number(json.number());
    case JsonType::array:
      w.begin_array();
      for (auto element = json.first_element(); element; element.advance()) write_any(w, element.value());
      return w.end_array();
    case JsonType::object:
      w.begin_object();
      for (auto member = json.first_member(); member; member.advance()) {
        w.key(member.key());
        write_any(w, member.value());
      }
      return w.end_object();
  }
}

// ---- Actions and resources -----------------------------------------------------------------------------------------

constexpr std::string_view stream_actions[] = {"describestream",       "getrecords",        "getsharditerator",
                                               "deleteresourcepolicy", "getresourcepolicy", "putresourcepolicy"};
constexpr std::string_view table_actions[] = {
    "batchgetitem",
    "batchwriteitem",
    "conditioncheckitem",
    "createbackup",
    "createtablereplica",
    "deleteitem",
    "deleteresourcepolicy",
    "deletetable",
    "deletetablereplica",
    "describecontinuousbackups",
    "describecontributorinsights",
    "describeexport",
    "describekinesisstreamingdestination",
    "describetable",
    "describetablereplicaautoscaling",
    "describetimetolive",
    "disablekinesisstreamingdestination",
    "enablekinesisstreamingdestination",
    "exporttabletopointintime",
    "getitem",
    "getresourcepolicy",
    "listtagsofresource",
    "partiqldelete",
    "partiqlinsert",
    "partiqlselect",
    "partiqlupdate",
    "putitem",
    "putresourcepolicy",
    "query",
    "readdataforreplication",
    "replicatesettings",
    "restoretablefrombackup",
    "restoretabletopointintime",
    "scan",
    "startawsbackupjob",
    "tagresource",
    "untagresource",
    "updatecontinuousbackups",
    "updatecontributorinsights",
    "updateitem",
    "updatekinesisstreamingdestination",
    "updatetable",
    "updatetablereplicaautoscaling",
    "updatetimetolive",
    "writedataforreplication",
};

bool is_action(std::string_view action, PolicyTarget target) {
  if (action == "*") return true;
  const std::string name = lower(action);
  constexpr std::string_view prefix = "dynamodb:";
  if (!name.starts_with(prefix)) return false;
  const std::string_view rest = std::string_view(name).substr(prefix.size());
  const auto knows = [rest](std::string_view known) { return covers(rest, known); };
  if (target == PolicyTarget::stream) return std::any_of(std::begin(stream_actions), std::end(stream_actions), knows);
  return std::any_of(std::begin(table_actions), std::end(table_actions), knows);
}

Check check_actions(const std::vector<std::string>& actions, PolicyTarget target) {
  std::string wrong;
  for (const std::string& action : actions) {
    if (!is_action(action, target)) wrong.append(wrong.empty() ? "\"" : ", \"").append(action).append("\"");
  }
  if (wrong.empty()) return Passed{};
  return invalid_document("The following action names are invalid: " + wrong);
}

// A table's policy speaks of tables and indexes, a stream's of streams.
Check check_resources(const std::vector<std::string>& resources, PolicyTarget target) {
  for (const std::string& resource : resources) {
    if (resource == "*") continue;
    std::string_view rest = resource;
    for (int part = 0; part < 5 && !rest.empty(); ++part) {
      const auto colon = rest.find(':');
      rest = colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 1);
    }
    const bool stream = rest.find("/stream/") != std::string_view::npos;
    if (rest.empty() || !resource.starts_with("arn:")) {
      return invalid_document("Resource " + resource + " must be in ARN format or \"*\".");
    }
    if (stream == (target == PolicyTarget::stream)) continue;
    return invalid_document("The relative-id \"" + std::string(rest) + "\" is invalid for ARN \"" + resource + "\"");
  }
  return Passed{};
}

// ---- Principals ----------------------------------------------------------------------------------------------------

struct Principals {
  bool everybody = false;                                                 // "*"
  std::vector<std::pair<std::string, std::vector<std::string>>> by_kind;  // "AWS" -> ARNs
};

Outcome<std::string> normal_aws_principal(const std::string& text) {
  if (text == "*") return text;
  if (is_account(text)) return "arn:aws:iam::" + text + ":root";
  const bool known = text.starts_with("arn:aws:iam::") || text.starts_with("arn:aws:sts::");
  if (!known || !is_account(std::string_view(text).substr(13, 12))) return invalid_principal();
  return text;
}

Outcome<Principals> read_principals(const JsonValue& json, std::string_view text) {
  Principals principals;
  if (json.is(JsonType::string)) {
    if (json.string() != "*") return syntax_error_after(text, json.string());
    principals.everybody = true;
    return principals;
  }
  if (!json.is(JsonType::object) || json.size() == 0) return syntax_error_after(text, "Principal");
  for (auto member = json.first_member(); member; member.advance()) {
    auto names = strings_of(member.value());
    if (!names || names->empty()) return syntax_error_after(text, member.key());
    std::vector<std::string> normal;
    for (std::string& name : *names) {
      if (member.key() == "AWS") {
        TRY_ASSIGN(name, normal_aws_principal(name));
      }
      if (std::find(normal.begin(), normal.end(), name) == normal.end()) normal.push_back(std::move(name));
    }
    principals.by_kind.emplace_back(member.key(), std::move(normal));
  }
  return principals;
}

bool names_everybody(const Principals& principals) {
  if (principals.everybody) return true;
  for (const auto& [kind, names] : principals.by_kind) {
    if (kind == "AWS" && std::find(names.begin(), names.end(), "*") != names.end()) return true;
  }
  return false;
}

void write_principals(JsonWriter& w, const Principals& principals) {
  if (principals.everybody) return w.string("*");
  w.begin_object();
  for (const auto& [kind, names] : principals.by_kind) {
    w.key(kind);
    write_strings(w, names);
  }
  w.end_object();
}

// ---- Statements ----------------------------------------------------------------------------------------------------

// The member called `name`, or the one with Not before it; says which.
struct Slot {
  std::string name;
  JsonValue value;
};
Outcome<Slot> find_slot(const JsonValue& statement, std::string_view name) {
  const std::string negated = "Not" + std::string(name);
  if (const auto plain = statement.find(name)) return Slot{std::string(name), *plain};
  if (const auto other = statement.find(negated)) return Slot{negated, *other};
  return missing(name);
}

class Canonical {
 public:
  Canonical(std::string_view text, PolicyTarget target) : text_(text), target_(target), w_(out_) {}

  Outcome<std::string> policy(const JsonValue& json) {
    const auto statements = json.find("Statement");
    for (auto member = json.first_member(); member; member.advance()) {
      const bool known = member.key() == "Version" || member.key() == "Id" || member.key() == "Statement";
      if (!known) return syntax_error_after(text_, member.key());
    }
    if (!statements) return syntax_error(text_, text_.size());
    w_.begin_object();
    for (const std::string_view name : {"Version", "Id"}) {
      const auto value = json.find(name);
      if (!value) continue;
      if (!value->is(JsonType::string)) return syntax_error_after(text_, name);
      const bool version = name == "Version";
      if (version && value->string() != "2012-10-17" && value->string() != "2008-10-17") {
        return invalid_document("The policy must contain a valid version string");
      }
      w_.member(name, value->string());
    }
    w_.key("Statement");
    w_.begin_array();
    if (statements->is(JsonType::object)) {
      TRY(statement(*statements));
    } else if (statements->is(JsonType::array)) {
      if (statements->size() == 0) return invalid_document("Could not parse the policy: Statement is empty!");
      for (auto element = statements->first_element(); element; element.advance()) TRY(statement(element.value()));
    } else {
      return syntax_error_after(text_, "Statement");
    }
    w_.end_array();
    w_.end_object();
    return std::move(out_);
  }

 private:
  Check statement(const JsonValue& json) {
    if (!json.is(JsonType::object)) return syntax_error_after(text_, "Statement");
    TRY(check_members(json));
    const auto effect = json.find("Effect");
    if (!effect) return missing("Effect");
    if (!effect->is(JsonType::string)) return syntax_error_after(text_, "Effect");
    const std::string effect_name = lower(effect->string());
    if (effect_name != "allow" && effect_name != "deny") return syntax_error_after(text_, effect->string());
    TRY_ASSIGN(const Slot principal, find_slot(json, "Principal"));
    TRY_ASSIGN(const Slot action, find_slot(json, "Action"));
    TRY_ASSIGN(const Slot resource, find_slot(json, "Resource"));
    TRY_ASSIGN(const Principals principals, read_principals(principal.value, text_));
    const auto actions = strings_of(action.value);
    if (!actions || actions->empty()) return syntax_error_after(text_, action.name);
    TRY(check_actions(*actions, target_));
    const auto resources = strings_of(resource.value);
    if (!resources || resources->empty()) return syntax_error_after(text_, resource.name);
    TRY(check_resources(*resources, target_));
    const bool conditional = json.find("Condition").has_value();
    if (effect_name == "allow" && principal.name == "Principal" && names_everybody(principals) && !conditional) {
      return unbounded();
    }
    w_.begin_object();
    TRY(sid(json));
    w_.member("Effect", effect_name == "allow" ? "Allow" : "Deny");
    w_.key(principal.name);
    write_principals(w_, principals);
    w_.key(action.name);
    write_strings(w_, *actions);
    w_.key(resource.name);
    write_strings(w_, *resources);
    if (conditional) {
      w_.key("Condition");
      write_any(w_, *json.find("Condition"));
    }
    w_.end_object();
    return Passed{};
  }

  Check check_members(const JsonValue& json) const {
    static constexpr std::array<std::string_view, 9> known = {
        "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"};
    for (auto member = json.first_member(); member; member.advance()) {
      if (std::find(known.begin(), known.end(), member.key()) == known.end()) {
        return syntax_error_after(text_, member.key());
      }
    }
    return Passed{};
  }

  Check sid(const JsonValue& json) {
    const auto sid = json.find("Sid");
    if (!sid) return Passed{};
    if (!sid->is(JsonType::string)) return syntax_error_after(text_, "Sid");
    if (!sids_.insert(std::string(sid->string())).second) {
      return invalid_document("The Statement Ids in the policy are not unique");
    }
    w_.member("Sid", sid->string());
    return Passed{};
  }

  std::string_view text_;
  PolicyTarget target_;
  std::string out_;
  JsonWriter w_;
  std::set<std::string> sids_;
};

// ---- Lockout -------------------------------------------------------------------------------------------------------

bool any_covers(const std::optional<JsonValue>& patterns, std::string_view text) {
  if (!patterns) return false;
  const auto strings = strings_of(*patterns);
  return strings && std::any_of(strings->begin(), strings->end(),
                                [text](const std::string& pattern) { return covers(pattern, text); });
}

bool denies_owner(const JsonValue& statement, std::string_view account, std::string_view resource_arn) {
  const auto effect = statement.find("Effect");
  if (effect->string() != "Deny" || statement.find("Condition")) return false;
  if (!any_covers(statement.find("Action"), "dynamodb:PutResourcePolicy")) return false;
  if (!any_covers(statement.find("Resource"), resource_arn)) return false;
  const auto principal = statement.find("Principal");
  if (!principal) return false;
  if (principal->is(JsonType::string)) return true;
  const auto names = principal->find("AWS");
  if (!names) return false;
  const std::string root = "arn:aws:iam::" + std::string(account) + ":root";
  const auto strings = strings_of(*names);
  return strings && std::any_of(strings->begin(), strings->end(),
                                [&](const std::string& name) { return name == "*" || name == root; });
}

}  // namespace

Outcome<std::string> canonical_policy(std::string_view text, PolicyTarget target) {
  if (text.size() > policy_size_max) {
    return invalid_parameter("Maximum policy size of " + std::to_string(policy_size_max) + " bytes exceeded");
  }
  JsonDocument document;
  const auto json = document.parse(text);
  if (!json.ok()) return invalid_document("This policy contains invalid Json");
  if (json->is(JsonType::null)) return invalid_document("This text appears not to be a policy");
  if (!json->is(JsonType::object)) return invalid_document("This policy contains invalid Json");
  return Canonical(text, target).policy(*json);
}

std::string policy_as_read(std::string_view canonical) {
  constexpr std::string_view with_version = "{\"Version\":";
  if (canonical.starts_with(with_version)) return std::string(canonical);
  return std::string(with_version) + "\"2008-10-17\"," + std::string(canonical.substr(1));
}

bool policy_locks_out(std::string_view canonical, std::string_view account, std::string_view resource_arn) {
  JsonDocument document;
  const auto json = document.parse(canonical);
  if (!json.ok()) return false;
  const auto statements = json->find("Statement");
  for (auto statement = statements->first_element(); statement; statement.advance()) {
    if (denies_owner(statement.value(), account, resource_arn)) return true;
  }
  return false;
}

}  // namespace reprise::dynamo
