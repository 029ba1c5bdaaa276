// GetObject and HeadObject: one path, of which HEAD leaves out the payload.
//
// A version that is found may be replaced, and its payload gone, before the payload is opened. Then it is looked up
// again: a read never fails because of a write beside it.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "s3/model/metadata_text.h"
#include "s3/ops/access.h"
#include "s3/ops/conditions.h"
#include "s3/ops/expiration.h"
#include "s3/ops/key_write.h"
#include "s3/ops/multipart_operations.h"
#include "s3/ops/object_headers.h"
#include "s3/ops/object_locks.h"
#include "s3/ops/object_operations.h"
#include "s3/ops/payload.h"
#include "s3/ops/ranges.h"

namespace reprise::s3 {
namespace {

constexpr int rounds_max = 8;
constexpr std::uint32_t part_number_max = 10'000;

// Names as they go on the wire, of what a record keeps in lower case; and the query parameter that overrides them.
struct ContentHeader {
  std::string_view kept;
  std::string_view name;
  std::string_view parameter;
};
constexpr std::array<ContentHeader, 7> content_header_names = {{
    {"cache-control", "Cache-Control", "response-cache-control"},
    {"content-disposition", "Content-Disposition", "response-content-disposition"},
    {"content-encoding", "Content-Encoding", "response-content-encoding"},
    {"content-language", "Content-Language", "response-content-language"},
    {"content-type", "Content-Type", "response-content-type"},
    {"expires", "Expires", "response-expires"},
    {"x-amz-website-redirect-location", "x-amz-website-redirect-location", ""},
}};

// Which bytes of the object the answer has.
struct Selection {
  std::uint64_t first = 0;
  std::uint64_t length = 0;
  bool partial = false;                 // 206
  std::optional<std::uint32_t> part{};  // asked for by its number
};

S3Error bad_part_number(std::string_view text) {
  return invalid_argument("Part number must be an integer between 1 and 10000, inclusive", "partNumber",
                          std::string(text));
}

S3Error no_such_part(std::uint32_t number, std::size_t parts) {
  S3Error error = s3_error(ErrorCode::invalid_part_number);
  error.details = {{"ActualPartCount", std::to_string(parts)}, {"PartNumberRequested", std::to_string(number)}};
  return error;
}

// The part of that number. An object that was put whole has one.
Outcome<Selection> select_part(const ObjectVersion& version, std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool digits = error == std::errc() && end == text.data() + text.size();
  if (!digits || number == 0 || number > part_number_max) return bad_part_number(text);
  if (!version.multipart) {
    if (number != 1) return no_such_part(number, 1);
    return Selection{0, version.bytes, version.bytes > 0, number};
  }
  const std::vector<ObjectPart> parts = parts_of(version.payload);
  for (const ObjectPart& part : parts) {
    if (part.number() == number) return Selection{part.first, part.bytes, part.bytes > 0, number};
  }
  return no_such_part(number, parts.size());
}

// If-Range: the range only counts when the object is still the one the client knows.
bool range_applies(const Fields& headers, const ObjectVersion& version) {
  const auto wanted = headers.get("if-range");
  if (!wanted) return true;
  if (wanted->starts_with('"')) return etag_in(*wanted, version.etag);
  const auto date = parse_date_header(*wanted);
  return date && *date == version.modified_micros / 1'000'000;
}

Outcome<Selection> select_bytes(const Call& call, const ObjectVersion& version) {
  const Selection whole{0, version.bytes};
  const auto range = call.headers.get("range");
  if (const auto part = call.query.get("partNumber")) {
    if (range) {
      return s3_error(ErrorCode::invalid_request, "Cannot specify both Range header and partNumber query parameter");
    }
    return select_part(version, *part);
  }
  if (!range || !range_applies(call.headers, version)) return whole;
  TRY_ASSIGN(const auto wanted, parse_range(*range, version.bytes));
  return wanted ? Selection{wanted->first, wanted->length, true} : whole;
}

Check check_overrides(const Call& call) {
  if (!call.caller.anonymous()) return Passed();
  for (const ContentHeader& header : content_header_names) {
    if (header.parameter.empty() || !call.query.has(header.parameter)) continue;
    return s3_error(ErrorCode::invalid_request,
                    "Request specific response headers cannot be used for anonymous GET requests.");
  }
  return Passed();
}

void add_content_headers(Fields& headers, const Call& call, const ObjectVersion& version) {
  for (const ContentHeader& header : content_header_names) {
    const auto overriding = header.parameter.empty() ? std::nullopt : call.query.get(header.parameter);
    const auto kept = std::ranges::find(version.headers, header.kept,
                                        [](const auto& pair) -> const std::string& { return pair.first; });
    if (overriding && !overriding->empty()) {
      headers.add(std::string(header.name), std::string(*overriding));
    } else if (kept != version.headers.end()) {
      headers.add(std::string(header.name), kept->second);
    }
  }
}

void add_metadata(Fields& headers, const ObjectVersion& version) {
  for (const auto& [name, value] : version.metadata) headers.add("x-amz-meta-" + name, metadata_header(value));
}

// Of the whole object; of a part of it the part's own, where it has one; of a range there is none. Of the parts of an
// object whose checksum is one of the whole S3 tells none either, unless that part is the whole.
void add_checksums(Fields& headers, const Call& call, const ObjectVersion& version, const Selection& selection) {
  if (!call.headers.has("x-amz-checksum-mode") || version.checksums.empty()) return;
  const bool composite = version.checksums.front().type == ChecksumType::composite;
  if (version.multipart && selection.part && !composite && selection.length < version.bytes) return;
  if (version.multipart && selection.part) {
    for (const PayloadPart& part : version.payload.parts) {
      if (part.number != *selection.part || !part.checksum) continue;
      headers.add(std::string(codec::checksum_header(part.checksum->algorithm())), part.checksum->base64());
    }
  } else if (!selection.partial || selection.part) {
    for (const ObjectChecksum& checksum : version.checksums) {
      headers.add(std::string(codec::checksum_header(checksum.value.algorithm())), checksum.text());
    }
  } else {
    return;
  }
  headers.add("x-amz-checksum-type", std::string(checksum_type_name(version.checksums.front().type)));
}

Task<bool> may_see_tags(Services& services, const Call& call, const ObjectVersion& version) {
  AccessTarget target;
  target.bucket = call.bucket_info;
  target.bucket_name = call.bucket;
  target.key = call.key;
  target.object = &version;
  std::string action = call.query.has("versionId") ? "s3:GetObjectVersionTagging" : "s3:GetObjectTagging";
  co_return co_await is_allowed(services, call, std::move(action), std::move(target));
}

Task<Fields> reply_headers(Services& services, const Call& call, const NamedObject& object,
                           const Selection& selection) {
  const ObjectVersion& version = object.version;
  Fields headers;
  headers.add("Last-Modified", http_date(version.modified_micros));
  if (object.newest && !call.query.has("versionId")) {
    if (const auto expiration = expiration_header(call.in(), call.key, version, services.settings.lifecycle_day)) {
      headers.add("x-amz-expiration", *expiration);
    }
  }
  headers.add("ETag", '"' + version.etag + '"');
  add_checksums(headers, call, version, selection);
  add_sse_headers(headers, version.encryption);
  if (call.in().versioning != Versioning::never) headers.add("x-amz-version-id", version.id.text());
  headers.add("Accept-Ranges", "bytes");
  add_content_headers(headers, call, version);
  if (selection.partial) {
    headers.add("Content-Range", "bytes " + std::to_string(selection.first) + '-' +
                                     std::to_string(selection.first + selection.length - 1) + '/' +
                                     std::to_string(version.bytes));
  }
  add_metadata(headers, version);
  if (version.storage_class != "STANDARD") headers.add("x-amz-storage-class", version.storage_class);
  if (selection.part && version.multipart) {
    headers.add("x-amz-mp-parts-count", std::to_string(parts_of(version.payload).size()));
  }
  if (!version.tags.empty()) {
    const bool visible = co_await may_see_tags(services, call, version);
    if (visible) headers.add("x-amz-tagging-count", std::to_string(version.tags.size()));
  }
  const ObjectLock lock = co_await visible_lock(services, call, version);
  add_lock_headers(headers, lock);
  co_return headers;
}

enum class Wanted : bool { head, whole };

Task<Outcome<Reply>> answer(Services& services, Call& call, Wanted wanted) {
  CO_TRY(check_overrides(call));
  for (int round = 1;; ++round) {
    CO_TRY_ASSIGN(const NamedObject object,
                  co_await readable_object(services, call, "s3:GetObject", "s3:GetObjectVersion"));
    const ObjectVersion& version = object.version;
    if (wanted == Wanted::whole) CO_TRY(check_kms_signature(call, version.encryption.kind));
    CO_TRY_ASSIGN(std::optional<DataKey> key, key_of_read(services, call, version));
    Check conditions =
        check_read_conditions(call.headers, version, static_cast<std::int64_t>(services.wall.now_micros()));
    if (!conditions.ok()) {
      S3Error error = std::move(conditions).error();
      if (call.in().versioning != Versioning::never) error.headers.emplace_back("x-amz-version-id", version.id.text());
      co_return error;
    }
    CO_TRY_ASSIGN(const Selection selection, select_bytes(call, version));
    Reply reply;
    reply.status = selection.partial ? 206 : 200;
    reply.content_length = selection.length;
    reply.headers = co_await reply_headers(services, call, object, selection);
    if (wanted == Wanted::head) co_return reply;
    auto stream = co_await open_payload(services, call.bucket_info, version, std::move(key), selection.first,
                                        selection.length, call.as_of);
    if (stream.ok()) {
      reply.stream = std::move(stream).value();
      co_return reply;
    }
    if (!stream.error().is(Code::not_found) || round == rounds_max) co_return store_error(stream.error());
  }
}

}  // namespace

Task<Outcome<NamedObject>> readable_object(Services& services, const Call& call, std::string_view action,
                                           std::string_view version_action) {
  const bool versioned = call.query.has("versionId");
  Outcome<FoundVersion> found = co_await named_object(services, call);
  AccessTarget target;
  target.bucket = call.bucket_info;
  target.bucket_name = call.bucket;
  target.key = call.key;
  target.object = found.ok() ? &found->version : nullptr;
  std::string right(versioned ? version_action : action);
  CO_TRY(co_await authorize(services, call, std::move(right), std::move(target)));
  if (!found.ok()) co_return std::move(found).error();
  NamedObject object;
  object.version = std::move(found->version);
  object.newest = found->newest;
  co_return object;
}

Outcome<std::optional<DataKey>> key_of_read(Services& services, const Call& call, const ObjectVersion& version) {
  TRY(check_customer_key_transport(call.headers, call.secure, call.peer));
  TRY_ASSIGN(const SseRequest presented, sse_of_read(call.headers));
  if (version.encryption.kind == SseKind::none) {
    if (presented.kind != SseKind::customer) return std::optional<DataKey>();
    return s3_error(ErrorCode::invalid_request, "The encryption parameters are not applicable to this object.");
  }
  TRY_ASSIGN(DataKey key, services.keys.open(version.encryption, presented));
  return std::optional(std::move(key));
}

Task<Outcome<Reply>> get_object(Services& services, Call& call) { return answer(services, call, Wanted::whole); }
Task<Outcome<Reply>> head_object(Services& services, Call& call) { return answer(services, call, Wanted::head); }

}  // namespace reprise::s3
