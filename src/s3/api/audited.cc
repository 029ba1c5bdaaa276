#include "s3/api/audited.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

namespace reprise::s3 {
namespace {

// On a bucket, but about its objects.
constexpr std::string_view about_objects[] = {"DeleteObjects", "PostObject", "Preflight"};
constexpr std::string_view on_objects[] = {"PutObjectLegalHold", "PutObjectRetention"};

// Makes of these a copy out of the past; it means nothing to any other operation.
constexpr std::string_view copy_source_as_of = "x-reprise-copy-source-as-of";
constexpr std::string_view copies[] = {"CopyObject", "UploadPartCopy"};

bool has(const auto& names, std::string_view name) {
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

bool is_action(std::string_view name, const Call& call) {
  if (call.method == "GET" || call.method == "HEAD" || call.method == "OPTIONS" || call.bucket.empty()) return false;
  return call.key.empty() ? !has(about_objects, name) : has(on_objects, name);
}

std::optional<std::string_view> copied_as_of(std::string_view name, const Call& call) {
  return has(copies, name) ? call.headers.get(copy_source_as_of) : std::nullopt;
}

auth::AuditEvent event_of(std::string_view name, const Call& call, std::string_view outcome, bool with_key) {
  auth::AuditEvent event;
  event.who = call.caller.identity;
  event.from = call.peer;
  event.request_id = call.request_id;
  event.action = (name.ends_with("BucketRecovery") ? "reprise:" : "s3:") + std::string(name);
  event.resource = "arn:aws:s3:::" + call.bucket;
  if (with_key && !call.key.empty()) event.resource += "/" + call.key;
  event.outcome = outcome;
  if (call.as_of) {
    event.as_of = format_iso8601(call.as_of->micros());
  } else if (const auto source = copied_as_of(name, call)) {
    event.as_of = *source;
  }
  return event;
}

}  // namespace

Task<void> audit(auth::AuditSink* sink, std::string_view name, const Call& call, std::string_view outcome) {
  if (sink == nullptr || name.empty()) return ready_task();
  // What anybody may try, and nobody was let do, would only fill the log.
  if (call.caller.anonymous() && outcome != "ok") return ready_task();
  if (is_action(name, call)) return sink->record(event_of(name, call, outcome, true));
  if (call.as_of || copied_as_of(name, call)) sink->note_past_read(event_of(name, call, outcome, false));
  return ready_task();
}

}  // namespace reprise::s3
