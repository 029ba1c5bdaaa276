// Keeps scans of the present fast where items are overwritten or deleted often: it has dead entries merged away earlier
// than RocksDB would, which looks at the amount of data and not at how much of it is dead.
//
// Two signs of dead entries:
//   - a scan says that it stepped over many (report): the range it read is merged. The next such page needs as many new
//     dead entries in its range, so the work stays in proportion to what was overwritten;
//   - many overwrites, then no commits for a moment: what is in memory is written out, and a small store merged whole,
//     as are the keys of payloads, so that files of values that are garbage go.
// Work is never more than a tenth of the time, and none is done while writes are stopped
// or refused for lack of room.
#pragma once

#include <rocksdb/db.h>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "base/bytes.h"
#include "kv/rocksdb/committer.h"

namespace reprise::kv {

class Janitor {
 public:
  // All outlive it.
  Janitor(rocksdb::DB& database, rocksdb::ColumnFamilyHandle& data, rocksdb::ColumnFamilyHandle& payload,
          const Committer& committer, const WriteStop& stop, const Room& room);
  ~Janitor();
  Janitor(const Janitor&) = delete;
  Janitor& operator=(const Janitor&) = delete;

  // A scan of [first, last] (full keys of the data family) returned `live` rows and stepped over `dead` entries. Cheap.
  void report(std::uint64_t live, std::uint64_t dead, BytesView first, BytesView last);

  // Gives up what is under way. Idempotent; blocks.
  void close();

 private:
  void run();
  void tidy(rocksdb::ColumnFamilyHandle& family);
  void merge(rocksdb::ColumnFamilyHandle& family, const Bytes* first, const Bytes* last);

  rocksdb::DB& database_;
  rocksdb::ColumnFamilyHandle& data_;
  rocksdb::ColumnFamilyHandle& payload_;
  const Committer& committer_;
  const WriteStop& stop_;
  const Room& room_;

  std::mutex mutex_;  // guards the next four
  std::condition_variable wake_;
  bool pending_ = false;
  Bytes first_;
  Bytes last_;
  std::atomic<bool> closing_{false};
  std::once_flag closed_once_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace reprise::kv
