// The keys that objects are encrypted with: the server's master key and the named keys of SSE-KMS.
//
// Every object has a data key of 32 random bytes. make() gives a new one with its Envelope, open() gives it back, and
// rewrap() makes another envelope for the same data key: so a copy shares its source's payload under its own settings.
// Named keys are kept in the root space `keys`, wrapped under the master key (auth/key_file.h); a key has generations,
// of which the newest wraps (rotation), and all unwrap.
//
// Threading: all calls from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/key_file.h"
#include "base/bytes.h"
#include "base/status.h"
#include "base/task.h"
#include "history/store.h"
#include "s3/model/encryption.h"
#include "s3/model/error.h"

namespace reprise::s3 {

// 32 bytes; wiped when it goes.
class DataKey {
 public:
  explicit DataKey(Bytes bytes) : bytes_(std::move(bytes)) {}
  DataKey(const DataKey&) = default;
  DataKey(DataKey&&) = default;
  DataKey& operator=(const DataKey&) = default;
  DataKey& operator=(DataKey&&) = default;
  ~DataKey();
  [[nodiscard]] BytesView bytes() const { return bytes_; }

 private:
  Bytes bytes_;
};

struct SealedKey {
  DataKey key;
  Envelope envelope;
};

struct KeyInfo {
  std::string id;       // a UUID
  std::string account;  // owner
  std::string arn;      // arn:aws:kms:REGION:ACCOUNT:key/ID
  std::string alias;    // "alias/reprise"; may be empty
  std::int64_t created_micros = 0;
  std::int64_t rotated_micros = 0;
  int generations = 1;
  bool enabled = true;
};

class KeyRing {
 public:
  // What tells this store from all others (64 hexadecimal digits), from the first time that a key ring was opened over
  // it. Nothing before that: only then may a key file that is missing be made.
  static Task<Result<std::optional<std::string>>> mark_of(history::Store& store, SpaceId space);
  // Loads the keys. invalid: `master` is not the key that this store's secrets are sealed under.
  static Task<Result<std::unique_ptr<KeyRing>>> open(history::Store& store, SpaceId space, auth::MasterKey master,
                                                     std::string region);
  virtual ~KeyRing() = default;

  // A new data key for what is asked for (kind not none). KMS.NotFoundException: no such named key; an empty name
  // means the account's default key, which is made when it is missing.
  virtual Task<Outcome<SealedKey>> make(const SseRequest& wanted, std::string account) = 0;
  // The data key of a version. `presented` has the customer's key of SSE-C: InvalidRequest when it is missing or stands
  // where none is wanted, AccessDenied (403) when it is another key. Corruption: InternalError.
  [[nodiscard]] virtual Outcome<DataKey> open(const Envelope& envelope, const SseRequest& presented) const = 0;
  virtual Task<Outcome<Envelope>> rewrap(const DataKey& key, const SseRequest& wanted, std::string account) = 0;

  // The admin operations. `alias` with or without its "alias/"; empty: none. invalid: not an alias, or one of the
  // service's own ("alias/aws/..."); already_exists. Of rotate, `name` is an id, an ARN or an alias; not_found.
  virtual Task<Result<KeyInfo>> create(std::string account, std::string alias) = 0;
  virtual Task<Result<KeyInfo>> rotate(std::string account, std::string name) = 0;
  [[nodiscard]] virtual std::vector<KeyInfo> list(std::string_view account) const = 0;
};

}  // namespace reprise::s3
