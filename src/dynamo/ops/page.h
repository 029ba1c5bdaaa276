// One page of a Query or a Scan: read, filter, project, print.
//
// Invariants: pages laid end to end are the whole range, each item once (tests/page: random limits, both directions); a
// page ends after Limit items or 1 MB, both counted before the filter, or at the end of the range; LastEvaluatedKey is
// there unless the range has ended.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/range.h"
#include "base/task.h"
#include "dynamo/expr/condition.h"
#include "dynamo/expr/projection.h"
#include "dynamo/model/key.h"
#include "dynamo/ops/capacity.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/index_entries.h"
#include "dynamo/ops/operation.h"
#include "dynamo/ops/request.h"

namespace reprise::dynamo {

// What is to be read. The expressions point into the request's Substitutions.
struct PagePlan {
  TablePtr table;
  std::optional<IndexView> index;  // looks into *table
  Range range;
  Direction direction = Direction::forward;
  std::size_t limit = 0;  // items; 0: no limit
  std::optional<Timestamp> as_of;
  bool consistent = false;
  std::optional<Condition> filter;
  std::optional<Projection> projection;
  bool count_only = false;
  bool fetch = false;  // a local index whose entries are not enough: each item is read from the table
  CapacityReport report = CapacityReport::none;

  [[nodiscard]] const KeySchema& key() const { return index ? *index->key : table->key; }
  [[nodiscard]] SpaceId space() const { return index ? index->space : table->space; }
};

// The whole answer. `plan` lives until the task is done.
Task<OperationResult> read_page(Services& services, const PagePlan& plan);

// Takes out of the range what lies before the page: `start` is the key the last page ended with.
void start_after(PagePlan& plan, BytesView start);

// ---- Rows, for answers that are not Query's ------------------------------------------------------------------------

// Takes the rows of a page that passed the filter, in order.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void add(ItemView item) = 0;
};

// How much of a page there is. A page over several ranges, one after the other, hands the same progress on.
struct PageProgress {
  std::size_t count = 0;          // rows that passed the filter
  std::size_t scanned = 0;        // rows looked at
  std::size_t bytes = 0;          // of these
  double fetch_units = 0;         // for items read from the table besides
  std::optional<Bytes> last_key;  // the page is full; the key it ended with
};

// Reads on until the page is full or the range has ended. `plan`, `sink` and `progress` live until the task is done;
// the plan's projection and count_only are for others to look at.
Task<Check> read_rows(Services& services, const PagePlan& plan, RowSink& sink, PageProgress& progress);

// The attributes of a key that a page ended with, as an item: LastEvaluatedKey.
Bytes last_evaluated_key(const PagePlan& plan, BytesView key);
ConsumedCapacity page_capacity(const PagePlan& plan, const PageProgress& progress);

// ---- Select, IndexName, ConsistentRead -----------------------------------------------------------------------------

// What Select and the projection parameters say without the table, as Scan words it.
Check check_select(const Fields& in);
// Fills in table, index, consistent, count_only, fetch, limit and report; `projection`, `filter` stand already.
// Fails with "The table does not have the specified index: x", "Consistent reads are not supported ...", and what an
// index does not project.
Check resolve_source(Services& services, const Caller& caller, const Fields& in, PagePlan& plan);

// ExclusiveStartKey as an encoded item; empty when absent.
Outcome<Bytes> parse_start(const Fields& in);
// The key it means in what the plan reads; nothing when there is none.
Outcome<std::optional<Bytes>> resolve_start(const PagePlan& plan, const Bytes& start, StartOf use);

}  // namespace reprise::dynamo
