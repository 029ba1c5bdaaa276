// See object_removal.h. Conditions and locks are looked at under the key's lock, so that what they allowed is what
// goes.
#include "s3/ops/object_removal.h"

#include <utility>

#include "s3/ops/conditions.h"
#include "s3/ops/key_write.h"
#include "s3/ops/object_headers.h"
#include "s3/ops/object_locks.h"

namespace reprise::s3 {

namespace {

// A delete marker on top is no object, whatever the condition (measured on the service).
Check check_condition(const Removal& removal, const ObjectVersion* current) {
  if (!removal.if_match) return Passed{};
  if (current == nullptr) {
    S3Error error = s3_error(ErrorCode::no_such_key);
    error.details.emplace_back("Key", removal.key);
    return error;
  }
  if (etag_in(*removal.if_match, current->etag)) return Passed{};
  S3Error error = s3_error(ErrorCode::precondition_failed);
  error.details.emplace_back("Condition", "If-Match");
  return error;
}

Task<Outcome<Removed>> remove_version(Services& services, const Call& call, KeyWrite& write, const Removal& removal) {
  Removed removed;
  removed.version = removal.version;
  CO_TRY_ASSIGN(const auto found, co_await write.find(*removal.version));
  if (!found) co_return removed;
  CO_TRY(co_await check_removal_allowed(services, call, call.in(), *found, removal.key));
  CO_TRY(co_await write.remove(*removal.version));
  CO_TRY(co_await write.commit());
  removed.delete_marker = found->delete_marker;
  co_return removed;
}

}  // namespace

Task<Outcome<Removed>> remove_object(Services& services, const Call& call, Removal removal) {
  CO_TRY(check_bypass_header(call.headers, call.in()));
  CO_TRY(check_key(removal.key));
  CO_TRY_ASSIGN(const auto write, co_await KeyWrite::open(services, call.bucket_info, removal.key));
  CO_TRY(check_condition(removal, write->current()));
  if (removal.version) co_return co_await remove_version(services, call, *write, removal);
  CO_TRY_ASSIGN(const auto marker, co_await write->remove_newest());
  CO_TRY(co_await write->commit());
  Removed removed;
  if (marker) {
    removed.delete_marker = true;
    removed.version = marker->id;
  }
  co_return removed;
}

}  // namespace reprise::s3
