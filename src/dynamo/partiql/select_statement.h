// Reading for SELECT: a page of what a statement asks for, or the one item it means.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/task.h"
#include "dynamo/ops/page.h"
#include "dynamo/partiql/key_plan.h"
#include "dynamo/partiql/statement_request.h"
#include "dynamo/partiql/translate.h"

namespace reprise::dynamo::partiql {

// What the columns of a statement make of an item.
class RowPrinter {
 public:
  static Outcome<RowPrinter> bind(const SelectStatement& select);
  void append_json(Bytes& out, ItemView item) const;
  // Nothing for "*".
  [[nodiscard]] const std::optional<Columns>& columns() const { return columns_; }

 private:
  std::optional<Columns> columns_;
};

// A page over the ranges a statement reads.
class SelectPage {
 public:
  struct Options {
    bool consistent = false;
    std::size_t limit = 0;  // 0: no limit
    std::optional<Timestamp> as_of;
  };
  // `request` has its table. Fails with what is wrong with the statement for this table.
  static Outcome<SelectPage> plan(Services& services, const StatementRequest& request, const Options& options);

  // Goes on behind the key another page ended with. "NextToken does not match request" when it is in none of the
  // ranges.
  Check start_behind(BytesView key);

  // Appends the items, separated by commas, and says how far it came.
  Task<Check> read(Services& services, Bytes& items, PageProgress& progress);

  [[nodiscard]] const PagePlan& page() const { return page_; }

 private:
  explicit SelectPage(RowPrinter printer) : printer_(std::move(printer)) {}
  Check find_source(const StatementRequest& request, const Options& options);
  Check find_projection(const SelectStatement& select);

  RowPrinter printer_;
  PagePlan page_;  // its range is one of ranges_ at a time
  std::vector<KeyRange> ranges_;
  std::unique_ptr<Substitutions> filter_values_;
  bool point_ = false;
};

// One item by its key, for batches and transactions.
class PointSelect {
 public:
  // Fails when WHERE has not the whole key, or the source is an index.
  static Outcome<PointSelect> plan(const StatementRequest& request);

  [[nodiscard]] BytesView key() const { return key_; }
  // Appends the item, or nothing when there is none or WHERE does not hold for it; whether it did.
  bool append_json(Bytes& out, ItemView item) const;

 private:
  explicit PointSelect(RowPrinter printer) : printer_(std::move(printer)) {}

  RowPrinter printer_;
  Bytes key_;
  std::optional<Bound<Condition>> filter_;
};

}  // namespace reprise::dynamo::partiql
