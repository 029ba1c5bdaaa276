// The embedded engine: RocksDB in one directory of this machine.
//
// What it adds to the contract of kv/engine.h:
//   - reads complete inline, on the calling thread (they may wait for the disk);
//   - commits of all threads go through one queue and one thread, which makes each batch durable with one fsync; a
//     commit always suspends and resumes on the executor it was awaited on;
//   - a WriteSet of whatever shape is applied as one batch: nothing is ever orphaned or late;
//   - a disk is never filled to the last block: while it is nearly full, ordinary commits are refused (exhausted) and
//     those that free room go on; when there is room again all do, without a restart (room.h, room_keeper.h);
//   - close() ends reads and writes; the directory's lock is released by the destructor, which must run after the last
//     call has returned.
// The format is described in docs/formats/rocksdb.md.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/status.h"
#include "kv/engine.h"

namespace reprise::kv {

struct RocksDbOptions {
  // Made when missing; its parent must exist. Used by one process at a time.
  std::string directory;
  // Bytes of uncompressed blocks, indexes and filters kept in memory, for all kinds together.
  std::size_t block_cache_bytes = 64u << 20;
  // Bytes of recent writes kept in memory, for all kinds together; what exceeds it is written to tables. Of this and
  // the next, no more than an eighth of the disk (and at least 4 MiB) is used.
  std::size_t memtable_bytes = 48u << 20;
  // Bytes of log that a start after a crash may have to replay, about; more means fewer table writes.
  std::size_t log_bytes = 64u << 20;
  // Threads that write tables and merge them.
  int background_threads = 2;
};

// Opens or creates. Each failure is one line that names the directory: not_found (the parent is missing), unavailable
// (another process holds it), corruption (damaged files, named), unsupported (made by a newer version),
// io_error (not writable, the device failed), exhausted (no space left).
Result<std::unique_ptr<Engine>> open_rocksdb_engine(const RocksDbOptions& options);

}  // namespace reprise::kv
