// The deletion of expired items.
//
// A plain scan that goes round the tables that have time to live, a bounded part at each call, so that its load does
// not depend on how much is stored: a store of n such items is gone through in n / (rows a second) seconds. AWS
// promises "within a few days", which holds for billions.
//
// Invariant: an item is deleted only if what stands there under its key's lock has expired by the table's settings of
// that moment; so a write that renews an item, or a change of the settings, is never overrun. Every step is idempotent.
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "dynamo/model/number.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/item_write.h"
#include "dynamo/ops/time_to_live.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

constexpr std::int64_t micros_per_second = 1'000'000;
constexpr std::int64_t age_max_seconds = std::int64_t{5} * 365 * 24 * 3600;
constexpr std::size_t page_rows = 1000;
constexpr std::size_t page_bytes = 1 << 20;
// Items that are locked at once, and deleted in one durable write.
constexpr std::size_t batch_items = 100;
// On average over all calls: some thousandths of one core.
constexpr std::size_t rows_a_second = 4000;
constexpr std::size_t rows_a_run_min = 20'000;

// A table to look at, without holding its definition (Catalog::settled).
struct Target {
  std::string account;
  std::string name;
  std::string id;
};

class ExpirySweep {
 public:
  ExpirySweep(Services& services, std::size_t rows_max) : services_(services), rows_max_(rows_max) {}

  Task<Status> run() {
    const std::vector<Target> targets = find_targets();
    std::size_t rows_left = rows_max_;
    for (const Target& target : targets) {
      if (target.id != table_id_) position_.clear();
      table_id_ = target.id;
      bool finished = false;
      while (rows_left > 0 && !finished) {
        CO_TRY_ASSIGN(finished, co_await sweep_page(target, rows_left));
      }
      if (!finished) co_return Status();
    }
    position_.clear();
    table_id_.clear();
    co_return Status();
  }

 private:
  // Beginning with the table at which the last call stopped.
  std::vector<Target> find_targets() const {
    std::vector<Target> targets;
    for (const TablePtr& table : services_.catalog.all()) {
      if (table->ttl.enabled) targets.push_back({table->account, table->name, table->id});
    }
    const auto by_id = [](const Target& a, const Target& b) { return a.id < b.id; };
    std::sort(targets.begin(), targets.end(), by_id);
    const auto next = std::lower_bound(targets.begin(), targets.end(), Target{"", "", table_id_}, by_id);
    std::rotate(targets.begin(), next, targets.end());
    return targets;
  }

  // Whether that was the table's last page.
  Task<Result<bool>> sweep_page(Target target, std::size_t& rows_left) {
    const TablePtr table = services_.catalog.find(target.account, target.name);
    if (!table || table->id != target.id || !table->ttl.enabled) co_return true;
    history::ScanRequest request;
    request.space = table->space;
    request.max_rows = std::min(page_rows, rows_left);
    request.max_bytes = page_bytes;
    if (!position_.empty()) request.range.lower = position_ + '\0';
    const auto page = co_await services_.store.scan(request);
    if (!page.ok() && page.error().is(Code::not_found)) co_return true;  // deleted just now
    if (!page.ok()) co_return page.error();
    std::vector<Bytes> expired;
    const std::int64_t now = now_seconds();
    for (std::size_t i = 0; i < page->rows.size(); ++i) {
      const auto row = page->rows[i];
      if (!has_expired(table->ttl, ItemView(row.value), now)) continue;
      expired.emplace_back(row.key);
      if (expired.size() < batch_items) continue;
      CO_TRY(co_await erase(table, std::exchange(expired, {})));
    }
    if (!expired.empty()) CO_TRY(co_await erase(table, std::move(expired)));
    rows_left -= std::min(rows_left, std::max<std::size_t>(1, page->rows.size()));
    if (!page->resume_after) co_return true;
    position_ = *page->resume_after;
    co_return false;
  }

  Task<Status> erase(TablePtr table, std::vector<Bytes> keys) {
    std::vector<history::KeyLocks::LockKey> wanted;
    for (const Bytes& key : keys) wanted.push_back({table->space, key});
    const auto guard = co_await services_.store.locks().lock(std::move(wanted));
    for (int round = 0; round < write_rounds_max; ++round) {
      table = current_table(services_, *table);
      if (!table || !table->ttl.enabled) co_return Status();
      const Status done = co_await erase_locked(table, keys);
      if (done.ok() || !worth_another_round(done)) co_return done;
    }
    co_return conflict("items kept changing under their locks");
  }

  Task<Status> erase_locked(TablePtr table, const std::vector<Bytes>& keys) {
    const std::int64_t now = now_seconds();
    history::Commit commit;
    commit.by_service = true;
    for (const Bytes& key : keys) {
      CO_TRY_ASSIGN(history::Version before, co_await services_.store.get(table->space, key));
      if (!before || !has_expired(table->ttl, ItemView(before.value()), now)) continue;
      Decision gone{Decision::Kind::erase, {}};
      CO_TRY(co_await stage_write(services_.store, table, key, std::move(before), std::move(gone), commit));
    }
    if (commit.changes.empty()) co_return Status();
    FAULT_POINT("ttl.before_commit");
    CO_TRY(co_await services_.store.commit(std::move(commit)));
    FAULT_POINT("ttl.after_commit");
    co_return Status();
  }

  [[nodiscard]] std::int64_t now_seconds() const {
    return static_cast<std::int64_t>(services_.wall.now_micros()) / micros_per_second;
  }

  Services& services_;
  const std::size_t rows_max_;
  // Where the next call goes on.
  std::string table_id_;
  Bytes position_;
};

}  // namespace

bool has_expired(const TimeToLive& ttl, ItemView item, std::int64_t now_seconds) {
  const ValueView value = item.find(ttl.attribute);
  if (!value.is(AttributeType::number)) return false;
  const Number expires = value.number();
  return expires < Number::from_integer(now_seconds) && expires > Number::from_integer(now_seconds - age_max_seconds);
}

std::function<Task<Status>()> make_expiry_sweep(Services& services, std::size_t rows_max) {
  const auto sweep = std::make_shared<ExpirySweep>(services, rows_max);
  return [sweep] { return sweep->run(); };
}

std::size_t expiry_rows_per_run(const Settings& settings) {
  const auto seconds = static_cast<std::size_t>(std::max<std::int64_t>(1, settings.ttl_interval.count()));
  return std::max(rows_a_run_min, rows_a_second * seconds);
}

}  // namespace reprise::dynamo
