// See transact.h for the invariants. A transaction is one round like that of a single write (item_write.h): read every
// item under its lock, decide all, and commit all or nothing.
#include "dynamo/ops/transact.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "dynamo/model/size.h"
#include "dynamo/ops/item_request.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/throughput_limit.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

using history::Commit;
using history::KeyLocks;
using history::Version;

// What DynamoDB finds before it begins a transaction, although only the table tells: empty key values.
constexpr std::string_view not_a_reason = "One or more parameter values are not valid.";

ItemView item_of(const Version& version) { return version.exists() ? ItemView(version.value()) : ItemView(); }

// The reasons of one round, in the order of the actions.
class Reasons {
 public:
  void add_none() { reasons_.push_back(no_reason()); }
  void add(CancellationReason reason) {
    failed_ = true;
    reasons_.push_back(std::move(reason));
  }
  [[nodiscard]] bool failed() const { return failed_; }
  ApiError error() && { return transaction_canceled(std::move(reasons_)); }

 private:
  std::vector<CancellationReason> reasons_;
  bool failed_ = false;
};

struct Round {
  bool again = false;
  TransactWritten written;
  Commit commit;
};

// Adds what one action does to the commit. What changes nothing is checked still: the others depend on it.
Task<Status> stage_action(history::Store& store, const TransactAction& action, Version before, Decision decision,
                          Commit& commit) {
  const ItemView old_item = item_of(before);
  const bool puts = decision.kind == Decision::Kind::put && old_item.encoded() != decision.item;
  const bool erases = decision.kind == Decision::Kind::erase && old_item;
  if (!puts && !erases) {
    history::Change check{action.table->space, action.key, std::nullopt, std::move(before)};
    check.only_check = true;
    commit.changes.push_back(std::move(check));
    co_return Status();
  }
  co_return co_await stage_write(store, action.table, action.key, std::move(before), std::move(decision), commit);
}

// Decides every action and stages those that may happen. With the locks held.
Task<Outcome<Round>> decide_all(Services& services, std::vector<TransactAction>& actions, bool want_sizes,
                                WriteKeep keep) {
  Round round;
  Reasons reasons;
  for (auto& action : actions) {
    action.table = current_table(services, *action.table);
    if (action.table == nullptr) co_return api_error(ErrorKind::resource_not_found, "Requested resource not found");
    auto found = co_await services.store.get(action.table->space, action.key);
    if (!found.ok()) {
      if (!worth_another_round(found.error())) co_return store_error(found.error());
      round.again = true;
      co_return round;
    }
    Version before = std::move(found).value();
    const ItemView old_item = item_of(before);
    auto decision = action.change->decide(*action.table, old_item);
    if (decision.ok()) {
      auto charged =
          charge_write(services, *action.table, old_item, item_after(*decision, old_item), WriteOf::transaction);
      if (!charged.ok()) decision = std::move(charged).error();
    }
    if (!decision.ok()) {
      auto reason = cancellation_reason(decision.error());
      if (!reason) co_return std::move(decision).error();
      reasons.add(std::move(*reason));
      continue;
    }
    reasons.add_none();
    if (reasons.failed()) continue;
    ItemWritten written;
    written.table = action.table;
    if (want_sizes) {
      round.written.sizes.push_back(std::max(item_size(old_item), item_size(item_after(*decision, old_item))));
    }
    if (keep.after) written.after = Bytes(item_after(*decision, old_item).encoded());
    if (keep.before) written.before = before;
    round.written.items.push_back(std::move(written));
    const auto staged =
        co_await stage_action(services.store, action, std::move(before), std::move(decision).value(), round.commit);
    if (!staged.ok()) {
      if (!worth_another_round(staged)) co_return store_error(staged);
      round.again = true;
      co_return round;
    }
  }
  if (reasons.failed()) co_return std::move(reasons).error();
  co_return round;
}

// One attempt, with all locks held.
Task<Outcome<Round>> attempt(Services& services, std::vector<TransactAction>& actions,
                             const std::optional<ClientToken>& token, WriteKeep keep) {
  TokenFound found;
  if (token) {
    CO_TRY_ASSIGN(found, co_await find_token(services, *token));
    if (found.done) {
      Round repeated;
      repeated.written.repeated = true;
      repeated.written.sizes = std::move(found.done->sizes);
      co_return repeated;
    }
  }
  CO_TRY_ASSIGN(Round round, co_await decide_all(services, actions, token.has_value(), keep));
  if (round.again) co_return round;
  round.commit.frees_room = history::only_deletes(round.commit);  // whatever is noted along with it
  if (token) note_token(services, *token, std::move(found), round.written.sizes, round.commit);
  const auto done = co_await services.store.commit(std::move(round.commit));
  if (!done.ok()) {
    if (!worth_another_round(done.error())) co_return store_error(done.error());
    round.again = true;
  }
  co_return round;
}

template <class Item>
Check check_distinct(const std::vector<Item>& items) {
  std::vector<std::pair<SpaceId, BytesView>> keys;
  keys.reserve(items.size());
  for (const auto& item : items) keys.emplace_back(item.table->space, item.key);
  std::sort(keys.begin(), keys.end());
  if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) {
    return validation("Transaction request cannot include multiple operations on one item");
  }
  return Passed{};
}

