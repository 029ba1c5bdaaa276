// Object lock: a bucket's default retention, a version's retention and legal hold, and their XML.
// Source: S3 user guide, "Locking objects with Object Lock".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "s3/model/error.h"

namespace reprise::s3 {

enum class LockMode : std::uint8_t { none, governance, compliance };

struct DefaultRetention {
  LockMode mode = LockMode::governance;
  std::int64_t days = 0;  // one of the two
  std::int64_t years = 0;
  bool operator==(const DefaultRetention&) const = default;
};

struct ObjectLockConfiguration {
  std::optional<DefaultRetention> default_retention;
  bool operator==(const ObjectLockConfiguration&) const = default;
};

// Of one version.
struct ObjectLock {
  LockMode mode = LockMode::none;
  std::int64_t retain_until_micros = 0;
  std::optional<bool> legal_hold;  // nothing: never set
  bool operator==(const ObjectLock&) const = default;
};

inline constexpr std::int64_t default_retention_days_max = 36'500;
inline constexpr std::int64_t default_retention_years_max = 100;

// <ObjectLockConfiguration>, which must say that it is Enabled. MalformedXML; InvalidArgument for a period that is
// none.
[[nodiscard]] Outcome<ObjectLockConfiguration> parse_object_lock(BytesView xml);
[[nodiscard]] Bytes print_object_lock(const ObjectLockConfiguration& configuration);

// <Retention> of one version. Empty, it takes the retention away: mode none.
struct Retention {
  LockMode mode = LockMode::none;
  std::int64_t until_micros = 0;  // whole milliseconds, as they are answered
  bool operator==(const Retention&) const = default;
};
// MalformedXML. A time that has passed is the caller's to refuse.
[[nodiscard]] Outcome<Retention> parse_retention(BytesView xml);
[[nodiscard]] Bytes print_retention(const Retention& retention);

// Event holds (x-amz-object-lock-event-hold, <EventHold>, <DefaultEventHold>) are refused wherever they are asked for:
// NotImplemented.
[[nodiscard]] S3Error event_hold_not_supported();

// <LegalHold>: whether it is ON.
[[nodiscard]] Outcome<bool> parse_legal_hold(BytesView xml);
[[nodiscard]] Bytes print_legal_hold(bool on);

// "GOVERNANCE" or "COMPLIANCE"; of `none` an empty text.
[[nodiscard]] std::string_view lock_mode_name(LockMode mode);
[[nodiscard]] std::optional<LockMode> parse_lock_mode(std::string_view name);
// An ISO 8601 time, cut down to whole milliseconds; nothing when it is none.
[[nodiscard]] std::optional<std::int64_t> parse_lock_time(std::string_view text);
[[nodiscard]] std::string print_lock_time(std::int64_t micros);

// How many days a retention still has, counting a day that has begun: what policies hold to
// s3:object-lock-remaining-retention-days.
[[nodiscard]] std::int64_t remaining_retention_days(std::int64_t until_micros, std::int64_t now_micros);

}  // namespace reprise::s3
