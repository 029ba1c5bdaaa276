// A user as the root space `users` keeps it (docs/formats/user.md): name, account, policy and access keys, whose
// secrets are sealed under the master key.
//
// Values. Times are microseconds since the epoch.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::auth {
class MasterKey;
}

namespace reprise::admin {

struct UserKey {
  std::string id;
  std::string secret;  // in plain: never printed but in the answer that makes the key
  std::int64_t created_micros = 0;
};

struct User {
  std::string account;  // 12 digits
  std::string name;
  std::string policy;         // the document as it was put; empty: none, and nothing is allowed
  std::vector<UserKey> keys;  // the newest first
  std::int64_t created_micros = 0;

  [[nodiscard]] std::string arn() const { return "arn:aws:iam::" + account + ":user/" + name; }
};

// "ACCOUNT/NAME".
[[nodiscard]] Bytes user_key(std::string_view account, std::string_view name);
[[nodiscard]] Bytes encode_user(const User& user, const auth::MasterKey& master);
// corruption: it is no such record, or its secrets are sealed under another master key.
[[nodiscard]] Result<User> decode_user(BytesView stored, const auth::MasterKey& master);

}  // namespace reprise::admin
