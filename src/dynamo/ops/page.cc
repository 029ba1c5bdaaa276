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
#include "history/store.h"

namespace reprise::dynamo {
namespace {

// Rows asked for at once. Most pages end by bytes first.
constexpr std::size_t chunk_rows_max = 4096;
// The store counts encoded bytes, we count DynamoDB's; asking for somewhat less each time wastes little at a page's
// end.
constexpr std::size_t chunk_bytes = 256 * 1024;

class Page {
 public:
  explicit Page(const PagePlan& plan) : plan_(plan) {
    if (!plan.count_only) out_.append("\"Items\":[");
  }

  // An entry of the table or index, to be filtered as `item` (itself, or the table's item).
  void add(ItemView item) {
    if (plan_.filter && !plan_.filter->matches(item)) return;
    ++count_;
    if (plan_.count_only) return;
    if (count_ > 1) out_.push_back(',');
    if (plan_.projection) {
      plan_.projection->apply_to(item, projected_);
      append_item_json(out_, ItemView(projected_));
    } else {
      append_item_json(out_, item);
    }
  }
  // Counts an entry; true when the page is full with it.
  bool measure(BytesView key, ItemView entry) {
    ++scanned_;
    bytes_ += item_size(entry);
    const bool full = (plan_.limit != 0 && scanned_ >= plan_.limit) || bytes_ >= limits::page_bytes_max;
    if (full) last_key_ = Bytes(key);
    return full;
  }
  void measure_fetched(ItemView item) { fetch_units_ += read_units(item_size(item), plan_.consistent); }
  [[nodiscard]] std::size_t rows_left() const {
    return plan_.limit == 0 ? chunk_rows_max : std::min(plan_.limit - scanned_, chunk_rows_max);
  }

  Bytes finish() {
    Bytes body = "{";
    if (!plan_.count_only) {
      out_.append("],");
      body.append(out_);
    }
    body.append("\"Count\":").append(std::to_string(count_));
    body.append(",\"ScannedCount\":").append(std::to_string(scanned_));
    if (last_key_) {
      body.append(",\"LastEvaluatedKey\":");
      const Bytes key = plan_.index ? index_key_attributes(*plan_.index->key, plan_.table->key, *last_key_)
                                    : key_attributes(plan_.table->key, *last_key_);
      append_item_json(body, ItemView(key));
    }
    if (plan_.report != CapacityReport::none) {
      body.append(",\"ConsumedCapacity\":");
      codec::JsonWriter writer(body);
      consumed().print(writer, *plan_.table, plan_.report);
    }
    body.push_back('}');
    return body;
  }

 private:
  [[nodiscard]] ConsumedCapacity consumed() const {
    ConsumedCapacity consumed;
    const double units = read_units(bytes_, plan_.consistent);
    if (plan_.index) {
      consumed.add_index(plan_.index->name, plan_.index->global != nullptr, units);
      consumed.add_table(fetch_units_);
    } else {
      consumed.add_table(units);
    }
    return consumed;
  }

  const PagePlan& plan_;
  Bytes out_;
  Bytes projected_;
  std::size_t count_ = 0;
  std::size_t scanned_ = 0;
  std::size_t bytes_ = 0;
  double fetch_units_ = 0;
  std::optional<Bytes> last_key_;
};

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

Task<OperationResult> read_page(Services& services, const PagePlan& plan) {
  Page page(plan);
  history::ScanRequest request;
  request.space = plan.space();
  request.range = plan.range;
  request.direction = plan.direction;
  request.as_of = plan.as_of;
  request.max_bytes = chunk_bytes;
  while (request.range.upper.empty() || request.range.lower < request.range.upper) {
    request.max_rows = page.rows_left();
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
          page.measure_fetched(ItemView(item->value()));
          page.add(ItemView(item->value()));
        }
      } else {
        page.add(entry);
      }
      if (page.measure(rows[i].key, entry)) co_return page.finish();
    }
    if (!scanned->resume_after) break;
    if (plan.direction == Direction::forward) {
      request.range.lower = std::move(*scanned->resume_after);
      request.range.lower.push_back('\0');
    } else {
      request.range.upper = std::move(*scanned->resume_after);
    }
  }
  co_return page.finish();
}

}  // namespace reprise::dynamo
