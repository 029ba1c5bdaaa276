// What the ResourceArn of tags and of resource policies names: a table, or one of its streams.
//
// Sources: answers of the real service (public probe laboratory, 2026-10). The two families refuse the same ARNs in
// different words.
#pragma once

#include <string>
#include <string_view>

#include "dynamo/model/error.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

struct TableResource {
  TablePtr table;
  std::string stream_label;  // empty: the table itself
};

// The table that tags are of. `operation`: of the text of AccessDeniedException ("TagResource").
Outcome<TableResource> find_tagged(const Services& services, const Caller& caller, std::string_view arn,
                                   std::string_view operation);

// An ARN that a policy may be attached to; nothing has been looked up yet.
struct PolicyResource {
  std::string table_name;
  std::string stream_label;  // empty: the table itself
};
Outcome<PolicyResource> parse_policy_arn(const Services& services, const Caller& caller, std::string_view arn);
// ResourceNotFoundException when there is no such table, or no such stream of it.
Outcome<TablePtr> find_policy_table(const Services& services, const Caller& caller, const PolicyResource& resource);

}  // namespace reprise::dynamo
