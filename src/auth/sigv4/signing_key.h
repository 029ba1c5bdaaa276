// The signing key of a day, region and service, and a cache of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "codec/sha256.h"

namespace reprise::auth::sigv4 {

// What a credential is scoped to: "20150830/us-east-1/iam/aws4_request".
struct Scope {
  std::string_view day;
  std::string_view region;
  std::string_view service;
};
void append_scope(Bytes& out, const Scope& scope);

// HMAC(HMAC(HMAC(HMAC("AWS4" secret, day), region), service), "aws4_request"), ready to sign with.
[[nodiscard]] codec::HmacSha256Key derive_signing_key(std::string_view secret, const Scope& scope) noexcept;

// Remembers signing keys of credentials that have proven themselves, so that a request costs one HMAC, not five.
// Bounded: the key unused for longest makes room. An entry belongs to one secret: an id that comes back with another
// one finds nothing. Thread-safe; threads are spread over shards, so they rarely meet.
class SigningKeyCache {
 public:
  SigningKeyCache();
  ~SigningKeyCache();

  [[nodiscard]] std::optional<codec::HmacSha256Key> find(std::string_view access_key_id, std::string_view secret,
                                                         const Scope& scope) const;
  // To be called once a signature made with `key` was right: who cannot sign must not push others out.
  void remember(std::string_view access_key_id, std::string_view secret, const Scope& scope,
                const codec::HmacSha256Key& key);

 private:
  struct Shard;
  [[nodiscard]] Shard& shard() const;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace reprise::auth::sigv4
