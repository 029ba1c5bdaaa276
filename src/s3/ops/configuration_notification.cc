// A bucket's event notifications. There is no queue, topic or function that Reprise could reach, so a configuration
// with destinations is refused as S3 refuses destinations that it cannot reach, unless the request asks for no such
// check (x-amz-skip-destination-validation): then it is kept and answered, and nothing is sent.
#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "codec/xml.h"
#include "s3/model/document.h"
#include "s3/ops/bucket_settings.h"
#include "s3/ops/configuration_operations.h"

namespace reprise::s3 {

namespace {

constexpr std::string_view subresource = "notification";
constexpr std::size_t key_part_bytes_max = 1024;  // of a filter's prefix or suffix

struct DestinationKind {
  std::string_view configuration;
  std::string_view destination;
  std::string_view service;  // the ARN's third part
};
constexpr std::array destination_kinds{
    DestinationKind{"TopicConfiguration", "Topic", "sns"},
    DestinationKind{"QueueConfiguration", "Queue", "sqs"},
    DestinationKind{"CloudFunctionConfiguration", "CloudFunction", "lambda"},
};

constexpr std::array<std::string_view, 31> events{
    "s3:ReducedRedundancyLostObject",
    "s3:ObjectCreated:*",
    "s3:ObjectCreated:Put",
    "s3:ObjectCreated:Post",
    "s3:ObjectCreated:Copy",
    "s3:ObjectCreated:CompleteMultipartUpload",
    "s3:ObjectRemoved:*",
    "s3:ObjectRemoved:Delete",
    "s3:ObjectRemoved:DeleteMarkerCreated",
    "s3:ObjectRestore:*",
    "s3:ObjectRestore:Post",
    "s3:ObjectRestore:Completed",
    "s3:ObjectRestore:Delete",
    "s3:Replication:*",
    "s3:Replication:OperationFailedReplication",
    "s3:Replication:OperationNotTracked",
    "s3:Replication:OperationMissedThreshold",
    "s3:Replication:OperationReplicatedAfterThreshold",
    "s3:LifecycleTransition",
    "s3:IntelligentTiering",
    "s3:ObjectAcl:Put",
    "s3:LifecycleExpiration:*",
    "s3:LifecycleExpiration:Delete",
    "s3:LifecycleExpiration:DeleteMarkerCreated",
    "s3:ObjectTagging:*",
    "s3:ObjectTagging:Put",
    "s3:ObjectTagging:Delete",
    "s3:ObjectAnnotation:*",
    "s3:ObjectAnnotation:Put",
    "s3:ObjectAnnotation:Delete",
    "s3:ObjectRetention:Put",
};

const DestinationKind* kind_of(std::string_view configuration) {
  const auto found = std::find_if(destination_kinds.begin(), destination_kinds.end(),
                                  [&](const DestinationKind& kind) { return kind.configuration == configuration; });
  return found == destination_kinds.end() ? nullptr : &*found;
}

Check check_destination(const codec::XmlElement& element, const DestinationKind& kind) {
  if (!has_only(element, {"Id", kind.destination, "Event", "Filter", "InvocationRole"}) ||
      count_of(element, "Id") > 1 || count_of(element, "Filter") > 1 || count_of(element, "Event") == 0) {
    return s3_error(ErrorCode::malformed_xml);
  }
  const auto arn = only_text_of(element, kind.destination);
  if (!arn) return s3_error(ErrorCode::malformed_xml);
  for (const codec::XmlElement& child : element.children) {
    if (child.name != "Event") continue;
    const std::string_view event = trimmed(child.text);
    if (std::find(events.begin(), events.end(), event) == events.end()) {
      return invalid_argument("The event is not supported for notifications", "Event", std::string(event));
    }
  }
  const bool parts = std::count(arn->begin(), arn->end(), ':') >= 5;
  if (!arn->starts_with("arn:") || !parts) {
    return invalid_argument("The ARN could not be parsed", std::string(kind.destination), std::string(*arn));
  }
  if (arn->find(":" + std::string(kind.service) + ":") == std::string_view::npos) {
    return invalid_argument("The ARN is not well formed", std::string(kind.destination), std::string(*arn));
  }
  return Passed{};
}

// ---- Which keys and events a destination is for --------------------------------------------------------------------

struct Trigger {
  std::vector<std::string_view> events;  // into the document
  std::optional<std::string_view> prefix;
  std::optional<std::string_view> suffix;
  [[nodiscard]] bool filtered() const { return prefix || suffix; }
};

Check take_filter_rule(const codec::XmlElement& rule, Trigger& trigger) {
  const auto name = only_text_of(rule, "Name");
  if (!name || !has_only(rule, {"Name", "Value"}) || count_of(rule, "Value") != 1) {
    return s3_error(ErrorCode::malformed_xml);
  }
  const std::string_view value = rule.child("Value")->text;
  const bool is_prefix = *name == "prefix" || *name == "Prefix";
  if (!is_prefix && *name != "suffix" && *name != "Suffix") {
    return invalid_argument("filter rule name must be either prefix or suffix", "FilterRule.Name", std::string(*name));
  }
  if (value.size() > key_part_bytes_max) {
    return invalid_argument("Size of filter rule value cannot exceed 1024 bytes in UTF-8 representation",
                            "FilterRule.Value", std::string(value));
  }
  std::optional<std::string_view>& place = is_prefix ? trigger.prefix : trigger.suffix;
  if (place) {
    const std::string kind = is_prefix ? "prefix" : "suffix";
    return invalid_argument("Cannot specify more than one " + kind + " rule in a filter.", "FilterRule.Name", kind);
  }
  place = value;
  return Passed{};
}

Check take_filter(const codec::XmlElement& filter, Trigger& trigger) {
  if (!has_only(filter, {"S3Key"}) || filter.children.size() > 1) return s3_error(ErrorCode::malformed_xml);
  if (filter.children.empty()) return Passed{};
  for (const codec::XmlElement& rule : filter.children.front().children) {
    if (rule.name != "FilterRule") return s3_error(ErrorCode::malformed_xml);
    TRY(take_filter_rule(rule, trigger));
  }
  return Passed{};
}

Outcome<Trigger> trigger_of(const codec::XmlElement& configuration) {
  Trigger trigger;
  for (const codec::XmlElement& child : configuration.children) {
    if (child.name == "Event") trigger.events.push_back(trimmed(child.text));
    if (child.name == "Filter") TRY(take_filter(child, trigger));
  }
  return trigger;
}

// "s3:ObjectCreated:*" is every "s3:ObjectCreated:...".
bool same_event(std::string_view a, std::string_view b) {
  if (a.ends_with('*')) return b.starts_with(a.substr(0, a.size() - 1));
  if (b.ends_with('*')) return a.starts_with(b.substr(0, b.size() - 1));
  return a == b;
}

// No event of one object may go to two destinations (S3 user guide, "Configuring event notifications using object key
// name filtering").
Check check_overlap(const Trigger& a, const Trigger& b) {
  const auto prefixes = std::pair(a.prefix.value_or(""), b.prefix.value_or(""));
  const auto suffixes = std::pair(a.suffix.value_or(""), b.suffix.value_or(""));
  if (!prefixes.first.starts_with(prefixes.second) && !prefixes.second.starts_with(prefixes.first)) return Passed{};
  if (!suffixes.first.ends_with(suffixes.second) && !suffixes.second.ends_with(suffixes.first)) return Passed{};
  for (const std::string_view event : a.events) {
    for (const std::string_view other : b.events) {
      if (!same_event(event, other)) continue;
      std::string events = std::string(event) + ", " + std::string(other);
      if (!a.filtered() && !b.filtered()) {
        return invalid_argument(
            "Configurations overlap. Configurations on the same bucket cannot share a common event type.", "Event",
            std::move(events));
      }
      return s3_error(ErrorCode::invalid_argument,
                      "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the "
                      "prefixes are overlapping for the same event type.");
    }
  }
  return Passed{};
}

Check check_overlaps(const codec::XmlElement& root) {
  std::vector<Trigger> triggers;
  for (const codec::XmlElement& child : root.children) {
    if (kind_of(child.name) == nullptr) continue;
    TRY_ASSIGN(Trigger trigger, trigger_of(child));
    for (const Trigger& earlier : triggers) TRY(check_overlap(earlier, trigger));
    triggers.push_back(std::move(trigger));
  }
  return Passed{};
}

// Every configuration gets an id when it has none, as S3 gives one.
Check check_notification(codec::XmlElement& root, bool skip_validation) {
  std::set<std::string, std::less<>> ids;
  for (codec::XmlElement& child : root.children) {
    if (child.name == "EventBridgeConfiguration") continue;
    const DestinationKind* kind = kind_of(child.name);
    if (kind == nullptr) return s3_error(ErrorCode::malformed_xml);
    TRY(check_destination(child, *kind));
    if (child.child("Id") == nullptr) {
      codec::XmlElement id;
      id.name = "Id";
      id.text = random_uuid();
      child.children.insert(child.children.begin(), std::move(id));
    }
    if (!ids.insert(std::string(trimmed(child.text_of("Id")))).second) {
      return s3_error(ErrorCode::invalid_argument, "Same ID used for multiple configurations");
    }
  }
  TRY(check_overlaps(root));
  if (skip_validation) return Passed{};
  for (const codec::XmlElement& child : root.children) {
    const DestinationKind* kind = kind_of(child.name);
    if (kind == nullptr) continue;
    return invalid_argument("Unable to validate the following destination configurations",
                            std::string(trimmed(child.text_of(kind->destination))),
                            "Reprise reaches no queues, topics or functions; see docs/compatibility.md");
  }
  return Passed{};
}

}  // namespace

Task<Outcome<Reply>> get_bucket_notification(Services&, Call& call) {
  const auto found = call.in().documents.find(std::string(subresource));
  if (found != call.in().documents.end()) co_return xml_reply(found->second);
  codec::XmlElement empty;
  empty.name = "NotificationConfiguration";
  co_return xml_reply(print_document(empty));
}

Task<Outcome<Reply>> put_bucket_notification(Services& services, Call& call) {
  CO_TRY_ASSIGN(codec::XmlElement root, parse_document(call.document, "NotificationConfiguration"));
  const std::string_view skipped = call.headers.get_or("x-amz-skip-destination-validation", "false");
  const bool skip = skipped == "true" || skipped == "True";  // SDKs write it either way
  CO_TRY(check_notification(root, skip));
  Bytes document;
  if (!root.children.empty()) document = print_document(root);
  Buckets::Edit change = [document = std::move(document)](Bucket& bucket) -> Check {
    if (document.empty()) {
      bucket.documents.erase(std::string(subresource));
    } else {
      bucket.documents[std::string(subresource)] = document;
    }
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change));
}

}  // namespace reprise::s3
