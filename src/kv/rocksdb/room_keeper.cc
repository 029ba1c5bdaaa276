#include "kv/rocksdb/room_keeper.h"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/sst_file_manager.h>

#include <cstdint>
#include <limits>
#include <string>

#include "base/log.h"
#include "kv/rocksdb/errors.h"

namespace reprise::kv {
namespace {

// RocksDB compares "tables there are, plus those a merge would write, plus a buffer" with "tables allowed"; and stops
// writes when the tables there are exceed what is allowed. The same large number on both sides of the first comparison
// keeps the second from ever being true.
constexpr std::uint64_t never_reached = std::uint64_t{1} << 50;

// Writing some tens of megabytes takes less on any disk.
constexpr std::chrono::seconds resume_patience{60};

}  // namespace

RoomKeeper::RoomKeeper(rocksdb::DB& database, const RoomParts& parts) : database_(database), parts_(parts) {
  limit_merges(parts_.room->measure());
  thread_ = std::thread([this] { run(); });
}

RoomKeeper::~RoomKeeper() { close(); }

void RoomKeeper::close() {
  std::call_once(closed_once_, [this] {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    wake_.notify_one();
    thread_.join();
    if (!resuming_.joinable()) return;
    rocksdb::CancelAllBackgroundWork(&database_, /*wait=*/false);
    resuming_.join();
  });
}

void RoomKeeper::run() {
  std::unique_lock lock(mutex_);
  while (!wake_.wait_for(lock, parts_.look_interval, [this] { return closing_; })) {
    lock.unlock();
    look();
    lock.lock();
  }
}

void RoomKeeper::look() {
  const auto stop = parts_.stop->state();
  const std::int64_t left = parts_.room->measure();
  limit_merges(left);
  // A resumption writes out what is in memory, which `left` has counted already.
  if (resuming_.joinable()) {
    see_to_resuming();
  } else if (stop.waits_for_room && left >= parts_.room->last_reserve()) {
    begin_resuming(stop);
  }
  keep_ballast(left);
}

void RoomKeeper::limit_merges(std::int64_t left) {
  const auto disk = parts_.room->disk();
  if (!disk || left == std::numeric_limits<std::int64_t>::max()) {
    parts_.tables->SetMaxAllowedSpaceUsage(0);
    return;
  }
  const auto reserve = static_cast<std::uint64_t>(parts_.room->reserve());
  const auto kept = parts_.room->unwritten() + (parts_.room->refuses() ? reserve / 2 : reserve + reserve / 4);
  parts_.tables->SetCompactionBufferSize(never_reached + kept);
  parts_.tables->SetMaxAllowedSpaceUsage(never_reached + parts_.tables->GetTotalSize() + disk->free_bytes);
}

void RoomKeeper::begin_resuming(const WriteStop::State& seen) {
  resumes_ = seen;
  resuming_since_ = std::chrono::steady_clock::now();
  resume_ended_ = false;
  resuming_ = std::thread([this] { resume_ends(database_.Resume()); });
}

void RoomKeeper::see_to_resuming() {
  if (resume_ended_) {
    resuming_.join();
    finish_resuming();
  } else if (std::chrono::steady_clock::now() - resuming_since_ > resume_patience) {
    parts_.stop->stop(cannot_resume(rocksdb::Status::TimedOut()), WriteStop::Until::restart);
  }
}

void RoomKeeper::resume_ends(const rocksdb::Status& status) {
  resumed_ = status.ok();
  hopeless_ = Status();
  if (!status.ok() && (status.severity() >= rocksdb::Status::Severity::kFatalError || !status.IsNoSpace())) {
    hopeless_ = cannot_resume(status);
  } else if (status.ok() && parts_.logs->newest_failed()) {
    // There was nothing in memory to write, so RocksDB has not gone over to a new log.
    hopeless_ = cannot_resume(rocksdb::Status::NoSpace("the commit log is incomplete"));
  }
  resume_ended_ = true;
}

void RoomKeeper::finish_resuming() {
  if (!hopeless_.ok()) {
    parts_.stop->stop(hopeless_, WriteStop::Until::restart);
    return;
  }
  if (!resumed_) return;  // there was not enough room after all
  leave_something_in_memory();
  if (parts_.stop->resume(resumes_)) log_line(LogLevel::info, "kv", "there is room on the disk again: writes go on");
}

// Should the very next commit find the disk full again, RocksDB could not go over to a new log with nothing in memory.
// A delete of a key that is none, kept out of the log, is something.
void RoomKeeper::leave_something_in_memory() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  database_.Delete(options, rocksdb::Slice()).PermitUncheckedError();
}

void RoomKeeper::keep_ballast(std::int64_t left) {
  const auto disk = parts_.room->disk();
  if (!disk || parts_.ballast.holds(*disk) || ballast_failed_) return;
  if (left < 2 * parts_.room->reserve()) return;
  const Status taken = parts_.ballast.take(*disk);
  if (taken.ok()) return;
  ballast_failed_ = true;
  log_line(LogLevel::warn, "kv", "no ballast could be taken", log_field("error", taken.to_string()));
}

}  // namespace reprise::kv
