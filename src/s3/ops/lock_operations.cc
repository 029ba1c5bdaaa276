// The operations of object lock: a bucket's configuration, and the retention and legal hold of a version.
//
// Invariants
//   - object lock, once enabled, stays; versioning with it;
//   - compliance retention is only ever extended; governance retention is changed otherwise only by who may bypass it;
//   - a change of a lock rewrites the version's record in place: no new version, no other Last-Modified.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "s3/ops/access.h"
#include "s3/ops/buckets.h"
#include "s3/ops/key_write.h"
#include "s3/ops/object_locks.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {
namespace {

constexpr std::size_t document_bytes_max = std::size_t{64} << 10;

// ---- Of a bucket ---------------------------------------------------------------------------------------------------

Task<Outcome<Reply>> put_configuration(Services& services, Call& call) {
  CO_TRY_ASSIGN(const ObjectLockConfiguration configuration, parse_object_lock(call.document));
  Buckets::Edit change = [configuration](Bucket& bucket) -> Check {
    if (bucket.versioning != Versioning::enabled) {
      return s3_error(ErrorCode::invalid_bucket_state,
                      "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration");
    }
    bucket.object_lock_enabled = true;
    bucket.object_lock = configuration;
    return Passed{};
  };
  CO_TRY(co_await services.buckets.edit(call.bucket_info, std::move(change)));
  co_return Reply();
}

Task<Outcome<Reply>> get_configuration(Services&, Call& call) {
  if (!call.in().object_lock_enabled) {
    S3Error error = s3_error(ErrorCode::object_lock_configuration_not_found);
    error.details.emplace_back("BucketName", call.in().name);
    co_return error;
  }
  co_return xml_reply(print_object_lock(call.in().object_lock));
}

// ---- Of a version --------------------------------------------------------------------------------------------------

Check check_bucket_has_lock(const Bucket& bucket) {
  if (bucket.object_lock_enabled) return Passed{};
  return s3_error(ErrorCode::invalid_request, "Bucket is missing Object Lock Configuration");
}

S3Error no_lock(const Call& call) {
  S3Error error = s3_error(ErrorCode::no_such_object_lock_configuration);
  error.details.emplace_back("Key", call.key);
  return error;
}

// Whether the retention `wanted` may take the place of what `lock` has, without bypassing anything.
bool extends(const ObjectLock& lock, const Retention& wanted, std::int64_t now_micros) {
  const bool expired = lock.mode == LockMode::none || lock.retain_until_micros <= now_micros;
  return expired || (wanted.mode == lock.mode && wanted.until_micros >= lock.retain_until_micros);
}

Task<Check> check_change(Services& services, const Call& call, ObjectLock lock, Retention wanted) {
  const auto now = static_cast<std::int64_t>(services.wall.now_micros());
  if (extends(lock, wanted, now)) co_return Passed{};
  bool may = false;
  if (lock.mode == LockMode::governance) may = co_await may_bypass_governance(services, call, call.key);
  if (may) co_return Passed{};
  co_return s3_error(ErrorCode::access_denied, "Access Denied because object protected by object lock.");
}

// Policies may ask what lock a request sets (S3 user guide, "Setting limits on retention periods"), so the right is
// asked for when that is known.
Task<Check> authorize_lock(Services& services, const Call& call, std::string action,
                           std::vector<std::pair<std::string, std::string>> context) {
  AccessTarget target;
  target.bucket = call.bucket_info;
  target.bucket_name = call.bucket;
  target.key = call.key;
  target.context = std::move(context);
  co_return co_await authorize(services, call, std::move(action), std::move(target));
}

std::vector<std::pair<std::string, std::string>> context_of(const Retention& wanted, std::int64_t now_micros) {
  if (wanted.mode == LockMode::none) return {};
  return {{"s3:object-lock-mode", std::string(lock_mode_name(wanted.mode))},
          {"s3:object-lock-retain-until-date", print_lock_time(wanted.until_micros)},
          {"s3:object-lock-remaining-retention-days",
           std::to_string(remaining_retention_days(wanted.until_micros, now_micros))}};
}

// The version that `call` names, with its key locked.
struct LockedVersion {
  std::unique_ptr<KeyWrite> write;
  ObjectVersion version;
};

Task<Outcome<LockedVersion>> open_version(Services& services, const Call& call) {
  CO_TRY_ASSIGN(const FoundVersion named, co_await named_object(services, call));
  CO_TRY_ASSIGN(std::unique_ptr<KeyWrite> write, co_await KeyWrite::open(services, call.bucket_info, call.key));
  CO_TRY_ASSIGN(std::optional<ObjectVersion> version, co_await write->find(named.version.id));
  // Removed in between: null versions of this key may have come in its place.
  if (!version || version->sequence != named.version.sequence) co_return s3_error(ErrorCode::operation_aborted);
  co_return LockedVersion{std::move(write), *std::move(version)};
}

Task<Outcome<Reply>> put_retention(Services& services, Call& call) {
  const auto parsed = parse_retention(call.document);
  const Retention wanted = parsed.ok() ? *parsed : Retention();
  const auto now = static_cast<std::int64_t>(services.wall.now_micros());
  CO_TRY(co_await authorize_lock(services, call, "s3:PutObjectRetention", context_of(wanted, now)));
  if (!parsed.ok()) co_return parsed.error();
  CO_TRY(check_bucket_has_lock(call.in()));
  if (wanted.mode != LockMode::none && wanted.until_micros <= now) {
    co_return invalid_argument("The retain until date must be in the future!", "RetainUntilDate",
                               print_lock_time(wanted.until_micros));
  }
  CO_TRY_ASSIGN(LockedVersion found, co_await open_version(services, call));
  CO_TRY(co_await check_change(services, call, found.version.lock, wanted));
  found.version.lock.mode = wanted.mode;
  found.version.lock.retain_until_micros = wanted.until_micros;
  CO_TRY(co_await found.write->rewrite(std::move(found.version)));
  CO_TRY(co_await found.write->commit());
  co_return Reply();
}

Task<Outcome<Reply>> get_retention(Services& services, Call& call) {
  CO_TRY(check_bucket_has_lock(call.in()));
  CO_TRY_ASSIGN(const FoundVersion found, co_await named_object(services, call));
  const ObjectLock& lock = found.version.lock;
  if (lock.mode == LockMode::none) co_return no_lock(call);
  const Retention retention{lock.mode, lock.retain_until_micros};
  co_return xml_reply(print_retention(retention));
}

Task<Outcome<Reply>> put_legal_hold(Services& services, Call& call) {
  const auto on = parse_legal_hold(call.document);
  std::vector<std::pair<std::string, std::string>> asked;
  if (on.ok()) asked.emplace_back("s3:object-lock-legal-hold", *on ? "ON" : "OFF");
  CO_TRY(co_await authorize_lock(services, call, "s3:PutObjectLegalHold", std::move(asked)));
  if (!on.ok()) co_return on.error();
  CO_TRY(check_bucket_has_lock(call.in()));
  CO_TRY_ASSIGN(LockedVersion found, co_await open_version(services, call));
  found.version.lock.legal_hold = *on;
  CO_TRY(co_await found.write->rewrite(std::move(found.version)));
  CO_TRY(co_await found.write->commit());
  co_return Reply();
}

Task<Outcome<Reply>> get_legal_hold(Services& services, Call& call) {
  CO_TRY(check_bucket_has_lock(call.in()));
  CO_TRY_ASSIGN(const FoundVersion found, co_await named_object(services, call));
  if (!found.version.lock.legal_hold) co_return no_lock(call);
  co_return xml_reply(print_legal_hold(*found.version.lock.legal_hold));
}

constexpr Operation operations[] = {
    {.name = "PutObjectLockConfiguration",
     .level = Level::bucket,
     .method = "PUT",
     .subresource = "object-lock",
     .run = put_configuration,
     .action = "s3:PutBucketObjectLockConfiguration",
     .document_bytes_max = document_bytes_max,
     .needs_digest = true},
    {.name = "GetObjectLockConfiguration",
     .level = Level::bucket,
     .method = "GET",
     .subresource = "object-lock",
     .run = get_configuration,
     .action = "s3:GetBucketObjectLockConfiguration",
     .takes_as_of = true},
    {.name = "PutObjectRetention",
     .level = Level::object,
     .method = "PUT",
     .subresource = "retention",
     .run = put_retention,
     .document_bytes_max = document_bytes_max,
     .needs_digest = true},
    {.name = "GetObjectRetention",
     .level = Level::object,
     .method = "GET",
     .subresource = "retention",
     .run = get_retention,
     .action = "s3:GetObjectRetention",
     .takes_as_of = true},
    {.name = "PutObjectLegalHold",
     .level = Level::object,
     .method = "PUT",
     .subresource = "legal-hold",
     .run = put_legal_hold,
     .document_bytes_max = document_bytes_max,
     .needs_digest = true},
    {.name = "GetObjectLegalHold",
     .level = Level::object,
     .method = "GET",
     .subresource = "legal-hold",
     .run = get_legal_hold,
     .action = "s3:GetObjectLegalHold",
     .takes_as_of = true},
};

}  // namespace

std::span<const Operation> lock_operations() { return operations; }

}  // namespace reprise::s3
