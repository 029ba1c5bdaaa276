// A policy document's statement, compiled. Not for users of policy.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "auth/policy/condition.h"
#include "auth/policy/pattern.h"
#include "auth/policy/policy.h"

namespace reprise::auth::policy {

// One name in a Principal element.
struct PrincipalName {
  enum class Kind : std::uint8_t {
    everybody,  // "*"
    account,    // account, or the ARN of its root
    arn,        // a user's
    canonical,  // a canonical user id: the account as a whole
    other,      // services, federations: nobody who could ask here
  };
  Kind kind = Kind::other;
  std::string text{};  // 12 digits, an ARN, a canonical id
};

struct Statement {
  std::string sid{};
  bool deny = false;
  bool has_principal = false;  // false: an identity's policy
  bool not_principal = false;
  std::vector<PrincipalName> principals{};
  bool not_action = false;
  std::vector<Pattern> actions{};
  bool not_resource = false;
  std::vector<Pattern> resources{};
  std::vector<Condition> conditions{};

  [[nodiscard]] bool matches_action(std::string_view action, const Context& context) const;
  [[nodiscard]] bool matches_resource(std::string_view resource, const Context& context) const;
  [[nodiscard]] bool conditions_hold(const Context& context) const;
  // nothing: it does not speak of that requester; allow_account or allow: how it does.
  [[nodiscard]] Decision speaks_of(const Requester& requester) const;
};

}  // namespace reprise::auth::policy
