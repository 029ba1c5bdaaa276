// CreateUser, ListUsers, GetUser, DeleteUser, RotateUserKey and PutUserPolicy. Users of an account are managed from
// within it, by whom its policies let; root manages those of every account. A secret is told once: in the answer that
// makes it.
#include <array>
#include <utility>

#include "admin/operations.h"
#include "admin/request.h"
#include "admin/users.h"
#include "auth/credential_source.h"
#include "s3/model/bucket.h"

namespace reprise::admin {
namespace {

using dynamo::ErrorKind;

enum class Secret : std::uint8_t { kept, told };

void print_user(codec::JsonWriter& w, const User& user, Secret newest) {
  w.begin_object();
  w.member("UserName", user.name);
  w.member("Account", user.account);
  w.member("Arn", user.arn());
  w.member("CanonicalId", s3::canonical_id_of(user.account));
  w.key("AccessKeys");
  w.begin_array();
  for (const UserKey& key : user.keys) {
    w.begin_object();
    w.member("AccessKeyId", key.id);
    if (newest == Secret::told && &key == &user.keys.front()) w.member("SecretAccessKey", key.secret);
    w.key("Created");
    w.epoch_seconds(static_cast<std::uint64_t>(key.created_micros));
    w.end_object();
  }
  w.end_array();
  if (!user.policy.empty()) w.member("Policy", user.policy);
  w.key("Created");
  w.epoch_seconds(static_cast<std::uint64_t>(user.created_micros));
  w.end_object();
}

dynamo::OperationResult one_user(const Result<User>& user, Secret newest) {
  if (!user.ok()) return error_of(user.error());
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("User");
  print_user(w, *user, newest);
  w.end_object();
  return out;
}

bool is_root(const AdminServices& services, const dynamo::Caller& caller) {
  const auth::AccessKey* const key = services.credentials.current().find(caller.access_key);
  return key != nullptr && key->identity->root;
}

// The account that a request is about: the one it names, or the caller's own.
dynamo::Outcome<std::string> account_of(const AdminServices& services, const dynamo::OperationRequest& request) {
  if (services.users == nullptr) return dynamo::validation("this server keeps no users");
  TRY_ASSIGN(std::string account, text_of(request.body, "Account"));
  if (account.empty()) return request.caller.account;
  if (const Status status = check_account(account); !status.ok()) {
    return dynamo::validation(std::string(status.message()));
  }
  if (account != request.caller.account && !is_root(services, request.caller)) {
    return dynamo::api_error(ErrorKind::access_denied, "Users of account " + account + " are not yours to manage");
  }
  return account;
}

dynamo::Outcome<Users::NewKey> key_of(const codec::JsonValue& body) {
  Users::NewKey key;
  TRY_ASSIGN(key.id, text_of(body, "AccessKeyId"));
  TRY_ASSIGN(key.secret, text_of(body, "SecretAccessKey"));
  if (key.id.empty() == key.secret.empty()) return key;
  return dynamo::validation("AccessKeyId and SecretAccessKey must be given both, or neither");
}

Task<dynamo::OperationResult> create_user(AdminServices& services, dynamo::OperationRequest request) {
  CO_TRY_ASSIGN(std::string account, account_of(services, request));
  CO_TRY_ASSIGN(std::string name, required_text(request.body, "UserName"));
  CO_TRY_ASSIGN(Users::NewKey key, key_of(request.body));
  CO_TRY_ASSIGN(std::string policy, text_of(request.body, "Policy"));
  const auto user =
      co_await services.users->create(std::move(account), std::move(name), std::move(key), std::move(policy));
  co_return one_user(user, Secret::told);
}

Task<dynamo::OperationResult> list_users(AdminServices& services, dynamo::OperationRequest request) {
  CO_TRY_ASSIGN(std::string account, account_of(services, request));
  // Root sees everybody unless it asks for one account.
  const bool all = is_root(services, request.caller) && !request.body.find("Account");
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("Users");
  w.begin_array();
  for (const User& user : services.users->list(all ? std::string_view() : account)) print_user(w, user, Secret::kept);
  w.end_array();
  w.end_object();
  co_return std::move(out);
}

Task<dynamo::OperationResult> get_user(AdminServices& services, dynamo::OperationRequest request) {
  CO_TRY_ASSIGN(const std::string account, account_of(services, request));
  CO_TRY_ASSIGN(const std::string name, required_text(request.body, "UserName"));
  auto user = services.users->find(account, name);
  if (!user) {
    co_return dynamo::api_error(ErrorKind::resource_not_found, "The user with name " + name + " cannot be found.");
  }
  co_return one_user(std::move(*user), Secret::kept);
}

Task<dynamo::OperationResult> delete_user(AdminServices& services, dynamo::OperationRequest request) {
  CO_TRY_ASSIGN(std::string account, account_of(services, request));
  CO_TRY_ASSIGN(std::string name, required_text(request.body, "UserName"));
  const auto user = co_await services.users->remove(std::move(account), std::move(name));
  co_return one_user(user, Secret::kept);
}

Task<dynamo::OperationResult> rotate_user_key(AdminServices& services, dynamo::OperationRequest request) {
  CO_TRY_ASSIGN(std::string account, account_of(services, request));
  CO_TRY_ASSIGN(std::string name, required_text(request.body, "UserName"));
  CO_TRY_ASSIGN(Users::NewKey key, key_of(request.body));
  const auto keep = request.body.find("KeepPrevious");
  if (keep && !keep->is(codec::JsonType::boolean) && !keep->is(codec::JsonType::null)) {
    co_return dynamo::serialization("KeepPrevious must be true or false");  // the previous key must not go by mistake
  }
  const bool keep_newest = keep && keep->is(codec::JsonType::boolean) && keep->boolean();
  const auto user = co_await services.users->rotate(std::move(account), std::move(name), std::move(key), keep_newest);
  co_return one_user(user, Secret::told);
}

Task<dynamo::OperationResult> put_user_policy(AdminServices& services, dynamo::OperationRequest request) {
  CO_TRY_ASSIGN(std::string account, account_of(services, request));
  CO_TRY_ASSIGN(std::string name, required_text(request.body, "UserName"));
  CO_TRY_ASSIGN(std::string policy, text_of(request.body, "Policy"));
  const auto user = co_await services.users->put_policy(std::move(account), std::move(name), std::move(policy));
  co_return one_user(user, Secret::kept);
}

constexpr std::array operations{
    AdminOperation{"CreateUser", create_user},
    AdminOperation{"ListUsers", list_users},
    AdminOperation{"GetUser", get_user},
    AdminOperation{"DeleteUser", delete_user},
    AdminOperation{"RotateUserKey", rotate_user_key},
    AdminOperation{"PutUserPolicy", put_user_policy},
};

}  // namespace

std::span<const AdminOperation> user_operations() { return operations; }

}  // namespace reprise::admin
