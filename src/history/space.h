// A space: its durable record, the immutable state that readers and commits look at, and its mutable runtime parts.
//
// Invariants:
//   - a state is never changed; a new one is published, and the old one freed when nobody can hold it (read_gate.h);
//   - from the moment a commit has looked at the states of its spaces until it is done, none of those states is
//     replaced by one with other rules: whoever changes rules freezes the space first and waits for the commits that
//     are under way (spaces.cc). Only the pins of a space that keeps history already change without that;
//   - history_from is set exactly while history is written: retention > 0, or pinned.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/task.h"
#include "history/buckets.h"
#include "kv/engine.h"

namespace reprise::history {

struct BaseLink {
  SpaceId space;
  Timestamp at;
  std::uint64_t keys = 0;  // of the base when the clone was made: for estimates
  std::uint64_t bytes = 0;
};

// What the metadata partition keeps of a space (docs/formats/history.md).
struct SpaceRecord {
  SpaceId id;
  Timestamp created;
  std::chrono::microseconds retention{0};
  std::optional<Timestamp> history_from;
  Timestamp forgotten_before;
  std::vector<Epoch> epochs;
  std::optional<BaseLink> base;
  bool whiteouts_left = false;  // the base link is gone, whiteouts may be left
  bool large_values = false;    // what the present is kept for (store.h, NewSpace)
  Timestamp dropped_at;         // zero: not dropped
  Timestamp keep_until;

  [[nodiscard]] bool dropped() const { return !dropped_at.is_zero(); }
};
[[nodiscard]] Bytes encode_space(const SpaceRecord& record);
[[nodiscard]] Result<SpaceRecord> decode_space(BytesView stored);

class Space;

struct SpaceState : SpaceRecord {
  Space* base_space = nullptr;  // when there is a base; outlives the state
  Timestamp oldest_pin = Timestamp::max();
  bool frozen = false;  // commits wait

  [[nodiscard]] bool writes_history() const { return history_from.has_value(); }
  [[nodiscard]] bool pinned() const { return oldest_pin != Timestamp::max(); }
  // The horizon if no pin held; zero retention: `now`.
  [[nodiscard]] Timestamp unpinned_horizon(Timestamp now) const;
  // The oldest time that can be read; `now` when no history is written.
  [[nodiscard]] Timestamp horizon(Timestamp now) const;
  [[nodiscard]] bool expired(Timestamp now) const { return dropped() && !pinned() && now > keep_until; }
};

// What a space holds itself; the deltas are against the base, while there is one.
struct CounterRecord {
  std::int64_t keys = 0;
  std::int64_t bytes = 0;
  std::int64_t whiteouts = 0;
  std::int64_t delta_keys = 0;
  std::int64_t delta_bytes = 0;
  bool operator==(const CounterRecord&) const = default;
};

// Exact once the commits under way are done. Thread-safe.
class Counters {
 public:
  void set(const CounterRecord& record);
  void add(const CounterRecord& change);
  [[nodiscard]] CounterRecord get() const;

 private:
  std::atomic<std::int64_t> keys_{0}, bytes_{0}, whiteouts_{0}, delta_keys_{0}, delta_bytes_{0};
};

// A count under way: of the keys before `position`, of which `sums` is exact. It moves on only while the space is
// frozen.
struct Recount {
  std::atomic<bool> active{false};
  std::mutex mutex;
  Bytes position;
  CounterRecord sums;
};

class Space {
 public:
  explicit Space(const SpaceState& state);
  Space(const Space&) = delete;
  Space& operator=(const Space&) = delete;

  [[nodiscard]] SpaceId id() const { return id_; }
  // Valid while the caller holds a ticket of the store's gate, or its administration lock.
  [[nodiscard]] const SpaceState* state() const { return state_.load(std::memory_order_seq_cst); }
  // Under the administration lock. The state before is kept until free_states says that its readers are gone.
  void publish(const SpaceState& next);
  // `generation`: what ReadGate::advance returned after the last publish. Frees what is older.
  void retire(std::uint64_t generation);
  void free_states(std::uint64_t drained);

  // Completes at the next publish of a state that is not frozen (or at once).
  Task<void> thawed();

  [[nodiscard]] kv::Partition present() const { return {id_, present_kind_, ShardId(0), 0}; }
  // Of history or log.
  [[nodiscard]] kv::Partition partition(kv::Kind kind, std::uint64_t bucket) const {
    return {id_, kind, ShardId(0), bucket};
  }

  // Whether a count under way has passed `key`: what a commit asks before, and says when counting its effect.
  [[nodiscard]] bool recounted(BytesView key);
  void count(const CounterRecord& effect, bool recounted);
  // The next page of the data partition, read while the space is frozen; the last one ends the count.
  Status advance_recount(const kv::Page& page);

  // Caches of what the engine holds.
  mutable BucketSet history_buckets;
  mutable BucketSet log_buckets;
  mutable std::atomic<bool> buckets_known{false};  // what the engine held at the start is in the sets

  Counters counters;
  Recount recount;
  std::atomic<bool> counters_doubtful{false};  // after an unclean stop, until recounted
  CounterRecord checkpointed;                  // what the metadata says; administration lock

  // Under the administration lock:
  std::multiset<Timestamp> pins;          // explicit ones and those of clones
  std::uint64_t unlinked_generation = 0;  // gate generation of the readers that may still see the base link
  Bytes whiteouts_cleaned_to;             // where the removal of leftover whiteouts goes on
  std::uint64_t keys_copied = 0;          // copy lock
  Bytes copied_to;                        // copy lock; all keys of the base up to here are copied

 private:
  const SpaceId id_;
  const kv::Kind present_kind_;
  std::atomic<const SpaceState*> state_;
  std::unique_ptr<const SpaceState> current_;
  std::vector<std::unique_ptr<const SpaceState>> replaced_;  // since the last retire()
  std::vector<std::pair<std::uint64_t, std::unique_ptr<const SpaceState>>> retired_;
  std::mutex waiters_mutex_;
  std::vector<Completion<bool>*> waiters_;
};

}  // namespace reprise::history
