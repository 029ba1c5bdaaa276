// A file system that fails on demand, for tests: fsyncs that fail, a disk that fills up in the middle of a write.
#pragma once

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace reprise::kv {

class FailingDisk {
 public:
  FailingDisk();

  // Outlives the engine that uses it; so does this.
  [[nodiscard]] rocksdb::Env* env() const { return env_.get(); }

  struct Switches {
    std::atomic<bool> sync_fails{false};    // fsync of the commit log: an I/O error
    std::atomic<bool> log_full{false};      // appends to the commit log: no space, before the first byte
    std::atomic<bool> log_tears{false};     // appends to the commit log: half of the bytes, then no space
    std::atomic<bool> new_log_full{false};  // the first append to a commit log: no space
    std::atomic<bool> tables_full{false};   // appends to tables: no space
    std::atomic<std::uint64_t> refused{0};  // how often there was no space
  };
  Switches& switches() { return *switches_; }
  void heal();

 private:
  std::shared_ptr<Switches> switches_;
  std::unique_ptr<rocksdb::Env> env_;
};

}  // namespace reprise::kv
