// Which table a TableName of the control plane means.
#pragma once

#include <string>
#include <string_view>

#include "dynamo/model/error.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

// The name in a TableName, which may be an ARN; AccessDeniedException for another account's.
Outcome<std::string> own_table_name(const Services& services, const Caller& caller, std::string_view table_name);

// Refuses members of features that Reprise does not have: "X is not supported by this server". `body` has passed its
// shape.
Check refuse_members(const codec::JsonValue& body, std::initializer_list<std::string_view> members);

}  // namespace reprise::dynamo
