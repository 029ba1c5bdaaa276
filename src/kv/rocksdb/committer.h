// Group commit: one queue, one thread, one fsync for all that was waiting.
//
// Invariants:
//   - requests are applied in the order in which they were submitted, so commits on one key keep their order;
//   - a guard sees every request before it, whether already in the database or earlier in the same batch;
//   - a request is answered ok only after the batch that holds it was synced;
//   - after a failed write nothing is written until writes are resumed (write_stop.h): a failed fsync may have lost
//     pages that the kernel then calls clean, so a later success would prove nothing;
//   - nothing is written that the disk has no room for (room.h).
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "base/status.h"
#include "base/task.h"
#include "kv/engine.h"
#include "kv/rocksdb/room.h"
#include "kv/rocksdb/write_stop.h"

namespace reprise::kv {

class Committer {
 public:
  // Something to commit. Lives in the frame of the coroutine that awaits `done`; gone once that is set.
  struct Request {
    std::span<const WriteSet> sets;
    Completion<Status> done;
    Request* next = nullptr;
  };

  // `families` by Kind. `database`, `stop` and `room` outlive the committer.
  Committer(rocksdb::DB& database, std::vector<rocksdb::ColumnFamilyHandle*> families, WriteStop& stop, Room& room);
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  // False when closed: the request was not taken. Never blocks.
  [[nodiscard]] bool submit(Request& request);

  // Commits what was submitted before, then refuses. Idempotent; blocks. Not on an executor's thread that commits.
  void close();

  [[nodiscard]] std::uint64_t commits() const { return commits_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t batches() const { return batches_.load(std::memory_order_relaxed); }
  // Guards that found a value: about the number of overwrites and deletes.
  [[nodiscard]] std::uint64_t overwrites() const { return overwrites_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::uint64_t write_micros() const { return write_micros_.load(std::memory_order_relaxed); }

 private:
  // A key as its request spells it; the request outlives the batch.
  struct KeyRef {
    const Partition* partition;
    BytesView key;
    bool operator==(const KeyRef& other) const { return key == other.key && *partition == *other.partition; }
  };
  struct KeyHash {
    std::size_t operator()(const KeyRef& ref) const noexcept;
  };
  using Version = std::optional<std::uint64_t>;  // nothing: absent, or a value too short to carry one
  struct Current {
    bool present = false;
    Version version;
  };

  void run();
  Request* take();
  Request* commit_batch(Request* first);
  [[nodiscard]] Status admit(const Request& request);
  Status add(const Request& request, bool alone);
  Status check(const Guard& guard);
  Result<Current> current(const Guard& guard);
  void put(const std::vector<Write>& writes, bool alone);
  Status write();
  void answer(std::vector<std::pair<Request*, Status>>& answers);

  rocksdb::DB& database_;
  const std::vector<rocksdb::ColumnFamilyHandle*> families_;
  WriteStop& stop_;
  Room& room_;

  std::atomic<Request*> head_{nullptr};  // the newest submitted; `closed_mark_` once closed
  std::atomic<bool> closing_{false};
  Request closed_mark_;
  Request wake_mark_;

  // The commit thread's own.
  rocksdb::WriteBatch batch_;
  std::unordered_map<KeyRef, Current, KeyHash> overlay_;  // what the batch being built will have written
  std::vector<std::pair<Request*, Status>> answers_;
  std::vector<std::pair<Executor*, std::vector<std::coroutine_handle<>>>> resumable_;

  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> batches_{0};
  std::atomic<std::uint64_t> overwrites_{0};
  std::atomic<std::uint64_t> write_micros_{0};
  std::once_flag closed_once_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace reprise::kv
