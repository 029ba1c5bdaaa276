// The condition of an UPDATE or DELETE is what its WHERE says beside the key. An item that is not there fails an UPDATE
// ("UPDATE is no upsert") and is of no concern to a DELETE.
#include "dynamo/partiql/write_statement.h"

#include <optional>
#include <string>
#include <utility>

#include "dynamo/model/key.h"
#include "dynamo/model/limits.h"
#include "dynamo/model/size.h"
#include "dynamo/ops/index_entries.h"
#include "dynamo/ops/updated_item.h"
#include "dynamo/partiql/key_plan.h"
#include "dynamo/partiql/translate.h"

namespace reprise::dynamo::partiql {
namespace {

ApiError condition_failed(ItemView before, bool return_item) {
  ApiError error = api_error(ErrorKind::conditional_check_failed, "The conditional request failed");
  if (return_item) error.item = Bytes(before.encoded());
  return error;
}

// WHERE: the item it means and what it asks of it.
class Target {
 public:
  // Where the key is left to the caller.
  Outcome<PointTarget> read(const Where& where, const TableDefinition& table, const Values& values) {
    TRY_ASSIGN(PointTarget point, find_point(where, table.key, values));
    if (!point.rest.empty()) {
      TRY_ASSIGN(condition_, bind_terms(point.rest, ExpressionKind::condition, values));
      TRY(condition_->expression.check_key_paths_scalar(table));
    }
    return point;
  }

  [[nodiscard]] bool has_condition() const { return condition_.has_value(); }
  [[nodiscard]] bool holds(ItemView before) const { return !condition_ || condition_->expression.matches(before); }

 private:
  std::optional<Bound<Condition>> condition_;
};

class InsertChange final : public WriteStatement {
 public:
  Check read(const Statement& statement, const Values& values, const TableDefinition& table) {
    const Expr& tuple = statement.insert.item;
    if (!is_value(tuple)) return validation("Only literals and parameters are supported in the item of INSERT");
    TRY_ASSIGN(const Bytes encoded, values.of(tuple));
    const ValueView value(encoded);
    if (!value.is(AttributeType::map)) return validation("The item of INSERT must be a tuple");
    item_.push_back(ItemView::format_version);
    item_.append(value.map().payload());
    TRY_ASSIGN(key_, item_key(table.key, ItemView(item_)));
    TRY(check_index_keys(table, ItemView(item_)));
    if (item_size(ItemView(item_)) > limits::item_size_max || !fits_with_local_entries(table, ItemView(item_))) {
      return validation("Item size has exceeded the maximum allowed size");
    }
    return Passed{};
  }

  Outcome<Decision> decide(const TableDefinition&, ItemView before) override {
    if (before) return api_error(ErrorKind::duplicate_item, "Duplicate primary key exists in table");
    return Decision{Decision::Kind::put, item_};
  }

 private:
  Bytes item_;
};

class UpdateChange final : public WriteStatement {
 public:
  explicit UpdateChange(bool return_item) : return_item_(return_item) {}

  Check read(const Statement& statement, const Values& values, const TableDefinition& table) {
    returning_ = statement.update.returning;
    TRY_ASSIGN(PointTarget point, target_.read(statement.update.where, table, values));
    key_ = std::move(point.key);
    TRY_ASSIGN(update_, bind_update(statement.update.clauses, values));
    TRY(update_->expression.check_no_key_attribute(table.key));
    TRY(update_->expression.check_key_paths_scalar(table));
    return check_written_index_keys(table, update_->expression);
  }

  Outcome<Decision> decide(const TableDefinition& now, ItemView before) override {
    result_ = {};
    if (!before || !target_.holds(before)) return condition_failed(before, return_item_);
    const bool parts = returning_ == Returning::modified_old || returning_ == Returning::modified_new;
    TRY_ASSIGN(result_, update_->expression.apply(before, parts ? WantUpdated::yes : WantUpdated::no));
    TRY(check_updated_item(now, ItemView(result_.item)));
    return Decision{Decision::Kind::put, result_.item};
  }

