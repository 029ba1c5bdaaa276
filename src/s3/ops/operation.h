// What every S3 operation is: a coroutine from a parsed request (Call) to an answer (Reply), or an S3Error.
//
// An operation knows no socket and no signature: s3/api has routed the request, verified who asks, found the bucket and
// asked whether `action` is allowed before it runs. What an operation needs beyond that one right (a copy's source, an
// ACL in the headers of an upload) it asks itself (access.h).
//
// Threading: an operation runs on the executor it was started on and may suspend.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/credentials.h"
#include "base/bytes.h"
#include "base/clock.h"
#include "base/task.h"
#include "s3/model/bucket.h"
#include "s3/model/error.h"
#include "s3/model/fields.h"
#include "s3/ops/services.h"

namespace reprise::s3 {

// The payload of a request, pulled piece by piece: aws-chunked framing is gone. Its end (an empty piece) comes only
// when everything that the request promises of its body held: the length, the hash of x-amz-content-sha256, every
// chunk's signature. What was read before that is not to be trusted, and must come to nothing when a read fails.
class PayloadSource {
 public:
  virtual ~PayloadSource() = default;
  virtual Task<Outcome<Bytes>> read() = 0;
  // Of the decoded payload, when the request tells it.
  [[nodiscard]] virtual std::optional<std::uint64_t> length() const = 0;
  // Trailing header fields, names in lower case; complete after the end.
  [[nodiscard]] virtual const Fields& trailers() const = 0;
};

// A payload that answers a request, pulled by the connection.
class ReplyStream {
 public:
  virtual ~ReplyStream() = default;
  // Empty at the end. A failure cuts the connection, so that the client sees that it did not get everything.
  virtual Task<Result<Bytes>> read() = 0;
  // Takes back the piece that was read last, to use its memory again. May be left out.
  virtual void give_back(Bytes /*piece*/) {}
  [[nodiscard]] virtual std::uint64_t length() const = 0;
};

// Who asks, as the signature proved.
struct Caller {
  auth::IdentityRef identity;  // null: anonymous
  std::string canonical_id;    // empty: anonymous
  [[nodiscard]] bool anonymous() const { return identity == nullptr; }
};

// As policies call it.
inline constexpr std::string_view signature_version_2 = "AWS";

// The time to read at, of operations that take one.
inline constexpr std::string_view as_of_header = "x-reprise-as-of";

struct Call {
  std::string method;  // "GET"
  std::string bucket;  // as addressed, path style or virtual-host style; empty: the service
  std::string key;     // decoded; empty: the bucket
  Fields query;        // decoded; a parameter without '=' has an empty value
  Fields headers;      // names in lower case
  Caller caller;
  std::string peer;  // IP address
  bool secure = false;
  std::string_view tls_version{};  // of http::Request
  bool presigned = false;
  std::string_view signature_version{};             // "AWS4-HMAC-SHA256", or signature_version_2; empty: anonymous
  std::optional<std::int64_t> signed_at_seconds{};  // of what was signed ahead of its use: URLs, forms
  std::string signed_region{};                      // as the signature calls it, whatever ours is; empty: it does not
  std::string request_id;
  std::string resource;                 // path as sent: what error documents name
  std::optional<Timestamp> as_of;       // as_of_header's, of operations that take it
  BucketPtr bucket_info;                // as of that time; null when the operation has none (ListBuckets, CreateBucket)
  std::unique_ptr<PayloadSource> body;  // never null
  Bytes document;                       // the whole body, checked, of operations with document_bytes_max > 0

  // The bucket, which is there.
  [[nodiscard]] const Bucket& in() const { return *bucket_info; }
};

struct Reply {
  int status = 200;
  Fields headers;  // names as they go on the wire: "ETag", "x-amz-version-id"
  Bytes body;      // unless `stream` is set
  std::unique_ptr<ReplyStream> stream;
  std::optional<std::uint64_t> content_length;  // of a HEAD's answer: what a GET would have
};

// An XML document with status 200.
[[nodiscard]] Reply xml_reply(Bytes document);

using OperationFunction = Task<Outcome<Reply>> (*)(Services& services, Call& call);

enum class Level : unsigned char { service, bucket, object };

struct Operation {
  std::string_view name;  // "PutObjectTagging"
  Level level = Level::object;
  std::string_view method;         // "PUT"
  std::string_view subresource{};  // query parameter that must be there: "tagging"; "": none of the known ones is
  std::string_view header{};       // header field that must be there: "x-amz-copy-source"; "": no matter
  OperationFunction run = nullptr;
  // Asked of access.h before run: "s3:PutObjectTagging"; with a versionId `version_action` instead, if it has one.
  // Empty: the operation asks for itself.
  std::string_view action{};
  std::string_view version_action = "";
  std::size_t document_bytes_max = 0;  // > 0: the body is read whole into Call::document (MalformedXML beyond)
  bool takes_as_of = false;
  bool needs_digest = false;        // Content-MD5 or x-amz-checksum-* must be there (S3: "Missing required header ...")
  bool checksum_of_object = false;  // x-amz-checksum-* speak of an object, not of the document that is sent
};

// The families, one table for each; registry.h finds the operation of a request in them.
[[nodiscard]] std::span<const Operation> bucket_operations();  // buckets.cc: create, delete, head, list, location
[[nodiscard]] std::span<const Operation> configuration_operations();  // the subresources of buckets
[[nodiscard]] std::span<const Operation> object_operations();         // put, get, head, copy, attributes, restore
[[nodiscard]] std::span<const Operation> version_operations();        // delete, the listings, tagging, ACLs of objects
[[nodiscard]] std::span<const Operation> multipart_operations();
[[nodiscard]] std::span<const Operation> lock_operations();       // object lock, retention, legal hold
[[nodiscard]] std::span<const Operation> lifecycle_operations();  // lifecycle configuration, recovery setting

}  // namespace reprise::s3
