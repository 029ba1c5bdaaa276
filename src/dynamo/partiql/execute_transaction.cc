// ExecuteTransaction: up to 100 statements of one item each, all reads or all writes, as one transaction. EXISTS is
// the condition check of a transaction of writes.
#include <string>
#include <utility>
#include <vector>

#include "dynamo/model/size.h"
#include "dynamo/ops/capacity.h"
#include "dynamo/ops/transact.h"
#include "dynamo/ops/transact_capacity.h"
#include "dynamo/partiql/partiql_operations.h"
#include "dynamo/partiql/select_statement.h"
#include "dynamo/partiql/write_statement.h"

namespace reprise::dynamo {
namespace {

using partiql::PointSelect;
using partiql::Returning;
using partiql::StatementRequest;
using partiql::WriteStatement;

Outcome<std::vector<StatementRequest>> parse_statements(const OperationRequest& operation) {
  TRY(check_request(partiql::shapes::execute_transaction, operation.body));
  std::vector<StatementRequest> requests;
  for (auto element = Fields(operation.body).value("TransactStatements")->first_element(); element; element.advance()) {
    TRY_ASSIGN(StatementRequest request, partiql::parse_request(Fields(element.value())));
    const auto& statement = request.statement;
    if (statement.update.returning != Returning::nothing || statement.remove.returning != Returning::nothing) {
      return validation("RETURNING clause is not supported in transactions");
    }
    if (!requests.empty() && requests[0].statement.writes() != statement.writes()) {
      return validation("ExecuteTransaction API does not support both read and write operations in the same request.");
    }
    requests.push_back(std::move(request));
  }
  if (operation.as_of && requests[0].statement.writes()) {
    return validation("x-reprise-as-of has no meaning for statements that write");
  }
  return requests;
}

// ---- Reads ---------------------------------------------------------------------------------------------------------

struct Reads {
  std::vector<PointSelect> selects;
  std::vector<TransactGet> keys;
};

Outcome<Reads> plan_reads(const std::vector<StatementRequest>& requests) {
  Reads reads;
  for (const StatementRequest& request : requests) {
    if (request.statement.source.index) return validation("Reads on indices are not supported within transactions.");
    TRY_ASSIGN(PointSelect select, PointSelect::plan(request));
    reads.keys.push_back({request.table, Bytes(select.key())});
    reads.selects.push_back(std::move(select));
  }
  TRY(check_distinct_items(reads.keys));
  return reads;
}

Task<OperationResult> read_all(Services& services, const OperationRequest& operation,
                               const std::vector<StatementRequest>& requests) {
  CO_TRY_ASSIGN(Reads reads, plan_reads(requests));
  CO_TRY_ASSIGN(const auto versions, co_await transact_get(services, std::move(reads.keys), operation.as_of));
  const auto item_of = [&versions](std::size_t i) {
    return versions[i].exists() ? ItemView(versions[i].value()) : ItemView();
  };
  Bytes body;
  codec::JsonWriter writer(body);
  writer.begin_object();
  writer.key("Responses");
  writer.begin_array();
  for (std::size_t i = 0; i < requests.size(); ++i) {
    Bytes item;
    writer.begin_object();
    if (reads.selects[i].append_json(item, item_of(i))) {
      writer.key("Item");
      writer.raw(item);
    }
    writer.end_object();
  }
  writer.end_array();
  print_transact_capacity(
      writer, requests, capacity_report(Fields(operation.body)),
      [&](ConsumedCapacity& consumed, std::size_t i) { consumed.add_transact_read(item_size(item_of(i))); });
  writer.end_object();
  co_return body;
}

// ---- Writes --------------------------------------------------------------------------------------------------------

Outcome<std::vector<TransactAction>> plan_writes(const std::vector<StatementRequest>& requests) {
  std::vector<TransactAction> actions;
  for (const StatementRequest& request : requests) {
    TRY_ASSIGN(auto change,
               WriteStatement::make(request.statement, request.values, *request.table, request.return_item));
    Bytes key(change->key());
    actions.push_back({request.table, std::move(key), std::move(change)});
  }
  TRY(check_distinct_items(actions));
  return actions;
}

Task<OperationResult> write_all(Services& services, const OperationRequest& operation,
                                const std::vector<StatementRequest>& requests) {
  CO_TRY_ASSIGN(std::vector<TransactAction> actions, plan_writes(requests));
  const CapacityReport report = capacity_report(Fields(operation.body));
  const bool capacity = report != CapacityReport::none;
  const WriteKeep keep{capacity, capacity};
  auto token = client_token(operation, "ExecuteTransaction");
  CO_TRY_ASSIGN(const TransactWritten done,
                co_await transact_write(services, std::move(actions), std::move(token), keep));
  Bytes body;
  codec::JsonWriter writer(body);
  writer.begin_object();
  print_transact_capacity(writer, requests, report,
                          [&](ConsumedCapacity& consumed, std::size_t i) { add_transact_written(consumed, done, i); });
  writer.end_object();
  co_return body;
}

}  // namespace

Task<OperationResult> execute_transaction(Services& services, OperationRequest operation) {
  CO_TRY_ASSIGN(std::vector<StatementRequest> requests, parse_statements(operation));
  for (StatementRequest& request : requests) CO_TRY(partiql::find_table(services, operation.caller, request));
  if (requests[0].statement.writes()) co_return co_await write_all(services, operation, requests);
  co_return co_await read_all(services, operation, requests);
}

}  // namespace reprise::dynamo