  [[nodiscard]] WriteKeep keep() const override { return {returning_ == Returning::all_old, false}; }

  [[nodiscard]] ItemView returned(const ItemWritten& written) const override {
    switch (returning_) {
      case Returning::nothing: return {};
      case Returning::all_old: return written.old_item();
      case Returning::all_new: return ItemView(result_.item);
      case Returning::modified_old: return non_empty(result_.updated_old);
      case Returning::modified_new: return non_empty(result_.updated_new);
    }
    return {};
  }

 private:
  static ItemView non_empty(const Bytes& item) {
    const ItemView view(item);
    return view && view.members() ? view : ItemView();
  }

  bool return_item_;
  Returning returning_ = Returning::nothing;
  Target target_;
  std::optional<Bound<Update>> update_;
  UpdateResult result_;
};

class DeleteChange final : public WriteStatement {
 public:
  explicit DeleteChange(bool return_item) : return_item_(return_item) {}

  Check read(const Statement& statement, const Values& values, const TableDefinition& table) {
    returning_ = statement.remove.returning;
    if (returning_ != Returning::nothing && returning_ != Returning::all_old) {
      return validation("Only ALL OLD is supported in the RETURNING clause of DELETE");
    }
    TRY_ASSIGN(PointTarget point, target_.read(statement.remove.where, table, values));
    key_ = std::move(point.key);
    return Passed{};
  }

  Outcome<Decision> decide(const TableDefinition&, ItemView before) override {
    if (!before) return Decision{};
    if (!target_.holds(before)) return condition_failed(before, return_item_);
    return Decision{Decision::Kind::erase, {}};
  }

  [[nodiscard]] WriteKeep keep() const override { return {returning_ == Returning::all_old, false}; }

  [[nodiscard]] ItemView returned(const ItemWritten& written) const override {
    return returning_ == Returning::all_old ? written.old_item() : ItemView();
  }

 private:
  bool return_item_;
  Returning returning_ = Returning::nothing;
  Target target_;
};

// EXISTS(SELECT ...): the item is there, and as it should be.
class ExistsCheck final : public WriteStatement {
 public:
  explicit ExistsCheck(bool return_item) : return_item_(return_item) {}

  Check read(const Statement& statement, const Values& values, const TableDefinition& table) {
    TRY_ASSIGN(PointTarget point, target_.read(statement.select.where, table, values));
    key_ = std::move(point.key);
    return Passed{};
  }

  Outcome<Decision> decide(const TableDefinition&, ItemView before) override {
    if (!before || !target_.holds(before)) return condition_failed(before, return_item_);
    return Decision{};
  }

 private:
  bool return_item_;
  Target target_;
};

template <class Change>
Outcome<std::unique_ptr<WriteStatement>> read_as(std::unique_ptr<Change> change, const Statement& statement,
                                                 const Values& values, const TableDefinition& table) {
  TRY(change->read(statement, values, table));
  return std::unique_ptr<WriteStatement>(std::move(change));
}

}  // namespace

Outcome<std::unique_ptr<WriteStatement>> WriteStatement::make(const Statement& statement, const Values& values,
                                                              const TableDefinition& table, bool return_item) {
  if (statement.source.index) return validation("This operation is not supported on an index");
  switch (statement.kind) {
    case StatementKind::insert: return read_as(std::make_unique<InsertChange>(), statement, values, table);
    case StatementKind::update: return read_as(std::make_unique<UpdateChange>(return_item), statement, values, table);
    case StatementKind::remove: return read_as(std::make_unique<DeleteChange>(return_item), statement, values, table);
    default: return read_as(std::make_unique<ExistsCheck>(return_item), statement, values, table);
  }
}

}  // namespace reprise::dynamo::partiql
