// Transactions: all of several changes or none, in one commit; and several items read as of one moment.
//
// This is the core below TransactWriteItems, TransactGetItems and ExecuteTransaction; requests are read elsewhere.
//
// Invariants:
//   - the changes of one transaction are one commit of the store: one timestamp, so any past instant shows all or none;
//   - every decision, also a mere check, is made on the items as they stand when the commit happens (locks held in one
//     global order, guards in the commit), so a transaction is serializable with every other write;
//   - a transaction with a client token and the note of that token are one commit: after a crash both are there, or
//     neither.
//
// Concurrent transactions on the same items wait for each other; nobody is turned away with TransactionConflict.
//
// Threading: as for operations (operation.h). Errors carry AWS's texts.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/task.h"
#include "dynamo/model/error.h"
#include "dynamo/model/item.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/client_token.h"
#include "dynamo/ops/item_write.h"
#include "dynamo/ops/operation.h"
#include "history/version.h"

namespace reprise::dynamo {

// ---- Writing -------------------------------------------------------------------------------------------------------

// One action of a transaction. What it does is its ItemChange's decision (item_write.h): put, erase, or leave, which
// makes it a mere check. A decision that fails cancels the transaction; its error becomes the action's reason, with
// ApiError::item as the reason's Item (set it only when the caller asked for ALL_OLD).
struct TransactAction {
  TablePtr table;
  Bytes key;                           // model/key.h
  std::unique_ptr<ItemChange> change;  // decides under the locks, possibly several times
};

struct TransactWritten {
  // The token was known: nothing was changed now, and `items` is empty.
  bool repeated = false;
  // One for each action, in order; `before` and `after` when `keep` asked for them.
  std::vector<ItemWritten> items;
  // The size of each item in bytes, the larger of before and after; of a repetition: as it was the first time. What
  // ConsumedCapacity::add_transact_read charges a repetition for. Filled in when there is a token.
  std::vector<std::size_t> sizes;
};

// Carries out the actions. No two of them are of one item: check_distinct_items() first.
// Fails with TransactionCanceledException; with IdempotentParameterMismatchException or TransactionInProgressException
// when there is a token; with ResourceNotFoundException when a table has gone meanwhile; with the store's errors.
Task<Outcome<TransactWritten>> transact_write(Services& services, std::vector<TransactAction> actions,
                                              std::optional<ClientToken> token, WriteKeep keep);

// ---- Reading -------------------------------------------------------------------------------------------------------

struct TransactGet {
  TablePtr table;
  Bytes key;
};

// The items as they were at one moment: now, or the time asked for (x-reprise-as-of). One for each key, in order.
// Fails with ValidationException when that time cannot be read at, and with the store's errors.
Task<Outcome<std::vector<history::Version>>> transact_get(Services& services, std::vector<TransactGet> keys,
                                                          std::optional<Timestamp> as_of);

// ---- Errors --------------------------------------------------------------------------------------------------------

// "Transaction request cannot include multiple operations on one item".
Check check_distinct_items(const std::vector<TransactAction>& actions);
Check check_distinct_items(const std::vector<TransactGet>& keys);

// Why an action did not happen, from the error its decision or its validation gave; nothing for an error that is no
// reason but fails the request as a whole (a table that is not there, a fault).
std::optional<CancellationReason> cancellation_reason(const ApiError& error);
// {"Code": "None"}.
CancellationReason no_reason();

// TransactionCanceledException with one reason for each action, in request order: "Transaction cancelled, please refer
// cancellation reasons for specific reasons [ConditionalCheckFailed, None]".
ApiError transaction_canceled(std::vector<CancellationReason> reasons);

}  // namespace reprise::dynamo