// The time to read every table at: one for all of them.
Outcome<std::optional<Timestamp>> common_time(Services& services, const std::vector<TransactGet>& keys,
                                              std::optional<Timestamp> as_of) {
  std::optional<Timestamp> common;
  for (const auto& get : keys) {
    TRY_ASSIGN(const auto at, resolve_as_of(services, get.table->space, as_of));
    if (at && (!common || *at < *common)) common = at;
  }
  return common;
}

// Cancels a transaction that reads a table without capacity.
Check admit_gets(const Services& services, const std::vector<TransactGet>& keys) {
  if (services.throughput == nullptr) return Passed{};
  Reasons reasons;
  for (const auto& get : keys) {
    const Check admitted = admit_read(services, *get.table);
    auto reason = admitted.ok() ? std::nullopt : cancellation_reason(admitted.error());
    if (reason) {
      reasons.add(std::move(*reason));
    } else {
      reasons.add_none();
    }
  }
  if (reasons.failed()) return std::move(reasons).error();
  return Passed{};
}

void charge_get(const Services& services, const TableDefinition& table, const Version& version) {
  ConsumedCapacity consumed;
  consumed.add_transact_read(item_size(item_of(version)));
  charge_read(services, table, consumed);
}

}  // namespace

Task<Outcome<TransactWritten>> transact_write(Services& services, std::vector<TransactAction> actions,
                                              std::optional<ClientToken> token, WriteKeep keep) {
  std::optional<TokensInProgress::Guard> in_progress;
  if (token) {
    in_progress.emplace(services.tokens_in_progress, *token);
    if (!in_progress->mine()) {
      co_return api_error(ErrorKind::transaction_in_progress, "Transaction from previous request is still in progress");
    }
  }
  std::vector<KeyLocks::LockKey> keys;
  keys.reserve(actions.size() + 1);
  for (const auto& action : actions) keys.push_back({action.table->space, action.key});
  const Bytes token_key = token ? token_lock_key(*token) : Bytes();
  if (token) keys.push_back({services.root.tokens, token_key});
  const KeyLocks::Guard guard = co_await services.store.locks().lock(std::move(keys));

  for (int n = 0; n < write_rounds_max; ++n) {
    CO_TRY_ASSIGN(Round round, co_await attempt(services, actions, token, keep));
    if (!round.again) co_return std::move(round.written);
  }
  co_return store_error(conflict("items kept changing under their locks"));
}

Task<Outcome<std::vector<Version>>> transact_get(Services& services, std::vector<TransactGet> keys,
                                                 std::optional<Timestamp> as_of) {
  CO_TRY_ASSIGN(const auto at, common_time(services, keys, as_of));
  // The present is held still by the locks that every writer takes, which works for tables without a past as well and
  // costs nothing unless somebody is writing one of the items. The past needs no lock.
  KeyLocks::Guard guard;
  if (!at) {
    std::vector<KeyLocks::LockKey> locks;
    locks.reserve(keys.size());
    for (const auto& get : keys) locks.push_back({get.table->space, get.key});
    guard = co_await services.store.locks().lock(std::move(locks));
  }
  CO_TRY(admit_gets(services, keys));
  std::vector<Version> versions;
  versions.reserve(keys.size());
  for (const auto& get : keys) {
    auto found = co_await services.store.get(get.table->space, get.key, at);
    if (!found.ok()) co_return store_error(found.error());
    if (services.throughput != nullptr) charge_get(services, *get.table, *found);
    versions.push_back(std::move(found).value());
  }
  co_return versions;
}

Check check_distinct_items(const std::vector<TransactAction>& actions) { return check_distinct(actions); }
Check check_distinct_items(const std::vector<TransactGet>& keys) { return check_distinct(keys); }

std::optional<CancellationReason> cancellation_reason(const ApiError& error) {
  const auto reason = [&error](std::string_view code) {
    return CancellationReason{std::string(code), error.message, error.item};
  };
  switch (error.kind) {
    case ErrorKind::conditional_check_failed: return reason("ConditionalCheckFailed");
    case ErrorKind::duplicate_item: return reason("DuplicateItem");
    case ErrorKind::item_collection_size_limit_exceeded: return reason("ItemCollectionSizeLimitExceeded");
    case ErrorKind::provisioned_throughput_exceeded: return reason("ProvisionedThroughputExceeded");
    case ErrorKind::throttling: return reason("ThrottlingError");
    case ErrorKind::transaction_conflict: return reason("TransactionConflict");
    case ErrorKind::validation:
      if (error.message.starts_with(not_a_reason)) return std::nullopt;
      return reason("ValidationError");
    default: return std::nullopt;
  }
}

CancellationReason no_reason() { return {"None", {}, {}}; }

ApiError transaction_canceled(std::vector<CancellationReason> reasons) {
  std::string message = "Transaction cancelled, please refer cancellation reasons for specific reasons [";
  for (std::size_t i = 0; i < reasons.size(); ++i) message.append(i == 0 ? "" : ", ").append(reasons[i].code);
  message.push_back(']');
  ApiError error = api_error(ErrorKind::transaction_canceled, std::move(message));
  error.reasons = std::make_shared<const std::vector<CancellationReason>>(std::move(reasons));
  return error;
}

}  // namespace reprise::dynamo
