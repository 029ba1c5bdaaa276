// The source of a copy: what x-amz-copy-source names, found, allowed and ready to be read.
#include "s3/ops/copy_source.h"

#include <algorithm>
#include <utility>

#include "codec/form.h"
#include "s3/ops/access.h"
#include "s3/ops/buckets.h"
#include "s3/ops/conditions.h"
#include "s3/ops/key_lookup.h"
#include "s3/ops/key_write.h"
#include "s3/ops/on_disk.h"
#include "s3/ops/payload.h"

namespace reprise::s3 {
namespace {

constexpr std::string_view header_name = "x-amz-copy-source";
constexpr std::string_view source_as_of_header = "x-reprise-copy-source-as-of";
constexpr std::string_view version_mark = "?versionId=";

// By its letters: the oldest buckets of S3 have names that today's rules forbid, and are looked for like others.
bool could_be_bucket(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  };
  return !name.empty() && std::ranges::all_of(name, allowed);
}

S3Error invalid_source(std::string_view what) {
  return invalid_argument("Invalid copy source " + std::string(what), std::string(header_name),
                          std::string(header_name));
}

Outcome<std::optional<Timestamp>> source_time(const Call& call) {
  const auto text = call.headers.get(source_as_of_header);
  if (!text) return std::optional<Timestamp>();
  const auto as_of = parse_as_of(*text);
  if (!as_of.ok()) {
    return invalid_argument(std::string(source_as_of_header) + ": " + std::string(as_of.error().message()),
                            std::string(source_as_of_header), std::string(*text));
  }
  return std::optional(*as_of);
}

// `name` outlives the call.
Task<Outcome<BucketPtr>> source_bucket(Services& services, const Call& call, const CopySourceName& name,
                                       std::optional<Timestamp> as_of) {
  BucketPtr bucket;
  if (as_of) {
    auto found = co_await services.buckets.find_as_of(name.bucket, *as_of);
    if (!found.ok()) {
      S3Error why = bucket_read_error(found.error(), as_of);
      co_return co_await past_error(services, call, name.bucket, name.key, std::move(why));
    }
    bucket = std::move(found).value();
  } else {
    bucket = services.buckets.find(name.bucket);
  }
  if (bucket) co_return bucket;
  S3Error error = s3_error(ErrorCode::no_such_bucket);
  error.details = {{"BucketName", name.bucket}};
  co_return error;
}

Task<Outcome<std::optional<FoundVersion>>> look_up(Services& services, const CopySource& source) {
  if (source.name.version) {
    return find_version(services, *source.bucket, source.name.key, *source.name.version, source.as_of);
  }
  return find_newest(services, *source.bucket, source.name.key, source.as_of);
}

AccessTarget target_of(const CopySource& source, const ObjectVersion* object) {
  AccessTarget target;
  target.bucket = source.bucket;
  target.bucket_name = source.name.bucket;
  target.key = source.name.key;
  target.object = object;
  if (source.name.version) target.context.emplace_back("s3:VersionId", source.name.version->text());
  return target;
}

Task<Outcome<Passed>> check_rights(Services& services, const Call& call, const CopySource& source,
                                   const ObjectVersion* object) {
  std::string action = source.name.version ? "s3:GetObjectVersion" : "s3:GetObject";
  AccessTarget target = target_of(source, object);
  CO_TRY(co_await authorize(services, call, std::move(action), std::move(target)));
  if (!source.as_of) co_return Passed();
  std::string past = "reprise:ReadPast";
  AccessTarget again = target_of(source, object);
  co_return co_await authorize(services, call, std::move(past), std::move(again));
}

// What to say of a source that is not there: whoever may not list the bucket is not told.
Task<S3Error> missing(Services& services, const Call& call, const CopySource& source) {
  AccessTarget target;
  target.bucket = source.bucket;
  target.bucket_name = source.name.bucket;
  std::string action = source.name.version ? "s3:ListBucketVersions" : "s3:ListBucket";
  const bool listed = co_await is_allowed(services, call, std::move(action), std::move(target));
  if (!listed) co_return s3_error(ErrorCode::access_denied);
  S3Error error = s3_error(source.name.version ? ErrorCode::no_such_version : ErrorCode::no_such_key);
  error.details = {{"Key", source.name.key}};
  if (source.name.version) error.details.emplace_back("VersionId", source.name.version->text());
  co_return error;
}

// The data key; a source in plain takes none.
Outcome<std::optional<DataKey>> source_key(Services& services, const Call& call, const ObjectVersion& version) {
  TRY(check_customer_key_transport(call.headers, call.secure, call.peer));
  TRY_ASSIGN(const SseRequest presented, sse_of_headers(call.headers, "x-amz-copy-source-server-side-encryption"));
  if (version.encryption.kind == SseKind::none) {
    if (presented.kind == SseKind::none) return std::optional<DataKey>();
    return s3_error(ErrorCode::invalid_request, "The encryption parameters are not applicable to this object.");
  }
  TRY_ASSIGN(DataKey key, services.keys.open(version.encryption, presented));
  return std::optional(std::move(key));
}

}  // namespace

