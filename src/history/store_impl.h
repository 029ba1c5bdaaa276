// StoreImpl: the store over an engine. One class, its parts by file:
//   store.cc      open, close, info        spaces.cc     create, drop, retention, pins: how metadata changes
//   commit.cc     commits                  read.cc       single keys, now and as of T
//   scan.cc       pages, now and as of T   log.cc        changes and versions   images.cc     changes with images
//   clone.cc      clones and their copying retention.cc  collect        counters.cc   counting
//
// Locks, in the order in which they may be taken: a space's copy lock; key locks (locks()); the administration lock;
// the order locks of a commit.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "history/meta.h"
#include "history/read_gate.h"
#include "history/space.h"
#include "history/space_table.h"
#include "history/store.h"
#include "history/timekeeper.h"
#include "kv/engine.h"

namespace reprise::history {

// What one key was at one time, with the end of that interval when a history record told it.
struct PastVersion {
  Version version;
  Timestamp end = Timestamp::max();
};

// One page of a scan, bounded in results and in work.
struct ScanPlan {
  Range range;
  Direction direction = Direction::forward;
  std::size_t max_rows = 1000;
  std::size_t max_bytes = 1 << 20;
  std::size_t examine_rows = 0;  // stored records looked at, whether they are shown or not
  std::size_t examine_bytes = 0;
};

// One change of the metadata of some spaces.
struct Transition {
  struct Part {
    Space* space = nullptr;
    SpaceState next;
    bool durable = true;  // the record itself changes, not only what is derived from pins
  };
  std::vector<Part> parts;
  std::vector<kv::Write> writes;  // of other metadata
  bool adds = false;              // spaces or pins: not while the disk is nearly full
};

class CommitBuilder;
class PastScan;
class BaseCursor;

class StoreImpl final : public Store {
 public:
  StoreImpl(kv::Engine& engine, WallClock& wall, StoreOptions options, const Metadata& metadata);
  // Makes the spaces that the metadata names. Part of opening.
  Status load(Metadata metadata);
  Task<Status> start(bool fresh);

  Timestamp now() override { return keeper_.now(); }
  Timestamp closed() override { return keeper_.closed(); }
  Task<Status> wait_closed(Timestamp t) override { return keeper_.wait_closed(t); }

  Task<Result<std::vector<SpaceId>>> create(std::vector<NewSpace> spaces) override;
  Task<Result<std::vector<SpaceId>>> clone(std::vector<CloneRequest> requests) override;
  Task<Result<CopyProgress>> copy_from_base(SpaceId clone, std::size_t max_bytes) override;
  Task<Status> drop(std::vector<SpaceId> spaces, Timestamp keep_until) override;
  Task<Status> set_retention(std::vector<SpaceId> spaces, Retention retention) override;
  Task<Status> forget_before(std::vector<SpaceId> spaces, Timestamp t) override;
  [[nodiscard]] Result<SpaceInfo> info(SpaceId space) const override;
  [[nodiscard]] std::vector<SpaceInfo> spaces() const override;
  Task<Status> pin(std::string name, std::vector<SpaceId> spaces, Timestamp at) override;
  Task<Result<Timestamp>> pin_present(std::string name, std::vector<SpaceId> spaces) override;
  Task<Status> unpin(std::string name) override;
  Task<Status> collect() override;
  Task<Result<bool>> recount(std::size_t max_rows) override;
  Task<Status> close() override;

  Task<Result<Version>> get(SpaceId space, BytesView key) override;
  Task<Result<Version>> get(SpaceId space, BytesView key, Timestamp as_of) override;
  Task<Result<VersionPage>> scan(ScanRequest request) override;
  KeyLocks& locks() override { return locks_; }
  Task<Result<Timestamp>> commit(Commit commit) override;
  Task<Result<std::vector<LogEntry>>> changes(SpaceId space, LogPosition after, Timestamp to,
                                              std::size_t limit) override;
  Task<Result<ImagedPage>> changes_with_images(ImagesRequest request) override;
  Task<Result<std::vector<Interval>>> versions(SpaceId space, BytesView key, Timestamp from, Timestamp to,
                                               std::size_t limit) override;

