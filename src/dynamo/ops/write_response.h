// The answer to PutItem, UpdateItem and DeleteItem, and what their requests have in common.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "dynamo/expr/condition.h"
#include "dynamo/model/item.h"
#include "dynamo/ops/capacity.h"
#include "dynamo/ops/item_request.h"
#include "dynamo/ops/item_write.h"

namespace reprise::dynamo {

enum class ReturnValues : std::uint8_t { none, all_old, updated_old, all_new, updated_new };
ReturnValues return_values(const Fields& in);

// The condition of a write, with what to answer when it does not hold.
struct WriteCondition {
  std::optional<Condition> expression;
  bool return_item = false;  // ReturnValuesOnConditionCheckFailure ALL_OLD

  // "The conditional request failed".
  [[nodiscard]] Check check(ItemView before) const;
};
Outcome<WriteCondition> bind_condition(Services& services, const Fields& in, Substitutions& substitutions);

// The same for Expected and ConditionalOperator; `substitutions` are the condition's own.
Outcome<WriteCondition> bind_expected(const Fields& in, Substitutions& substitutions);

// Whichever of the two the request has; every name and value of ExpressionAttributeNames and -Values must be used.
Outcome<WriteCondition> bind_either(Services& services, const Fields& in, Substitutions& substitutions);

// {"Attributes": ..., "ConsumedCapacity": ..., "ItemCollectionMetrics": ...}, each when asked for. `attributes` is an
// item or nothing. `written` was kept before and after when `report` is not none.
struct WriteReport {
  CapacityReport report = CapacityReport::none;
  bool item_collection = false;
};
WriteReport write_report(const Fields& in, const TableDefinition& table);
Bytes write_response(const ItemWritten& written, ItemView attributes, ItemView collection_of, WriteReport report);

}  // namespace reprise::dynamo
