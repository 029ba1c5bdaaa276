// The entries of a TransactWriteItems request: Put, Update, Delete and ConditionCheck.
//
// Reading them takes two steps, because what the text alone tells is found before any table is looked for:
//   1. parse_transact_entry(): one action, its expressions, its values;
//   2. place(): which item of which table it means. What is wrong there is a reason to cancel the transaction, not an
//      error of the request (transact.h, cancellation_reason).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "dynamo/expr/substitution.h"
#include "dynamo/expr/update.h"
#include "dynamo/model/error.h"
#include "dynamo/model/item.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/item_write.h"
#include "dynamo/ops/operation.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/write_response.h"

namespace reprise::dynamo {

class TransactEntry final : public ItemChange {
 public:
  enum class Kind : std::uint8_t { put, update, erase, check };

  // Step 1. `in` is one element of TransactItems that has passed its shape.
  static Outcome<std::unique_ptr<TransactEntry>> parse(Services& services, const Fields& in);

  // Step 2. The key of the item in `table`.
  [[nodiscard]] Outcome<Bytes> place(const TableDefinition& table) const;

  Outcome<Decision> decide(const TableDefinition& table, ItemView before) override;

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] std::string_view table_name() const { return table_name_; }
  // The item to be put, or the key.
  [[nodiscard]] ItemView item() const { return ItemView(item_); }

 private:
  TransactEntry(Kind kind, std::string_view table_name) : kind_(kind), table_name_(table_name) {}
  Check read(Services& services, const Fields& in);

  Kind kind_;
  std::string table_name_;
  Bytes item_;
  Substitutions substitutions_;
  std::optional<Update> update_;
  WriteCondition condition_;
};

}  // namespace reprise::dynamo
