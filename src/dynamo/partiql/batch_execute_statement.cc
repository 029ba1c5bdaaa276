// BatchExecuteStatement: up to 25 statements of one item each, all reads or all writes. Each has its own outcome.
#include <string>
#include <utility>
#include <vector>

#include "dynamo/model/item_json.h"
#include "dynamo/model/size.h"
#include "dynamo/ops/capacity.h"
#include "dynamo/ops/item_request.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/throughput_limit.h"
#include "dynamo/partiql/partiql_operations.h"
#include "dynamo/partiql/select_statement.h"
#include "dynamo/partiql/write_statement.h"
#include "history/store.h"

namespace reprise::dynamo {
namespace {

using partiql::PointSelect;
using partiql::StatementKind;
using partiql::StatementRequest;
using partiql::WriteStatement;

struct Entry {
  Outcome<StatementRequest> request;
  bool consistent = false;
};

// BatchStatementErrorCodeEnum.
std::string_view batch_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::conditional_check_failed: return "ConditionalCheckFailed";
    case ErrorKind::item_collection_size_limit_exceeded: return "ItemCollectionSizeLimitExceeded";
    case ErrorKind::request_limit_exceeded: return "RequestLimitExceeded";
    case ErrorKind::validation: return "ValidationError";
    case ErrorKind::provisioned_throughput_exceeded: return "ProvisionedThroughputExceeded";
    case ErrorKind::transaction_conflict: return "TransactionConflict";
    case ErrorKind::throttling: return "ThrottlingError";
    case ErrorKind::resource_not_found: return "ResourceNotFound";
    case ErrorKind::access_denied: return "AccessDenied";
    case ErrorKind::duplicate_item: return "DuplicateItem";
    default: return "InternalServerError";
  }
}

Outcome<std::vector<Entry>> parse_entries(const OperationRequest& operation) {
  TRY(check_request(partiql::shapes::batch_execute_statement, operation.body));
  std::vector<Entry> entries;
  bool reads = false;
  bool writes = false;
  for (auto element = Fields(operation.body).value("Statements")->first_element(); element; element.advance()) {
    const Fields in(element.value());
    Entry entry{partiql::parse_request(in), in.boolean("ConsistentRead", false)};
    if (entry.request.ok()) {
      reads = reads || !entry.request->statement.writes();
      writes = writes || entry.request->statement.writes();
      if (entry.request->statement.kind == StatementKind::exists) {
        entry.request = validation("EXISTS is only supported within transactions");
      }
    }
    entries.push_back(std::move(entry));
  }
  if (reads && writes) {
    return validation("BatchExecuteStatement API does not support both read and write operations in the same request.");
  }
  if (writes && operation.as_of) return validation("x-reprise-as-of has no meaning for statements that write");
  return entries;
}

Outcome<PointSelect> plan_read(const StatementRequest& request) {
  auto plan = PointSelect::plan(request);
  const bool no_key = request.statement.source.index ||
                      (!plan.ok() && plan.error().message ==
                                         "Where clause does not contain a mandatory equality on all key attributes");
  if (!no_key) return plan;
  return validation("Select statements within BatchExecuteStatement must specify the primary key in the where clause.");
}

// What one statement came to.
struct Answer {
  Bytes item;  // JSON, or empty
  ConsumedCapacity consumed;
};

Task<Outcome<Answer>> read_one(Services& services, const StatementRequest& request, bool consistent,
                               std::optional<Timestamp> as_of) {
  CO_TRY_ASSIGN(const PointSelect plan, plan_read(request));
  CO_TRY_ASSIGN(const auto time, resolve_as_of(services, request.table->space, as_of));
  CO_TRY(admit_read(services, *request.table));
  const auto version = co_await services.store.get(request.table->space, plan.key(), time);
  if (!version.ok()) co_return store_error(version.error());
  const ItemView item = version->exists() ? ItemView(version->value()) : ItemView();
  charge_read(services, *request.table, item, consistent);
  Answer answer;
  answer.consumed.add_table(read_units(item_size(item), consistent));
  plan.append_json(answer.item, item);
  co_return answer;
}

Task<Outcome<Answer>> write_one(Services& services, const StatementRequest& request, bool capacity) {
  CO_TRY_ASSIGN(const std::unique_ptr<WriteStatement> change,
                WriteStatement::make(request.statement, request.values, *request.table, request.return_item));
  WriteKeep keep = change->keep();
  keep.before = keep.before || capacity;
  keep.after = keep.after || capacity;
  Bytes key(change->key());
  CO_TRY_ASSIGN(const ItemWritten written, co_await write_item(services, request.table, std::move(key), *change, keep));
  Answer answer;
  if (capacity) answer.consumed.add_write(*written.table, written.old_item(), ItemView(written.after));
  if (const ItemView item = change->returned(written)) append_item_json(answer.item, item);
  co_return answer;
}

Task<Outcome<Answer>> run_one(Services& services, const OperationRequest& operation, Entry& entry, bool capacity) {
  CO_TRY(entry.request);
  StatementRequest& request = *entry.request;
  CO_TRY(partiql::find_table(services, operation.caller, request));
  if (request.statement.writes()) co_return co_await write_one(services, request, capacity);
  co_return co_await read_one(services, request, entry.consistent, operation.as_of);
}

void print_error(codec::JsonWriter& writer, const ApiError& error) {
  writer.key("Error");
  writer.begin_object();
  writer.member("Code", batch_code(error.kind));
  writer.member("Message", error.message);
  if (!error.item.empty()) {
    writer.key("Item");
    print_item(writer, ItemView(error.item));
  }
  writer.end_object();
}

}  // namespace

Task<OperationResult> batch_execute_statement(Services& services, OperationRequest operation) {
  CO_TRY_ASSIGN(std::vector<Entry> entries, parse_entries(operation));
  const CapacityReport report = capacity_report(Fields(operation.body));
  Bytes body;
  Bytes capacities;
  codec::JsonWriter writer(body);
  codec::JsonWriter capacity_writer(capacities);
  writer.begin_object();
  writer.key("Responses");
  writer.begin_array();
  for (Entry& entry : entries) {
    const auto answer = co_await run_one(services, operation, entry, report != CapacityReport::none);
    writer.begin_object();
    if (!answer.ok()) print_error(writer, answer.error());
    if (entry.request.ok()) writer.member("TableName", entry.request->statement.source.table);
    if (answer.ok() && !answer->item.empty()) {
      writer.key("Item");
      writer.raw(answer->item);
    }
    writer.end_object();
    if (answer.ok() && report != CapacityReport::none) {
      answer->consumed.print(capacity_writer, *entry.request->table, report);
    }
  }
  writer.end_array();
  if (report != CapacityReport::none) {
    writer.key("ConsumedCapacity");
    writer.raw("[" + capacities + "]");
  }
  writer.end_object();
  co_return body;
}

}  // namespace reprise::dynamo
