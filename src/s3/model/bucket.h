// What a bucket is: its spaces, its owner and its settings, and the catalogue's form of all that.
//
// A Bucket is a value: the catalogue hands out shared, immutable copies and replaces them whole. Names follow the API;
// times are microseconds since the epoch, 0 for "never".
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/status.h"
#include "s3/model/acl.h"
#include "s3/model/cors.h"
#include "s3/model/encryption.h"
#include "s3/model/error.h"
#include "s3/model/lifecycle.h"
#include "s3/model/object_lock.h"
#include "s3/model/tag.h"

namespace reprise::s3 {

enum class Versioning : std::uint8_t { never, enabled, suspended };
enum class ObjectOwnership : std::uint8_t { bucket_owner_enforced, bucket_owner_preferred, object_writer };

struct PublicAccessBlock {
  bool block_public_acls = true;
  bool ignore_public_acls = true;
  bool block_public_policy = true;
  bool restrict_public_buckets = true;
  bool operator==(const PublicAccessBlock&) const = default;
};

// The spaces of one bucket (docs/formats/bucket.md).
struct BucketSpaces {
  SpaceId heads;     // object key -> its current version, if that is no delete marker
  SpaceId versions;  // object key, descending sequence -> every other version and delete marker
  SpaceId payloads;  // payload id -> the bytes of a small object
  SpaceId uploads;   // multipart uploads and their parts; keeps no past
  SpaceId releases;  // time, blob id: blobs that only the past names; keeps no past
};

struct Bucket {
  std::string name;
  std::string account;  // owner, 12 digits
  std::string owner;    // canonical id of that account
  std::string id;       // a UUID: tells incarnations of a name apart
  BucketSpaces spaces;
  std::int64_t created_micros = 0;
  std::int64_t deleted_micros = 0;  // of a deleted bucket
  // Of a deleted bucket: until when its past can be read. Not after deleted_micros: it cannot.
  std::int64_t keep_until_micros = 0;
  std::string region;
  std::int64_t recovery_days = 0;  // how long the bucket's past can be read; 0: not at all

  Versioning versioning = Versioning::never;
  ObjectOwnership ownership = ObjectOwnership::bucket_owner_enforced;
  bool ownership_set = true;  // false: GetBucketOwnershipControls finds nothing
  std::optional<PublicAccessBlock> public_access_block = PublicAccessBlock{};
  Acl acl;
  Tags tags;
  CorsRules cors;
  Bytes policy;  // the text as it was put; empty: none
  std::optional<BucketEncryption> encryption;
  std::shared_ptr<const Lifecycle> lifecycle;  // null: none
  bool object_lock_enabled = false;
  ObjectLockConfiguration object_lock;
  bool requester_pays = false;
  // Settings that are kept and answered but change nothing here, by subresource ("notification"), as XML.
  std::map<std::string, Bytes> documents;
};
using BucketPtr = std::shared_ptr<const Bucket>;

[[nodiscard]] Bytes encode_bucket(const Bucket& bucket);
[[nodiscard]] Result<Bucket> decode_bucket(BytesView stored);

// InvalidBucketName when `name` breaks the naming rules of general purpose buckets.
[[nodiscard]] Check check_bucket_name(std::string_view name);

// The canonical user id of an account: 64 hexadecimal digits, derived from its number.
[[nodiscard]] std::string canonical_id_of(std::string_view account);

}  // namespace reprise::s3