Outcome<CopySourceName> parse_copy_source(std::string_view header) {
  CopySourceName name;
  const std::size_t mark = header.rfind(version_mark);
  if (mark != header.npos) {
    const auto id = codec::form_decoded(header.substr(mark + version_mark.size()));
    const auto version = id ? VersionId::parse(*id) : std::nullopt;
    if (!version) {
      return invalid_argument("Invalid version id specified", std::string(header_name),
                              std::string(header.substr(mark + version_mark.size())));
    }
    name.version = *version;
    header = header.substr(0, mark);
  }
  // As a query is: keys with a plus come as %2B.
  const auto path = codec::form_decoded(header);
  if (!path) return invalid_source("encoding.");
  std::string_view rest = *path;
  if (rest.starts_with('/')) rest.remove_prefix(1);
  const std::size_t slash = rest.find('/');
  if (rest.starts_with("arn:")) {
    return s3_error(ErrorCode::not_implemented, "Copy sources that name an access point are not supported");
  }
  if (!could_be_bucket(rest.substr(0, slash))) return invalid_source("bucket name");
  if (slash == rest.npos || slash + 1 == rest.size()) return invalid_source("object key");
  name.bucket = rest.substr(0, slash);
  name.key = rest.substr(slash + 1);
  return name;
}

std::optional<std::string> CopySource::version_header() const {
  if (bucket->versioning == Versioning::never) return std::nullopt;
  return version.id.text();
}

Task<Outcome<std::unique_ptr<ReplyStream>>> open_source_bytes(Services& services, const CopySource& source,
                                                              ByteRange range) {
  std::optional<DataKey> key = source.key;
  auto stream = co_await open_payload(services, source.bucket, source.version, std::move(key), range.first,
                                      range.length, source.as_of);
  if (stream.ok()) co_return std::move(stream).value();
  if (stream.error().is(Code::not_found)) co_return s3_error(ErrorCode::no_such_key);
  co_return store_error(stream.error());
}

Task<Outcome<SourceDigests>> read_source_digests(Services& services, const CopySource& source, ByteRange range,
                                                 codec::ChecksumAlgorithm algorithm) {
  CO_TRY_ASSIGN(auto stream, co_await open_source_bytes(services, source, range));
  codec::Md5 md5;
  codec::Checksum checksum(algorithm);
  for (;;) {
    Result<Bytes> piece = co_await stream->read();
    if (!piece.ok()) co_return store_error(piece.error());
    if (piece->empty()) break;
    auto work = [&] { return md5.update(*piece), checksum.update(*piece), Status(); };
    const Status done = co_await on_disk(services.disk, std::move(work));
    if (!done.ok()) co_return store_error(done);
    stream->give_back(std::move(piece).value());
  }
  co_return SourceDigests{md5.finish(), checksum.finish()};
}

namespace {

Task<Outcome<Passed>> find_source(Services& services, const Call& call, CopySource& source) {
  CO_TRY_ASSIGN(auto found, co_await look_up(services, source));
  CO_TRY(co_await check_rights(services, call, source, found ? &found->version : nullptr));
  if (!found) co_return co_await missing(services, call, source);
  if (found->version.delete_marker) {
    if (!source.name.version) co_return co_await missing(services, call, source);
    co_return s3_error(ErrorCode::invalid_request,
                       "The source of a copy request may not specifically refer to a delete marker by version id.");
  }
  source.version = std::move(found->version);
  CO_TRY(check_source_conditions(call.headers, source.version, static_cast<std::int64_t>(services.wall.now_micros())));
  CO_TRY_ASSIGN(source.key, source_key(services, call, source.version));
  co_return Passed();
}

}  // namespace

bool source_may_have_changed(const S3Error& why) {
  return why.code == ErrorCode::operation_aborted || why.code == ErrorCode::no_such_key;
}

Task<Outcome<Passed>> find_copy_source_again(Services& services, const Call& call, const S3Error& why,
                                             CopySource& source) {
  const ObjectVersion before = source.version;
  CO_TRY(co_await find_source(services, call, source));
  const ObjectVersion& found = source.version;
  const bool same = found.sequence == before.sequence && found.payload == before.payload;
  if (!same || why.code != ErrorCode::no_such_key) co_return Passed();
  co_return store_error(corruption("a payload of " + source.name.bucket + '/' + source.name.key + " is missing"));
}

Task<Outcome<CopySource>> open_copy_source(Services& services, const Call& call) {
  if (call.caller.anonymous()) {
    co_return s3_error(ErrorCode::access_denied, "Anonymous users cannot copy objects.  Please authenticate.");
  }
  CopySource source;
  CO_TRY_ASSIGN(source.name, parse_copy_source(call.headers.get_or(header_name, "")));
  auto as_of = source_time(call);
  if (!as_of.ok()) {
    S3Error why = std::move(as_of).error();
    co_return co_await past_error(services, call, source.name.bucket, source.name.key, std::move(why));
  }
  source.as_of = *as_of;
  CO_TRY_ASSIGN(source.bucket, co_await source_bucket(services, call, source.name, source.as_of));
  CO_TRY(check_expected_owner(call, *source.bucket, "x-amz-source-expected-bucket-owner"));
  CO_TRY(check_payer(call, *source.bucket));
  CO_TRY(co_await find_source(services, call, source));
  co_return source;
}

}  // namespace reprise::s3
