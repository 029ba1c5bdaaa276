// The versioned store: spaces of keys whose past can be read.
//
// Invariants (the property test in store_oracle_test.cc checks them against a plain model):
//   - the versions of one key have disjoint intervals [begin, end), and begin strictly increases from one to the next;
//   - a commit has one timestamp: at any T all of its changes are seen, or none;
//   - a read as of T, horizon <= T <= closed(), returns what a reader at T would have seen, for ever the same;
//   - reads of the present touch the data partition only: history never slows them;
//   - what is behind the horizon goes by dropping whole buckets; nothing is rewritten.
//
// Ownership: the Store borrows the engine, wall clock and executor; they outlive it.
// Threading: all calls from any thread. Reads complete inline on an embedded engine.
// Errors: not_found (no such space), invalid (a time outside the window), conflict (commit: somebody else was first),
// and the engine's own.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/ids.h"
#include "base/range.h"
#include "base/status.h"
#include "base/task.h"
#include "history/key_locks.h"
#include "history/version.h"

namespace reprise::kv {
class Engine;
}

namespace reprise::history {

struct StoreOptions {
  // Timestamps are handed out at most this far beyond the durable ceiling. A start after a crash waits until the wall
  // clock has passed the ceiling, at most this long, so that times after a restart are wall times again.
  std::chrono::milliseconds clock_reserve{200};
  // A history bucket is this fraction of the retention wide; more buckets give finer dropping and more seeks.
  unsigned buckets_per_retention = 32;
  // But never narrower than this, and this wide while a pin alone keeps the past.
  std::chrono::microseconds bucket_width_min = std::chrono::minutes(1);
  std::chrono::microseconds bucket_width_pinned = std::chrono::hours(1);
  // Of locks(). Tests take one, so that whoever asks for a lock while he holds another never gets it.
  std::size_t lock_stripes = 4096;
};

// How long versions are kept after their end. Zero: no history is written (unless a pin holds).
using Retention = std::chrono::microseconds;

struct NewSpace {
  NewSpace(Retention kept = Retention(0), bool kilobytes = false)  // NOLINT(google-explicit-constructor)
      : retention(kept), large_values(kilobytes) {}
  Retention retention;
  // Its values are kilobytes that are written once, read whole and seldom scanned: engines then keep them apart from
  // their keys, so that merging keys does not move them.
  bool large_values;
};

struct SpaceInfo {
  SpaceId id;
  Retention retention{0};
  Timestamp created;
  Timestamp horizon;            // reads as of T need T >= horizon
  std::optional<SpaceId> base;  // set while a clone still reads through
  Timestamp base_at;
  bool dropped = false;  // only its past is left
  Timestamp dropped_at;
  // Live keys and the bytes of their values. Exact when idle; an estimate for a clone that is still being copied, and
  // after an unclean stop until recount() is done (`counted` says so).
  std::uint64_t keys = 0;
  std::uint64_t bytes = 0;
  bool counted = true;
};

struct Change {
  SpaceId space;
  Bytes key;
  std::optional<Bytes> value;  // nothing: delete
  Version before;              // what the caller read (get) under the key's lock, untouched
  bool only_check = false;     // write nothing: the commit fails with conflict if `before` no longer holds
  bool unlogged = false;       // keep it out of the change log: what nobody will ask the changes of (index entries)
};

// Changes that become one commit. `changes` of one shard are atomic by the engine alone; several shards make a
// transaction. `derived` are index entries kept outside the item's shard: they carry the same timestamp, and on the
// embedded engine are applied in the same batch. Whoever writes them holds the lock of what they are derived from; they
// conflict only when the copying of a clone came first. They may delete what was not read (Version::unread) in a space
// that keeps no past and has no base; in another one that is a conflict, and the value is to be read.
struct Commit {
  std::vector<Change> changes;
  std::vector<Change> derived;
  bool by_service = false;  // the service's own doing, not a client's: kept in the change log
  // It makes room, now or by what can be removed because of it: taken while the disk is so full that others fail with
  // exhausted. A commit that only deletes counts as one whether it says so or not.
  bool frees_room = false;
};

struct ScanRequest {
  SpaceId space;
  Range range;
  Direction direction = Direction::forward;
  std::size_t max_rows = 1000;
  std::size_t max_bytes = 1 << 20;  // of keys and values returned; the row that crosses it is still in
  std::optional<Timestamp> as_of;   // nothing: the present
};

struct CloneRequest {
  SpaceId base;
  Timestamp at;  // within the base's window; Timestamp::max(): the present, even of a space that keeps no past
  Retention retention{0};
};

struct CopyProgress {
  bool finished = false;          // the clone stands alone; its base is no longer pinned by it
  std::uint64_t keys_copied = 0;  // since the clone was made
};

// Whether the commit adds nothing: all its changes delete or check.
bool only_deletes(const Commit& commit);

class Store {
 public:
  // Loads the spaces and the clock's ceiling. Fails with corruption or the engine's errors.
  static Task<Result<std::unique_ptr<Store>>> open(kv::Engine& engine, WallClock& wall, StoreOptions options);
  virtual ~Store() = default;

  // --- Time ---------------------------------------------------------------------------------------------------------
  // The store's own now: unique, increasing, never behind a commit.
  virtual Timestamp now() = 0;
  // The newest time below or at which nothing can still commit. Reads as of T <= closed() are exact for ever.
  virtual Timestamp closed() = 0;
  // Waits until closed() >= t (moments: until the commits under way are done). t at or before now().
  virtual Task<Status> wait_closed(Timestamp t) = 0;

