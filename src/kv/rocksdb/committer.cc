// One thread commits for all. Invariants: sets are applied in the order they were queued; a guard sees what earlier
// sets of its own batch write; nobody is resumed before the batch that holds his set is on disk; after a failed write
// nothing is written until writes are resumed; nothing is begun that the disk has no room for.
#include "kv/rocksdb/committer.h"

#include <chrono>
#include <string>

#include "base/fault_point.h"
#include "kv/rocksdb/errors.h"
#include "kv/rocksdb/layout.h"
#include "kv/rocksdb/tuning.h"

namespace reprise::kv {
namespace {

// A batch is closed when it holds this much; the rest waits for the next.
constexpr std::size_t batch_bytes_max = 8u << 20;

rocksdb::Slice slice(BytesView bytes) { return {bytes.data(), bytes.size()}; }

std::size_t bytes_of(const std::vector<Write>& writes) {
  std::size_t bytes = 0;
  for (const auto& write : writes) bytes += prefix_size + write.key.size() + (write.value ? write.value->size() : 0);
  return bytes;
}

}  // namespace

std::size_t Committer::KeyHash::operator()(const KeyRef& ref) const noexcept {
  const std::size_t key = std::hash<BytesView>()(ref.key);
  return key ^ ((ref.partition->space.value() * 0x9e3779b97f4a7c15u) + ref.partition->shard.value());
}

Committer::Committer(rocksdb::DB& database, std::vector<rocksdb::ColumnFamilyHandle*> families, WriteStop& stop,
                     Room& room)
    : database_(database), families_(std::move(families)), stop_(stop), room_(room), thread_([this] { run(); }) {}

Committer::~Committer() { close(); }

bool Committer::submit(Request& request) {
  Request* head = head_.load(std::memory_order_relaxed);
  do {
    if (head == &closed_mark_) return false;
    request.next = head;
  } while (!head_.compare_exchange_weak(head, &request, std::memory_order_acq_rel, std::memory_order_relaxed));
  // From here on the request may be answered and gone.
  if (head == nullptr) head_.notify_one();
  return true;
}

void Committer::close() {
  std::call_once(closed_once_, [this] {
    closing_.store(true, std::memory_order_release);
    static_cast<void>(submit(wake_mark_));  // refused when the thread has seen `closing_` already
    thread_.join();
  });
}

void Committer::run() {
  Request* waiting = nullptr;
  for (;;) {
    if (waiting == nullptr) {
      waiting = take();
      if (waiting == nullptr) return;
    }
    waiting = commit_batch(waiting);
  }
}

// Waits for requests and takes them all, oldest first; nothing when closed and done.
Committer::Request* Committer::take() {
  for (;;) {
    head_.wait(nullptr, std::memory_order_acquire);
    const bool closing = closing_.load(std::memory_order_acquire);
    Request* newest = head_.exchange(closing ? &closed_mark_ : nullptr, std::memory_order_acq_rel);
    if (newest == &closed_mark_) return nullptr;
    Request* oldest = nullptr;
    while (newest != nullptr) {
      Request* const older = newest->next;
      if (newest != &wake_mark_) {
        newest->next = oldest;
        oldest = newest;
      }
      newest = older;
    }
    if (oldest != nullptr) return oldest;
  }
}

// Commits requests from `first` on, as many as fit into one batch; returns the first that did not.
Committer::Request* Committer::commit_batch(Request* first) {
  batch_.Clear();
  overlay_.clear();
  answers_.clear();
  const bool alone = first->next == nullptr;
  std::uint64_t added = 0;
  Request* request = first;
  for (; request != nullptr && batch_.GetDataSize() < batch_bytes_max; request = request->next) {
    Status status = admit(*request);
    if (status.ok()) status = add(*request, alone);
    if (status.ok()) ++added;
    answers_.emplace_back(request, std::move(status));
  }
  if (batch_.Count() != 0) {
    const Status written = write();
    if (!written.ok()) {
      for (auto& [_, status] : answers_) {
        if (status.ok()) status = written;
      }
      added = 0;
    }
  }
  commits_.fetch_add(added, std::memory_order_relaxed);
  answer(answers_);
  return request;
}

// Whether the request may be written at all at present.
Status Committer::admit(const Request& request) {
  if (stop_.stopped()) return stop_.reason();
  bool frees_room = true;
  std::size_t bytes = batch_.GetDataSize();
  for (const auto& set : request.sets) {
    frees_room = frees_room && set.frees_room;
    bytes += bytes_of(set.preceding) + bytes_of(set.atomic) + bytes_of(set.following);
  }
  return room_.admit(bytes, frees_room) ? Status() : room_.refusal();
}

// Adds the request to the batch, or nothing of it when a guard fails.
Status Committer::add(const Request& request, bool alone) {
  for (const auto& set : request.sets) {
    for (const auto& guard : set.guards) TRY(check(guard));
  }
  for (const auto& set : request.sets) {
    put(set.preceding, alone);
    put(set.atomic, alone);
    put(set.following, alone);
  }
  return {};
}

Status Committer::check(const Guard& guard) {
  TRY_ASSIGN(const Current found, current(guard));
  const bool holds = guard.version ? found.present && found.version == guard.version : !found.present;
  if (!holds) return conflict("a guarded key has changed");
  if (found.present) overwrites_.fetch_add(1, std::memory_order_relaxed);
  return {};
}

Result<Committer::Current> Committer::current(const Guard& guard) {
  if (!overlay_.empty()) {
    const auto written = overlay_.find(KeyRef{&guard.partition, guard.key});
    if (written != overlay_.end()) return written->second;
  }
  rocksdb::PinnableSlice value;
  const auto status = database_.Get(read_options(), families_[family_of(guard.partition.kind)],
                                    slice(full_key(guard.partition, guard.key)), &value);
  if (status.IsNotFound()) return Current{};
  if (!status.ok()) return from_rocksdb(status);
  Current found{true, std::nullopt};
  if (value.size() >= 8) found.version = read_be64({value.data(), value.size()});
  return found;
}

void Committer::put(const std::vector<Write>& writes, bool alone) {
  for (const auto& write : writes) {
    const Prefix prefix(write.partition);
    const rocksdb::Slice key_parts[] = {slice(prefix.view()), slice(write.key)};
    auto* family = families_[family_of(write.partition.kind)];
    const rocksdb::SliceParts key(key_parts, 2);
    rocksdb::Status status;
    if (write.value) {
      const rocksdb::Slice value = slice(*write.value);
      status = batch_.Put(family, key, rocksdb::SliceParts(&value, 1));
    } else {
      status = batch_.Delete(family, key);
    }
    ASSERT(status.ok());  // only a batch with a size limit can refuse
    if (alone || !guardable(write.partition.kind)) continue;
    Current& current = overlay_[KeyRef{&write.partition, write.key}];
    current = {write.value.has_value(), std::nullopt};
    if (write.value && write.value->size() >= 8) current.version = read_be64(*write.value);
  }
}

Status Committer::write() {
  FAULT_POINT("kv.before_batch");
  rocksdb::WriteOptions options;
  options.sync = true;
  const auto begin = std::chrono::steady_clock::now();
  room_.write_begins(batch_.GetDataSize());
  const auto status = database_.Write(options, &batch_);
  room_.write_ends();
  const auto took = std::chrono::steady_clock::now() - begin;
  batches_.fetch_add(1, std::memory_order_relaxed);
  write_micros_.fetch_add(
      static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()),
      std::memory_order_relaxed);
  FAULT_POINT("kv.after_batch");
  if (status.ok()) return {};
  stop_.stop(writes_stopped_by(status), stopped_until(status));
  return stop_.reason();
}

// Delivers, and resumes those who wait, with one post for each executor.
void Committer::answer(std::vector<std::pair<Request*, Status>>& answers) {
  for (auto& [request, status] : answers) {
    const auto waiter = request->done.set(std::move(status));
    if (!waiter.handle) continue;
    auto at = resumable_.begin();
    while (at != resumable_.end() && at->first != waiter.executor) ++at;
    if (at == resumable_.end()) at = resumable_.insert(at, {waiter.executor, {}});
    at->second.push_back(waiter.handle);
  }
  answers.clear();
  for (auto& [executor, handles] : resumable_) {
    if (handles.empty()) continue;
    if (executor != nullptr) {
      executor->post(handles);
    } else {
      for (const auto handle : handles) handle.resume();
    }
    handles.clear();
  }
}

}  // namespace reprise::kv
