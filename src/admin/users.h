// The users: who may sign besides root, and under which policies. Kept in the root space `users`.
//
// Invariants: what is in memory, and in the credential source, is durable; an access key id belongs to one user or to
// root; a change is in the credential source before the call that made it returns, so a removed key signs nothing more.
//
// Threading: all calls from any thread. Changes queue behind each other.
// Errors: not_found, already_exists, invalid (with a text for the client), corruption (open), the store's own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/user_record.h"
#include "auth/credential_source.h"
#include "auth/credentials.h"
#include "auth/key_file.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/task.h"

namespace reprise::history {
class Store;
}

namespace reprise::admin {

inline constexpr std::size_t users_max = 5000;
inline constexpr std::size_t keys_of_user_max = 2;

// invalid: not 12 digits.
Status check_account(std::string_view account);

class Users {
 public:
  // Loads the users and gives their keys, with root's, to `source`. `store` and `source` outlive this.
  static Task<Result<std::unique_ptr<Users>>> open(history::Store& store, SpaceId space, auth::MasterKey master,
                                                   auth::AccessKey root,
                                                   std::shared_ptr<auth::CredentialSource> source);
  virtual ~Users() = default;

  // Nothing: there is none. Names are compared without regard to case, as IAM does.
  [[nodiscard]] virtual std::optional<User> find(std::string_view account, std::string_view name) const = 0;
  // By name, all of one account; of every account when it is empty.
  [[nodiscard]] virtual std::vector<User> list(std::string_view account) const = 0;

  struct NewKey {
    std::string id;      // empty: made up, with the secret
    std::string secret;  // set exactly when id is
  };
  // invalid: the name, account, key or policy cannot be.
  virtual Task<Result<User>> create(std::string account, std::string name, NewKey key, std::string policy) = 0;
  virtual Task<Result<User>> remove(std::string account, std::string name) = 0;
  // A new key in the place of all others; `keep_newest`: besides the newest of them, so that clients can change over.
  virtual Task<Result<User>> rotate(std::string account, std::string name, NewKey key, bool keep_newest) = 0;
  // An empty policy takes it away.
  virtual Task<Result<User>> put_policy(std::string account, std::string name, std::string policy) = 0;
};

}  // namespace reprise::admin
