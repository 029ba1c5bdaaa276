// INSERT, UPDATE, DELETE and EXISTS as changes of one item, to be carried out by write_item() or in a transaction.
#pragma once

#include <memory>

#include "base/bytes.h"
#include "dynamo/model/error.h"
#include "dynamo/model/item.h"
#include "dynamo/model/schema.h"
#include "dynamo/ops/item_write.h"
#include "dynamo/partiql/values.h"

namespace reprise::dynamo::partiql {

// A change that needs neither the statement nor the request any more.
class WriteStatement : public ItemChange {
 public:
  // Fails with what is wrong with the statement for this table: keys, types, expressions. `return_item`: a condition
  // that does not hold answers the item (ReturnValuesOnConditionCheckFailure ALL_OLD).
  static Outcome<std::unique_ptr<WriteStatement>> make(const Statement& statement, const Values& values,
                                                       const TableDefinition& table, bool return_item);

  [[nodiscard]] BytesView key() const { return key_; }
  // What must be kept of the items for returned().
  [[nodiscard]] virtual WriteKeep keep() const { return {}; }
  // What RETURNING asks for, once the write is done; nothing when that is empty.
  [[nodiscard]] virtual ItemView returned(const ItemWritten&) const { return {}; }

 protected:
  Bytes key_;
};

}  // namespace reprise::dynamo::partiql
