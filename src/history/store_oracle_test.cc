// The property test: the store against a plain model, under random commits, clones, copies, retention changes, pins,
// drops, crashes and restarts, a wall clock that jumps, and random reads of the present and the past in between.
//
// REPRISE_ORACLE_SEED=n replays one run, REPRISE_ORACLE_RUNS=n makes n of them (each from the next seed).
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/log.h"
#include "base/rng.h"
#include "history/oracle_model.h"
#include "history/store.h"
#include "kv/faulty/engine.h"
#include "kv/memory/engine.h"
#include "kv/rocksdb/engine.h"

namespace reprise::history::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::string printable(BytesView bytes) {
  std::string out;
  for (const char c : bytes.substr(0, 24)) {
    if (c >= ' ' && c < 127) {
      out.push_back(c);
    } else {
      out += "\\" + std::to_string(static_cast<unsigned char>(c));
    }
  }
  return out;
}

class World {
 public:
  World(kv::Engine& engine, std::uint64_t seed) : inner_(engine), rng_(seed), wall_(1'700'000'000'000'000) {
    options_.clock_reserve = milliseconds(4);
    options_.buckets_per_retention = 8;
    options_.bucket_width_min = milliseconds(20);
    options_.bucket_width_pinned = milliseconds(200);
    // Every third world is small and slow: few keys with many versions in one bucket.
    dense_ = seed % 3 == 0;
    reopen();
    for (int i = 0; i < (dense_ ? 1 : 3); ++i) create();
  }

  void run(int steps) {
    for (int i = 0; i < steps && !::testing::Test::HasFailure(); ++i) step();
    if (!::testing::Test::HasFailure()) settle_and_check();
  }

 private:
  template <class T>
  T wait(Task<T> task) {
    return sync_wait(std::move(task));
  }

