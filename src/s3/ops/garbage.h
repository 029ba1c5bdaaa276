// The collector of blobs that nobody names any more.
//
// What it takes
//   - released blobs (blob_names.h): entries of a bucket's space of releases that are behind the bucket's horizon; of a
//     deleted bucket whose past is gone, all of them;
//   - parts of uploads that have ended, where a crash came before they were removed; all uploads of deleted buckets;
//   - orphans: blobs without an entry in the root space of blobs. Looked for at the start and once a day, for only a
//     crash between a blob's commit and its record's (or an abandoned request) makes them;
//   - notes of completed uploads, when nobody will ask for them again.
//
// How it stays right: a name goes in a commit that is guarded by what was read; the blob goes after it, and only when
// it had no other name. A crash in between leaves an orphan. Every removal goes through a blob::Collection, so that a
// blob that somebody holds stays; it is tried again, and after a restart it is an orphan.
//
// Each round is bounded, in rows and in blobs.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/task.h"
#include "blob/blob_id.h"
#include "history/store.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

struct GarbageOptions {
  std::chrono::milliseconds interval{2'000};
  // Released blobs are left alone for this long, for readers that found the record and have not opened the blob yet.
  std::chrono::microseconds grace{std::chrono::seconds(2)};
  std::chrono::microseconds orphans_every{std::chrono::hours(24)};
  // How long a repeated completion of an upload is answered.
  std::chrono::microseconds completed_kept{std::chrono::hours(24)};
  std::size_t rows_a_round = 1'000;  // of each kind
};

// Adds the collector's round to the server's housekeeping, and the job of uploads.h. Call it once, before
// Jobs::resume().
void register_garbage_collection(Services& services, GarbageOptions options = {});

// What a round (or a whole sweep, in tests) did.
struct GarbageReport {
  std::uint64_t releases = 0;  // entries taken away
  std::uint64_t parts = 0;     // left over from uploads
  std::uint64_t orphans = 0;   // blobs without an entry
  std::uint64_t blobs = 0;     // removed, of all kinds
  bool more = false;           // is due than a round does
};

class GarbageCollector {
 public:
  GarbageCollector(Services& services, GarbageOptions options);
  ~GarbageCollector();
  GarbageCollector(const GarbageCollector&) = delete;
  GarbageCollector& operator=(const GarbageCollector&) = delete;

  // One bounded round.
  Task<Result<GarbageReport>> round();
  // Rounds until there is nothing left to do, a sweep for orphans included.
  Task<Result<GarbageReport>> sweep();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// What a deleted bucket's spaces of uploads and releases still name: false once they are empty, and may be dropped.
// Buckets::purge_deleted() asks.
Task<Result<bool>> has_garbage(history::Store& store, const BucketSpaces& spaces);

}  // namespace reprise::s3
