// What the headers of an upload say of the object to be: content headers, metadata, tags, storage class, ACL, lock.
// PutObject, CreateMultipartUpload, CopyObject and POST forms share it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/task.h"
#include "s3/model/encryption.h"
#include "s3/model/object.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

inline constexpr std::size_t metadata_bytes_max = 2048;  // names without their prefix, and values in UTF-8

using HeaderPairs = std::vector<std::pair<std::string, std::string>>;

// Content-Type (binary/octet-stream when there is none), Content-Encoding without aws-chunked, Content-Language,
// Content-Disposition, Cache-Control, Expires, x-amz-website-redirect-location: lower case, in this order.
[[nodiscard]] Outcome<HeaderPairs> content_headers(const Fields& headers);
// x-amz-meta-*, without that prefix, its encoded words decoded (metadata_text.h); a name that comes twice has both
// values, with a comma. MetadataTooLarge.
[[nodiscard]] Outcome<HeaderPairs> object_metadata(const Fields& headers);
// x-amz-storage-class: STANDARD when there is none; InvalidStorageClass for what is not at once readable.
[[nodiscard]] Outcome<std::string> storage_class_of(const Fields& headers);
// What the object is to be encrypted with: the headers' choice, else the bucket's default (kind none: plain). `call`
// tells how it came, for a customer's key does not come in plain from afar.
// SSE-KMS: as check_kms_signature().
[[nodiscard]] Outcome<SseRequest> encryption_of(const Fields& headers, const Call& call, const Bucket& bucket);

// What is encrypted under a named key is neither read nor written by whoever did not sign with version 4:
// InvalidArgument. (S3 API reference, PutObject, x-amz-server-side-encryption-aws-kms-key-id: "All GET and PUT requests
// for an object protected by KMS will fail if they're not made via SSL or using SigV4".)
[[nodiscard]] Check check_kms_signature(const Call& call, SseKind kind);

// Who owns what `call` stores in `bucket`, and the ACL that its headers give it (nothing: the owner alone).
// AccessControlListNotSupported under BucketOwnerEnforced, unless it is the bucket owner's full control; AccessDenied
// for a public one where those are blocked.
struct Ownership {
  std::string owner;  // canonical id
  std::optional<Acl> acl;
};
[[nodiscard]] Outcome<Ownership> ownership_of(const Fields& headers, const Call& call, const Bucket& bucket);

// All of it: a version with everything but what the payload and the key's other versions tell. `headers` are those of
// the request, or the fields of a form under the names that the headers have. The lock is that of the headers, or the
// bucket's default (object_locks.h).
struct NewObject {
  ObjectVersion version;
  SseRequest encryption;
};
[[nodiscard]] Outcome<NewObject> new_object(const Fields& headers, const Call& call, const Bucket& bucket,
                                            std::int64_t now_micros);

// The rights beyond s3:PutObject that such headers need: s3:PutObjectTagging, s3:PutObjectAcl (unless they grant to the
// bucket's owner alone), s3:PutObjectRetention, s3:PutObjectLegalHold, and s3:GetObject for If-Match. AccessDenied.
Task<Outcome<Passed>> authorize_headers(Services& services, const Call& call, BucketPtr bucket, std::string key,
                                        Fields headers);

// Whoever asks whether an object still has an ETag must be allowed to read it: s3:GetObject. (S3 user guide, "How to
// prevent object overwrites with conditional writes", and "Enforce conditional deletes": "conditional deletes with a
// specific ETag value require both s3:DeleteObject and s3:GetObject permissions".) "*" asks for nothing more.
Task<Outcome<Passed>> authorize_match(Services& services, const Call& call, std::string key, std::string if_match);

// KeyTooLongError beyond 1,024 bytes.
[[nodiscard]] Check check_key(std::string_view key);

}  // namespace reprise::s3
