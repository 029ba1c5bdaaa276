// Where the payloads of the live store are: the bytes of objects that are too large to stand in a record. A payload is
// written once, as a stream, and then only read, as a whole or in ranges, until nobody names it any more.
//
// What is promised
//   - commit() returns when the payload and its name are durable: they survive kill -9 and power loss. A record that
//     names a blob is written after that, never before.
//   - A blob is there whole or not at all. What was not committed (an aborted writer, a crash) leaves nothing behind.
//   - Every byte is checked against a checksum of its block on its way from the disk. A block that is damaged,
//     exchanged or missing fails with corruption, and none of its bytes is handed out.
//
// Who keeps a blob from being collected. A committed blob that no record names is an orphan. A Collection finds those
// and must not take one that is about to be named; so a blob is *held*, and safe, while
//   - the writer that made it lives: keep it until the record that names the blob is committed;
//   - a hold() on it lives: who makes another record name an existing blob (a copy) takes a hold first, then looks that
//     the record it read the name from still stands, commits, and then lets go.
// A Collection takes nothing that was held at any moment since it began. So: begin one, list, read which blobs the
// records name, take() the others. Whoever reads several blobs holds those whose turn has not come: remove() waits,
// too.
//
// Every call blocks on the disk, so use it from threads that may; but open_cached() and reads with Disk::no_wait do
// not. Threading: a BlobStore and a BlobReader may be used from any threads; a writer and a Collection from one at a
// time. The store outlives whatever came from it. Errors: not_found (no such blob), exhausted (disk full), unavailable
// (too many open files; worth another attempt), corruption, io_error.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "blob/blob_id.h"

namespace reprise::blob {

class BlobWriter {
 public:
  // Without a commit() before it, nothing is left of the payload. Ends the hold, and the blob when it was removed.
  virtual ~BlobWriter() = default;
  // Takes all of `bytes`. After a failure the writer is of no use.
  virtual Status append(BytesView bytes) = 0;
  // The last call. After a failure nothing of the payload is left, or (when the disk cannot even forget it) an orphan.
  virtual Result<BlobId> commit() = 0;
  // Appended so far.
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;
};

// Whether a call may wait for the disk, or is to do without what is not in memory already (the kernel's cache).
enum class Disk : bool { wait, no_wait };

// Whole blocks, to memory of the caller's: without gaps to `to`, but for the last `tail_bytes` of each, which go to
// `tails`, without gaps too. (A sealed block can so be opened where it lies.)
struct BlockRead {
  std::uint64_t first = 0;  // block
  std::uint64_t count = 0;
  char* to = nullptr;
  std::size_t tail_bytes = 0;  // at most what the shortest of the blocks has
  char* tails = nullptr;
};

class BlobReader {
 public:
  virtual ~BlobReader() = default;
  // The bytes from `offset` on, `max` or up to the end; empty behind it. Whole blocks are read and checked whatever is
  // asked for, so steps of a multiple of block_bytes() from 0 on cost least. A reader keeps reading its blob even after
  // that was removed.
  virtual Result<Bytes> read(std::uint64_t offset, std::size_t max) const = 0;
  // How many of the blocks were read and are right: all up to the end of the payload, or with Disk::no_wait those up
  // to the first that is not in memory. What stands in the memory behind these is not defined.
  virtual Result<std::uint64_t> read_blocks(const BlockRead& wanted, Disk disk) const = 0;
  // Of the whole payload.
  [[nodiscard]] virtual std::uint64_t bytes() const = 0;
  [[nodiscard]] virtual std::size_t block_bytes() const = 0;
};

// Keeps one blob from being collected and removed. The last one of a removed blob takes it along, which blocks on the
// disk.
class BlobHold {
 public:
  virtual ~BlobHold() = default;
};

// What verify() found.
struct BlobDamage {
  std::uint64_t block = 0;   // counted from 0
  std::uint64_t offset = 0;  // of its first byte in the payload
  std::uint64_t bytes = 0;
};
struct BlobReport {
  std::uint64_t bytes = 0;    // of the payload, as its head says
  std::uint64_t blocks = 0;   // that were looked at
  bool head_damaged = false;  // so that nothing can be said of the rest
  std::vector<BlobDamage> damaged;
  [[nodiscard]] bool ok() const { return !head_damaged && damaged.empty(); }
};

struct BlobInfo {
  BlobId id;
  std::uint64_t stored_bytes = 0;  // on the disk
};

class Collection {
 public:
  virtual ~Collection() = default;
  // Committed blobs behind `after`, in the order of their ids, at most `limit` (> 0); none: that was all. With `after`
  // empty, from the first on.
  virtual Result<std::vector<BlobInfo>> list(std::optional<BlobId> after, std::size_t limit) = 0;
  // Removes a blob. False: it was held since the collection began, and stays. Also true when there is no such blob.
  virtual Result<bool> take(BlobId id) = 0;
};

class BlobStore {
 public:
  virtual ~BlobStore() = default;
  virtual Result<std::unique_ptr<BlobWriter>> create() = 0;
  virtual Result<std::unique_ptr<BlobReader>> open(BlobId id) = 0;
  // The same without waiting for the disk. Null when that cannot be, for whatever reason: open() tells.
  virtual std::unique_ptr<BlobReader> open_cached(BlobId id) = 0;
  virtual Result<std::unique_ptr<BlobHold>> hold(BlobId id) = 0;
  // Of a blob that nothing names any more: at once, or while it is held when the last hold on it goes. Ok when there is
  // none. It may be there again after a crash, as an orphan.
  virtual Status remove(BlobId id) = 0;
  // Reads all of a blob. Fails only where it cannot be read at all (not_found, unavailable); whatever the disk gives
  // wrong or does not give is in the report.
  virtual Result<BlobReport> verify(BlobId id) = 0;
  // One at a time: unavailable while another one lives.
  virtual Result<std::unique_ptr<Collection>> collect() = 0;
};

}  // namespace reprise::blob
