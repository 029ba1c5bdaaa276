// Evaluation of policy documents. Invariant: the answer does not depend on the order of statements, because the
// strongest one counts.
#include "auth/policy/policy.h"

#include <algorithm>

#include "auth/policy/statement.h"

namespace reprise::auth::policy {
namespace {

Decision speaks_of_name(const PrincipalName& name, const Requester& who) {
  if (name.kind == PrincipalName::Kind::everybody) return Decision::allow;
  if (who.anonymous) return Decision::nothing;
  switch (name.kind) {
    case PrincipalName::Kind::account:
      if (name.text != who.account) return Decision::nothing;
      return who.root ? Decision::allow : Decision::allow_account;
    case PrincipalName::Kind::canonical:
      if (name.text != who.canonical_id) return Decision::nothing;
      return who.root ? Decision::allow : Decision::allow_account;
    case PrincipalName::Kind::arn: return name.text == who.arn ? Decision::allow : Decision::nothing;
    default: return Decision::nothing;
  }
}

}  // namespace

bool Statement::matches_action(std::string_view action, const Context& context) const {
  const bool found =
      std::ranges::any_of(actions, [&](const Pattern& pattern) { return pattern.matches(action, context); });
  return found != not_action;
}

bool Statement::matches_resource(std::string_view resource, const Context& context) const {
  const bool found =
      std::ranges::any_of(resources, [&](const Pattern& pattern) { return pattern.matches(resource, context); });
  return found != not_resource;
}

bool Statement::conditions_hold(const Context& context) const {
  return std::ranges::all_of(conditions, [&](const Condition& condition) { return condition.holds(context); });
}

Decision Statement::speaks_of(const Requester& requester) const {
  if (!has_principal) return Decision::allow;
  Decision found = Decision::nothing;
  for (const PrincipalName& name : principals) found = stronger(found, speaks_of_name(name, requester));
  if (!not_principal) return found;
  // Only who is named himself is left out: a user is not exempt because his account is.
  return found == Decision::allow ? Decision::nothing : Decision::allow;
}

Document::Document(std::vector<Statement> statements) : statements_(std::move(statements)) {
  has_deny_ = std::ranges::any_of(statements_, [](const Statement& statement) { return statement.deny; });
}
Document::~Document() = default;

Decision Document::evaluate(const Question& question) const {
  Decision decision = Decision::nothing;
  for (const Statement& statement : statements_) {
    // What could not change the decision is not worth its conditions.
    if (!statement.deny && decision == Decision::allow) continue;
    if (!statement.matches_action(question.action, question.context)) continue;
    const Decision how = statement.speaks_of(question.context.requester());
    if (how == Decision::nothing) continue;
    if (!statement.matches_resource(question.resource, question.context)) continue;
    if (!statement.conditions_hold(question.context)) continue;
    if (statement.deny) return Decision::deny;
    decision = stronger(decision, how);
  }
  return decision;
}

Decision PolicySet::evaluate(const Question& question) const {
  Decision decision = Decision::nothing;
  for (const DocumentPtr& document : documents_) decision = stronger(decision, document->evaluate(question));
  return decision;
}

Decision evaluate(const std::shared_ptr<const PolicySet>& policies, const Question& question) {
  return policies == nullptr ? Decision::nothing : policies->evaluate(question);
}

}  // namespace reprise::auth::policy
