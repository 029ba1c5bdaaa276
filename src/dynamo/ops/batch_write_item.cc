// BatchWriteItem: up to 25 puts and deletes of any tables. Everything is validated first; then one commit carries all
// of it (the API promises less: each write on its own).
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "dynamo/model/item_json.h"
#include "dynamo/model/key.h"
#include "dynamo/model/limits.h"
#include "dynamo/model/size.h"
#include "dynamo/ops/capacity.h"
#include "dynamo/ops/index_entries.h"
#include "dynamo/ops/item_operations.h"
#include "dynamo/ops/item_request.h"
#include "dynamo/ops/item_write.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/throughput_limit.h"

namespace reprise::dynamo {
namespace {

// The writes of one table: writes[first, last) of the batch.
struct TableWrites {
  TablePtr table;
  std::string requested_name;
  std::size_t first = 0;
  std::size_t last = 0;
};

struct Batch {
  std::vector<BatchedWrite> writes;
  std::vector<Bytes> key_items;  // of each write: the item put or the key deleted, for metrics
  std::vector<TableWrites> tables;
};

ApiError item_too_large() { return validation("Item size has exceeded the maximum allowed size"); }

// The service's own words, for an empty WriteRequest and for one with both members.
ApiError not_one_request() {
  return validation(
      "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes");
}

// A put whose key is missing or of another type is refused as a key would be, not as PutItem does it.
Check check_key_types(const KeySchema& schema, ItemView item) {
  for (const auto* side : {&schema.hash, &schema.range}) {
    for (const auto& attribute : *side) {
      if (item.find(attribute.name).is(attribute.type)) continue;
      return validation("The provided key element does not match the schema");
    }
  }
  return Passed{};
}

// One PutRequest or DeleteRequest, without its table.
Outcome<Bytes> parse_write(const Fields& in, bool& erase) {
  const auto put = in.object("PutRequest");
  const auto remove = in.object("DeleteRequest");
  if (put.has_value() == remove.has_value()) return not_one_request();
  erase = remove.has_value();
  TRY_ASSIGN(auto item, parse_item(erase ? *remove->value("Key") : *put->value("Item")));
  if (!erase && item_size(ItemView(item)) > limits::item_size_max) {
    return item_too_large();
  }
  return item;
}

Check parse_batch(const Fields& in, Batch& batch) {
  for (auto member = in.value("RequestItems")->first_member(); member; member.advance()) {
    if (member.value().is(codec::JsonType::null)) continue;
    TableWrites table;
    table.requested_name = std::string(member.key());
    table.first = batch.writes.size();
    for (auto element = member.value().first_element(); element; element.advance()) {
      if (element.value().is(codec::JsonType::null)) return not_one_request();
      bool erase = false;
      TRY_ASSIGN(auto item, parse_write(Fields(element.value()), erase));
      BatchedWrite write;
      if (!erase) write.item = item;
      batch.key_items.push_back(std::move(item));
      batch.writes.push_back(std::move(write));
    }
    table.last = batch.writes.size();
    batch.tables.push_back(std::move(table));
  }
  if (batch.writes.size() > limits::batch_write_items_max) {
    return validation("Too many items requested for the BatchWriteItem call");
  }
  return Passed{};
}

Check resolve_tables(Services& services, const Caller& caller, Batch& batch) {
  for (auto& part : batch.tables) {
    TRY_ASSIGN(part.table, find_item_table(services, caller, part.requested_name));
    for (std::size_t i = part.first; i < part.last; ++i) {
      BatchedWrite& write = batch.writes[i];
      write.table = part.table;
      if (write.item.empty()) {
        TRY_ASSIGN(write.key, request_key(part.table->key, ItemView(batch.key_items[i])));
      } else {
        TRY(check_key_types(part.table->key, ItemView(write.item)));
        TRY_ASSIGN(write.key, item_key(part.table->key, ItemView(write.item)));
        TRY(check_index_keys(*part.table, ItemView(write.item)));
        if (!fits_with_local_entries(*part.table, ItemView(write.item))) return item_too_large();
      }
    }
  }
  // The same table may be named twice (by name and by ARN), so all are compared with all; there are 25 at most.
  for (std::size_t i = 0; i < batch.writes.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (batch.writes[i].key == batch.writes[j].key && batch.writes[i].table->space == batch.writes[j].table->space) {
        return validation("Provided list of item keys contains duplicates");
      }
    }
  }
  return Passed{};
}

Check prepare(Services& services, const OperationRequest& request, Batch& batch) {
  TRY(check_types(shapes::batch_write_item, request.body, Values::deferred));
  const Fields in(request.body);
  const auto items = in.value("RequestItems");
  if (!items || items->size() == 0) return validation("The requestItems parameter is required for BatchWriteItem");
  TRY(check_constraints(shapes::batch_write_item, request.body));
  TRY(parse_batch(in, batch));
  return resolve_tables(services, request.caller, batch);
}

void print_item_collections(Bytes& body, const Fields& in, const Batch& batch) {
  Bytes metrics;
  codec::JsonWriter writer(metrics);
  writer.begin_object();
  bool any = false;
  for (const auto& part : batch.tables) {
    if (!wants_item_collections(in, *part.table)) continue;
    any = true;
    writer.key(part.requested_name);
    writer.begin_array();
    for (std::size_t i = part.first; i < part.last; ++i) {
      if (batch.writes[i].unprocessed) continue;
      print_item_collection(writer, *part.table, ItemView(batch.key_items[i]));
    }
    writer.end_array();
  }
  writer.end_object();
  if (any) body.append(",\"ItemCollectionMetrics\":").append(metrics);
}

void print_capacity(Bytes& body, const Batch& batch, CapacityReport report) {
  if (report == CapacityReport::none) return;
  body.append(",\"ConsumedCapacity\":");
  codec::JsonWriter writer(body);
  writer.begin_array();
  for (const auto& part : batch.tables) {
    ConsumedCapacity consumed;
    for (std::size_t i = part.first; i < part.last; ++i) {
      const BatchedWrite& write = batch.writes[i];
      if (write.unprocessed) continue;
      const ItemView before = write.before.exists() ? ItemView(write.before.value()) : ItemView();
      consumed.add_write(*part.table, before, ItemView(write.item));
    }
    consumed.print(writer, *part.table, report);
  }
  writer.end_array();
}

// The writes that a table had no capacity for, as they were asked for.
void print_unprocessed(Bytes& body, const Batch& batch) {
  codec::JsonWriter writer(body);
  writer.begin_object();
  for (const auto& part : batch.tables) {
    bool open = false;
    for (std::size_t i = part.first; i < part.last; ++i) {
      if (!batch.writes[i].unprocessed) continue;
      if (!open) {
        writer.key(part.requested_name);
        writer.begin_array();
        open = true;
      }
      const bool erase = batch.writes[i].item.empty();
      writer.begin_object();
      writer.key(erase ? "DeleteRequest" : "PutRequest");
      writer.begin_object();
      writer.key(erase ? "Key" : "Item");
      print_item(writer, ItemView(batch.key_items[i]));
      writer.end_object();
      writer.end_object();
    }
    if (open) writer.end_array();
  }
  writer.end_object();
}

bool is_unprocessed(const BatchedWrite& write) { return write.unprocessed; }

}  // namespace

Task<OperationResult> batch_write_item(Services& services, OperationRequest request) {
  Batch batch;
  auto prepared = prepare(services, request, batch);
  if (!prepared.ok()) co_return first_error(shapes::batch_write_item, request.body, std::move(prepared).error());
  const Fields in(request.body);
  const CapacityReport report = capacity_report(in);
  const WriteKeep keep{report != CapacityReport::none, false};
  for (auto& write : batch.writes) write.limited = services.throughput != nullptr;
  CO_TRY(co_await write_items(services, batch.writes, keep));
  if (std::all_of(batch.writes.begin(), batch.writes.end(), is_unprocessed)) {
    co_return throughput_exceeded(*batch.writes.front().table, Exceeded::table);
  }

  Bytes body = "{\"UnprocessedItems\":";
  print_unprocessed(body, batch);
  print_item_collections(body, in, batch);
  print_capacity(body, batch, report);
  body.push_back('}');
  co_return body;
}

}  // namespace reprise::dynamo
