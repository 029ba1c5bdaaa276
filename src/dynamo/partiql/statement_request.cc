// The shapes mirror the public service model (2012-08-10).
#include "dynamo/partiql/statement_request.h"

#include <utility>

#include "dynamo/ops/item_request.h"
#include "dynamo/ops/shape_atoms.h"
#include "dynamo/partiql/parser.h"

namespace reprise::dynamo::partiql {

namespace shapes {
namespace {

using namespace dynamo::shapes;

constexpr std::string_view on_condition_failure_words[] = {"ALL_OLD", "NONE"};
constexpr Shape on_condition_failure{.kind = ShapeKind::string, .values = on_condition_failure_words};
constexpr Shape statement{.kind = ShapeKind::string, .min = 1, .max = 8192};
constexpr Shape parameters{.kind = ShapeKind::list, .min = 1, .element = &value};
constexpr Shape next_token{.kind = ShapeKind::string, .min = 1, .max = 32768};
constexpr Shape limit{.kind = ShapeKind::integer, .min = 1};

constexpr Member execute_statement_members[] = {
    {"ReturnConsumedCapacity", &return_consumed_capacity},
    {"Statement", &statement, true},
    {"Parameters", &parameters},
    {"ConsistentRead", &flag},
    {"NextToken", &next_token},
    {"Limit", &limit},
    {"ReturnValuesOnConditionCheckFailure", &on_condition_failure},
};

constexpr Member batch_statement_members[] = {
    {"Statement", &statement, true},
    {"Parameters", &parameters},
    {"ConsistentRead", &flag},
    {"ReturnValuesOnConditionCheckFailure", &on_condition_failure},
};
constexpr Shape batch_statement{
    .kind = ShapeKind::structure, .name = "BatchStatementRequest", .members = batch_statement_members};
constexpr Shape batch_statements{.kind = ShapeKind::list, .min = 1, .max = 25, .element = &batch_statement};
constexpr Member batch_execute_statement_members[] = {
    {"ReturnConsumedCapacity", &return_consumed_capacity},
    {"Statements", &batch_statements, true},
};

constexpr Member transact_statement_members[] = {
    {"Statement", &statement, true},
    {"Parameters", &parameters},
    {"ReturnValuesOnConditionCheckFailure", &on_condition_failure},
};
constexpr Shape transact_statement{
    .kind = ShapeKind::structure, .name = "ParameterizedStatement", .members = transact_statement_members};
constexpr Shape transact_statements{.kind = ShapeKind::list, .min = 1, .max = 100, .element = &transact_statement};
constexpr Shape client_request_token{.kind = ShapeKind::string, .min = 1, .max = 36};
constexpr Member execute_transaction_members[] = {
    {"ReturnConsumedCapacity", &return_consumed_capacity},
    {"TransactStatements", &transact_statements, true},
    {"ClientRequestToken", &client_request_token},
};

}  // namespace

const Shape execute_statement{
    .kind = ShapeKind::structure, .name = "ExecuteStatementInput", .members = execute_statement_members};
const Shape batch_execute_statement{
    .kind = ShapeKind::structure, .name = "BatchExecuteStatementInput", .members = batch_execute_statement_members};
const Shape execute_transaction{
    .kind = ShapeKind::structure, .name = "ExecuteTransactionInput", .members = execute_transaction_members};

}  // namespace shapes

namespace {

bool is_table_name(std::string_view name) {
  if (name.starts_with("arn:")) return true;
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  return name.size() >= 3 && name.size() <= 255 && name.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace

Outcome<StatementRequest> parse_request(const Fields& in) {
  StatementRequest request;
  request.return_item = in.string_or("ReturnValuesOnConditionCheckFailure", "NONE") == "ALL_OLD";
  TRY_ASSIGN(request.values, Values::parse(in.value("Parameters")));
  TRY_ASSIGN(request.statement, parse(in.string_or("Statement", "")));
  TRY(request.values.check_count(request.statement));
  if (!is_table_name(request.statement.source.table)) {
    return validation(
        "Table name should be within the length [3, 255] and only contain 'a-z', 'A-Z', '0-9', '-', '_', '.'.");
  }
  return request;
}

Check find_table(Services& services, const Caller& caller, StatementRequest& request) {
  TRY_ASSIGN(request.table, find_item_table(services, caller, request.statement.source.table));
  return Passed{};
}

}  // namespace reprise::dynamo::partiql
