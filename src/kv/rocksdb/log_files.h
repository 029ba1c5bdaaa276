// The file system under RocksDB, which notes whether the commit log could be written.
//
// RocksDB resumes after a full disk by writing what it has in memory to tables, and going over to a new log when it
// wrote any. With nothing in memory it goes on with the log it has; but to that one nothing can be appended any more,
// since its last record is incomplete.
//
// And a failure is told a little late: not before a table write that has just been asked for is under way. One that
// meets the failure on its way is left behind in RocksDB 7.8's queue, without a thread that would ever take it up, and
// the resumption would wait for it in vain. It is no rare coincidence: a log has its room reserved, so the disk is
// found full at the beginning of a new one, which is when such a write was asked for.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

namespace rocksdb {
class Env;
}

namespace reprise::kv {

// Of the commit logs of one database. Thread-safe.
class LogHealth {
 public:
  // A new log, which commits go to from now on; its number.
  std::uint64_t begin_log();
  // An append to log `number`, or a sync of it, has failed. Waits, for a moment, for a table write that was asked for.
  void fail(std::uint64_t number);
  // Whether fail() was called for the log that commits go to.
  [[nodiscard]] bool newest_failed() const;

  // A table write has been asked for; it, or one asked for later, is under way.
  void flush_asked();
  void flush_begun();

 private:
  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::uint64_t newest_ = 0;
  bool newest_failed_ = false;
  bool flush_awaited_ = false;
};

// `under` as an environment that tells `health`. Both outlive the database.
std::unique_ptr<rocksdb::Env> make_log_watching_env(rocksdb::Env& under, std::shared_ptr<LogHealth> health);

}  // namespace reprise::kv
