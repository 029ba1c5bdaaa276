// ExecuteStatement: one statement, a page of a SELECT or a write of one item.
#include <string>
#include <utility>

#include "dynamo/model/item_json.h"
#include "dynamo/ops/capacity.h"
#include "dynamo/partiql/next_token.h"
#include "dynamo/partiql/partiql_operations.h"
#include "dynamo/partiql/select_statement.h"
#include "dynamo/partiql/write_statement.h"

namespace reprise::dynamo {
namespace {

using partiql::SelectPage;
using partiql::StatementKind;
using partiql::StatementRequest;
using partiql::WriteStatement;

Outcome<StatementRequest> prepare(Services& services, const OperationRequest& operation) {
  TRY(check_request(partiql::shapes::execute_statement, operation.body));
  TRY_ASSIGN(StatementRequest request, partiql::parse_request(Fields(operation.body)));
  if (request.statement.kind == StatementKind::exists) {
    return validation("EXISTS is only supported within transactions");
  }
  if (operation.as_of && request.statement.writes()) {
    return validation("x-reprise-as-of has no meaning for a statement that writes");
  }
  TRY(partiql::find_table(services, operation.caller, request));
  return request;
}

// ---- SELECT ----

struct PlannedPage {
  SelectPage page;
  Bytes digest;
};

Outcome<PlannedPage> plan_page(Services& services, const OperationRequest& operation, const StatementRequest& request) {
  const Fields in(operation.body);
  SelectPage::Options options;
  options.consistent = in.boolean("ConsistentRead", false);
  options.limit = static_cast<std::size_t>(in.integer("Limit").value_or(0));
  options.as_of = operation.as_of;
  TRY_ASSIGN(SelectPage page, SelectPage::plan(services, request, options));
  Bytes digest = partiql::request_digest(*in.string("Statement"), request.values, request.table->id);
  if (const auto token = in.string("NextToken")) {
    TRY_ASSIGN(const Bytes key, partiql::decode_next_token(digest, *token));
    TRY(page.start_behind(key));
  }
  return PlannedPage{std::move(page), std::move(digest)};
}

Task<OperationResult> select_page(Services& services, const OperationRequest& operation,
                                  const StatementRequest& request) {
  CO_TRY_ASSIGN(PlannedPage planned, plan_page(services, operation, request));
  Bytes items;
  PageProgress progress;
  CO_TRY(co_await planned.page.read(services, items, progress));
  Bytes body = "{\"Items\":[" + items + "]";
  if (progress.last_key) {
    const Bytes key = last_evaluated_key(planned.page.page(), *progress.last_key);
    body.append(",\"LastEvaluatedKey\":");
    append_item_json(body, ItemView(key));
    body.append(",\"NextToken\":\"")
        .append(partiql::encode_next_token(planned.digest, *progress.last_key))
        .append("\"");
  }
  const CapacityReport report = capacity_report(Fields(operation.body));
  if (report != CapacityReport::none) {
    body.append(",\"ConsumedCapacity\":");
    codec::JsonWriter writer(body);
    page_capacity(planned.page.page(), progress).print(writer, *request.table, report);
  }
  body.push_back('}');
  co_return body;
}

// ---- INSERT, UPDATE, DELETE ----

Task<OperationResult> write_one(Services& services, const OperationRequest& operation,
                                const StatementRequest& request) {
  CO_TRY_ASSIGN(const std::unique_ptr<WriteStatement> change,
                WriteStatement::make(request.statement, request.values, *request.table, request.return_item));
  const CapacityReport report = capacity_report(Fields(operation.body));
  const bool capacity = report != CapacityReport::none;
  WriteKeep keep = change->keep();
  keep.before = keep.before || capacity;
  keep.after = keep.after || capacity;
  Bytes key(change->key());
  CO_TRY_ASSIGN(const ItemWritten written, co_await write_item(services, request.table, std::move(key), *change, keep));
  Bytes body = "{\"Items\":[";
  if (const ItemView item = change->returned(written)) append_item_json(body, item);
  body.append("]");
  if (capacity) {
    body.append(",\"ConsumedCapacity\":");
    ConsumedCapacity consumed;
    consumed.add_write(*written.table, written.old_item(), ItemView(written.after));
    codec::JsonWriter writer(body);
    consumed.print(writer, *written.table, report);
  }
  body.push_back('}');
  co_return body;
}

}  // namespace

Task<OperationResult> execute_statement(Services& services, OperationRequest operation) {
  CO_TRY_ASSIGN(const StatementRequest request, prepare(services, operation));
  if (request.statement.writes()) co_return co_await write_one(services, operation, request);
  co_return co_await select_page(services, operation, request);
}

}  // namespace reprise::dynamo
