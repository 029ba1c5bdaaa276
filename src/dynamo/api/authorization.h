// Whether a caller may do what a request asks: the policies of the user who signed, and those of the tables and
// streams.
//
// Root of an account is free in it. A user needs, for each thing that the request names, an Allow of the user's own
// policies or (within one account) of the resource's; an explicit Deny of either refuses. What another account has is
// reached by the resource's policy and the user's own together, and only by ARN.
// Reading the past (x-reprise-as-of) needs "reprise:ReadPast" on the same resource besides the action. Restoring is
// the restoring operation's own action (dynamodb:RestoreTableToPointInTime, dynamodb:RestoreTableFromBackup).
// Source: IAM user guide, "Policy evaluation logic"; developer guide, "Using resource-based policies for DynamoDB".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/credentials.h"
#include "base/clock.h"
#include "codec/json.h"
#include "dynamo/model/error.h"
#include "dynamo/ops/operation.h"
#include "http/message.h"

namespace reprise::dynamo {

struct AccessRequest {
  const auth::Identity& identity;
  std::string_view operation;  // of either of DynamoDB's services: "PutItem"
  const codec::JsonValue& body;
  std::optional<Timestamp> as_of;
  const http::Request& http;
};

// AccessDeniedException with AWS's text; or the account whose tables the operation works on: the caller's, unless the
// request names those of one other account alone, and may.
[[nodiscard]] Outcome<std::string> authorize(const Services& services, const AccessRequest& request);

}  // namespace reprise::dynamo
