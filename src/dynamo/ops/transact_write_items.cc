// TransactWriteItems: up to 100 puts, updates, deletes and checks of any tables, all or none.
#include <string>
#include <utility>
#include <vector>

#include "dynamo/model/limits.h"
#include "dynamo/model/size.h"
#include "dynamo/ops/capacity.h"
#include "dynamo/ops/item_request.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/transact.h"
#include "dynamo/ops/transact_actions.h"
#include "dynamo/ops/transact_capacity.h"
#include "dynamo/ops/transact_operations.h"

namespace reprise::dynamo {
namespace {

// What is needed of an entry once its change has gone into the transaction.
struct Written {
  TablePtr table;
  std::string requested_table;
  Bytes item;  // put: the item; else the key
  bool changes = false;
};

struct Request {
  std::vector<TransactAction> actions;
  std::vector<Written> written;  // one for each action
  std::optional<ClientToken> token;
};

Outcome<std::vector<std::unique_ptr<TransactEntry>>> parse_entries(Services& services, const Fields& in) {
  std::vector<std::unique_ptr<TransactEntry>> entries;
  for (auto element = in.value("TransactItems")->first_element(); element; element.advance()) {
    if (element.value().is(codec::JsonType::null)) {
      return validation("Invalid Request: TransactWriteRequest should contain Delete or Put or Update request");
    }
    TRY_ASSIGN(auto entry, TransactEntry::parse(services, Fields(element.value())));
    entries.push_back(std::move(entry));
  }
  return entries;
}

// Finds every entry's table, then every entry's item. Items that no table could have cancel the transaction.
Check place_entries(Services& services, const Caller& caller, std::vector<std::unique_ptr<TransactEntry>> entries,
                    Request& request) {
  std::vector<TablePtr> tables;
  for (const auto& entry : entries) {
    TRY_ASSIGN(auto table, find_item_table(services, caller, entry->table_name()));
    tables.push_back(std::move(table));
  }
  std::vector<CancellationReason> reasons;
  bool failed = false;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    auto& entry = entries[i];
    auto key = entry->place(*tables[i]);
    if (!key.ok()) {
      auto reason = cancellation_reason(key.error());
      if (!reason) return std::move(key).error();
      failed = true;
      reasons.push_back(std::move(*reason));
      continue;
    }
    reasons.push_back(no_reason());
    bytes += item_size(entry->item());
    request.written.push_back({tables[i], std::string(entry->table_name()), Bytes(entry->item().encoded()),
                               entry->kind() != TransactEntry::Kind::check});
    request.actions.push_back({tables[i], std::move(key).value(), std::move(entry)});
  }
  if (failed) return transaction_canceled(std::move(reasons));
  TRY(check_distinct_items(request.actions));
  if (bytes > limits::transaction_bytes_max) {
    return validation("The aggregate size of the items in the transaction cannot exceed 4 MB");
  }
  return Passed{};
}

Check prepare(Services& services, const OperationRequest& operation, Request& request) {
  TRY(check_request(shapes::transact_write_items, operation.body, Values::deferred));
  const Fields in(operation.body);
  TRY_ASSIGN(auto entries, parse_entries(services, in));
  TRY(place_entries(services, operation.caller, std::move(entries), request));
  request.token = client_token(operation, "TransactWriteItems");
  return Passed{};
}

// ---- The answer ----------------------------------------------------------------------------------------------------

void print_item_collections(codec::JsonWriter& writer, const Fields& in, const std::vector<Written>& written) {
  bool open = false;
  for_each_table(written, [&](std::size_t first, const std::vector<std::size_t>& members) {
    if (!wants_item_collections(in, *written[first].table)) return;
    bool listed = false;
    for (const std::size_t i : members) {
      if (!written[i].changes) continue;
      if (!open) {
        writer.key("ItemCollectionMetrics");
        writer.begin_object();
        open = true;
      }
      if (!listed) {
        writer.key(written[first].requested_table);
        writer.begin_array();
        listed = true;
      }
      print_item_collection(writer, *written[i].table, ItemView(written[i].item));
    }
    if (listed) writer.end_array();
  });
  if (open) writer.end_object();
}

}  // namespace

Task<OperationResult> transact_write_items(Services& services, OperationRequest operation) {
  Request request;
  auto prepared = prepare(services, operation, request);
  if (!prepared.ok()) {
    co_return first_error(shapes::transact_write_items, operation.body, std::move(prepared).error());
  }
  const Fields in(operation.body);
  const CapacityReport report = capacity_report(in);
  const bool capacity = report != CapacityReport::none;
  const WriteKeep keep{capacity, capacity};
  CO_TRY_ASSIGN(const TransactWritten done,
                co_await transact_write(services, std::move(request.actions), std::move(request.token), keep));
  Bytes body;
  codec::JsonWriter writer(body);
  writer.begin_object();
  print_transact_capacity(writer, request.written, report,
                          [&](ConsumedCapacity& consumed, std::size_t i) { add_transact_written(consumed, done, i); });
  print_item_collections(writer, in, request.written);
  writer.end_object();
  co_return body;
}

}  // namespace reprise::dynamo
