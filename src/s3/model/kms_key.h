// A named key of SSE-KMS as the key ring keeps it, and the ways a request may name one.
//
// Values. Times are microseconds since the epoch. The stored form is written down in docs/formats/keys-and-secrets.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::s3 {

struct KmsKey {
  struct Generation {
    std::int64_t created_micros = 0;
    Bytes material;  // 32 bytes, sealed under the master key
    bool operator==(const Generation&) const = default;
  };
  std::string id;       // a UUID
  std::string account;  // owner
  std::string alias;    // "alias/reprise"; may be empty
  std::int64_t created_micros = 0;
  std::vector<Generation> generations;  // never empty; the last one wraps
  bool operator==(const KmsKey&) const = default;
};

[[nodiscard]] Bytes encode_kms_key(const KmsKey& key);
// corruption: no such record; unsupported: of a newer version.
[[nodiscard]] Result<KmsKey> decode_kms_key(BytesView stored);

// "arn:aws:kms:REGION:ACCOUNT:key/ID", or ":alias/NAME".
struct KmsArn {
  std::string region;
  std::string account;
  std::string resource;  // "key/ID" or "alias/NAME"
};
[[nodiscard]] std::string print_kms_arn(const KmsArn& arn);
[[nodiscard]] std::optional<KmsArn> parse_kms_arn(std::string_view text);

// Whether `text` has the form of a key id (a UUID).
[[nodiscard]] bool is_kms_key_id(std::string_view text);
// "alias/" and 1 to 250 letters, digits, '/', '_' or '-'.
[[nodiscard]] bool is_kms_alias(std::string_view text);

}  // namespace reprise::s3
