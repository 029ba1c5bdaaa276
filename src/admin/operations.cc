// Finding an extension operation, and asking whether its caller may call it. Invariant: no operation of a table runs
// before that question was answered with yes.
#include "admin/operations.h"

#include <array>
#include <memory>

#include "auth/credential_source.h"
#include "auth/policy/policy.h"
#include "dynamo/api/access_context.h"
#include "s3/ops/services.h"

namespace reprise::admin {
namespace {

constexpr std::string_view target_prefix = "Reprise_20261122.";

// What policies may ask: who calls, when, and from where.
class AdminContext final : public auth::policy::Context {
 public:
  AdminContext(const auth::policy::Requester& requester, const http::Request& request, std::string_view region)
      : Context(requester), request_(request), region_(region), account_(requester.account) {}

 protected:
  void find_more(std::string_view key, auth::policy::Values& values) const override {
    dynamo::find_of_http(key, request_, region_, account_, values);
  }

 private:
  const http::Request& request_;
  const std::string_view region_;
  const std::string_view account_;
};

dynamo::ApiError denied(const auth::Identity* identity, std::string_view action, std::string_view why) {
  return dynamo::api_error(dynamo::ErrorKind::access_denied,
                           "User: " + (identity == nullptr ? std::string("anonymous") : identity->arn) +
                               " is not authorized to perform: " + std::string(action) + " " + std::string(why));
}

dynamo::Check may_call(const AdminServices& services, const AdminOperation& operation, const dynamo::Caller& caller,
                       const http::Request& http) {
  const std::string action = "reprise:" + std::string(operation.name);
  const auth::AccessKey* const key = services.credentials.current().find(caller.access_key);
  const auth::Identity* const identity = key == nullptr ? nullptr : key->identity.get();
  // A key that was taken away while its request was under way.
  if (identity == nullptr) return denied(identity, action, "because its access key is gone");
  if (operation.scope == Scope::server && identity->account != auth::root_account) {
    return denied(identity, action, "because it concerns the whole server and not only account " + identity->account);
  }
  if (identity->root) return dynamo::Passed{};
  const auth::policy::Requester requester = auth::policy::requester_of(identity);
  AdminContext context(requester, http, services.s3.settings.region);
  context.now_micros = static_cast<std::int64_t>(services.s3.wall.now_micros());
  using auth::policy::Decision;
  const Decision decision = auth::policy::evaluate(identity->policies, {action, "*", context});
  if (decision == Decision::allow) return dynamo::Passed{};
  return denied(identity, action,
                decision == Decision::deny ? "with an explicit deny in an identity-based policy"
                                           : "because no identity-based policy allows the " + action + " action");
}

const AdminOperation* find_operation(std::string_view name) {
  for (const auto& family : {key_operations(), user_operations(), job_operations()}) {
    for (const AdminOperation& operation : family) {
      if (operation.name == name) return &operation;
    }
  }
  return nullptr;
}

Task<dynamo::OperationResult> run(std::shared_ptr<AdminServices> services, const AdminOperation* operation,
                                  dynamo::OperationRequest request, const http::Request& http) {
  CO_TRY(may_call(*services, *operation, request.caller, http));
  co_return co_await operation->run(*services, std::move(request));
}

}  // namespace

dynamo::ExtraOperations make_extra_operations(AdminServices services) {
  auto shared = std::make_shared<AdminServices>(services);
  return [shared](std::string_view target) -> dynamo::ExtraOperation {
    if (!target.starts_with(target_prefix)) return {};
    const AdminOperation* const operation = find_operation(target.substr(target_prefix.size()));
    if (operation == nullptr) return {};
    return [shared, operation](dynamo::OperationRequest request, const http::Request& http) {
      return run(shared, operation, std::move(request), http);
    };
  };
}

}  // namespace reprise::admin