  // --- Spaces -------------------------------------------------------------------------------------------------------
  // Makes spaces, all or none, durable when done. A space that no catalogue names after a crash is the caller's to
  // drop.
  virtual Task<Result<std::vector<SpaceId>>> create(std::vector<NewSpace> spaces) = 0;
  // Makes clones, all or none, usable at once; O(1) in the size of the bases. Waits until every `at` is closed.
  // invalid: `at` is before the base's horizon.
  virtual Task<Result<std::vector<SpaceId>>> clone(std::vector<CloneRequest> requests) = 0;
  // Copies the next part of what a clone still reads through its base; call until finished. Idempotent, resumable,
  // safe beside reads and writes. On a space without a base: finished.
  virtual Task<Result<CopyProgress>> copy_from_base(SpaceId clone, std::size_t max_bytes) = 0;
  // Ends the present of a space: no more writes or present reads. Its past stays readable until `keep_until`, or as
  // long as a clone or pin needs it; then collect() removes everything. Idempotent.
  virtual Task<Status> drop(std::vector<SpaceId> spaces, Timestamp keep_until) = 0;
  // Changes how much past is kept from now on. Longer: the horizon stays where it is. Shorter or zero: older versions
  // are gone for good.
  virtual Task<Status> set_retention(std::vector<SpaceId> spaces, Retention retention) = 0;
  // Moves the horizon up to `t`: what ended before is gone for good (unless pinned).
  virtual Task<Status> forget_before(std::vector<SpaceId> spaces, Timestamp t) = 0;
  [[nodiscard]] virtual Result<SpaceInfo> info(SpaceId space) const = 0;
  [[nodiscard]] virtual std::vector<SpaceInfo> spaces() const = 0;

  // Holds the horizon of the spaces at or before `at` under a durable name, until unpin(name). already_exists: the name
  // is taken. invalid: `at` is before a space's horizon.
  virtual Task<Status> pin(std::string name, std::vector<SpaceId> spaces, Timestamp at) = 0;
  // The same at the present moment, which it returns; works on spaces that keep no past, too.
  virtual Task<Result<Timestamp>> pin_present(std::string name, std::vector<SpaceId> spaces) = 0;
  // ok when there is no such pin.
  virtual Task<Status> unpin(std::string name) = 0;

  // Drops the buckets behind every horizon and the spaces nobody needs any more. Called by a background job, often.
  // Each call does a bounded part of what else is due: removing leftover whiteouts, noting the counters.
  virtual Task<Status> collect() = 0;
  // Counts the next part of the spaces whose counters an unclean stop has made doubtful; true when none is left.
  virtual Task<Result<bool>> recount(std::size_t max_rows) = 0;
  // Notes counters and clock, so that the next start neither counts nor waits. The last call; commits must be done.
  virtual Task<Status> close() = 0;

  // --- Reads --------------------------------------------------------------------------------------------------------
  virtual Task<Result<Version>> get(SpaceId space, BytesView key) = 0;
  // As of T. invalid: before the horizon. Waits for closed() when T is just now. T in the future is invalid.
  virtual Task<Result<Version>> get(SpaceId space, BytesView key, Timestamp as_of) = 0;
  // The same, choosing by `as_of`.
  Task<Result<Version>> get(SpaceId space, BytesView key, std::optional<Timestamp> as_of) {
    return as_of ? get(space, key, *as_of) : get(space, key);
  }
  // One page, both directions; each page of the present is consistent in itself, pages as of T altogether.
  virtual Task<Result<VersionPage>> scan(ScanRequest request) = 0;

  // --- Writes -------------------------------------------------------------------------------------------------------
  // Serializes the writers of a key without spinning: hold it from the read to the commit. Guards make commits correct
  // even without it. See key_locks.h.
  virtual KeyLocks& locks() = 0;
  // Durable when done; returns the commit's timestamp. conflict: a `before` is no longer what the store holds; nothing
  // was changed.
  virtual Task<Result<Timestamp>> commit(Commit commit) = 0;

  // --- The past -----------------------------------------------------------------------------------------------------
  // Change log entries with from < at <= to, oldest first (or newest first), at most `limit`. Only entries of commits
  // that happened are returned. Entries may share a timestamp: resume with the last entry's (at, sequence).
  struct LogPosition {
    Timestamp at;
    std::uint32_t sequence = 0xffffffff;
  };
  virtual Task<Result<std::vector<LogEntry>>> changes(SpaceId space, LogPosition after, Timestamp to,
                                                      std::size_t limit) = 0;
  // The same with the images, read many at a time: what a consumer of all changes calls. A page ends with the change
  // that makes it reach `max_bytes` of keys and images.
  struct ImagesRequest {
    SpaceId space;
    LogPosition after;
    Timestamp to = Timestamp::max();
    std::size_t limit = 1000;
    std::size_t max_bytes = 1 << 20;
  };
  struct ImagedPage {
    std::vector<ImagedChange> changes;
    LogPosition next;   // go on after this
    bool more = false;  // whether there may be further changes up to `to`; else `next` is at `to`, or at closed()
  };
  virtual Task<Result<ImagedPage>> changes_with_images(ImagesRequest request) = 0;
  // Every version of one key that lived in [from, to], oldest first, at most `limit`.
  virtual Task<Result<std::vector<Interval>>> versions(SpaceId space, BytesView key, Timestamp from, Timestamp to,
                                                       std::size_t limit) = 0;
};

}  // namespace reprise::history
