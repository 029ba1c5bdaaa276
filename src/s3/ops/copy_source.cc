// The source of a copy: what x-amz-copy-source names, found, allowed and ready to be read.
#include "s3/ops/copy_source.h"

#include <utility>

#include "s3/ops/access.h"
#include "s3/ops/buckets.h"
#include "s3/ops/conditions.h"
#include "s3/ops/key_lookup.h"
#include "s3/ops/key_write.h"

namespace reprise::s3 {
namespace {

constexpr std::string_view header_name = "x-amz-copy-source";
constexpr std::string_view as_of_header = "x-reprise-copy-source-as-of";
constexpr std::string_view version_mark = "?versionId=";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// URL-decoded, as a query is: '+' is a space, so keys with a plus come as %2B. Nothing when an escape is none.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

S3Error must_mention() {
  return invalid_argument("Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                          std::string(header_name), std::string(header_name));
}

Outcome<std::optional<Timestamp>> source_time(const Call& call) {
  const auto text = call.headers.get(as_of_header);
  if (!text) return std::optional<Timestamp>();
  const auto micros = parse_time_micros(*text);
  if (!micros.ok()) {
    return invalid_argument("The time is neither ISO 8601 nor seconds since the epoch", std::string(as_of_header),
                            std::string(*text));
  }
  return std::optional(Timestamp::last_of_micros(*micros));
}

Task<Outcome<BucketPtr>> source_bucket(Services& services, std::string name, std::optional<Timestamp> as_of) {
  BucketPtr bucket;
  if (as_of) {
    auto found = co_await services.buckets.find_as_of(name, *as_of);
    if (!found.ok()) co_return bucket_read_error(found.error(), as_of);
    bucket = std::move(found).value();
  } else {
    bucket = services.buckets.find(name);
  }
  if (bucket) co_return bucket;
  S3Error error = s3_error(ErrorCode::no_such_bucket);
  error.details = {{"BucketName", std::move(name)}};
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
    const auto id = decoded(header.substr(mark + version_mark.size()));
    const auto version = id ? VersionId::parse(*id) : std::nullopt;
    if (!version) {
      return invalid_argument("Invalid version id specified", std::string(header_name),
                              std::string(header.substr(mark + version_mark.size())));
    }
    name.version = *version;
    header = header.substr(0, mark);
  }
  const auto path = decoded(header);
  if (!path) {
    return invalid_argument("Invalid copy source encoding.", std::string(header_name), std::string(header_name));
  }
  std::string_view rest = *path;
  if (rest.starts_with('/')) rest.remove_prefix(1);
  const std::size_t slash = rest.find('/');
  if (slash == rest.npos || slash == 0 || slash + 1 == rest.size()) return must_mention();
  if (rest.starts_with("arn:")) {
    return s3_error(ErrorCode::not_implemented, "Copy sources that name an access point are not supported");
  }
  name.bucket = rest.substr(0, slash);
  name.key = rest.substr(slash + 1);
  return name;
}

std::optional<std::string> CopySource::version_header() const {
  if (bucket->versioning == Versioning::never) return std::nullopt;
  return version.id.text();
}

Task<Outcome<Passed>> find_copy_source_again(Services& services, const Call& call, CopySource& source) {
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

Task<Outcome<CopySource>> open_copy_source(Services& services, const Call& call) {
  CopySource source;
  CO_TRY_ASSIGN(source.name, parse_copy_source(call.headers.get_or(header_name, "")));
  CO_TRY_ASSIGN(source.as_of, source_time(call));
  CO_TRY_ASSIGN(source.bucket, co_await source_bucket(services, source.name.bucket, source.as_of));
  CO_TRY(check_expected_owner(call, *source.bucket, "x-amz-source-expected-bucket-owner"));
  CO_TRY(co_await find_copy_source_again(services, call, source));
  co_return source;
}

}  // namespace reprise::s3
