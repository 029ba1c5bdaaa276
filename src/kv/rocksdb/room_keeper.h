// Watches the disk: asks once a second how much room there is, and acts on it.
//
//   - merges of tables, which need room before they give any, are begun only while what they read would fit in what is
//     left above the reserve and a quarter (above half of it while commits are refused anyway), so that commits go on
//     beside them;
//   - writes that were stopped because the disk was full go on when there is room: RocksDB writes what it has in memory
//     to tables and goes over to a new log, so that nothing depends on the one that could not be written;
//   - the ballast is taken when there is plenty (ballast.h).
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>

#include "base/status.h"
#include "kv/rocksdb/ballast.h"
#include "kv/rocksdb/log_files.h"
#include "kv/rocksdb/room.h"
#include "kv/rocksdb/write_stop.h"

namespace rocksdb {
class DB;
class Env;
class SstFileManager;
class Status;
}  // namespace rocksdb

namespace reprise::kv {

// What the keeper works with, made before the database is opened; `env` is what it is opened with.
struct RoomParts {
  std::shared_ptr<Room> room;
  std::shared_ptr<RunningMerges> merges;
  std::shared_ptr<LogHealth> logs;
  std::shared_ptr<rocksdb::Env> env;
  std::shared_ptr<rocksdb::SstFileManager> tables;
  std::shared_ptr<WriteStop> stop;
  Ballast ballast;
  std::chrono::milliseconds look_interval{1000};
};

class RoomKeeper {
 public:
  // Both outlive it.
  RoomKeeper(rocksdb::DB& database, const RoomParts& parts);
  ~RoomKeeper();
  RoomKeeper(const RoomKeeper&) = delete;
  RoomKeeper& operator=(const RoomKeeper&) = delete;

  // Gives up a resumption that is under way; the database writes nothing more in the background then. Idempotent.
  void close();

 private:
  void run();
  void look();
  void limit_merges(std::int64_t left);
  void begin_resuming(const WriteStop::State& seen);
  void see_to_resuming();
  void resume_ends(const rocksdb::Status& status);
  void finish_resuming();
  void leave_something_in_memory();
  void keep_ballast(std::int64_t left);

  rocksdb::DB& database_;
  const RoomParts& parts_;
  bool ballast_failed_ = false;

  // A resumption, on a thread of its own: should it take for ever, that has to be told.
  std::thread resuming_;
  WriteStop::State resumes_;  // the stop that it is to end
  std::chrono::steady_clock::time_point resuming_since_;
  bool resumed_ = false;  // this and the next are read when the one after them is set
  Status hopeless_;       // why it will never succeed
  std::atomic<bool> resume_ended_{false};

  std::mutex mutex_;  // guards the next one
  bool closing_ = false;
  std::condition_variable wake_;
  std::once_flag closed_once_;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace reprise::kv
