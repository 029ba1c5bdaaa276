// DeleteObject. MFA delete cannot be switched on (PutBucketVersioning refuses it), so x-amz-mfa means nothing, as on a
// bucket of S3 without it.
#include <utility>

#include "s3/ops/conditions.h"
#include "s3/ops/key_lookup.h"
#include "s3/ops/object_headers.h"
#include "s3/ops/object_removal.h"
#include "s3/ops/version_operations.h"

namespace reprise::s3 {

Task<Outcome<Reply>> delete_object(Services& services, Call& call) {
  // Conditions that S3 has for directory buckets alone.
  CO_TRY(refuse_headers(call.headers, {"x-amz-if-match-last-modified-time", "x-amz-if-match-size"}));
  Removal removal;
  removal.key = call.key;
  CO_TRY_ASSIGN(removal.version, version_id_of(call));
  if (const auto match = call.headers.get("if-match")) {
    removal.if_match = *match;
    std::string wanted(*match);
    CO_TRY(co_await authorize_match(services, call, call.key, std::move(wanted)));
  }
  CO_TRY_ASSIGN(const Removed removed, co_await remove_object(services, call, std::move(removal)));
  Reply reply;
  reply.status = 204;
  if (removed.version) reply.headers.add("x-amz-version-id", removed.version->text());
  if (removed.delete_marker) reply.headers.add("x-amz-delete-marker", "true");
  co_return reply;
}

}  // namespace reprise::s3
