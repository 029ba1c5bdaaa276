// The engine contract: ordered byte keys in partitions, and one kind of atomic commit. Everything above this header
// is written against it alone; everything below is one adapter per engine.
//
// It promises only what the weakest engine can keep. The distributed engine will be Ceph RADOS, where one operation on
// one object is atomic and strongly consistent, and nothing else is; each call says how that adapter satisfies it.
// A behaviour that kv/conformance.h does not test is not promised.
//
// Partitions. A partition is named by (space, kind, shard, bucket) and springs into being with its first key.
//   RADOS: one object; its keys are the object's omap (ordered by bytes, as here). An object wants to stay under about
//   100,000 omap keys, hence shards (hash ranges) and buckets (time ranges).
//
// Versions. A value in a partition that guards look at starts with 8 bytes, big-endian: its version. Engines compare
// these bytes and know nothing else about values.
//
// Threading: every call may be made from any thread. Tasks resume on the executor they were awaited on
// (base/executor.h) when they had to wait, and inline when they had not.
// Views handed in must stay valid until the task is done. Results own their bytes.
// Errors common to all calls: io_error (the device failed), corruption (a checksum did not match: the bytes are never
// passed on), unavailable (the engine is stopping, or writes are stopped after a fault), exhausted (no space left).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/range.h"
#include "base/status.h"
#include "base/task.h"

namespace reprise::kv {

// What a partition holds; engines keep the kinds apart so that the past never slows the present.
enum class Kind : std::uint8_t {
  meta = 0,     // a few small records: spaces, jobs, the clock
  data = 1,     // the present
  history = 2,  // ended versions, by time of end
  log = 3,      // the change log, by time
  payload = 4,  // the present, where values are kilobytes that are written once, read whole and seldom scanned
};
inline constexpr std::size_t kind_count = 5;
std::string_view kind_name(Kind kind) noexcept;
// Whether guards look at partitions of the kind.
constexpr bool guardable(Kind kind) noexcept {
  return kind == Kind::data || kind == Kind::meta || kind == Kind::payload;
}

struct Partition {
  SpaceId space;
  Kind kind = Kind::data;
  ShardId shard;
  std::uint64_t bucket = 0;  // of history and log: the start of its time range; 0 for the other kinds

  auto operator<=>(const Partition&) const = default;
};

// Where a scan page ends, whichever comes first; the row that crosses the byte limit is still in. Both must be > 0.
struct PageLimit {
  std::size_t rows = 1000;
  std::size_t bytes = 1 << 20;  // of keys plus values
};

// Key-value pairs in scan order, in one buffer: a page costs a few allocations, whatever its length.
class Rows {
 public:
  struct Row {
    BytesView key;
    BytesView value;
  };
  [[nodiscard]] std::size_t size() const { return ends_.size(); }
  [[nodiscard]] bool empty() const { return ends_.empty(); }
  [[nodiscard]] Row operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1].second;
    const auto [key_end, value_end] = ends_[i];
    const BytesView all(buffer_);
    return {all.substr(begin, key_end - begin), all.substr(key_end, value_end - key_end)};
  }
  void append(BytesView key, BytesView value) {
    buffer_.append(key);
    const std::size_t key_end = buffer_.size();
    buffer_.append(value);
    ends_.emplace_back(key_end, buffer_.size());
  }
  [[nodiscard]] std::size_t bytes() const { return buffer_.size(); }

 private:
  Bytes buffer_;
  std::vector<std::pair<std::size_t, std::size_t>> ends_;
};

struct Page {
  Rows rows;
  bool more = false;  // the range may hold further rows: scan again beyond the last key
};

// A condition on one key of a `data`, `meta` or `payload` partition at the moment of the commit.
struct Guard {
  Partition partition;
  Bytes key;
  std::optional<std::uint64_t> version;  // the stored value carries this version; nothing: the key is absent
};

struct Write {
  Partition partition;
  Bytes key;
  std::optional<Bytes> value;  // nothing: delete
};

// Within a set, writes are applied in the order of the lists and of their elements: the last one to a key wins.
struct WriteSet {
  std::vector<Guard> guards;     // all in the partition of `atomic` (or, without atomic writes, in one partition)
  std::vector<Write> preceding;  // idempotent, harmless if orphaned by a crash (history, change log)
  std::vector<Write> atomic;     // all in one partition: applied with the guards' check, all or nothing
  std::vector<Write>
      following;  // derived data (global index entries): applied after, exactly once, even across a crash
  // It makes room, now or by what it allows to be removed later: taken while the disk is so full that other sets are
  // refused. Of a transaction: all its sets say so.
  bool frees_room = false;
};

