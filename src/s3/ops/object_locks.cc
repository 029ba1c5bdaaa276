// Object lock as the other operations see it. Invariant: a lock only ever protects a version; new versions and delete
// markers come on top of it as if it were not there.
#include "s3/ops/object_locks.h"

#include <algorithm>

#include "s3/ops/access.h"

namespace reprise::s3 {
namespace {

constexpr std::string_view mode_header = "x-amz-object-lock-mode";
constexpr std::string_view until_header = "x-amz-object-lock-retain-until-date";
constexpr std::string_view hold_header = "x-amz-object-lock-legal-hold";
constexpr std::string_view event_hold_headers = "x-amz-object-lock-event-hold";  // and with -duration-days, -years
constexpr std::string_view bypass_header = "x-amz-bypass-governance-retention";
constexpr std::int64_t day_micros = 86'400'000'000;

S3Error refused(std::string message, std::string_view name, std::string_view value) {
  return invalid_argument(std::move(message), std::string(name), std::string(value));
}

S3Error locked() {
  return s3_error(ErrorCode::access_denied, "Access Denied because object protected by object lock.");
}

// What protects nothing here must not look as if it did.
Check check_no_event_hold(const Fields& headers) {
  for (const auto& [name, value] : headers) {
    if (!name.starts_with(event_hold_headers)) continue;
    S3Error error = event_hold_not_supported();
    error.details.emplace_back("Header", name);
    return error;
  }
  return Passed{};
}

// The retention of the headers; mode none when they have none.
Outcome<Retention> retention_of(const Fields& headers, std::int64_t now_micros) {
  const auto mode_text = headers.get(mode_header);
  const auto until_text = headers.get(until_header);
  if (!mode_text && !until_text) return Retention();
  if (!mode_text || !until_text) {
    return refused("x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
                   mode_text ? until_header : mode_header, "");
  }
  const auto mode = parse_lock_mode(*mode_text);
  if (!mode) return refused("Unknown wormMode directive.", mode_header, *mode_text);
  const auto until = parse_lock_time(*until_text);
  if (!until) return refused("The retain until date must be provided in ISO 8601 format", until_header, *until_text);
  if (*until <= now_micros) return refused("The retain until date must be in the future!", until_header, *until_text);
  return Retention{*mode, *until};
}

// S3 counts 365 days to a year.
std::int64_t default_until(const DefaultRetention& retention, std::int64_t now_micros) {
  const std::int64_t until = now_micros + (retention.days + 365 * retention.years) * day_micros;
  return until / 1000 * 1000;
}

// s3:..., asked of the key as it is addressed.
Task<bool> allowed(Services& services, const Call& call, std::string action, std::string key) {
  AccessTarget target;
  target.bucket = call.bucket_info;
  target.bucket_name = call.bucket;
  target.key = std::move(key);
  co_return co_await is_allowed(services, call, std::move(action), std::move(target));
}

}  // namespace

Outcome<ObjectLock> lock_of_new_version(const Fields& headers, const Bucket& bucket, std::int64_t now_micros) {
  TRY(check_no_event_hold(headers));
  TRY_ASSIGN(const Retention retention, retention_of(headers, now_micros));
  ObjectLock lock;
  lock.mode = retention.mode;
  lock.retain_until_micros = retention.until_micros;
  if (const auto hold = headers.get(hold_header)) {
    if (*hold != "ON" && *hold != "OFF")
      return refused("Legal Hold must be either of 'ON' or 'OFF'", hold_header, *hold);
    lock.legal_hold = *hold == "ON";
  }
  if (!bucket.object_lock_enabled) {
    if (lock == ObjectLock()) return lock;
    return s3_error(ErrorCode::invalid_request, "Bucket is missing ObjectLockConfiguration");
  }
  const auto& standard = bucket.object_lock.default_retention;
  if (lock.mode == LockMode::none && standard) {
    lock.mode = standard->mode;
    lock.retain_until_micros = default_until(*standard, now_micros);
  }
  return lock;
}

Check check_lock_digest(const Fields& headers, const ObjectLock& lock) {
  if (lock == ObjectLock() || headers.has("content-md5")) return Passed{};
  const bool has_checksum = std::ranges::any_of(headers, [](const Fields::Field& field) {
    const auto& [name, value] = field;
    if (name == "x-amz-trailer") return value.starts_with("x-amz-checksum-");
    return name.starts_with("x-amz-checksum-") && name != "x-amz-checksum-type" && name != "x-amz-checksum-mode" &&
           name != "x-amz-checksum-algorithm";
  });
  if (has_checksum) return Passed{};
  return s3_error(ErrorCode::invalid_request,
                  "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock "
                  "parameters");
}

bool is_locked(const ObjectLock& lock, std::int64_t now_micros) {
  return lock.legal_hold.value_or(false) || (lock.mode != LockMode::none && lock.retain_until_micros > now_micros);
}

Check check_bypass_header(const Fields& headers, const Bucket& bucket) {
  const auto value = headers.get(bypass_header);
  if (!value || bucket.object_lock_enabled) return Passed{};
  return refused("x-amz-bypass-governance-retention is only applicable to Object Lock enabled buckets.", bypass_header,
                 *value);
}

Task<bool> may_bypass_governance(Services& services, const Call& call, std::string key) {
  std::string asked(call.headers.get_or(bypass_header, ""));
  std::ranges::transform(asked, asked.begin(), [](unsigned char c) { return c < 0x80 ? std::tolower(c) : c; });
  if (asked != "true") co_return false;
  co_return co_await allowed(services, call, "s3:BypassGovernanceRetention", std::move(key));
}

Task<Check> check_removal_allowed(Services& services, const Call& call, const Bucket& bucket,
                                  const ObjectVersion& version, std::string key) {
  CO_TRY(check_bypass_header(call.headers, bucket));
  const auto now = static_cast<std::int64_t>(services.wall.now_micros());
  if (version.delete_marker || !is_locked(version.lock, now)) co_return Passed{};
  if (version.lock.legal_hold.value_or(false) || version.lock.mode != LockMode::governance) co_return locked();
  const bool bypass = co_await may_bypass_governance(services, call, std::move(key));
  if (!bypass) co_return locked();
  co_return Passed{};
}

Task<Check> check_removal_allowed(Services& services, const Call& call, const Bucket& bucket,
                                  const ObjectVersion& version) {
  return check_removal_allowed(services, call, bucket, version, call.key);
}

void add_lock_headers(Fields& headers, const ObjectLock& lock) {
  if (lock.mode != LockMode::none) {
    headers.set(mode_header, std::string(lock_mode_name(lock.mode)));
    headers.set(until_header, print_lock_time(lock.retain_until_micros));
  }
  if (lock.legal_hold) headers.set(hold_header, *lock.legal_hold ? "ON" : "OFF");
}

Task<ObjectLock> visible_lock(Services& services, const Call& call, const ObjectVersion& version) {
  ObjectLock lock = version.lock;
  if (lock.mode != LockMode::none) {
    const bool may = co_await allowed(services, call, "s3:GetObjectRetention", call.key);
    if (!may) lock.mode = LockMode::none;
  }
  if (lock.legal_hold) {
    const bool may = co_await allowed(services, call, "s3:GetObjectLegalHold", call.key);
    if (!may) lock.legal_hold.reset();
  }
  co_return lock;
}

}  // namespace reprise::s3