  void step() {
    wall_.advance(pick({0, 0, 1'000, 20'000, dense_ ? 0U : 300'000U}));
    const auto dice = rng_.below(100);
    if (dice < 45) {
      commit();
    } else if (dice < 55) {
      check_gets();
    } else if (dice < 65) {
      check_scan();
    } else if (dice < 69) {
      check_versions();
    } else if (dice < 72) {
      check_changes();
    } else if (dice < 78) {
      copy();
    } else if (dice < 82) {
      clone();
    } else if (dice < 85) {
      set_retention();
    } else if (dice < 89) {
      ASSERT_OK(wait(store_->collect()));
    } else if (dice < 92) {
      pin_or_unpin();
    } else if (dice < 94) {
      drop();
    } else if (dice < 95) {
      forget();
    } else if (dice < 96) {
      if (!dense_) create();
    } else if (dice < 97) {
      wall_.set(wall_.now_micros() - rng_.below(400'000));
    } else {
      restart();
    }
  }

  static void ASSERT_OK(const Status& status) { ASSERT_TRUE(status.ok()) << status.to_string(); }

  std::uint64_t pick(std::vector<std::uint64_t> choices) { return choices[rng_.below(choices.size())]; }
  Retention random_retention() { return milliseconds(pick({0, 0, 400, 2'000, 20'000})); }

  Bytes random_key() {
    static const std::vector<Bytes> alphabet = {Bytes(1, '\0'), Bytes(1, '\x01'), "a", "b", "c", Bytes(1, '\xff')};
    // Some keys are written again and again.
    if (dense_ || rng_.chance(1, 3)) return Bytes("b") + static_cast<char>('a' + rng_.below(3));
    Bytes key;
    const auto length = 1 + rng_.below(3);
    for (std::uint64_t i = 0; i < length; ++i) key += alphabet[rng_.below(alphabet.size())];
    return key;
  }
  Bytes random_value() {
    ++values_made_;
    return std::to_string(values_made_) + Bytes(rng_.chance(1, 20) ? rng_.below(5'000) : rng_.below(12), 'v');
  }
  Range random_range() {
    Range range;
    if (rng_.chance(1, 2)) range.lower = random_key();
    if (rng_.chance(1, 2)) range.upper = random_key();
    return range;
  }

  std::vector<SpaceId> known(bool with_dropped) const {
    std::vector<SpaceId> ids;
    for (const auto& [id, space] : model_) {
      if (with_dropped || !space.dropped) ids.push_back(id);
    }
    return ids;
  }
  SpaceId random_space(bool with_dropped = false) {
    for (const auto id : known(true)) alive(id);
    auto ids = known(with_dropped);
    if (ids.empty()) {
      create();
      ids = known(with_dropped);
    }
    return ids[rng_.below(ids.size())];
  }

  // --- Changes ----------------------------------------------------------------------------------------------------
  void create() {
    const auto retention = random_retention();
    const NewSpace wanted(retention, rng_.chance(1, 3));
    std::vector<NewSpace> spaces(1 + rng_.below(2), wanted);
    auto made = wait(store_->create(std::move(spaces)));
    ASSERT_TRUE(made.ok()) << made.error().to_string();
    for (const auto id : *made) {
      auto& space = model_[id];
      space.retention = retention;
      space.created = wait_info(id).created;
      space.floor = space.created;
    }
  }

  SpaceInfo wait_info(SpaceId id) {
    auto info = store_->info(id);
    EXPECT_TRUE(info.ok()) << info.error().to_string();
    return info.ok() ? *info : SpaceInfo();
  }

  // The version to replace, checked against the model.
  Version read_before(SpaceId id, const Bytes& key) {
    auto before = wait(store_->get(id, key));
    EXPECT_TRUE(before.ok()) << before.error().to_string();
    if (!before.ok()) return {};
    expect_version(id, key, model_[id].find(key, Timestamp::max().previous()), *before, "the present");
    return std::move(*before);
  }

  void commit() {
    Commit commit;
    struct Planned {
      SpaceId space;
      Bytes key;
      std::optional<Bytes> value;
    };
    std::vector<Planned> planned;
    std::set<std::pair<SpaceId, Bytes>> seen;
    const auto count = rng_.chance(1, 2) ? 1 : 1 + rng_.below(5);
    for (std::uint64_t i = 0; i < count; ++i) {
      const SpaceId id = random_space();
      Bytes key = random_key();
      if (!seen.emplace(id, key).second) continue;
      Change change{id, key, std::nullopt, read_before(id, key)};
      if (::testing::Test::HasFailure()) return;
      if (rng_.chance(2, 3)) change.value = random_value();
      change.only_check = rng_.chance(1, 10);
      const bool derived = !commit.changes.empty() && rng_.chance(1, 4);
      if (!change.only_check) planned.push_back({id, key, change.value});
      (derived ? commit.derived : commit.changes).push_back(std::move(change));
    }
    // The order of effects in the log: changes first.
    std::stable_partition(planned.begin(), planned.end(), [&](const Planned& plan) {
      return std::any_of(commit.changes.begin(), commit.changes.end(),
                         [&](const Change& change) { return change.space == plan.space && change.key == plan.key; });
    });
    const bool by_service = rng_.chance(1, 4);
    commit.by_service = by_service;
    const bool faulty = rng_.chance(1, 40);
    if (faulty) {
      faults_->plan_write(1, {rng_.chance(1, 2) ? kv::Fault::Effect::tear : kv::Fault::Effect::fail, Code::io_error});
    }
    auto done = wait(store_->commit(std::move(commit)));
    if (faulty) {
      ASSERT_EQ(done.error().code(), Code::io_error);
      restart_after_crash();
      return;
    }
    ASSERT_TRUE(done.ok()) << done.error().to_string();
    ASSERT_GT(*done, last_commit_);
    last_commit_ = *done;
    std::uint32_t sequence = 0;
    for (const auto& plan : planned) {
      model_[plan.space].apply(plan.key, plan.value, *done, sequence++, by_service);
    }
  }

  std::optional<Timestamp> random_past(SpaceId id) {
    const auto info = wait_info(id);
    if (model_[id].last_horizon > info.horizon) ADD_FAILURE() << "the horizon of " << id.value() << " has gone back";
    model_[id].last_horizon = info.horizon;
    check_horizon(id, info);
    Timestamp newest = store_->now();
    if (info.dropped) newest = std::min(newest, info.dropped_at.previous());
    if (info.horizon > newest || !readable(id)) return std::nullopt;
    if (rng_.chance(1, 10)) return info.horizon;
    if (rng_.chance(1, 10)) return newest;
    // Times of commits are the interesting ones.
    const auto& log = model_[id].log;
    if (!log.empty() && rng_.chance(1, 2)) {
      const Timestamp at(log[rng_.below(log.size())].at.bits() - rng_.below(2));
      if (at >= info.horizon && at <= newest) return at;
    }
    return Timestamp(info.horizon.bits() + rng_.below(newest.bits() - info.horizon.bits() + 1));
  }
  // History is kept, and the space has not expired.
  bool readable(SpaceId id) { return model_[id].retention.count() > 0 || pinned_.contains(id); }

  void check_horizon(SpaceId id, const SpaceInfo& info) {
    const auto& space = model_[id];
    if (space.retention.count() == 0) return;
    const std::uint64_t now =
        info.dropped ? std::min(info.dropped_at.bits(), store_->now().bits()) : store_->now().bits();
    const std::uint64_t kept = Timestamp::from_micros(static_cast<std::uint64_t>(space.retention.count())).bits();
    const Timestamp promised = std::max(space.floor, Timestamp(now > kept ? now - kept : 0));
    ASSERT_LE(info.horizon, promised) << "space " << id.value() << " promises less than its retention";
  }

  void clone() {
    std::vector<CloneRequest> requests;
    const auto count = 1 + rng_.below(2);
    for (std::uint64_t i = 0; i < count && model_.size() + requests.size() < (dense_ ? 3 : 14); ++i) {
      const SpaceId base = random_space(true);
      CloneRequest request{base, Timestamp::max(), random_retention()};
      if (const auto past = random_past(base); past && rng_.chance(3, 4)) {
        request.at = *past;
      } else if (model_[base].dropped) {
        continue;
      }
      requests.push_back(request);
    }
    if (requests.empty()) return;
    auto made = wait(store_->clone(requests));
    if (!made.ok() && std::any_of(requests.begin(), requests.end(),
                                  [&](const CloneRequest& request) { return gone(request.base, made, request.at); })) {
      return;
    }
    ASSERT_TRUE(made.ok()) << made.error().to_string();
    for (std::size_t i = 0; i < made->size(); ++i) {
      const auto info = wait_info((*made)[i]);
      ASSERT_TRUE(info.base.has_value());
      model_[(*made)[i]] = model_[requests[i].base].clone(info.base_at, info.created, requests[i].retention);
    }
  }

  void copy() {
    const SpaceId id = random_space();
    auto progress = wait(store_->copy_from_base(id, 1 + rng_.below(200)));
    ASSERT_TRUE(progress.ok()) << progress.error().to_string();
  }

  void set_retention() {
    const SpaceId id = random_space();
    auto& space = model_[id];
    const Retention longer = random_retention();
    const Timestamp before = store_->now();
    ASSERT_OK(wait(store_->set_retention({id}, longer)));
    if (longer == space.retention) return;
    const std::uint64_t kept = Timestamp::from_micros(static_cast<std::uint64_t>(space.retention.count())).bits();
    const Timestamp after = store_->now();
    const Timestamp given_up = space.retention.count() == 0 ? after : Timestamp(after.bits() - kept);
    ASSERT_GT(after, before);
    space.floor = std::max(space.floor, given_up);
    space.retention = longer;
  }

  void pin_or_unpin() {
    if (!pin_names_.empty() && rng_.chance(1, 2)) {
      const auto name = *std::next(pin_names_.begin(), static_cast<long>(rng_.below(pin_names_.size())));
      ASSERT_OK(wait(store_->unpin(name.first)));
      pin_names_.erase(name.first);
      recount_pins();
      return;
    }
    const std::string name = "pin " + std::to_string(values_made_);
    if (pin_names_.contains(name)) return;
    const SpaceId id = random_space();
    if (const auto past = random_past(id); past && rng_.chance(1, 2)) {
      auto held = wait(store_->pin(name, {id}, *past));
      if (gone(id, held, past)) return;
      ASSERT_OK(held);
      pin_names_[name] = {id, *past};
    } else {
      auto at = wait(store_->pin_present(name, {id}));
      ASSERT_TRUE(at.ok()) << at.error().to_string();
      pin_names_[name] = {id, *at};
    }
    recount_pins();
    const auto info = wait_info(id);
    ASSERT_LE(info.horizon, pin_names_[name].second);
  }
  void recount_pins() {
    pinned_.clear();
    for (const auto& [name, pin] : pin_names_) pinned_.insert(pin.first);
  }

  void drop() {
    if (known(false).size() < 4) return;
    const SpaceId id = random_space();
    const Timestamp keep = Timestamp::from_micros(wall_.now_micros() + pick({0, 500'000, 5'000'000}));
    ASSERT_OK(wait(store_->drop({id}, keep)));
    model_[id].dropped = true;
    model_[id].dropped_at = wait_info(id).dropped_at;
    auto gone = wait(store_->get(id, "a"));
    ASSERT_FALSE(gone.ok());
    ASSERT_EQ(gone.error().code(), Code::not_found);
  }

  void forget() {
    const SpaceId id = random_space();
    const auto past = random_past(id);
    if (!past) return;
    ASSERT_OK(wait(store_->forget_before({id}, *past)));
    model_[id].floor = std::max(model_[id].floor, *past);
  }

  // --- Restarts ---------------------------------------------------------------------------------------------------
  void reopen() {
    store_.reset();
    faults_ = std::make_unique<kv::FaultyEngine>(inner_);
    auto opened = wait(Store::open(*faults_, wall_, options_));
    ASSERT_TRUE(opened.ok()) << opened.error().to_string();
    store_ = std::move(*opened);
    ASSERT_GT(store_->now(), last_commit_);
  }
  void restart_after_crash() {
    // Far enough that nothing really waits; or back, as after a reset clock.
    if (rng_.chance(1, 4)) {
      wall_.set(wall_.now_micros() - rng_.below(3'000'000));
    } else {
      wall_.advance(10'000 + rng_.below(100'000));
    }
    reopen();
    // With a wall clock that was set back, times at which nothing was committed come again, and with them horizons that
    // only time had moved.
    for (auto& [id, space] : model_) space.last_horizon = Timestamp();
    if (rng_.chance(1, 2)) count_all();
  }
  void restart() {
    if (rng_.chance(1, 2)) return restart_after_crash();
    ASSERT_OK(wait(store_->close()));
    wall_.advance(10'000);
    reopen();
  }
  void count_all() {
    for (bool done = false; !done;) {
      auto counted = wait(store_->recount(1 + rng_.below(50)));
      ASSERT_TRUE(counted.ok()) << counted.error().to_string();
      done = *counted;
    }
  }

  // --- Checks -----------------------------------------------------------------------------------------------------
  void expect_version(SpaceId id, const Bytes& key, const ModelVersion* expected, const Version& found,
                      const std::string& when) {
    ASSERT_EQ(found.exists(), expected != nullptr)
        << "space " << id.value() << " key " << printable(key) << " at " << when << " expected "
        << (expected ? printable(expected->value) : "nothing");
    if (expected == nullptr) return;
    ASSERT_EQ(printable(found.value()), printable(expected->value)) << "space " << id.value() << " at " << when;
    ASSERT_EQ(found.value(), expected->value);
    ASSERT_EQ(found.begin(), expected->begin) << "space " << id.value() << " key " << printable(key) << " at " << when;
  }

  // Whether a read failed rightly: the horizon has moved past `at` since it was chosen, or the dropped space has gone.
  bool gone(SpaceId id, const Status& status, std::optional<Timestamp> at) {
    if (status.ok()) return false;
    if (model_[id].dropped && status.is(Code::not_found)) return true;
    return at && status.is(Code::invalid) && wait_info(id).horizon > *at;
  }
  template <class T>
  bool gone(SpaceId id, const Result<T>& result, std::optional<Timestamp> at) {
    return !result.ok() && gone(id, result.error(), at);
  }

  // Whether the space is still there; removes it from the model when it has been collected.
  bool alive(SpaceId id) {
    if (!model_[id].dropped) return true;
    const auto info = store_->info(id);
    if (info.ok() || !info.error().is(Code::not_found)) return true;
    model_.erase(id);
    return false;
  }

  void check_gets() {
    const SpaceId id = random_space(true);
    for (int i = 0; i < 4; ++i) {
      const Bytes key = random_key();
      const auto past = random_past(id);
      if (!past) return;
      auto found = wait(store_->get(id, key, *past));
      if (gone(id, found, past)) return;
      ASSERT_TRUE(found.ok()) << found.error().to_string();
      expect_version(id, key, model_[id].find(key, *past), *found, std::to_string(past->bits()));
    }
  }

  void check_scan() {
    const SpaceId id = random_space(true);
    std::optional<Timestamp> at = random_past(id);
    if (!model_[id].dropped && rng_.chance(1, 3)) at.reset();
    if (!at && model_[id].dropped) return;
    compare_scan(id, at, random_range(), rng_.chance(1, 2) ? Direction::forward : Direction::backward);
  }

  void compare_scan(SpaceId id, std::optional<Timestamp> at, Range range, Direction direction) {
    const auto expected = model_[id].list(at.value_or(Timestamp::max().previous()), range, direction);
    const std::size_t page_rows = 1 + rng_.below(20);
    std::size_t seen = 0;
    for (;;) {
      auto page = wait(store_->scan({id, range, direction, page_rows, pick({100, 3'000, 1 << 20}), at}));
      if (gone(id, page, at)) return;
      ASSERT_TRUE(page.ok()) << page.error().to_string();
      ASSERT_LE(page->rows.size(), page_rows);
      for (std::size_t i = 0; i < page->rows.size(); ++i, ++seen) {
        const auto row = page->rows[i];
        ASSERT_LT(seen, expected.size()) << "space " << id.value() << " shows " << printable(row.key) << " too many";
        ASSERT_EQ(printable(row.key), printable(expected[seen].first)) << "space " << id.value();
        ASSERT_EQ(row.value, expected[seen].second->value);
        ASSERT_EQ(row.begin, expected[seen].second->begin);
      }
      if (!page->resume_after) break;
      if (direction == Direction::forward) {
        range.lower = *page->resume_after + '\0';
      } else {
        range.upper = *page->resume_after;
      }
    }
    ASSERT_EQ(seen, expected.size()) << "space " << id.value() << " at " << (at ? at->bits() : 0);
  }

  void check_versions() {
    const SpaceId id = random_space(true);
    const auto from = random_past(id);
    if (!from) return;
    const Timestamp to = rng_.chance(1, 2) ? store_->closed() : Timestamp(from->bits() + rng_.below(1U << 31));
    const Bytes key = random_key();
    auto found = wait(store_->versions(id, key, *from, to, 1000));
    if (gone(id, found, from)) return;
    ASSERT_TRUE(found.ok()) << found.error().to_string();
    std::size_t seen = 0;
    for (const auto& version : model_[id].keys[key]) {
      if (version.begin > to || version.end <= *from) continue;
      ASSERT_LT(seen, found->size()) << "space " << id.value() << " key " << printable(key);
      ASSERT_EQ((*found)[seen].begin, version.begin);
      ASSERT_EQ((*found)[seen].end, version.end);
      ASSERT_EQ((*found)[seen].value, version.value);
      ++seen;
    }
    ASSERT_EQ(seen, found->size());
  }

  void check_changes() {
    const SpaceId id = random_space(true);
    const auto from = random_past(id);
    if (!from) return;
    std::vector<LogEntry> expected;
    for (const auto& entry : model_[id].log) {
      if (entry.at > *from) expected.push_back(entry);
    }
    Store::LogPosition after{*from};
    std::size_t seen = 0;
    for (;;) {
      auto found = wait(store_->changes(id, after, Timestamp::max(), 1 + rng_.below(10)));
      ASSERT_TRUE(found.ok()) << found.error().to_string();
      if (wait_info(id).horizon > *from) return;  // moved on: the oldest entries may have gone
      if (found->empty()) break;
      for (const auto& entry : *found) {
        ASSERT_LT(seen, expected.size());
        ASSERT_EQ(entry.at, expected[seen].at);
        ASSERT_EQ(printable(entry.key), printable(expected[seen].key));
        ASSERT_EQ(entry.kind, expected[seen].kind);
        ASSERT_EQ(entry.by_service, expected[seen].by_service);
        ++seen;
      }
      after = {found->back().at, found->back().sequence};
    }
    ASSERT_EQ(seen, expected.size()) << "space " << id.value() << " after " << from->bits();
    check_images(id, *from, expected);
  }

  static std::optional<Bytes> value_in(const ModelVersion* version) {
    return version == nullptr ? std::nullopt : std::optional(version->value);
  }

  void check_images(SpaceId id, Timestamp from, const std::vector<LogEntry>& expected) {
    Store::ImagesRequest request;
    request.space = id;
    request.after = {from};
    request.limit = 1 + rng_.below(40);
    request.max_bytes = 1 + rng_.below(2000);
    std::size_t seen = 0;
    for (;;) {
      auto page = wait(store_->changes_with_images(request));
      ASSERT_TRUE(page.ok()) << page.error().to_string();
      if (wait_info(id).horizon > from) return;
      ASSERT_LE(page->changes.size(), request.limit);
      for (const auto& change : page->changes) {
        ASSERT_LT(seen, expected.size());
        ASSERT_EQ(change.entry.at, expected[seen].at);
        ASSERT_EQ(printable(change.entry.key), printable(expected[seen].key));
        ASSERT_EQ(change.entry.by_service, expected[seen].by_service);
        const auto* const before = model_[id].find(change.entry.key, change.entry.at.previous());
        ASSERT_EQ(change.before, value_in(before));
        ASSERT_EQ(change.after, value_in(model_[id].find(change.entry.key, change.entry.at)));
        ASSERT_TRUE(change.entry.replaced.has_value());
        ASSERT_EQ(*change.entry.replaced, before == nullptr ? Timestamp() : before->begin);
        ++seen;
      }
      request.after = page->next;
      if (!page->more) break;
    }
    ASSERT_EQ(seen, expected.size()) << "space " << id.value() << " after " << from.bits();
  }

  void settle_and_check() {
    count_all();
    ASSERT_OK(wait(store_->collect()));
    for (const auto id : known(false)) {
      for (int i = 0; i < 100; ++i) {
        auto progress = wait(store_->copy_from_base(id, 300));
        ASSERT_TRUE(progress.ok()) << progress.error().to_string();
        if (progress->finished) break;
      }
      ASSERT_OK(wait(store_->collect()));
      for (const auto direction : {Direction::forward, Direction::backward}) {
        compare_scan(id, std::nullopt, Range(), direction);
        if (const auto past = random_past(id)) compare_scan(id, past, Range(), direction);
        if (::testing::Test::HasFailure()) return;
      }
      std::uint64_t keys = 0, bytes = 0;
      for (const auto& [key, version] : model_[id].list(Timestamp::max().previous(), Range(), Direction::forward)) {
        ++keys;
        bytes += version->value.size();
      }
      const auto info = wait_info(id);
      ASSERT_FALSE(info.base.has_value());
      ASSERT_EQ(info.keys, keys) << "space " << id.value();
      ASSERT_EQ(info.bytes, bytes) << "space " << id.value();
    }
  }

  kv::Engine& inner_;
  Rng rng_;
  ManualClock wall_;
  StoreOptions options_;
  bool dense_ = false;
  std::unique_ptr<kv::FaultyEngine> faults_;
  std::unique_ptr<Store> store_;
  std::map<SpaceId, ModelSpace> model_;
  std::map<std::string, std::pair<SpaceId, Timestamp>> pin_names_;
  std::set<SpaceId> pinned_;
  Timestamp last_commit_;
  std::uint64_t values_made_ = 0;
};

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(StoreOracle, MemoryEngine) {
  set_log_level(LogLevel::error);
  const std::uint64_t first = number_from("REPRISE_ORACLE_SEED", 1);
  const std::uint64_t runs = number_from("REPRISE_ORACLE_RUNS", std::getenv("REPRISE_ORACLE_SEED") ? 1 : 40);
  for (std::uint64_t seed = first; seed < first + runs && !HasFailure(); ++seed) {
    SCOPED_TRACE("REPRISE_ORACLE_SEED=" + std::to_string(seed));
    const auto engine = kv::make_memory_engine();
    World(*engine, seed).run(600);
  }
}

TEST(StoreOracle, RocksDbEngine) {
  set_log_level(LogLevel::error);
  const std::uint64_t first = number_from("REPRISE_ORACLE_SEED", 1);
  const auto directory = std::filesystem::temp_directory_path() / ("reprise-oracle-" + random_uuid());
  kv::RocksDbOptions options;
  options.directory = directory.string();
  {
    auto engine = kv::open_rocksdb_engine(options);
    ASSERT_TRUE(engine.ok()) << engine.error().to_string();
    SCOPED_TRACE("REPRISE_ORACLE_SEED=" + std::to_string(first));
    World(**engine, first).run(400);
  }
  std::filesystem::remove_all(directory);
}

}  // namespace
}  // namespace reprise::history::testing
