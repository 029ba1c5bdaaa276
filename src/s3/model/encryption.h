// Server-side encryption: what a request or a bucket asks for, and what a version keeps of it.
//
// Each object has a data key of its own. The data key is kept wrapped (AES-256-GCM): under the server's master key
// (SSE-S3), a named key of the key ring (SSE-KMS), or the customer's own key (SSE-C), which is never stored. A copy
// shares the payload and wraps the same data key anew.
// Source: S3 user guide, "Protecting data with encryption".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "s3/model/error.h"
#include "s3/model/fields.h"

namespace reprise::s3 {

enum class SseKind : std::uint8_t { none, s3, kms, customer };

// What the headers of a request, or a bucket's default, ask for.
struct SseRequest {
  SseKind kind = SseKind::none;
  std::string kms_key;      // as named: key id, alias or ARN; empty: the ring's default key
  std::string kms_context;  // base64 JSON, as sent
  bool bucket_key = false;
  bool bucket_key_told = false;  // the request says whether; else the bucket's setting holds
  Bytes customer_key;            // 32 bytes; SSE-C only, never stored
  std::string customer_md5;      // base64, as sent and checked
};

// A bucket's ServerSideEncryptionConfiguration (one rule, as S3 allows).
struct BucketEncryption {
  SseKind kind = SseKind::s3;
  std::string kms_key;
  bool bucket_key = false;
  bool block_customer_keys = false;  // BlockedEncryptionTypes: SSE-C
  bool operator==(const BucketEncryption&) const = default;
};
[[nodiscard]] Outcome<BucketEncryption> parse_bucket_encryption(BytesView xml);
[[nodiscard]] Bytes print_bucket_encryption(const BucketEncryption& encryption);

// What a version (or a multipart upload) keeps.
struct Envelope {
  SseKind kind = SseKind::none;
  std::string key_id;        // SSE-KMS: the key's ARN; SSE-S3: the master key's generation
  Bytes wrapped_data_key;    // sealed
  std::string customer_md5;  // SSE-C: to tell a wrong key from the right one
  std::string kms_context;
  bool bucket_key = false;
  bool operator==(const Envelope&) const = default;
};

// The request's SSE headers, checked with AWS's texts; kind none when there are none. `prefix` is
// "x-amz-server-side-encryption" or, for the source of a copy, "x-amz-copy-source-server-side-encryption" (which knows
// customer's keys alone).
[[nodiscard]] Outcome<SseRequest> sse_of_headers(const Fields& headers, std::string_view prefix);
// The same for requests that read, or add to something whose encryption is settled (GET, HEAD, UploadPart): a
// customer's key is all that they may bring; InvalidArgument for x-amz-server-side-encryption and its like.
[[nodiscard]] Outcome<SseRequest> sse_of_read(const Fields& headers);
// Customer's keys may come over TLS alone, and in plain from this machine itself (a server on loopback without TLS):
// InvalidArgument otherwise. One check for every operation. `peer` is the client's IP address.
[[nodiscard]] Check check_customer_key_transport(const Fields& headers, bool secure, std::string_view peer);
// What is done with a new object: what was asked for, else the bucket's default. AccessDenied when the bucket blocks
// customer's keys and one was sent.
[[nodiscard]] Outcome<SseRequest> effective_sse(SseRequest asked, const std::optional<BucketEncryption>& bucket);

// The headers that an answer about such an object carries. The answer to a write repeats the KMS context as well.
enum class SseAnswer : std::uint8_t { read, write };
void add_sse_headers(Fields& headers, const Envelope& envelope, SseAnswer answer = SseAnswer::read);

}  // namespace reprise::s3
