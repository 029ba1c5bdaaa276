// The condition keys of DynamoDB: what a policy can ask about a request and the table it is about.
// Source: Service authorization reference, "Condition keys for Amazon DynamoDB"; developer guide, "Using IAM policy
// conditions for fine-grained access control".
#pragma once

#include <string>
#include <string_view>

#include "auth/policy/context.h"
#include "dynamo/api/access_target.h"
#include "dynamo/ops/catalog.h"
#include "http/message.h"

namespace reprise::dynamo {

class AccessContext final : public auth::policy::Context {
 public:
  // All borrowed. `table` is null when there is none.
  AccessContext(const auth::policy::Requester& requester, const Services& services, const http::Request& request,
                const AccessTarget& target, const TableDefinition* table);

 private:
  void find_more(std::string_view key, auth::policy::Values& values) const override;
  void find_leading_keys(auth::policy::Values& values) const;
  void find_attributes(auth::policy::Values& values) const;
  void find_full_table_scan(auth::policy::Values& values) const;
  void find_select(auth::policy::Values& values) const;
  void find_tags(std::string_view key, auth::policy::Values& values) const;
  [[nodiscard]] const KeySchema* schema() const;

  const Services& services_;
  const http::Request& request_;
  const AccessTarget& target_;
  const TableDefinition* table_;
};

// The condition keys that any request of the API answers, whatever it is about: aws:SourceIp, aws:SecureTransport,
// aws:UserAgent, aws:Referer, aws:RequestedRegion, aws:ResourceAccount (`account`) and their like. False: not one of
// them.
bool find_of_http(std::string_view key, const http::Request& request, std::string_view region, std::string_view account,
                  auth::policy::Values& values);

// "127.0.0.1" of "127.0.0.1:51234", "::1" of "[::1]:51234".
[[nodiscard]] std::string_view address_of(std::string_view peer);

}  // namespace reprise::dynamo
