// When lifecycle rules act on an object or an upload, and what the answers say of it.
//
// A rule that counts days is due at the first midnight (UTC) at or after its base plus its days; a rule with a date, at
// that date. With a shorter day (Settings::lifecycle_day) a "midnight" is a multiple of that day since the epoch.
// Source: S3 user guide, "Expiring objects", "Setting lifecycle configuration on a bucket".
//
// Pure functions, thread-safe. Times are microseconds since the epoch.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "s3/model/bucket.h"
#include "s3/model/object.h"

namespace reprise::s3 {

// Base plus days, rounded up to a whole day.
[[nodiscard]] std::int64_t due_micros(std::int64_t base_micros, std::int64_t days, std::chrono::seconds day);

// When and by which rule a current version expires. Of the rules that say so, the one that comes first; of those that
// come together, the one listed first.
struct Due {
  std::int64_t at_micros = 0;
  const LifecycleRule* rule = nullptr;  // of the bucket's lifecycle
};
[[nodiscard]] std::optional<Due> expiration_of(const Bucket& bucket, std::string_view key, const ObjectVersion& version,
                                               std::chrono::seconds day);
// The value of x-amz-expiration for a current version: expiry-date="Fri, 02 Nov 2018 00:00:00 GMT", rule-id="a rule".
// The rule's ID stands in it as it is, but for bytes that a header cannot carry, which are percent-encoded.
[[nodiscard]] std::optional<std::string> expiration_header(const Bucket& bucket, std::string_view key,
                                                           const ObjectVersion& version, std::chrono::seconds day);

// Whether a noncurrent version (or noncurrent delete marker) goes at `now_micros`: it has been noncurrent for the
// rule's days, and at least as many newer noncurrent versions stay as the rule wants to keep. Delete markers are not
// among those `newer_kept`.
[[nodiscard]] bool noncurrent_is_due(const Bucket& bucket, std::string_view key, const ObjectVersion& version,
                                     std::uint64_t newer_kept, std::chrono::seconds day, std::int64_t now_micros);
// Whether a delete marker that is its key's only version goes: at once by ExpiredObjectDeleteMarker, and by the days or
// the date of an expiration when it is old enough.
[[nodiscard]] bool lone_marker_is_due(const Bucket& bucket, std::string_view key, const ObjectVersion& marker,
                                      std::chrono::seconds day, std::int64_t now_micros);

// When and by which rule an upload under way is aborted.
[[nodiscard]] std::optional<Due> abort_of(const Bucket& bucket, std::string_view key, std::int64_t initiated_micros,
                                          std::chrono::seconds day);
// The values of x-amz-abort-date and x-amz-abort-rule-id.
struct AbortHeaders {
  std::string date;
  std::string rule_id;
};
[[nodiscard]] std::optional<AbortHeaders> abort_headers(const Bucket& bucket, std::string_view key,
                                                        std::int64_t initiated_micros, std::chrono::seconds day);

}  // namespace reprise::s3
