// CopyObject.
//
// A copy shares the blobs of its source, so its time does not depend on their size: the new version names them too, and
// of an encrypted source the same data key is wrapped anew. The bytes are read where that cannot be: where the source
// is inline (then they are few), where one of the two is encrypted and the other one is not or a customer's key comes
// or goes (shared_payload.h), and where an ETag or a checksum is wanted that nobody has computed.
#include <algorithm>
#include <utility>

#include "base/fault_point.h"
#include "codec/hex.h"
#include "codec/xml.h"
#include "s3/ops/access.h"
#include "s3/ops/conditions.h"
#include "s3/ops/copy_source.h"
#include "s3/ops/expiration.h"
#include "s3/ops/key_write.h"
#include "s3/ops/list_request.h"
#include "s3/ops/multipart_operations.h"
#include "s3/ops/object_headers.h"
#include "s3/ops/object_operations.h"
#include "s3/ops/on_disk.h"
#include "s3/ops/payload.h"
#include "s3/ops/put_object.h"
#include "s3/ops/shared_payload.h"

namespace reprise::s3 {
namespace {

// How often a copy begins again when its source, or who names its blobs, changes under its hands.
constexpr int rounds_max = 8;

enum class Directive : bool { copy, replace };

Outcome<Directive> directive_of(const Fields& headers, std::string_view name, std::string message) {
  const auto text = headers.get(name);
  if (!text || *text == "COPY") return Directive::copy;
  if (*text == "REPLACE") return Directive::replace;
  return invalid_argument(std::move(message), std::string(name), std::string(*text));
}

struct CopyRequest {
  Directive metadata = Directive::copy;
  Directive tags = Directive::copy;
  std::optional<codec::ChecksumAlgorithm> checksum;  // another one is wanted
  NewObject made;                                    // as the headers say
};

Outcome<CopyRequest> read_request(const Call& call, std::int64_t now_micros) {
  CopyRequest request;
  TRY_ASSIGN(request.metadata, directive_of(call.headers, "x-amz-metadata-directive", "Unknown metadata directive."));
  TRY_ASSIGN(request.tags, directive_of(call.headers, "x-amz-tagging-directive", "Unknown tagging directive."));
  if (const auto name = call.headers.get("x-amz-checksum-algorithm")) {
    request.checksum = codec::checksum_named(*name);
    if (!request.checksum) {
      return s3_error(ErrorCode::invalid_request,
                      "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
                      "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]");
    }
  }
  TRY_ASSIGN(request.made, new_object(call.headers, call, call.in(), now_micros));
  return request;
}

// A copy onto itself must change something, unless it brings a version back.
Check check_self_copy(const Call& call, const CopyRequest& request, const CopySource& source) {
  if (source.name.bucket != call.bucket || source.name.key != call.key) return Passed();
  if (source.name.version || source.as_of || request.metadata == Directive::replace) return Passed();
  for (const std::string_view name :
       {"x-amz-storage-class", "x-amz-website-redirect-location", "x-amz-server-side-encryption",
        "x-amz-server-side-encryption-customer-algorithm", "x-amz-checksum-algorithm"}) {
    if (call.headers.has(name)) return Passed();
  }
  return s3_error(ErrorCode::invalid_request,
                  "This copy request is illegal because it is trying to copy an object to itself without changing the "
                  "object's metadata, storage class, website redirect location or encryption attributes.");
}

// What the new version says of itself; its payload comes after.
ObjectVersion described(const CopyRequest& request, const ObjectVersion& source) {
  ObjectVersion version = request.made.version;
  if (request.metadata == Directive::copy) {
    // The redirect is not copied: it is what the request says.
    HeaderPairs headers = source.headers;
    static constexpr std::string_view redirect = "x-amz-website-redirect-location";
    std::erase_if(headers, [](const auto& pair) { return pair.first == redirect; });
    for (const auto& pair : version.headers) {
      if (pair.first == redirect) headers.push_back(pair);
    }
    version.headers = std::move(headers);
    version.metadata = source.metadata;
  }
  if (request.tags == Directive::copy) version.tags = source.tags;
  version.bytes = source.bytes;
  return version;
}

bool checksum_is_there(const CopyRequest& request, const ObjectVersion& source) {
  if (!request.checksum) return true;
  return std::ranges::any_of(source.checksums, [&](const ObjectChecksum& checksum) {
    return checksum.value.algorithm() == *request.checksum;
  });
}

// ---- The two ways --------------------------------------------------------------------------------------------------

struct Prepared {
  ObjectVersion version;
  Bytes inline_bytes;
  Naming naming = Naming::shared;
  std::optional<WrittenPayload> written;               // held until the commit; taken away when it fails
  std::vector<std::unique_ptr<blob::BlobHold>> holds;  // on what is shared
};

// ETag and checksums of a version that shares the source's payload. The source is read once where nobody has computed
// them yet: another checksum, or the MD5 that is hidden under the source's key and not under the version's.
Task<Outcome<Passed>> add_digests(Services& services, const CopyRequest& request, const CopySource& source,
                                  ObjectVersion& version) {
  const ObjectVersion& from = source.version;
  const SseKind kind = request.made.encryption.kind;
  version.etag = from.etag;
  version.checksums = from.checksums;
  const bool shows_md5 = hides_md5(from.encryption.kind) && !hides_md5(kind);
  if (shows_md5) {
    for (PayloadPart& piece : version.payload.parts) piece.etag.clear();
  } else if (hides_md5(kind) && !hides_md5(from.encryption.kind) && !from.multipart) {
    codec::Md5Digest md5{};
    const auto bytes = codec::from_hex(from.etag);
    if (bytes.ok() && bytes->size() == md5.size()) std::copy(bytes->begin(), bytes->end(), md5.begin());
    version.etag = etag_of(md5, kind, source.key);
  }
  const bool md5_wanted = shows_md5 && !from.multipart;
  const bool checksum_wanted = !checksum_is_there(request, from);
  if (!md5_wanted && !checksum_wanted) co_return Passed{};
  const auto algorithm = request.checksum.value_or(codec::ChecksumAlgorithm::crc64nvme);
  const ByteRange whole{0, from.bytes};
  CO_TRY_ASSIGN(const SourceDigests read, co_await read_source_digests(services, source, whole, algorithm));
  if (md5_wanted) version.etag = etag_of(read.md5, kind, source.key);
  if (checksum_wanted) version.checksums = {ObjectChecksum{read.checksum, ChecksumType::full_object, 0}};
  co_return Passed{};
}

// The version shares the source's blobs.
Task<Outcome<Prepared>> share(Services& services, const Call& call, const CopyRequest& request,
                              const CopySource& source) {
  const ObjectVersion& from = source.version;
  Prepared prepared;
  ObjectVersion& version = prepared.version;
  version = described(request, from);
  version.payload = from.payload;
  version.multipart = from.multipart;
  CO_TRY(co_await add_digests(services, request, source, version));
  if (source.key) {
    CO_TRY_ASSIGN(version.encryption,
                  co_await services.keys.rewrap(*source.key, request.made.encryption, call.in().account));
  }
  auto hold = [&]() -> Status {
    for (const PayloadPart& part : from.payload.parts) {
      TRY_ASSIGN(auto held, services.blobs.hold(part.blob));
      prepared.holds.push_back(std::move(held));
    }
    return {};
  };
  const Status held = co_await on_disk(services.disk, std::move(hold));
  if (held.is(Code::not_found)) co_return s3_error(ErrorCode::no_such_key);
  if (!held.ok()) co_return store_error(held);
  co_return prepared;
}

// The version has a payload of its own.
Task<Outcome<Prepared>> write_anew(Services& services, const Call& call, const CopyRequest& request,
                                   const CopySource& source) {
  const ObjectVersion& from = source.version;
  const ByteRange whole{0, from.bytes};
  CO_TRY_ASSIGN(auto stream, co_await open_source_bytes(services, source, whole));
  Prepared prepared;
  ObjectVersion& version = prepared.version;
  version = described(request, from);
  PayloadRequest wanted;
  const bool keep_checksum = !request.checksum && !from.checksums.empty();
  wanted.checksums = {keep_checksum ? from.checksums.front().value.algorithm()
                                    : request.checksum.value_or(codec::ChecksumAlgorithm::crc64nvme)};
  if (request.made.encryption.kind != SseKind::none) {
    CO_TRY_ASSIGN(SealedKey sealed, co_await services.keys.make(request.made.encryption, call.in().account));
    version.encryption = std::move(sealed.envelope);
    wanted.key = std::move(sealed.key);
  }
  const std::optional<DataKey> own_key = wanted.key;
  const std::unique_ptr<PayloadSource> body = source_of(std::move(stream));
  CO_TRY_ASSIGN(WrittenPayload written, co_await write_payload(services, *body, std::move(wanted)));
  version.etag = etag_of(written.md5, request.made.encryption.kind, own_key);
  version.payload = written.payload;
  version.checksums = {{written.checksums.front(), ChecksumType::full_object, 0}};
  prepared.inline_bytes = std::move(written.inline_bytes);
  prepared.naming = Naming::made_now;
  prepared.written = std::move(written);
  co_return prepared;
}

bool can_share(const CopyRequest& request, const ObjectVersion& source) {
  const SseRequest& wanted = request.made.encryption;
  return !source.payload.inlined && may_share(source.encryption, wanted.kind, wanted.customer_md5);
}

// ---- The copy ------------------------------------------------------------------------------------------------------

struct Copied {
  ObjectVersion version;
};

Task<Outcome<Copied>> commit_copy(Services& services, const Call& call, Prepared& prepared) {
  const Payload* const shared = prepared.naming == Naming::shared ? &prepared.version.payload : nullptr;
  CO_TRY_ASSIGN(auto write, co_await KeyWrite::open(services, call.bucket_info, call.key, shared));
  CO_TRY(check_write_conditions(call.headers, write->current()));
  CO_TRY_ASSIGN(ObjectVersion stored,
                co_await write->put(std::move(prepared.version), std::move(prepared.inline_bytes), prepared.naming));
  FAULT_POINT("object.copy_commit");
  CO_TRY(co_await write->commit());
  FAULT_POINT("object.copy_committed");
  co_return Copied{std::move(stored)};
}

Task<Outcome<Copied>> copy_once(Services& services, const Call& call, const CopyRequest& request,
                                const CopySource& source) {
  const bool sharing = can_share(request, source.version);
  Outcome<Prepared> prepared = s3_error(ErrorCode::internal_error);
  if (sharing) {
    prepared = co_await share(services, call, request, source);
  } else {
    prepared = co_await write_anew(services, call, request, source);
  }
  if (!prepared.ok()) co_return std::move(prepared).error();
  Outcome<Copied> copied = co_await commit_copy(services, call, *prepared);
  if (!copied.ok() && prepared->written && spelling_of(copied.error().code).status < 500) {
    co_await discard_payload(services, std::move(*prepared->written));
  }
  co_return copied;
}

// The tags of a copy are read and written like any others.
Task<Outcome<Passed>> authorize_tags(Services& services, const Call& call, const CopyRequest& request,
                                     const CopySource& source) {
  if (request.tags == Directive::replace || source.version.tags.empty()) co_return Passed();
  AccessTarget from;
  from.bucket = source.bucket;
  from.bucket_name = source.name.bucket;
  from.key = source.name.key;
  from.object = &source.version;
  std::string reading = source.name.version ? "s3:GetObjectVersionTagging" : "s3:GetObjectTagging";
  CO_TRY(co_await authorize(services, call, std::move(reading), std::move(from)));
  AccessTarget to;
  to.bucket = call.bucket_info;
  to.bucket_name = call.bucket;
  to.key = call.key;
  std::string writing = "s3:PutObjectTagging";
  co_return co_await authorize(services, call, std::move(writing), std::move(to));
}

// What is asked of every source anew: which one it is may change until the commit.
Task<Outcome<Passed>> check_source(Services& services, const Call& call, const CopyRequest& request,
                                   const CopySource& source) {
  CO_TRY(co_await authorize_tags(services, call, request, source));
  if (source.version.bytes <= single_put_bytes_max) co_return Passed();
  co_return s3_error(ErrorCode::invalid_request,
                     "The specified copy source is larger than the maximum allowable size for a copy source: " +
                         std::to_string(single_put_bytes_max));
}

Task<Outcome<Copied>> copy(Services& services, const Call& call, const CopyRequest& request, CopySource& source) {
  for (int round = 1;; ++round) {
    CO_TRY(co_await check_source(services, call, request, source));
    Outcome<Copied> copied = co_await copy_once(services, call, request, source);
    if (copied.ok() || round == rounds_max || !source_may_have_changed(copied.error())) co_return copied;
    // If-Match on a key that is not there is no matter of the source.
    if (copied.error().code == ErrorCode::no_such_key && call.headers.has("if-match")) co_return copied;
    CO_TRY(co_await find_copy_source_again(services, call, copied.error(), source));
  }
}

Bytes result_document(const ObjectVersion& version) {
  Bytes body;
  codec::XmlWriter xml(body);
  xml.declaration();
  xml.open("CopyObjectResult", codec::s3_namespace);
  xml.element("LastModified", listed_time(version.modified_micros));
  xml.element("ETag", '"' + version.etag + '"');
  for (const ObjectChecksum& checksum : version.checksums) {
    write_checksum(xml, checksum.value.algorithm(), checksum.text());
  }
  if (!version.checksums.empty()) {
    xml.element("ChecksumType", checksum_type_name(version.checksums.front().type));
  }
  xml.close();
  return body;
}

}  // namespace

Task<Outcome<Reply>> copy_object(Services& services, Call& call) {
  CO_TRY(check_key(call.key));
  CO_TRY(check_write_headers(call.headers));
  const auto now = static_cast<std::int64_t>(services.wall.now_micros());
  CO_TRY_ASSIGN(const CopyRequest request, read_request(call, now));
  CO_TRY(co_await authorize_headers(services, call, call.bucket_info, call.key, call.headers));
  CO_TRY_ASSIGN(CopySource source, co_await open_copy_source(services, call));
  CO_TRY(check_self_copy(call, request, source));
  CO_TRY_ASSIGN(const Copied copied, co_await copy(services, call, request, source));
  Reply reply = xml_reply(result_document(copied.version));
  if (const auto id = source.version_header()) reply.headers.add("x-amz-copy-source-version-id", *id);
  if (const auto expiration = expiration_header(call.in(), call.key, copied.version, services.settings.lifecycle_day)) {
    reply.headers.add("x-amz-expiration", *expiration);
  }
  add_sse_headers(reply.headers, copied.version.encryption, SseAnswer::write);
  if (!copied.version.id.is_null()) reply.headers.add("x-amz-version-id", copied.version.id.text());
  co_return reply;
}

}  // namespace reprise::s3
