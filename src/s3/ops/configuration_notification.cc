// A bucket's event notifications. There is no queue, topic or function that Reprise could reach, so a configuration
// with destinations is refused as S3 refuses destinations that it cannot reach, unless the request asks for no such
// check (x-amz-skip-destination-validation): then it is kept and answered, and nothing is sent.
#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "base/rng.h"
#include "codec/xml.h"
#include "s3/model/document.h"
#include "s3/ops/bucket_settings.h"
#include "s3/ops/configuration_operations.h"

namespace reprise::s3 {

namespace {

constexpr std::string_view subresource = "notification";

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
      count_of(element, "Id") > 1 || count_of(element, "Event") == 0) {
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
