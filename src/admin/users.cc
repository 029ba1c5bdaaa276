// See users.h. One lock of the store's serializes all changes: they are rare, and what makes them valid (that an access
// key id is nobody else's) concerns all users.
#include "admin/users.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "auth/policy/policy.h"
#include "base/fault_point.h"
#include "base/log.h"
#include "history/store.h"

namespace reprise::admin {
namespace {

constexpr std::size_t name_max = 64;
constexpr BytesView lock_key = "users";

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return out;
}

// Users in memory are found by account and name in lower case.
std::string memory_key(std::string_view account, std::string_view name) {
  return std::string(account) + "/" + lowered(name);
}

Status check_name(std::string_view name) {
  constexpr std::string_view others = "_+=,.@-";
  const bool fine = !name.empty() && name.size() <= name_max && std::ranges::all_of(name, [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           others.find(c) != std::string_view::npos;
  });
  if (fine) return {};
  return invalid("UserName must be 1 to 64 letters, digits or characters of _+=,.@-");
}

// Null for an empty text.
Result<auth::policy::DocumentPtr> compile(const std::string& policy) {
  if (policy.empty()) return auth::policy::DocumentPtr();
  auto document = auth::policy::Document::parse(policy, auth::policy::Kind::identity);
  if (!document.ok()) return invalid("MalformedPolicyDocument: " + std::string(document.error().message()));
  return std::move(document).value();
}

struct Entry {
  User user;
  std::shared_ptr<const auth::policy::PolicySet> policies;  // null: none
};

class StoredUsers final : public Users {
 public:
  StoredUsers(history::Store& store, SpaceId space, auth::MasterKey master, auth::AccessKey root,
              std::shared_ptr<auth::CredentialSource> source)
      : store_(store), space_(space), master_(std::move(master)), root_(std::move(root)), source_(std::move(source)) {}

  Task<Status> load();

  [[nodiscard]] std::optional<User> find(std::string_view account, std::string_view name) const override;
  [[nodiscard]] std::vector<User> list(std::string_view account) const override;
  Task<Result<User>> create(std::string account, std::string name, NewKey key, std::string policy) override;
  Task<Result<User>> remove(std::string account, std::string name) override;
  Task<Result<User>> rotate(std::string account, std::string name, NewKey key, bool keep_newest) override;
  Task<Result<User>> put_policy(std::string account, std::string name, std::string policy) override;

 private:
  Status load_row(BytesView key, BytesView value);
  [[nodiscard]] Result<UserKey> usable_key(NewKey key) const;
  [[nodiscard]] bool is_taken(std::string_view access_key_id) const;
  // Writes what the user is to be, or takes it away, and then changes memory and source.
  Task<Status> write(const User& user, std::shared_ptr<const auth::policy::PolicySet> policies, bool gone);
  void publish() const;

  history::Store& store_;
  SpaceId space_;
  auth::MasterKey master_;
  auth::AccessKey root_;
  std::shared_ptr<auth::CredentialSource> source_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Entry, std::less<>> entries_;  // under the mutex, by memory_key
};

Status StoredUsers::load_row(BytesView key, BytesView value) {
  TRY_ASSIGN(User user, decode_user(value, master_));
  if (key != user_key(user.account, user.name)) return corruption("a user's record stands under another's key");
  Entry entry;
  auto document = compile(user.policy);
  if (!document.ok()) {
    // Without its policy the user may do nothing: safe, and to be put right by its owner.
    log_line(LogLevel::error, "admin", "a user's policy cannot be read: the user may do nothing",
             log_field("user", user.arn()) + log_field("why", document.error().message()));
  } else if (*document != nullptr) {
    entry.policies = std::make_shared<const auth::policy::PolicySet>(std::vector{std::move(document).value()});
  }
  std::string place = memory_key(user.account, user.name);
  entry.user = std::move(user);
  entries_.insert_or_assign(std::move(place), std::move(entry));
  return {};
}

Task<Status> StoredUsers::load() {
  history::ScanRequest request;
  request.space = space_;
  for (;;) {
    CO_TRY_ASSIGN(const auto page, co_await store_.scan(request));
    for (std::size_t i = 0; i < page.rows.size(); ++i) CO_TRY(load_row(page.rows[i].key, page.rows[i].value));
    if (!page.resume_after) break;
    request.range.lower = *page.resume_after + '\0';
  }
  publish();
  co_return Status();
}

// Root's key goes first: should a user have the same id, root's counts.
void StoredUsers::publish() const {
  std::vector<auth::AccessKey> keys{root_};
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [place, entry] : entries_) {
      for (const UserKey& key : entry.user.keys) {
        auto identity = std::make_shared<auth::Identity>();
        identity->access_key_id = key.id;
        identity->account = entry.user.account;
        identity->arn = entry.user.arn();
        identity->user = entry.user.name;
        identity->policies = entry.policies;
        keys.push_back({key.id, key.secret, std::move(identity)});
      }
    }
  }
  source_->replace(std::make_shared<const auth::CredentialStore>(std::move(keys)));
}

std::optional<User> StoredUsers::find(std::string_view account, std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(memory_key(account, name));
  if (found == entries_.end()) return std::nullopt;
  return found->second.user;
}

std::vector<User> StoredUsers::list(std::string_view account) const {
  std::vector<User> users;
  const std::shared_lock lock(mutex_);
  for (const auto& [place, entry] : entries_) {
    if (account.empty() || entry.user.account == account) users.push_back(entry.user);
  }
  return users;
}

