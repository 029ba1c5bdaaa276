// Versions of a key, looked up without its lock.
//
// The newest version stands in heads or in versions, and changes may move it from one to the other between two reads.
// A version that is there all the time is nevertheless found: what the first look at heads misses is in versions, or
// has come into heads since, which a second look tells. Reads of the past see one moment and need no second look.
#include "s3/ops/key_lookup.h"

#include <utility>

#include "history/store.h"
#include "s3/ops/access.h"
#include "s3/ops/conditions.h"
#include "s3/ops/key_write.h"
#include "s3/ops/services.h"

namespace reprise::s3 {

namespace {

// How often a key may change under a reader before it takes what it has.
constexpr int rounds_max = 8;

bool same(const history::Version& a, const history::Version& b) {
  return a.exists() == b.exists() && (!a.exists() || a.begin() == b.begin());
}

S3Error no_such_version(const Call& call, const VersionId& id) {
  S3Error error = s3_error(ErrorCode::no_such_version);
  error.details.emplace_back("Key", call.key);
  error.details.emplace_back("VersionId", id.text());
  return error;
}

S3Error no_such_key(const Call& call) {
  S3Error error = s3_error(ErrorCode::no_such_key);
  error.details.emplace_back("Key", call.key);
  return error;
}

S3Error marker_is_no_object(const Call& call, const ObjectVersion& marker) {
  S3Error error = s3_error(ErrorCode::method_not_allowed);
  error.details.emplace_back("Method", call.method);
  error.details.emplace_back("ResourceType", "DeleteMarker");
  error.headers.emplace_back("x-amz-delete-marker", "true");
  error.headers.emplace_back("x-amz-version-id", marker.id.text());
  error.headers.emplace_back("Allow", "DELETE");
  error.headers.emplace_back("Last-Modified", http_date(marker.modified_micros));
  return error;
}

Task<Outcome<StoredVersion>> read_record(Services& services, SpaceId space, Bytes key, std::optional<Timestamp> as_of) {
  auto found = co_await services.store.get(space, key, as_of);
  if (!found.ok()) co_return bucket_read_error(found.error(), as_of);
  StoredVersion stored;
  stored.before = std::move(found).value();
  if (!stored.before) co_return stored;
  auto decoded = decode_version(stored.before.value());
  if (!decoded.ok()) co_return store_error(decoded.error());
  stored.version = std::move(decoded).value();
  co_return stored;
}

// What the space of versions has of that id, when `top` is the newest version and another one.
Task<Outcome<std::optional<ObjectVersion>>> find_below(Services& services, const Bucket& bucket, std::string key,
                                                       const ObjectVersion& top, VersionId id,
                                                       std::optional<Timestamp> as_of) {
  const std::uint64_t sequence = id.is_null() ? top.null_below : id.sequence();
  if (sequence == 0) co_return std::optional<ObjectVersion>();
  CO_TRY_ASSIGN(StoredVersion stored, co_await read_stored_version(services, bucket, std::move(key), sequence, as_of));
  if (stored.version && stored.version->id != id) stored.version.reset();
  co_return std::move(stored.version);
}

// Whether whoever asks may know that there is no such key, or version.
Task<Outcome<Passed>> check_may_know(Services& services, const Call& call, std::string_view right) {
  std::string action(right);
  AccessTarget target;
  target.bucket = call.bucket_info;
  target.bucket_name = call.bucket;
  const bool allowed = co_await is_allowed(services, call, std::move(action), std::move(target));
  if (!allowed) co_return s3_error(ErrorCode::access_denied);
  co_return Passed{};
}

Task<Outcome<FoundVersion>> named_version(Services& services, const Call& call, VersionId id) {
  CO_TRY_ASSIGN(auto found, co_await find_version(services, call.in(), call.key, id, call.as_of));
  if (!found) {
    CO_TRY(co_await check_may_know(services, call, "s3:ListBucketVersions"));
    co_return no_such_version(call, id);
  }
  if (found->version.delete_marker) co_return marker_is_no_object(call, found->version);
  co_return std::move(*found);
}

}  // namespace

S3Error bucket_read_error(const Status& status, std::optional<Timestamp> as_of) {
  if (as_of && status.is(Code::invalid)) {
    return invalid_argument("The bucket cannot be read as of that time: " + std::string(status.message()),
                            std::string(as_of_header), format_iso8601(as_of->micros()));
  }
  if (status.is(Code::not_found)) return s3_error(ErrorCode::no_such_bucket);
  return store_error(status);
}

Task<Outcome<StoredVersion>> read_head(Services& services, const Bucket& bucket, std::string key,
                                       std::optional<Timestamp> as_of) {
  return read_record(services, bucket.spaces.heads, std::move(key), as_of);
}

Task<Outcome<StoredVersion>> read_stored_version(Services& services, const Bucket& bucket, std::string key,
                                                 std::uint64_t sequence, std::optional<Timestamp> as_of) {
  return read_record(services, bucket.spaces.versions, versions_key(key, sequence), as_of);
}

Task<Outcome<std::optional<ObjectVersion>>> first_stored_version(Services& services, const Bucket& bucket,
                                                                 std::string key, std::uint64_t below,
                                                                 std::optional<Timestamp> as_of) {
  const Bytes prefix = versions_prefix(key);
  history::ScanRequest request;
  request.space = bucket.spaces.versions;
  request.range.lower = below == ~std::uint64_t{0} ? prefix : versions_key(key, below) + '\0';
  request.range.upper = prefix_end(prefix);
  request.max_rows = 1;
  request.as_of = as_of;
  for (;;) {
    auto page = co_await services.store.scan(request);
    if (!page.ok()) co_return bucket_read_error(page.error(), as_of);
    if (!page->rows.empty()) {
      auto decoded = decode_version(page->rows[0].value);
      if (!decoded.ok()) co_return store_error(decoded.error());
      co_return std::optional<ObjectVersion>(std::move(decoded).value());
    }
    if (!page->resume_after) co_return std::optional<ObjectVersion>();
    request.range.lower = *page->resume_after + '\0';
  }
}

Task<Outcome<std::optional<FoundVersion>>> find_newest(Services& services, const Bucket& bucket, std::string key,
                                                       std::optional<Timestamp> as_of) {
  for (int round = 0; round < rounds_max; ++round) {
    CO_TRY_ASSIGN(StoredVersion head, co_await read_head(services, bucket, key, as_of));
    if (head.version) co_return std::optional<FoundVersion>({std::move(*head.version), true});
    if (bucket.versioning == Versioning::never) break;
    CO_TRY_ASSIGN(auto first, co_await first_stored_version(services, bucket, key, ~std::uint64_t{0}, as_of));
    if (!as_of) {
      CO_TRY_ASSIGN(StoredVersion now, co_await read_head(services, bucket, key, as_of));
      if (now.version) co_return std::optional<FoundVersion>({std::move(*now.version), true});
    }
    if (!first) break;
    if (first->delete_marker) co_return std::optional<FoundVersion>({std::move(*first), true});
    // An object that has been promoted, and replaced, in between: look again.
  }
  co_return std::optional<FoundVersion>();
}

Task<Outcome<std::optional<FoundVersion>>> find_version(Services& services, const Bucket& bucket, std::string key,
                                                        VersionId id, std::optional<Timestamp> as_of) {
  for (int round = 0; round < rounds_max; ++round) {
    CO_TRY_ASSIGN(StoredVersion head, co_await read_head(services, bucket, key, as_of));
    std::optional<ObjectVersion> top = std::move(head.version);
    if (!top && bucket.versioning != Versioning::never) {
      CO_TRY_ASSIGN(top, co_await first_stored_version(services, bucket, key, ~std::uint64_t{0}, as_of));
    }
    if (!top) {
      if (as_of) break;
    } else {
      if (top->id == id) co_return std::optional<FoundVersion>({std::move(*top), true});
      CO_TRY_ASSIGN(auto below, co_await find_below(services, bucket, key, *top, id, as_of));
      if (below) co_return std::optional<FoundVersion>({std::move(*below), false});
      if (as_of) break;
    }
    CO_TRY_ASSIGN(const StoredVersion now, co_await read_head(services, bucket, key, as_of));
    if (same(head.before, now.before)) break;
  }
  co_return std::optional<FoundVersion>();
}

Outcome<std::optional<VersionId>> version_id_of(const Call& call) {
  const auto text = call.query.get("versionId");
  if (!text) return std::optional<VersionId>();
  if (text->empty()) return invalid_argument("Version id cannot be the empty string", "versionId", "");
  const auto id = VersionId::parse(*text);
  if (!id) return invalid_argument("Invalid version id specified", "versionId", std::string(*text));
  return std::optional<VersionId>(*id);
}

Task<Outcome<FoundVersion>> named_object(Services& services, const Call& call) {
  CO_TRY_ASSIGN(const auto id, version_id_of(call));
  if (id) co_return co_await named_version(services, call, *id);
  CO_TRY_ASSIGN(auto found, co_await find_newest(services, call.in(), call.key, call.as_of));
  if (found && !found->version.delete_marker) co_return std::move(*found);
  CO_TRY(co_await check_may_know(services, call, "s3:ListBucket"));
  S3Error error = no_such_key(call);
  if (found) {
    error.headers.emplace_back("x-amz-delete-marker", "true");
    error.headers.emplace_back("x-amz-version-id", found->version.id.text());
  }
  co_return error;
}

}  // namespace reprise::s3
