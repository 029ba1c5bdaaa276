// The condition keys of S3: what a policy can ask about a request and what it is about.
// Source: Service authorization reference, "Condition keys for Amazon S3"; IAM user guide, "AWS global condition
// context keys".
#pragma once

#include <string_view>

#include "auth/policy/context.h"
#include "s3/ops/access.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

class AccessContext final : public auth::policy::Context {
 public:
  // All borrowed.
  AccessContext(const auth::policy::Requester& requester, const Services& services, const Call& call,
                const AccessTarget& target);

  // Whether a policy asked for the tags of an object that the target does not have.
  [[nodiscard]] bool object_missed() const { return object_missed_; }

 private:
  void find_more(std::string_view key, auth::policy::Values& values) const override;
  bool find_of_target(std::string_view key, auth::policy::Values& values) const;
  bool find_of_request(std::string_view key, auth::policy::Values& values) const;
  void find_request_tags(std::string_view name, auth::policy::Values& values) const;
  void find_copy_source(auth::policy::Values& values) const;

  const Services& services_;
  const Call& call_;
  const AccessTarget& target_;
  mutable bool object_missed_ = false;
};

}  // namespace reprise::s3
