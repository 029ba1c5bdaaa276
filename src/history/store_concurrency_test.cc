// Many threads at once: what every reader of any moment must see, whatever happens beside it. Run under TSan, too.
#include <gtest/gtest.h>

#include <atomic>
#include <latch>

#include "base/executor.h"
#include "base/rng.h"
#include "history/store.h"
#include "kv/memory/engine.h"

namespace reprise::history {
namespace {

constexpr int accounts = 40;
constexpr int start_money = 1000;

Bytes account(std::uint64_t number) { return "account/" + std::to_string(100 + number); }

// What the coroutines share; each reports its end.
struct Bank {
  Store& store;
  SpaceId space;
  SpaceId other;  // the second half of every transfer's trail, in another space
  std::latch done;
  std::atomic<int> running;
  std::atomic<int> checks{0};
};

std::unique_ptr<Store> open_store(kv::Engine& engine, WallClock& wall) {
  StoreOptions options;
  options.bucket_width_min = std::chrono::milliseconds(2);
  auto store = sync_wait(Store::open(engine, wall, options));
  EXPECT_TRUE(store.ok()) << store.error().to_string();
  return std::move(*store);
}

std::vector<SpaceId> make_spaces(Store& store, std::vector<NewSpace> retentions) {
  auto made = sync_wait(store.create(std::move(retentions)));
  EXPECT_TRUE(made.ok());
  return *made;
}

Change change_of(SpaceId space, Bytes key, std::optional<Bytes> value, Version before) {
  Change change;
  change.space = space;
  change.key = std::move(key);
  change.value = std::move(value);
  change.before = std::move(before);
  return change;
}

int amount(const Version& version) { return version ? std::stoi(Bytes(version.value())) : 0; }

// Moves money between two accounts and notes the sum of both moves in the other space.
Task<Status> transfer(Bank& bank, SpaceId space, std::uint64_t from, std::uint64_t to, int money) {
  const Bytes from_key = account(from), to_key = account(to), trail = "trail";
  std::vector<KeyLocks::LockKey> keys;
  keys.push_back({space, from_key});
  keys.push_back({space, to_key});
  const auto held = co_await bank.store.locks().lock(std::move(keys));
  CO_TRY_ASSIGN(auto before_from, co_await bank.store.get(space, from_key));
  CO_TRY_ASSIGN(auto before_to, co_await bank.store.get(space, to_key));
  const int left = amount(before_from) - money;
  const int gained = amount(before_to) + money;
  Commit commit;
  // An empty account has no record: deletions and insertions are exercised as well.
  std::optional<Bytes> from_value, to_value;
  if (left != 0) from_value = std::to_string(left);
  if (gained != 0) to_value = std::to_string(gained);
  commit.changes.push_back(change_of(space, from_key, std::move(from_value), std::move(before_from)));
  commit.changes.push_back(change_of(space, to_key, std::move(to_value), std::move(before_to)));
  CO_TRY(co_await bank.store.commit(std::move(commit)));
  co_return Status();
}

Task<void> transfer_often(Bank& bank, SpaceId space, std::uint64_t seed, int times) {
  Rng rng(seed);
  for (int i = 0; i < times; ++i) {
    const auto from = rng.below(accounts);
    const auto to = (from + 1 + rng.below(accounts - 1)) % accounts;
    const int money = rng.chance(1, 4) ? start_money : static_cast<int>(rng.below(200));
    const auto status = co_await transfer(bank, space, from, to, money);
    EXPECT_TRUE(status.ok()) << status.to_string();
  }
  --bank.running;
  bank.done.count_down();
}

Task<Result<int>> total(Store& store, SpaceId space, std::optional<Timestamp> at, std::size_t page_rows,
                        Direction direction) {
  int sum = 0;
  Range range;
  for (;;) {
    ScanRequest request;
    request.space = space;
    request.range = range;
    request.direction = direction;
    request.max_rows = page_rows;
    request.as_of = at;
    CO_TRY_ASSIGN(const auto page, co_await store.scan(std::move(request)));
    for (std::size_t i = 0; i < page.rows.size(); ++i) sum += std::stoi(Bytes(page.rows[i].value));
    if (!page.resume_after) co_return sum;
    if (direction == Direction::forward) {
      range.lower = *page.resume_after + '\0';
    } else {
      range.upper = *page.resume_after;
    }
  }
}

Task<void> watch(Bank& bank, std::uint64_t seed, Timestamp first) {
  Rng rng(seed);
  while (bank.running > 0) {
    const Timestamp newest = rng.chance(1, 2) ? bank.store.closed() : bank.store.now();
    const Timestamp at = rng.chance(1, 2) ? newest : Timestamp(first.bits() + rng.below(newest.bits() - first.bits()));
    const auto direction = rng.chance(1, 2) ? Direction::forward : Direction::backward;
    const auto sum = co_await total(bank.store, bank.space, at, 1 + rng.below(50), direction);
    EXPECT_TRUE(sum.ok()) << sum.error().to_string();
    if (sum.ok()) {
      EXPECT_EQ(*sum, accounts * start_money) << "as of " << at.bits();
    }
    const auto present = co_await total(bank.store, bank.space, std::nullopt, 1000, direction);
    EXPECT_TRUE(present.ok());
    if (present.ok()) {
      EXPECT_EQ(*present, accounts * start_money) << "now";
    }
    // Single reads as of the same moment add up as well.
    int singly = 0;
    for (std::uint64_t i = 0; i < accounts; ++i) {
      const Bytes key = account(i);
      const auto version = co_await bank.store.get(bank.space, key, at);
      EXPECT_TRUE(version.ok());
      if (version.ok()) singly += amount(*version);
    }
    EXPECT_EQ(singly, accounts * start_money) << "as of " << at.bits();
    ++bank.checks;
    co_await ResumeOn{*Executor::current()};
  }
  bank.done.count_down();
}

// Clones, uses and copies clones, and drops them, while the source changes.
Task<void> clone_often(Bank& bank, std::uint64_t seed, Timestamp first) {
  Rng rng(seed);
  while (bank.running > 0) {
    std::vector<CloneRequest> requests(1);
    requests[0].base = bank.space;
    requests[0].at = Timestamp(first.bits() + rng.below(bank.store.closed().bits() - first.bits()));
    if (rng.chance(1, 3)) requests[0].at = Timestamp::max();
    const auto made = co_await bank.store.clone(std::move(requests));
    EXPECT_TRUE(made.ok()) << made.error().to_string();
    if (!made.ok()) break;
    const SpaceId clone = made->front();
    for (int i = 0; i < 30; ++i) {
      const auto status =
          co_await transfer(bank, clone, rng.below(accounts / 2), accounts / 2 + rng.below(accounts / 2), 7);
      EXPECT_TRUE(status.ok()) << status.to_string();
      const auto sum = co_await total(bank.store, clone, std::nullopt, 1000, Direction::forward);
      EXPECT_TRUE(sum.ok());
      if (sum.ok()) {
        EXPECT_EQ(*sum, accounts * start_money) << "in a clone";
      }
      const auto copied = co_await bank.store.copy_from_base(clone, rng.below(60));
      EXPECT_TRUE(copied.ok()) << copied.error().to_string();
    }
    std::vector<SpaceId> dropped(1, clone);
    const auto status = co_await bank.store.drop(std::move(dropped), Timestamp());
    EXPECT_TRUE(status.ok()) << status.to_string();
    co_await ResumeOn{*Executor::current()};
  }
  bank.done.count_down();
}

// Everything that changes the rules while others commit and read.
Task<void> administer_often(Bank& bank) {
  for (int i = 0; bank.running > 0; ++i) {
    const Retention other = std::chrono::seconds(i % 2 == 0 ? 0 : 50);
    std::vector<SpaceId> spaces(1, bank.other);
    auto status = co_await bank.store.set_retention(std::move(spaces), other);
    EXPECT_TRUE(status.ok()) << status.to_string();
    std::vector<SpaceId> both{bank.space, bank.other};
    auto pinned = co_await bank.store.pin_present("pin", std::move(both));
    EXPECT_TRUE(pinned.ok());
    status = co_await bank.store.collect();
    EXPECT_TRUE(status.ok()) << status.to_string();
    status = co_await bank.store.unpin("pin");
    EXPECT_TRUE(status.ok()) << status.to_string();
    co_await ResumeOn{*Executor::current()};
  }
  bank.done.count_down();
}

TEST(StoreConcurrency, MoneyIsNeitherMadeNorLostAtAnyMoment) {
  const auto engine = kv::make_memory_engine();
  auto store = open_store(*engine, WallClock::system());
  const auto spaces = make_spaces(*store, {Retention(std::chrono::hours(1)), Retention(0)});
  Commit opening;
  for (std::uint64_t i = 0; i < accounts; ++i) {
    opening.changes.push_back(change_of(spaces[0], account(i), std::to_string(start_money), Version()));
  }
  ASSERT_TRUE(sync_wait(store->commit(std::move(opening))).ok());
  const Timestamp first = store->now();
  constexpr int writers = 4;
  Bank bank{*store, spaces[0], spaces[1], std::latch(writers + 4), writers};
  {
    ThreadExecutor executor(4);
    for (int i = 0; i < writers; ++i) {
      spawn(executor, transfer_often(bank, spaces[0], static_cast<std::uint64_t>(i), 1500));
    }
    spawn(executor, watch(bank, 100, first));
    spawn(executor, watch(bank, 101, first));
    spawn(executor, clone_often(bank, 102, first));
    spawn(executor, administer_often(bank));
    bank.done.wait();
  }
  EXPECT_GT(bank.checks, 0);
  EXPECT_EQ(*sync_wait(total(*store, spaces[0], std::nullopt, 7, Direction::backward)), accounts * start_money);
}

// --- Without key locks: guards and order locks alone -----------------------------------------------------------------

struct Race {
  Store& store;
  SpaceId space;
  std::latch done;
  std::atomic<int> puts{0};
  std::atomic<int> conflicts{0};
};

// Inserts and deletes one key, over and over, against everybody else who does the same.
Task<void> toggle(Race& race, int times) {
  const Bytes key = "contended";
  for (int i = 0; i < times;) {
    auto before = co_await race.store.get(race.space, key);
    EXPECT_TRUE(before.ok());
    std::optional<Bytes> value;
    if (!before->exists()) value = "here";
    const bool puts = value.has_value();
    Commit commit;
    commit.changes.push_back(change_of(race.space, key, std::move(value), std::move(*before)));
    const auto done = co_await race.store.commit(std::move(commit));
    if (done.ok()) {
      ++i;
      if (puts) ++race.puts;
    } else {
      EXPECT_EQ(done.error().code(), Code::conflict);
      ++race.conflicts;
    }
  }
  race.done.count_down();
}

TEST(StoreConcurrency, VersionsOfOneKeyStayInOrderWithoutLocks) {
  const auto engine = kv::make_memory_engine();
  auto store = open_store(*engine, WallClock::system());
  const auto spaces = make_spaces(*store, {Retention(std::chrono::hours(1))});
  const Timestamp first = store->now();
  constexpr int coroutines = 8;
  constexpr int times = 400;
  Race race{*store, spaces[0], std::latch(coroutines)};
  {
    ThreadExecutor executor(4);
    for (int i = 0; i < coroutines; ++i) spawn(executor, toggle(race, times));
    race.done.wait();
  }
  const auto versions = sync_wait(store->versions(spaces[0], "contended", first, Timestamp::max(), 1'000'000));
  ASSERT_TRUE(versions.ok());
  ASSERT_EQ(versions->size(), static_cast<std::size_t>(race.puts));
  for (std::size_t i = 0; i < versions->size(); ++i) {
    ASSERT_LT((*versions)[i].begin, (*versions)[i].end);
    if (i > 0) {
      ASSERT_LT((*versions)[i - 1].end, (*versions)[i].begin) << "every deletion lies between two puts";
    }
  }
  const auto log = sync_wait(store->changes(spaces[0], {first}, Timestamp::max(), 1'000'000));
  ASSERT_TRUE(log.ok());
  ASSERT_EQ(log->size(), static_cast<std::size_t>(coroutines * times));
}

// --- With key locks: nobody ever conflicts ---------------------------------------------------------------------------

Task<void> count_up(Race& race, int times) {
  const Bytes key = "counter";
  for (int i = 0; i < times; ++i) {
    const auto held = co_await race.store.locks().lock(race.space, key);
    auto before = co_await race.store.get(race.space, key);
    EXPECT_TRUE(before.ok());
    Bytes value = std::to_string(amount(*before) + 1);
    Commit commit;
    commit.changes.push_back(change_of(race.space, key, std::move(value), std::move(*before)));
    const auto done = co_await race.store.commit(std::move(commit));
    EXPECT_TRUE(done.ok()) << done.error().to_string();
  }
  race.done.count_down();
}

TEST(StoreConcurrency, LockedIncrementsNeverConflict) {
  const auto engine = kv::make_memory_engine();
  auto store = open_store(*engine, WallClock::system());
  const auto spaces = make_spaces(*store, {Retention(0)});
  constexpr int coroutines = 16;
  constexpr int times = 200;
  Race race{*store, spaces[0], std::latch(coroutines)};
  {
    ThreadExecutor executor(4);
    for (int i = 0; i < coroutines; ++i) spawn(executor, count_up(race, times));
    race.done.wait();
  }
  EXPECT_EQ(amount(*sync_wait(store->get(spaces[0], "counter"))), coroutines * times);
  EXPECT_EQ(store->info(spaces[0])->keys, 1U);
}

}  // namespace
}  // namespace reprise::history
