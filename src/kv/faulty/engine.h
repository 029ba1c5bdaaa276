// A decorator that makes another engine fail on purpose, for tests of what stands above the contract.
//
// Every fault it injects is one that the contract of kv/engine.h allows (but for `forget`, which exists to prove that
// a test notices). Without a planned fault it passes every call on unchanged.
//
// Faults are planned by counting calls, from one: "the third commit from now", "the tenth call of any kind from now";
// a test that repeats its run with n = 1, 2, ... until the run has fewer than n calls has failed at every step. Or they
// are drawn from a seed. A planned fault happens once. The same plan over the same calls gives the same faults.
//
// Threading: as the contract says; faults are counted in the order in which calls begin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "base/rng.h"
#include "kv/engine.h"

namespace reprise::kv {

struct Fault {
  enum class Effect : std::uint8_t {
    fail,         // the call fails with `code`; nothing was done
    lose_answer,  // writes: all is done, but the caller is told `code`
    tear,         // commits: `preceding` is done, the rest is not (the orphan that a crash may leave); `code`
    forget,       // writes: nothing is done and the caller is told ok. Breaks the contract
    hold_before,  // the call waits until release(), then happens
    hold_after,   // the call happens, its answer waits until release()
    stop_writes,  // this and every later write fails with `code`; reads go on
  };
  Effect effect = Effect::fail;
  Code code = Code::io_error;
};

enum class Operation : std::uint8_t { get, multi_get, scan, buckets, commit, commit_transaction, drop };
inline constexpr std::size_t operation_count = 7;

class FaultyEngine final : public Engine {
 public:
  // `inner` outlives this; several decorators over one inner engine, one after the other, are its restarts.
  explicit FaultyEngine(Engine& inner) : inner_(inner) {}
  ~FaultyEngine() override;
  FaultyEngine(const FaultyEngine&) = delete;
  FaultyEngine& operator=(const FaultyEngine&) = delete;

  // --- The plan -----------------------------------------------------------------------------------------------------
  // The n-th call of `operation` from now, or of any kind, or the n-th write (commit, transaction, drop). n >= 1.
  void plan(Operation operation, std::uint64_t n, Fault fault);
  void plan_any(std::uint64_t n, Fault fault);
  void plan_write(std::uint64_t n, Fault fault);
  // Each write suffers one of `faults` with a chance of one in `one_in`.
  void plan_random(std::uint64_t seed, std::uint64_t one_in, std::vector<Fault> faults);
  // From now on, or no longer: writes that do not free room are refused with exhausted, as on a disk that is nearly
  // full. Drops go on.
  void set_nearly_full(bool nearly_full);
  // Forgets what is planned and lets writes go on. What is held stays held.
  void clear();

  // --- What happened ------------------------------------------------------------------------------------------------
  [[nodiscard]] std::uint64_t calls() const;
  [[nodiscard]] std::uint64_t calls(Operation operation) const;
  // That scans asked for: the sum of their limits.
  [[nodiscard]] std::uint64_t rows_asked() const;
  [[nodiscard]] std::uint64_t faults() const;  // injected so far
  [[nodiscard]] std::size_t held() const;
  // Lets the `count` calls that were held first go on; they resume as the contract says. Returns how many there were.
  std::size_t release(std::size_t count = ~std::size_t{0});

  // --- The contract -------------------------------------------------------------------------------------------------
  Task<Result<std::optional<Bytes>>> get(const Partition& partition, BytesView key) override;
  Task<Result<std::vector<std::optional<Bytes>>>> multi_get(const Partition& partition,
                                                            const std::vector<Bytes>& keys) override;
  Task<Result<Page>> scan(const Partition& partition, const Range& range, Direction direction,
                          PageLimit limit) override;
  Task<Status> commit(WriteSet set) override;
  Task<Status> commit_transaction(std::vector<WriteSet> sets) override;
  Task<Status> drop(Partition partition) override;
  Task<Result<std::vector<std::uint64_t>>> buckets(SpaceId space, Kind kind, ShardId shard) override;
  [[nodiscard]] EngineStats stats() const override;
  Status close() override;

 private:
  using Plan = std::map<std::uint64_t, Fault>;  // by the number of the call

  // Counts a call and says what happens to it.
  std::optional<Fault> next(Operation operation);
  std::optional<Fault> planned(Operation operation, bool is_write);
  [[nodiscard]] bool has_room_for(const WriteSet& set) const;
  Task<void> hold();
  Task<Status> tear(std::vector<WriteSet> sets, Fault fault);
  template <class Call>
  auto read(Operation operation, Call call) -> decltype(call());
  template <class Call>
  auto held_read(Fault fault, Call call) -> decltype(call());
  template <class Call>
  Task<Status> write(std::optional<Fault> fault, Call call);

  Engine& inner_;
  mutable std::mutex mutex_;  // guards all below
  std::uint64_t calls_[operation_count] = {};
  std::uint64_t all_calls_ = 0;
  std::uint64_t rows_asked_ = 0;
  std::uint64_t writes_ = 0;
  std::uint64_t faults_ = 0;
  Plan by_operation_[operation_count];
  Plan by_call_;
  Plan by_write_;
  std::optional<Rng> rng_;
  std::uint64_t one_in_ = 0;
  std::vector<Fault> random_faults_;
  std::optional<Code> stopped_;
  bool nearly_full_ = false;
  std::vector<Completion<bool>*> held_;
};

}  // namespace reprise::kv
