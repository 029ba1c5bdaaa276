// See object_change.h.
#include "s3/ops/object_change.h"

#include <utility>

#include "s3/ops/key_lookup.h"
#include "s3/ops/key_write.h"

namespace reprise::s3 {

namespace {

// How often the newest version may be another one by the time its key is locked.
constexpr int rounds_max = 16;

}  // namespace

void add_version_header(Reply& reply, const Bucket& bucket, const ObjectVersion& version) {
  if (bucket.versioning != Versioning::never) reply.headers.add("x-amz-version-id", version.id.text());
}

Task<Outcome<Reply>> change_version(Services& services, Call& call, VersionChange& change, int status) {
  for (int round = 0; round < rounds_max; ++round) {
    // Finds the words for what is not there.
    CO_TRY(co_await named_object(services, call));
    CO_TRY_ASSIGN(const auto write, co_await KeyWrite::open(services, call.bucket_info, call.key));
    CO_TRY_ASSIGN(const auto id, version_id_of(call));
    std::optional<ObjectVersion> version;
    if (id) {
      CO_TRY_ASSIGN(version, co_await write->find(*id));
    } else if (write->current() != nullptr) {
      version = *write->current();
    }
    if (!version || version->delete_marker) continue;
    CO_TRY(change.apply(*version));
    CO_TRY(co_await write->rewrite(*version));
    CO_TRY(co_await write->commit());
    Reply reply;
    reply.status = status;
    add_version_header(reply, call.in(), *version);
    co_return reply;
  }
  co_return s3_error(ErrorCode::operation_aborted);
}

}  // namespace reprise::s3