 private:
  friend class CommitBuilder;
  friend class PastScan;
  friend class BaseCursor;

  // --- store.cc
  [[nodiscard]] SpaceInfo describe(const Space& space) const;
  [[nodiscard]] Result<Space*> find_live(SpaceId id) const;  // not_found when dropped, too
  [[nodiscard]] Result<Space*> find_any(SpaceId id) const;   // dropped ones, too
  // The history and log buckets that the engine holds, into the space's sets; once.
  Task<Status> learn_buckets(const Space& space);

  // --- spaces.cc. All under the administration lock.
  Task<KeyLocks::Guard> administer() { return administration_.lock(SpaceId(0), BytesView()); }
  Task<Result<std::vector<SpaceId>>> add_spaces(std::vector<SpaceState> states, Transition change);
  // Stops the commits on the parts' spaces, waits for those under way, and returns a moment after all of them; from
  // then on until finish() nothing happens in those spaces. Fills `next` from the current states.
  Task<Result<Timestamp>> freeze(Transition& change);
  // Makes the change durable, shows it, and lets the commits go on; after an error with everything as it was.
  Task<Status> finish(Transition& change);
  void undo_freeze(const Transition& change);
  [[nodiscard]] static Transition transition_of(const std::vector<Space*>& spaces);
  // Derives oldest_pin and history_from of `next` from its retention and the pins; `at` is a frozen moment.
  void settle(SpaceState& next, const Space& space, Timestamp at) const;
  [[nodiscard]] std::uint64_t width_for(Retention retention) const;
  // Also makes the ceiling cover the present; with nothing to write, that alone. Goes through on a disk that is nearly
  // full unless it `adds`: retention, dropping and cleaning up are noted here, a few bytes each.
  Task<Status> write_meta(std::vector<kv::Write> writes, bool adds = false);
  [[nodiscard]] Result<std::vector<Space*>> find_all(const std::vector<SpaceId>& ids, bool dropped_too) const;
  [[nodiscard]] Status check_window(const Space& space, Timestamp at) const;
  Task<Status> hold(Pin pin, std::vector<Space*> spaces);
  // Takes the pins `at` off the spaces and makes the change durable together with `writes`.
  Task<Status> release_pins(std::vector<Space*> spaces, Timestamp at, std::vector<kv::Write> writes);
  void retire_states(const Transition& change);

  // --- read.cc. The caller holds a ticket of the gate; states are loaded before anything is read under them.
  Task<Result<Version>> get_waiting(ReadGate::Ticket ticket, Space& space, BytesView key);
  Task<Result<Version>> get_through(ReadGate::Ticket ticket, Space& space, BytesView key);
  Task<Result<PastVersion>> find_past(const Space& space, const SpaceState& state, BytesView key, Timestamp at);
  // Among the ended versions, in the buckets up to `last_bucket`.
  Task<Result<std::optional<PastVersion>>> find_ended(const Space& space, const SpaceState& state, BytesView key,
                                                      Timestamp at, std::uint64_t last_bucket);
  // The newest record in `range` of a history partition.
  Task<Result<std::optional<PastVersion>>> first_ended(const kv::Partition& partition, const Range& range);
  Task<Result<Version>> find_in_base(const SpaceState& clone, BytesView key);
  // Whether a read as of `at` is possible. Call it with a ticket, after closed() has passed `at`.
  [[nodiscard]] Status check_readable(const SpaceState& state, Timestamp at) const;
  // Waits for closed() and checks; the state to read under.
  Task<Result<const SpaceState*>> enter_past(const Space& space, Timestamp at);

