// The semantic checks of lifecycle rules; the schema is lifecycle.cc's.
#include "s3/model/lifecycle_rules.h"

#include <algorithm>
#include <set>

namespace reprise::s3 {
namespace {

constexpr std::uint64_t size_max = 1'099'511'627'776'000;
constexpr std::int64_t days_max = 2'147'483'647;
constexpr std::int64_t day_micros = 86'400'000'000;

S3Error invalid_request(std::string message) { return s3_error(ErrorCode::invalid_request, std::move(message)); }
S3Error invalid(std::string message) { return s3_error(ErrorCode::invalid_argument, std::move(message)); }

Check check_positive(const std::optional<std::int64_t>& value, std::string_view name, std::string_view action) {
  if (!value || (*value > 0 && *value <= days_max)) return Passed{};
  std::string message = "'" + std::string(name) + "' for " + std::string(action) + " action must be a positive integer";
  return invalid_argument(std::move(message), std::string(name), std::to_string(*value));
}

// How many newer noncurrent versions stay: 1 to 100 (S3 API reference, NoncurrentVersionExpiration).
Check check_kept_versions(const std::optional<std::int64_t>& value, std::string_view action) {
  constexpr std::string_view name = "NewerNoncurrentVersions";
  constexpr std::int64_t versions_max = 100;
  TRY(check_positive(value, name, action));
  if (!value || *value <= versions_max) return Passed{};
  std::string message = "'" + std::string(name) + "' for " + std::string(action) + " action must not exceed 100";
  return invalid_argument(std::move(message), std::string(name), std::to_string(*value));
}

Check check_midnight(const std::optional<std::int64_t>& date) {
  if (!date || *date % day_micros == 0) return Passed{};
  return invalid("'Date' must be at midnight GMT");
}

Check check_filter(const LifecycleFilter& filter) {
  std::set<std::string_view> keys;
  for (const Tag& tag : filter.tags) {
    if (tag.key.empty() || tag.key.size() > 512 || tag.value.size() > 1024) {
      return s3_error(ErrorCode::invalid_tag, "The TagKey you have provided is invalid");
    }
    if (!keys.insert(tag.key).second) return invalid_request("Duplicate Tag Keys are not allowed.");
  }
  if (filter.size_greater_than && *filter.size_greater_than > size_max) {
    return size_out_of_range("ObjectSizeGreaterThan");
  }
  if (filter.size_less_than && (*filter.size_less_than == 0 || *filter.size_less_than > size_max)) {
    return size_out_of_range("ObjectSizeLessThan");
  }
  if (filter.size_greater_than && filter.size_less_than && *filter.size_greater_than >= *filter.size_less_than) {
    return invalid_request("'ObjectSizeLessThan' has to be a value greater than 'ObjectSizeGreaterThan'.");
  }
  return Passed{};
}

bool has_expiration(const LifecycleRule& rule) {
  return rule.expiration_days || rule.expiration_date_micros || rule.expired_object_delete_marker ||
         rule.keeps_expired_markers;
}

// What an action does not go together with in the rule's filter.
Check check_actions_with_filter(const LifecycleRule& rule) {
  const LifecycleFilter& filter = rule.filter;
  const bool sized = filter.size_greater_than || filter.size_less_than;
  if (rule.abort_multipart_days && !filter.tags.empty()) {
    return invalid_request("AbortIncompleteMultipartUpload cannot be specified with Tags.");
  }
  if (rule.abort_multipart_days && sized) {
    return invalid_request("AbortIncompleteMultipartUpload cannot be specified with Object Size.");
  }
  const bool markers = rule.expired_object_delete_marker || rule.keeps_expired_markers;
  if (markers && !filter.tags.empty()) {
    return invalid_request("ExpiredObjectDeleteMarker cannot be specified with Tags.");
  }
  if (markers && sized) return invalid_request("ExpiredObjectDeleteMarker cannot be specified with Object Size.");
  if (rule.newer_noncurrent_versions && filter.form == LifecycleFilter::Form::legacy_prefix) {
    return invalid_request("NewerNoncurrentVersions element can only be used in Lifecycle V2.");
  }
  return Passed{};
}

std::string spelled(const LifecycleFilter& filter) { return "'(prefix=" + filter.prefix.value_or("") + ")'"; }

Check check_one_transition(const Transition& transition) {
  const std::string action = transition.noncurrent ? "NoncurrentVersionTransition" : "Transition";
  const std::string days = transition.noncurrent ? "NoncurrentDays" : "Days";
  TRY(check_midnight(transition.date_micros));
  TRY(check_kept_versions(transition.newer_noncurrent_versions, action));
  if (!transition.days) return Passed{};
  if (*transition.days < 0 || *transition.days > days_max) {
    return invalid("'" + days + "' for " + action + " action must be nonnegative");
  }
  const bool infrequent = transition.storage_class == "STANDARD_IA" || transition.storage_class == "ONEZONE_IA";
  if (infrequent && *transition.days < 30) {
    return invalid("'" + days + "' in " + action + " action must be greater than or equal to 30 for storageClass '" +
                   transition.storage_class + "'");
  }
  return Passed{};
}

// An object has to come into its class before it goes.
Check check_transition_order(const LifecycleRule& rule, const Transition& transition) {
  if (transition.noncurrent) {
    if (rule.noncurrent_days && *rule.noncurrent_days <= *transition.days) {
      return invalid("'NoncurrentDays' in the NoncurrentVersionExpiration action for filter " + spelled(rule.filter) +
                     " must be greater than 'NoncurrentDays' in the NoncurrentVersionTransition action");
    }
    return Passed{};
  }
  if ((rule.expiration_days && transition.date_micros) || (rule.expiration_date_micros && transition.days)) {
    return invalid_request(
        "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for filter " +
        spelled(rule.filter));
  }
  if (rule.expiration_days && *rule.expiration_days <= *transition.days) {
    return invalid("'Days' in the Expiration action for filter " + spelled(rule.filter) +
                   " must be greater than 'Days' in the Transition action");
  }
  if (rule.expiration_date_micros && *rule.expiration_date_micros <= *transition.date_micros) {
    return invalid("'Date' in the Expiration action for filter " + spelled(rule.filter) +
                   " must be later than 'Date' in the Transition action");
  }
  return Passed{};
}

Check check_transitions(const DraftRule& draft) {
  std::set<std::pair<bool, std::string_view>> classes;
  bool by_days = false;
  bool by_date = false;
  for (const Transition& transition : draft.transitions) {
    if (!classes.emplace(transition.noncurrent, transition.storage_class).second) {
      const std::string action = transition.noncurrent ? "NoncurrentVersionTransition" : "Transition";
      return invalid_request("'StorageClass' must be different for '" + action +
                             "' actions in same 'Rule' with filter " + spelled(draft.rule.filter));
    }
    TRY(check_one_transition(transition));
    by_date = by_date || transition.date_micros;
    by_days = by_days || (transition.days && !transition.noncurrent);
    TRY(check_transition_order(draft.rule, transition));
  }
  if (by_date && by_days) {
    return invalid_request("Found mixed 'Date' and 'Days' based Transition actions in lifecycle rule for filter " +
                           spelled(draft.rule.filter));
  }
  return Passed{};
}

Check check_rule(const DraftRule& draft) {
  const LifecycleRule& rule = draft.rule;
  if (rule.id.size() > 255) {
    return invalid_argument("ID length should not exceed allowed limit of 255", "ID", rule.id);
  }
  TRY(check_filter(rule.filter));
  if (!has_expiration(rule) && !rule.noncurrent_days && !rule.abort_multipart_days && draft.transitions.empty()) {
    return invalid_request("At least one action needs to be specified in a rule");
  }
  TRY(check_midnight(rule.expiration_date_micros));
  TRY(check_positive(rule.expiration_days, "Days", "Expiration"));
  TRY(check_positive(rule.noncurrent_days, "NoncurrentDays", "NoncurrentVersionExpiration"));
  TRY(check_kept_versions(rule.newer_noncurrent_versions, "NoncurrentVersionExpiration"));
  TRY(check_positive(rule.abort_multipart_days, "DaysAfterInitiation", "AbortIncompleteMultipartUpload"));
  TRY(check_actions_with_filter(rule));
  return check_transitions(draft);
}

// The older form and the newer one do not stand in one configuration.
Check check_one_form(const std::vector<DraftRule>& drafts) {
  const auto legacy = [](const DraftRule& draft) {
    return draft.rule.filter.form == LifecycleFilter::Form::legacy_prefix;
  };
  const bool first = legacy(drafts.front());
  if (std::ranges::all_of(drafts, [&](const DraftRule& draft) { return legacy(draft) == first; })) return Passed{};
  return invalid_request(
      first ? "Filter element can only be used in Lifecycle V2."
            : "Base level prefix cannot be used in Lifecycle V2, prefixes are only supported in the Filter.");
}

// The prefixes of the older form must be disjoint for each kind of action: of two sorted neighbours that share an
// action, none begins with the other. Sorting puts a prefix right before the first that begins with it.
Check check_disjoint(const std::vector<DraftRule>& drafts, std::string_view action, bool (*has)(const DraftRule&)) {
  std::vector<std::string_view> prefixes;
  for (const DraftRule& draft : drafts) {
    if (has(draft)) prefixes.push_back(*draft.rule.filter.prefix);
  }
  std::ranges::sort(prefixes);
  for (std::size_t i = 1; i < prefixes.size(); ++i) {
    if (!prefixes[i].starts_with(prefixes[i - 1])) continue;
    const std::string of_type = " for same action type '" + std::string(action) + "'";
    if (prefixes[i] == prefixes[i - 1]) {
      return invalid_request("Found two rules with same prefix '" + std::string(prefixes[i]) + "'" + of_type);
    }
    return invalid_request("Found overlapping prefixes '" + std::string(prefixes[i - 1]) + "' and '" +
                           std::string(prefixes[i]) + "'" + of_type);
  }
  return Passed{};
}

Check check_overlaps(const std::vector<DraftRule>& drafts) {
  if (drafts.front().rule.filter.form != LifecycleFilter::Form::legacy_prefix) return Passed{};
  TRY(check_disjoint(drafts, "Expiration", [](const DraftRule& draft) { return has_expiration(draft.rule); }));
  TRY(check_disjoint(drafts, "Transition", [](const DraftRule& draft) {
    return std::ranges::any_of(draft.transitions, [](const Transition& t) { return !t.noncurrent; });
  }));
  TRY(check_disjoint(drafts, "NoncurrentVersionExpiration",
                     [](const DraftRule& draft) { return draft.rule.noncurrent_days.has_value(); }));
  TRY(check_disjoint(drafts, "NoncurrentVersionTransition", [](const DraftRule& draft) {
    return std::ranges::any_of(draft.transitions, [](const Transition& t) { return t.noncurrent; });
  }));
  return check_disjoint(drafts, "AbortIncompleteMultipartUpload",
                        [](const DraftRule& draft) { return draft.rule.abort_multipart_days.has_value(); });
}

}  // namespace

S3Error size_out_of_range(std::string_view name) {
  const std::string least = name == "ObjectSizeLessThan" ? "1" : "0";
  return invalid_request("'" + std::string(name) + "' should be between " + least + " and " + std::to_string(size_max) +
                         ".");
}

Check check_rules(const std::vector<DraftRule>& drafts) {
  std::set<std::string_view> ids;
  for (const DraftRule& draft : drafts) {
    TRY(check_rule(draft));
    if (draft.rule.id.empty()) continue;
    if (!ids.insert(draft.rule.id).second) {
      return invalid_argument("Rule ID must be unique. Found same ID for more than one rule", "ID", draft.rule.id);
    }
  }
  TRY(check_one_form(drafts));
  return check_overlaps(drafts);
}

}  // namespace reprise::s3
