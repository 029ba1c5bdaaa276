// What a request works on, as policies see it: for each table, index, stream or backup that its body names, an action
// and an ARN.
// Source: Service authorization reference, "Actions, resources, and condition keys for Amazon DynamoDB"; developer
// guide, "Using IAM with DynamoDB".
//
// A body that is not as its operation wants it names what can be told: the operation itself refuses it then.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "dynamo/ops/operation.h"
#include "dynamo/partiql/statement.h"

namespace reprise::dynamo {

struct AccessTarget {
  std::string action;  // "dynamodb:GetItem"
  std::string
      resource;         // "arn:aws:dynamodb:eu-west-1:111122223333:table/Notes/index/ByDay", in the server's own region
  std::string account;  // of the resource
  std::string table;    // empty: none
  std::string index;
  bool stream = false;    // a stream of the table: its own policy counts
  bool by_name = false;   // named without an account: one in the caller's
  std::string enclosing;  // "TransactWriteItems": the operation that the action is part of
  codec::JsonValue part;  // the part of the body that is about this target; has the lists of BatchGetItem
  const partiql::Statement* statement = nullptr;  // of PartiQL: what `part` has the text of
};

// Keeps the statements alive that the targets refer to.
struct AccessTargets {
  std::vector<AccessTarget> targets;
  std::vector<std::unique_ptr<partiql::Statement>> statements;
};

// `operation` is one of either DynamoDB service. `account` is the caller's.
[[nodiscard]] AccessTargets access_targets(const Services& services, std::string_view operation,
                                           const codec::JsonValue& body, std::string_view account);

}  // namespace reprise::dynamo
