// The master key: 32 random bytes in a file of their own, under which secrets of the data directory are kept: users'
// secret keys, the key ring, the data keys of SSE-S3.
//
// The file (DATA/master.key unless --key-file says otherwise) holds one line of base64, mode 0600. Whoever loses it
// loses what is encrypted under it: back it up apart from the data.
//
// Threading: a MasterKey is immutable and shared freely.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::auth {

class MasterKey {
 public:
  // Reads the file; makes it from the operating system's entropy when it is missing and `may_create`. invalid: not such
  // a file; not_found: missing; io_error. The message never holds key material.
  static Result<MasterKey> open(const std::string& path, bool may_create);
  // For tests: `bytes` has 32.
  static MasterKey of(BytesView bytes);

  // AES-256-GCM with a random nonce; `context` is authenticated, not stored: what is sealed for one purpose opens for
  // no other.
  [[nodiscard]] Bytes seal(BytesView plain, std::string_view context) const;
  // corruption: changed, or sealed under another key or context.
  [[nodiscard]] Result<Bytes> open_sealed(BytesView sealed, std::string_view context) const;

 private:
  explicit MasterKey(std::shared_ptr<const Bytes> key) : key_(std::move(key)) {}
  std::shared_ptr<const Bytes> key_;
};

}  // namespace reprise::auth
