// Invariant: nothing of a request has run before every target of it was allowed.
#include "dynamo/api/authorization.h"

#include <mutex>
#include <shared_mutex>
#include <unordered_map>
#include <utility>

#include "auth/policy/policy.h"
#include "base/log.h"
#include "dynamo/api/access_context.h"
#include "dynamo/api/access_target.h"
#include "dynamo/ops/catalog.h"

namespace reprise::dynamo {
namespace {

using auth::policy::Decision;
using auth::policy::DocumentPtr;
using auth::policy::Question;

constexpr std::string_view read_past = "reprise:ReadPast";

// Resource policies, compiled once for each text.
class Policies {
 public:
  // Null: it cannot be read, which has been logged.
  DocumentPtr find(const std::string& text) {
    {
      const std::shared_lock lock(mutex_);
      const auto found = documents_.find(text);
      if (found != documents_.end()) return found->second;
    }
    auto parsed = auth::policy::Document::parse(text, auth::policy::Kind::table);
    if (!parsed.ok()) {
      log_line(LogLevel::error, "dynamo", "a resource policy cannot be read: only root gets past it",
               log_field("why", parsed.error().message()));
    }
    DocumentPtr document = parsed.ok() ? std::move(parsed).value() : nullptr;
    const std::unique_lock lock(mutex_);
    if (documents_.size() >= entries_max) documents_.clear();
    documents_.insert_or_assign(text, document);
    return document;
  }

 private:
  static constexpr std::size_t entries_max = 1024;
  std::shared_mutex mutex_;
  std::unordered_map<std::string, DocumentPtr> documents_;
};

Decision said_by_resource(const AccessTarget& target, const TableDefinition* table, const Question& question) {
  if (table == nullptr) return Decision::nothing;
  const auto& policy = target.stream ? table->stream_policy : table->policy;
  if (!policy) return Decision::nothing;
  static Policies policies;
  const DocumentPtr document = policies.find(policy->document);
  return document == nullptr ? Decision::deny : document->evaluate(question);
}

ApiError denied(const auth::Identity& identity, std::string_view action, const AccessTarget& target,
                std::string_view why) {
  return api_error(ErrorKind::access_denied, "User: " + identity.arn +
                                                 " is not authorized to perform: " + std::string(action) +
                                                 " on resource: " + target.resource + " " + std::string(why));
}

Check check(const Services& services, const AccessRequest& request, const AccessTarget& target,
            std::string_view action) {
  const auth::Identity& identity = request.identity;
  const TablePtr table = target.table.empty() ? nullptr : services.catalog.find(target.account, target.table);
  const auth::policy::Requester requester = auth::policy::requester_of(&identity);
  const AccessContext context(requester, services, request.http, target, table.get());
  const Question question{action, target.resource, context};
  const Decision own = identity.root ? Decision::allow : auth::policy::evaluate(identity.policies, question);
  if (own == Decision::deny) {
    return denied(identity, action, target, "with an explicit deny in an identity-based policy");
  }
  const Decision said = said_by_resource(target, table.get(), question);
  if (said == Decision::deny) {
    return denied(identity, action, target, "with an explicit deny in a resource-based policy");
  }
  const bool home = target.account == identity.account;
  if (home && (own == Decision::allow || said == Decision::allow)) return Passed{};
  if (own != Decision::allow) {
    return denied(identity, action, target,
                  "because no identity-based policy allows the " + std::string(action) + " action");
  }
  if (said >= Decision::allow_account) return Passed{};
  return denied(identity, action, target,
                "because no resource-based policy allows the " + std::string(action) + " action");
}

// The one account that the targets belong to; the caller's when they do not agree, where the operation then refuses
// those of others.
std::string account_of(const AccessTargets& found, std::string_view operation, const auth::Identity& identity) {
  const AccessTarget* first = nullptr;
  // Who has a table sets its policy, whatever the policy says; and what makes another table, or writes into a bucket,
  // does so in the caller's account alone.
  if (operation.ends_with("ResourcePolicy")) return identity.account;
  for (const std::string_view making : {"Export", "Import", "Restore"}) {
    if (operation.starts_with(making)) return identity.account;
  }
  for (const AccessTarget& target : found.targets) {
    if (target.table.empty()) continue;
    if (target.by_name || (first != nullptr && first->account != target.account)) return identity.account;
    if (first == nullptr) first = &target;
  }
  return first == nullptr ? identity.account : first->account;
}

}  // namespace

Outcome<std::string> authorize(const Services& services, const AccessRequest& request) {
  const AccessTargets found = access_targets(services, request.operation, request.body, request.identity.account);
  for (const AccessTarget& target : found.targets) {
    TRY(check(services, request, target, target.action));
    if (request.as_of) TRY(check(services, request, target, read_past));
  }
  return account_of(found, request.operation, request.identity);
}

}  // namespace reprise::dynamo
