// See page.h for the invariants. The answer is printed while rows are read, straight from their encoding.
#include "dynamo/ops/page.h"

#include <algorithm>
#include <string>
#include <utility>

#include "dynamo/model/item_json.h"
#include "dynamo/model/key.h"
#include "dynamo/model/limits.h"
#include "dynamo/model/size.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/throughput_limit.h"
#include "history/store.h"

namespace reprise::dynamo {
namespace {

// Rows asked for at once. Most pages end by bytes first.
constexpr std::size_t chunk_rows_max = 4096;
// The store counts encoded bytes, we count DynamoDB's; asking for somewhat less each time wastes little at a page's
// end.
constexpr std::size_t chunk_bytes = 256 * 1024;

// The items of an answer, printed as they come.
class PrintedItems final : public RowSink {
 public:
  explicit PrintedItems(const PagePlan& plan) : plan_(plan) {
    if (!plan.count_only) out_.append("\"Items\":[");
  }

  void add(ItemView item) override {
    if (plan_.count_only) return;
    if (!first_) out_.push_back(',');
    first_ = false;
    if (plan_.projection) {
      plan_.projection->apply_to(item, projected_);
      append_item_json(out_, ItemView(projected_));
    } else {
      append_item_json(out_, item);
    }
  }

  Bytes finish(const PageProgress& progress) {
    Bytes body = "{";
    if (!plan_.count_only) {
      out_.append("],");
      body.append(out_);
    }
    body.append("\"Count\":").append(std::to_string(progress.count));
    body.append(",\"ScannedCount\":").append(std::to_string(progress.scanned));
    if (progress.last_key) {
      body.append(",\"LastEvaluatedKey\":");
      const Bytes key = last_evaluated_key(plan_, *progress.last_key);
      append_item_json(body, ItemView(key));
    }
    if (plan_.report != CapacityReport::none) {
      body.append(",\"ConsumedCapacity\":");
      codec::JsonWriter writer(body);
      page_capacity(plan_, progress).print(writer, *plan_.table, plan_.report);
    }
    body.push_back('}');
    return body;
  }

 private:
  const PagePlan& plan_;
  Bytes out_;
  Bytes projected_;
  bool first_ = true;
};

// Looks at one entry of the table or index, to be filtered as `item` (itself, or the table's item).
void filter_row(const PagePlan& plan, ItemView item, RowSink& sink, PageProgress& progress) {
  if (plan.filter && !plan.filter->matches(item)) return;
  ++progress.count;
  sink.add(item);
}

// Counts an entry; the page may be full with it.
void measure_row(const PagePlan& plan, BytesView key, ItemView entry, PageProgress& progress) {
  ++progress.scanned;
  progress.bytes += item_size(entry);
  const bool full = (plan.limit != 0 && progress.scanned >= plan.limit) || progress.bytes >= limits::page_bytes_max;
  if (full) progress.last_key = Bytes(key);
}

std::size_t rows_left(const PagePlan& plan, const PageProgress& progress) {
  return plan.limit == 0 ? chunk_rows_max : std::min(plan.limit - progress.scanned, chunk_rows_max);
}

// The key of the table's item that an index entry belongs to. Entries hold the table's key attributes.
Bytes table_key(const TableDefinition& table, ItemView entry) {
  auto key = item_key(table.key, entry);
  return key.ok() ? std::move(key).value() : Bytes();
}

}  // namespace

void start_after(PagePlan& plan, BytesView start) {
  if (plan.direction == Direction::forward) {
    Bytes next(start);
    next.push_back('\0');  // the smallest key behind it
    if (next > plan.range.lower) plan.range.lower = std::move(next);
  } else if (plan.range.upper.empty() || start < plan.range.upper) {
    plan.range.upper = Bytes(start);
  }
}

Bytes last_evaluated_key(const PagePlan& plan, BytesView key) {
  return plan.index ? index_key_attributes(*plan.index->key, plan.table->key, key)
                    : key_attributes(plan.table->key, key);
}

ConsumedCapacity page_capacity(const PagePlan& plan, const PageProgress& progress) {
  ConsumedCapacity consumed;
  const double units = read_units(progress.bytes, plan.consistent);
  if (plan.index) {
    consumed.add_index(plan.index->name, plan.index->global != nullptr, units);
    consumed.add_table(progress.fetch_units);
  } else {
    consumed.add_table(units);
  }
  return consumed;
}

namespace {

// read_rows() without the throughput.
Task<Check> walk_rows(Services& services, const PagePlan& plan, RowSink& sink, PageProgress& progress) {
  history::ScanRequest request;
  request.space = plan.space();
  request.range = plan.range;
  request.direction = plan.direction;
  request.as_of = plan.as_of;
  request.max_bytes = chunk_bytes;
  while (request.range.upper.empty() || request.range.lower < request.range.upper) {
    request.max_rows = rows_left(plan, progress);
    auto scanned = co_await services.store.scan(request);
    if (!scanned.ok()) co_return store_error(scanned.error());
    const auto& rows = scanned->rows;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const ItemView entry(rows[i].value);
      if (plan.fetch) {
        const Bytes key = table_key(*plan.table, entry);
        auto item = co_await services.store.get(plan.table->space, key, plan.as_of);
        if (!item.ok()) co_return store_error(item.error());
        // Deleted since the index was read: as if it had been read after that.
        if (item->exists()) {
          progress.fetch_units += read_units(item_size(ItemView(item->value())), plan.consistent);
          filter_row(plan, ItemView(item->value()), sink, progress);
        }
      } else {
        filter_row(plan, entry, sink, progress);
      }
      measure_row(plan, rows[i].key, entry, progress);
      if (progress.last_key) co_return Passed{};
    }
    if (!scanned->resume_after) break;
    if (plan.direction == Direction::forward) {
      request.range.lower = std::move(*scanned->resume_after);
      request.range.lower.push_back('\0');
    } else {
      request.range.upper = std::move(*scanned->resume_after);
    }
  }
  co_return Passed{};
}

}  // namespace

Task<Check> read_rows(Services& services, const PagePlan& plan, RowSink& sink, PageProgress& progress) {
  const bool global = plan.index && plan.index->global != nullptr;
  CO_TRY(admit_read(services, *plan.table, global ? plan.index->name : std::string_view()));
  PageProgress part = progress;
  CO_TRY(co_await walk_rows(services, plan, sink, progress));
  if (services.throughput != nullptr) {
    // Of a page over several ranges, what this one has added.
    part.bytes = progress.bytes - part.bytes;
    part.fetch_units = progress.fetch_units - part.fetch_units;
    charge_read(services, *plan.table, page_capacity(plan, part));
  }
  co_return Passed{};
}

Task<OperationResult> read_page(Services& services, const PagePlan& plan) {
  PrintedItems items(plan);
  PageProgress progress;
  CO_TRY(co_await read_rows(services, plan, items, progress));
  co_return items.finish(progress);
}

}  // namespace reprise::dynamo
