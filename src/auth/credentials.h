// Access keys: whom a request's signature speaks for, and where the root user's key comes from.
//
// Threading: a CredentialStore is immutable and shared freely; everything else is a value.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/status.h"

namespace reprise::auth {

// The account that owns what root creates.
inline constexpr std::string_view root_account = "000000000000";

namespace policy {
class PolicySet;
}

// Who signed. Requests, tables and log lines refer to it; it holds no secret.
struct Identity {
  std::string access_key_id;
  std::string account;  // 12 digits
  std::string arn;      // "arn:aws:iam::000000000000:root"
  bool root = false;    // may do everything in its account
  std::string user;     // the name of a user (reprise user add); empty for root
  // What the user's policies allow and deny (auth/policy/policy.h); null: nothing. Root needs none.
  std::shared_ptr<const policy::PolicySet> policies;
};
using IdentityRef = std::shared_ptr<const Identity>;

struct AccessKey {
  std::string id;
  std::string secret;
  IdentityRef identity;  // never null; identity->access_key_id == id
};

// The root user's key with its identity filled in.
[[nodiscard]] AccessKey root_access_key(std::string id, std::string secret);

// What may stand in an Authorization header's Credential without being taken for something else: 1 to 128 letters,
// digits, '_', '-' or '.'.
[[nodiscard]] bool is_access_key_id(std::string_view id);
// 1 to 256 printable characters without spaces.
[[nodiscard]] bool is_secret_access_key(std::string_view secret);
// A new key from the operating system's entropy; its identity is the caller's to fill in.
Result<AccessKey> generate_access_key();

// Every key that may sign. A changed set of keys is a new store (credential_source.h).
class CredentialStore {
 public:
  explicit CredentialStore(std::vector<AccessKey> keys);

  // Null when there is no such key. Valid as long as the store. Of two keys with one id the first one counts.
  [[nodiscard]] const AccessKey* find(std::string_view access_key_id) const noexcept;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view id) const noexcept { return std::hash<std::string_view>()(id); }
  };
  std::unordered_map<std::string, AccessKey, Hash, std::equal_to<>> keys_;
};

enum class RootSource : unsigned char { environment, file, generated };

struct RootCredentials {
  AccessKey key;
  RootSource source = RootSource::environment;
  std::string file;  // where the key is kept; empty when it came from the environment
};

// The root user's key (design.md section 7), from the first of
//   1. the environment variables REPRISE_ROOT_ACCESS_KEY_ID and REPRISE_ROOT_SECRET_ACCESS_KEY, both or neither
//      (an empty one counts as unset);
//   2. DIRECTORY/credentials, an AWS shared-credentials file whose [default] profile is used;
//   3. a key made up now from the operating system's entropy and kept in that file: mode 0600, complete or not there,
//      on disk before this returns.
// The caller holds the lock of `directory`, which exists. A file that others may read is put back to 0600, with a
// warning in the log. Fails with Code::invalid when what was configured is unusable (the message never contains a
// secret), Code::io_error when the file cannot be read or written.
Result<RootCredentials> load_root_credentials(const std::string& directory);

// Reads the [default] profile of an AWS shared-credentials text. Fails with Code::invalid.
Result<AccessKey> parse_root_credentials(std::string_view text);

}  // namespace reprise::auth