bool StoredUsers::is_taken(std::string_view access_key_id) const {
  if (access_key_id == root_.id) return true;
  const std::shared_lock lock(mutex_);
  return std::ranges::any_of(entries_, [&](const auto& place) {
    return std::ranges::any_of(place.second.user.keys, [&](const UserKey& key) { return key.id == access_key_id; });
  });
}

Result<UserKey> StoredUsers::usable_key(NewKey key) const {
  UserKey made;
  made.created_micros = static_cast<std::int64_t>(store_.now().micros());
  if (key.id.empty() && key.secret.empty()) {
    TRY_ASSIGN(auth::AccessKey generated, auth::generate_access_key());
    made.id = std::move(generated.id);
    made.secret = std::move(generated.secret);
    return made;
  }
  if (!auth::is_access_key_id(key.id)) {
    return invalid("AccessKeyId must be 1 to 128 letters, digits, '_', '-' or '.'");
  }
  if (!auth::is_secret_access_key(key.secret)) {
    return invalid("SecretAccessKey must be 1 to 256 printable characters without spaces");
  }
  if (is_taken(key.id)) return already_exists("The access key " + key.id + " already exists.");
  made.id = std::move(key.id);
  made.secret = std::move(key.secret);
  return made;
}

Task<Status> StoredUsers::write(const User& user, std::shared_ptr<const auth::policy::PolicySet> policies, bool gone) {
  history::Change change;
  change.space = space_;
  change.key = user_key(user.account, user.name);
  CO_TRY_ASSIGN(change.before, co_await store_.get(space_, change.key));
  if (!gone) change.value = encode_user(user, master_);
  history::Commit commit;
  commit.changes.push_back(std::move(change));
  FAULT_POINT("users.before_commit");
  CO_TRY(co_await store_.commit(std::move(commit)));
  FAULT_POINT("users.after_commit");
  {
    const std::unique_lock lock(mutex_);
    std::string place = memory_key(user.account, user.name);
    if (gone) {
      entries_.erase(place);
    } else {
      entries_.insert_or_assign(std::move(place), Entry{user, std::move(policies)});
    }
  }
  publish();
  co_return Status();
}

std::shared_ptr<const auth::policy::PolicySet> set_of(auth::policy::DocumentPtr document) {
  if (document == nullptr) return nullptr;
  return std::make_shared<const auth::policy::PolicySet>(std::vector{std::move(document)});
}

Status no_such_user(std::string_view name) {
  return not_found("The user with name " + std::string(name) + " cannot be found.");
}

Task<Result<User>> StoredUsers::create(std::string account, std::string name, NewKey key, std::string policy) {
  CO_TRY(check_name(name));
  CO_TRY(check_account(account));
  CO_TRY_ASSIGN(auto document, compile(policy));
  const auto guard = co_await store_.locks().lock(space_, lock_key);
  if (find(account, name)) co_return already_exists("User with name " + name + " already exists.");
  if (list({}).size() >= users_max) co_return invalid("there are " + std::to_string(users_max) + " users already");
  CO_TRY_ASSIGN(UserKey made, usable_key(std::move(key)));
  User user;
  user.account = std::move(account);
  user.name = std::move(name);
  user.policy = std::move(policy);
  user.created_micros = made.created_micros;
  user.keys.push_back(std::move(made));
  auto policies = set_of(std::move(document));
  CO_TRY(co_await write(user, std::move(policies), false));
  co_return std::move(user);
}

Task<Result<User>> StoredUsers::remove(std::string account, std::string name) {
  const auto guard = co_await store_.locks().lock(space_, lock_key);
  auto user = find(account, name);
  if (!user) co_return no_such_user(name);
  CO_TRY(co_await write(*user, nullptr, true));
  co_return std::move(*user);
}

Task<Result<User>> StoredUsers::rotate(std::string account, std::string name, NewKey key, bool keep_newest) {
  const auto guard = co_await store_.locks().lock(space_, lock_key);
  auto user = find(account, name);
  if (!user) co_return no_such_user(name);
  CO_TRY_ASSIGN(UserKey made, usable_key(std::move(key)));
  user->keys.resize(keep_newest ? std::min<std::size_t>(user->keys.size(), keys_of_user_max - 1) : 0);
  user->keys.insert(user->keys.begin(), std::move(made));
  auto document = compile(user->policy);
  auto policies = document.ok() ? set_of(std::move(document).value()) : nullptr;
  CO_TRY(co_await write(*user, std::move(policies), false));
  co_return std::move(*user);
}

Task<Result<User>> StoredUsers::put_policy(std::string account, std::string name, std::string policy) {
  CO_TRY_ASSIGN(auto document, compile(policy));
  const auto guard = co_await store_.locks().lock(space_, lock_key);
  auto user = find(account, name);
  if (!user) co_return no_such_user(name);
  user->policy = std::move(policy);
  auto policies = set_of(std::move(document));
  CO_TRY(co_await write(*user, std::move(policies), false));
  co_return std::move(*user);
}

}  // namespace

Status check_account(std::string_view account) {
  constexpr std::size_t digits = 12;
  const bool fine =
      account.size() == digits && std::ranges::all_of(account, [](char c) { return c >= '0' && c <= '9'; });
  return fine ? Status() : invalid("Account must be 12 digits");
}

Task<Result<std::unique_ptr<Users>>> Users::open(history::Store& store, SpaceId space, auth::MasterKey master,
                                                 auth::AccessKey root, std::shared_ptr<auth::CredentialSource> source) {
  auto users = std::make_unique<StoredUsers>(store, space, std::move(master), std::move(root), std::move(source));
  CO_TRY(co_await users->load());
  co_return std::unique_ptr<Users>(std::move(users));
}

}  // namespace reprise::admin
