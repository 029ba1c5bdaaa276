// What ExecuteStatement, BatchExecuteStatement and ExecuteTransaction have in common: one statement with its parameters
// and its table.
#pragma once

#include "dynamo/model/error.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/operation.h"
#include "dynamo/ops/request.h"
#include "dynamo/partiql/values.h"

namespace reprise::dynamo::partiql {

struct StatementRequest {
  Statement statement;
  Values values;
  TablePtr table;            // null until find_table()
  bool return_item = false;  // ReturnValuesOnConditionCheckFailure ALL_OLD
};

// Reads Statement, Parameters and ReturnValuesOnConditionCheckFailure of `in`, which has passed its shape.
Outcome<StatementRequest> parse_request(const Fields& in);
// ResourceNotFoundException when there is no such table.
Check find_table(Services& services, const Caller& caller, StatementRequest& request);

namespace shapes {
extern const Shape execute_statement;
extern const Shape batch_execute_statement;
extern const Shape execute_transaction;
}  // namespace shapes

}  // namespace reprise::dynamo::partiql