  // --- scan.cc
  Task<Result<VersionPage>> scan_present(Space& space, ScanPlan plan);
  Task<Result<VersionPage>> scan_past(const Space& space, const SpaceState& state, Timestamp at, ScanPlan plan);
  Task<Result<VersionPage>> scan_plain(Space& space, ScanPlan plan);

  // --- commit.cc
  Task<KeyLocks::Guard> lock_order(const Commit& commit);
  Task<Status> apply(std::vector<kv::WriteSet> sets, Timestamp at);

  // --- clone.cc
  struct CopiedPage {
    std::size_t bytes = 0;
    bool at_end = false;
  };
  [[nodiscard]] std::vector<SpaceState> clone_states(const std::vector<CloneRequest>& requests,
                                                     const std::vector<Space*>& bases);
  Task<Result<CopiedPage>> copy_page(Space& space, std::size_t max_bytes);
  Task<Status> copy_rows(Space& space, const VersionRows& rows, std::size_t first, std::size_t last);
  Task<Status> copy_locked(Space& space, const VersionRows& rows, std::size_t first, std::size_t last);
  Task<Status> unlink(Space& space);
  Task<Status> remove_whiteouts(Space& space);

  // --- retention.cc. Under the administration lock.
  static constexpr std::uint64_t undecided = ~std::uint64_t{0};
  struct DoomedBucket {
    SpaceId space;
    kv::Kind kind;
    std::uint64_t bucket;
    std::uint64_t generation;  // of the readers that may still look at it
  };
  struct DoomedSpace {
    std::unique_ptr<Space> space;
    std::uint64_t generation;
  };
  Task<Status> gather(Space& space, Timestamp now);
  Task<Result<bool>> finish_removals();  // whether a space has gone
  Task<Status> remove_space(const Space& space);

  // --- counters.cc. Under the administration lock.
  Task<Status> checkpoint_counters(std::size_t most);
  Task<Result<std::size_t>> recount_page(Space& space);

  // --- log.cc
  // Where reading a log stands; all entries of a page are of one bucket.
  struct LogCursor {
    Range range;
    std::optional<std::uint64_t> bucket;  // nothing: at the end
    Timestamp to;                         // the last time that is read
  };
  struct LogPage {
    std::uint64_t bucket = 0;
    std::vector<LogEntry> entries;  // whether they happened or not; may be empty before the end
  };
  Task<Result<LogCursor>> open_log(const Space& space, const SpaceState& state, LogPosition after, Timestamp to);
  Task<Result<LogPage>> read_log(const Space& space, LogCursor& cursor, std::size_t limit);
  Task<Result<bool>> happened(const Space& space, const SpaceState& state, const LogEntry& entry);
  Task<Status> gather_ended(kv::Partition partition, BytesView key, Timestamp from, Timestamp to, std::size_t limit,
                            std::map<Timestamp, Interval>& found);

  // --- images.cc
  // Those of the page's changes that happened.
  Task<Result<std::vector<ImagedChange>>> find_images(const Space& space, const SpaceState& state, LogPage page);
  Task<Result<std::vector<std::optional<PastVersion>>>> find_replaced(const Space& space, const LogPage& page);
  Task<Result<bool>> find_after(const Space& space, const SpaceState& state, Version present,
                                const PastVersion* replaced_later, ImagedChange& change);

  kv::Engine& engine_;
  const StoreOptions options_;
  Timekeeper keeper_;
  mutable ReadGate gate_;
  SpaceTable table_;
  KeyLocks locks_{options_.lock_stripes};  // handed out to callers
  KeyLocks order_locks_;                   // see commit.cc
  KeyLocks administration_{1};
  KeyLocks copy_locks_{64};

  // Under the administration lock:
  std::uint64_t next_space_ = 1;
  std::unordered_map<std::string, Pin> pins_;
  std::vector<DoomedBucket> doomed_buckets_;
  std::vector<DoomedSpace> doomed_spaces_;
};

}  // namespace reprise::history
