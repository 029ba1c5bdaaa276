// The pages are those of Query and Scan (dynamo/ops/page.h); here is only which ranges they cover and how rows look.
#include "dynamo/partiql/select_statement.h"

#include <string>
#include <utility>

#include "dynamo/model/item_json.h"
#include "dynamo/ops/item_request.h"

namespace reprise::dynamo::partiql {
namespace {

class PrintedRows final : public RowSink {
 public:
  PrintedRows(const RowPrinter& printer, Bytes& out) : printer_(printer), out_(out) {}
  void add(ItemView item) override {
    if (!first_) out_.push_back(',');
    first_ = false;
    printer_.append_json(out_, item);
  }

 private:
  const RowPrinter& printer_;
  Bytes& out_;
  bool first_ = true;
};

}  // namespace

// ---- RowPrinter ----------------------------------------------------------------------------------------------------

Outcome<RowPrinter> RowPrinter::bind(const SelectStatement& select) {
  RowPrinter printer;
  if (!select.columns.empty()) {
    TRY_ASSIGN(printer.columns_, Columns::bind(select.columns));
  }
  return printer;
}

void RowPrinter::append_json(Bytes& out, ItemView item) const {
  if (columns_) {
    columns_->append_json(out, item);
  } else {
    append_item_json(out, item);
  }
}

// ---- SelectPage ----------------------------------------------------------------------------------------------------

Check SelectPage::find_source(const StatementRequest& request, const Options& options) {
  page_.table = request.table;
  page_.limit = options.limit;
  page_.consistent = options.consistent;
  if (!request.statement.source.index) return Passed{};
  page_.index = find_index(*page_.table, *request.statement.source.index);
  if (!page_.index) return validation("The table does not have the specified index");
  if (page_.index->global == nullptr) return Passed{};
  if (page_.index->global->status == IndexStatus::creating) {
    return validation("Cannot read from backfilling global secondary index: " + std::string(page_.index->name));
  }
  if (options.consistent) {
    return validation("Strongly consistent read is not supported on Global Secondary Indexes");
  }
  return Passed{};
}

// Whether the entries of an index are enough: a local index is helped out by the table.
Check SelectPage::find_projection(const SelectStatement& select) {
  if (!page_.index) return Passed{};
  const bool local = page_.index->global == nullptr;
  std::string missing;
  const auto look_for = [&](const std::string& name) {
    if (!projects(*page_.table, *page_.index, name)) missing.append(missing.empty() ? "" : ", ").append(name);
  };
  if (printer_.columns()) {
    for (const std::string& name : printer_.columns()->root_names()) look_for(name);
    if (!missing.empty() && !local) {
      return invalid_parameter("Global secondary index " + std::string(page_.index->name) + " does not project [" +
                               missing + "]");
    }
  }
  if (!local) return Passed{};
  std::vector<std::string> filtered;
  if (select.where) collect_root_names(*select.where, filtered);
  for (const std::string& name : filtered) look_for(name);
  const bool all = page_.index->projection->type == ProjectionType::all;
  page_.fetch = !all && (!printer_.columns() || !missing.empty());
  return Passed{};
}

Outcome<SelectPage> SelectPage::plan(Services& services, const StatementRequest& request, const Options& options) {
  const SelectStatement& select = request.statement.select;
  TRY_ASSIGN(RowPrinter printer, RowPrinter::bind(select));
  SelectPage plan(std::move(printer));
  TRY(plan.find_source(request, options));
  TRY(plan.find_projection(select));
  TRY_ASSIGN(ReadRanges ranges, find_ranges(select, plan.page_.key(), request.values));
  plan.point_ = ranges.point && !plan.page_.index;
  plan.page_.direction = ranges.direction;
  plan.ranges_ = std::move(ranges.ranges);
  if (!ranges.rest.empty()) {
    TRY_ASSIGN(auto filter, bind_terms(ranges.rest, ExpressionKind::filter, request.values));
    plan.filter_values_ = std::move(filter.values);
    plan.page_.filter = std::move(filter.expression);
  }
  TRY_ASSIGN(plan.page_.as_of, resolve_as_of(services, plan.page_.space(), options.as_of));
  return plan;
}

Check SelectPage::start_behind(BytesView key) {
  std::size_t at = 0;
  while (at < ranges_.size() && !ranges_[at].contains(key)) ++at;
  if (at == ranges_.size()) return validation("NextToken does not match request");
  ranges_.erase(ranges_.begin(), ranges_.begin() + static_cast<std::ptrdiff_t>(at));
  page_.range = {std::move(ranges_[0].lower), std::move(ranges_[0].upper)};
  start_after(page_, key);
  ranges_[0] = {std::move(page_.range.lower), std::move(page_.range.upper)};
  return Passed{};
}

Task<Check> SelectPage::read(Services& services, Bytes& items, PageProgress& progress) {
  PrintedRows rows(printer_, items);
  for (KeyRange& range : ranges_) {
    page_.range = {std::move(range.lower), std::move(range.upper)};
    CO_TRY(co_await read_rows(services, page_, rows, progress));
    if (progress.last_key) break;
  }
  // Behind the one item of a key there is nothing, so the page cannot be full.
  if (point_) progress.last_key.reset();
  co_return Passed{};
}

// ---- PointSelect ---------------------------------------------------------------------------------------------------

Outcome<PointSelect> PointSelect::plan(const StatementRequest& request) {
  const SelectStatement& select = request.statement.select;
  TRY_ASSIGN(RowPrinter printer, RowPrinter::bind(select));
  PointSelect plan(std::move(printer));
  TRY_ASSIGN(PointTarget target, find_point(select.where, request.table->key, request.values));
  plan.key_ = std::move(target.key);
  if (!target.rest.empty()) {
    TRY_ASSIGN(plan.filter_, bind_terms(target.rest, ExpressionKind::filter, request.values));
  }
  return plan;
}

bool PointSelect::append_json(Bytes& out, ItemView item) const {
  if (!item || (filter_ && !filter_->expression.matches(item))) return false;
  printer_.append_json(out, item);
  return true;
}

}  // namespace reprise::dynamo::partiql