// Whether `set` keeps to the shape above, which is what a single-object operation can do. Every engine refuses another
// with Code::internal: it is a bug of the caller.
Status check_write_set(const WriteSet& set);

// Sizes and health, for metrics. Bytes are estimates of what is on disk.
struct EngineStats {
  std::uint64_t bytes[kind_count] = {};
  std::uint64_t commits = 0;         // write sets acknowledged
  std::uint64_t commit_batches = 0;  // durable writes (fsyncs) they took
  std::uint64_t fsync_micros = 0;    // summed over batches
  bool writes_stopped = false;       // or refused for lack of room; see Engine::commit
  std::string writes_stopped_reason;
};

class Engine {
 public:
  virtual ~Engine() = default;

  // The value under `key`; nothing when absent. Sees every commit that was acknowledged before the call.
  //   RADOS: omap_get_vals_by_keys.
  virtual Task<Result<std::optional<Bytes>>> get(const Partition& partition, BytesView key) = 0;

  // One answer per key, in the order of the keys; not one atomic snapshot.
  //   RADOS: one omap_get_vals_by_keys.
  virtual Task<Result<std::vector<std::optional<Bytes>>>> multi_get(const Partition& partition,
                                                                    const std::vector<Bytes>& keys) = 0;

  // The first page of `range`, in key order or (backward) against it. One page is one consistent snapshot of the
  // partition; two pages are two.
  //   RADOS: omap_get_vals from `lower`; backward, the adapter reads forward in chunks and reverses (omap has no
  //   reverse cursor), which is why pages are bounded.
  virtual Task<Result<Page>> scan(const Partition& partition, const Range& range, Direction direction,
                                  PageLimit limit) = 0;

  // Applies the whole set, or nothing when a guard fails (Code::conflict: read again and retry; the engine does not).
  // Durable when it completes ok: it survives kill -9 and a power cut. After any other failure the set may or may not
  // be there after a restart, but never a part of `atomic`.
  // Many concurrent commits share one durable write (group commit). Commits on one key are applied in call order.
  // After a failed fsync the engine stops writing for good: this and every later commit fails with io_error, and reads
  // go on over what was acknowledged. While the disk is full, or so full that only sets that free room are taken,
  // others fail with exhausted; both ends by itself when there is room.
  //   RADOS: (1) `preceding` with omap_set, per object, in parallel; (2) one write operation on the object of `atomic`:
  //   omap_cmp per guard (absent: EQ ""; version V: GT the eight bytes of V-1 padded, LT the eight bytes of V+1; the
  //   whole operation is refused when one fails), omap_set / omap_rm_keys, and the list of `following` as intent keys
  //   in the same object; (3) `following` with omap_set, each guarded by its own version so that a replay is harmless;
  //   (4) the intents removed. A gateway that finds old intents repeats (3) and (4).
  virtual Task<Status> commit(WriteSet set) = 0;

  // The same for sets of several shards, as one: all or nothing, in every reader's eyes after it completed.
  //   RADOS: two-phase commit with intents in each object; embedded: one batch.
  virtual Task<Status> commit_transaction(std::vector<WriteSet> sets) = 0;

  // Removes a partition with all its keys, cheaply: the more it holds, the less is looked at one by one, and nothing
  // that stays is rewritten. Durable at the latest with the next commit; after a crash before that, a part may be left,
  // so a caller that was not answered drops again. Dropping an absent partition is ok. The caller makes sure that
  // nobody reads or writes it any more.
  //   RADOS: object removal.
  virtual Task<Status> drop(Partition partition) = 0;

  // The buckets of (space, kind, shard) that hold keys, ascending. Costs grow with the number of buckets.
  //   RADOS: an index object per space.
  virtual Task<Result<std::vector<std::uint64_t>>> buckets(SpaceId space, Kind kind, ShardId shard) = 0;

  [[nodiscard]] virtual EngineStats stats() const = 0;

  // Writes what is buffered and refuses what comes after with Code::unavailable. Idempotent; blocks.
  virtual Status close() = 0;
};

}  // namespace reprise::kv
