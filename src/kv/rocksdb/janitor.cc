#include "kv/rocksdb/janitor.h"

#include <algorithm>
#include <chrono>

namespace reprise::kv {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds tick{200};
// Below this a scan is fast whatever it steps over.
constexpr std::uint64_t dead_min = 100;
constexpr std::uint64_t overwrites_min = 2000;
// A store of this size is merged whole in about a second.
constexpr std::uint64_t small_store_bytes = 64u << 20;

}  // namespace

Janitor::Janitor(rocksdb::DB& database, rocksdb::ColumnFamilyHandle& data, rocksdb::ColumnFamilyHandle& payload,
                 const Committer& committer, const WriteStop& stop, const Room& room)
    : database_(database),
      data_(data),
      payload_(payload),
      committer_(committer),
      stop_(stop),
      room_(room),
      thread_([this] { run(); }) {}

Janitor::~Janitor() { close(); }

void Janitor::close() {
  std::call_once(closed_once_, [this] {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
    }
    wake_.notify_one();
    thread_.join();
  });
}

void Janitor::report(std::uint64_t live, std::uint64_t dead, BytesView first, BytesView last) {
  if (dead < dead_min || dead < live / 4) return;
  {
    const std::lock_guard lock(mutex_);
    // Pages of one scan follow one another: their ranges become one. So do those of different scans, which may merge
    // what lies between them too: seldom, and no harm.
    first_ = pending_ ? std::min(first_, Bytes(first)) : Bytes(first);
    last_ = pending_ ? std::max(last_, Bytes(last)) : Bytes(last);
    pending_ = true;
  }
  wake_.notify_one();
}

void Janitor::run() {
  std::uint64_t commits_seen = 0;
  std::uint64_t overwrites_done = 0;
  SteadyClock::time_point rest_until;
  std::unique_lock lock(mutex_);
  while (!closing_) {
    const auto ready = [&] { return closing_ || (pending_ && SteadyClock::now() >= rest_until); };
    const bool asked = wake_.wait_for(lock, tick, ready);
    if (closing_) return;
    const std::uint64_t commits = committer_.commits();
    const std::uint64_t overwrites = committer_.overwrites();
    const bool quiet = commits == commits_seen;
    commits_seen = commits;
    const bool untidy = quiet && overwrites - overwrites_done >= overwrites_min && SteadyClock::now() >= rest_until;
    if (!asked && !untidy) continue;
    if (stop_.stopped() || room_.refuses()) {
      pending_ = false;  // the next scan will say it again
      continue;
    }
    const Bytes first = first_;
    const Bytes last = last_;
    if (asked) pending_ = false;
    lock.unlock();
    const auto begin = SteadyClock::now();
    if (asked) {
      merge(data_, &first, &last);
    } else {
      overwrites_done = overwrites;
      tidy(data_);
      tidy(payload_);
    }
    const auto end = SteadyClock::now();
    rest_until = end + 9 * (end - begin);
    lock.lock();
  }
}

// Errors of both need no handling here: what failed in the background has stopped writes already.
void Janitor::tidy(rocksdb::ColumnFamilyHandle& family) {
  database_.Flush(rocksdb::FlushOptions(), &family).PermitUncheckedError();
  std::uint64_t bytes = 0;
  database_.GetIntProperty(&family, rocksdb::DB::Properties::kLiveSstFilesSize, &bytes);
  if (bytes <= small_store_bytes) merge(family, nullptr, nullptr);
}

void Janitor::merge(rocksdb::ColumnFamilyHandle& family, const Bytes* first, const Bytes* last) {
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kDisable;  // keys alone are moved
  options.canceled = &closing_;
  const rocksdb::Slice begin = first == nullptr ? rocksdb::Slice() : rocksdb::Slice(*first);
  const rocksdb::Slice end = last == nullptr ? rocksdb::Slice() : rocksdb::Slice(*last);
  database_.CompactRange(options, &family, first == nullptr ? nullptr : &begin, last == nullptr ? nullptr : &end)
      .PermitUncheckedError();
}

}  // namespace reprise::kv
