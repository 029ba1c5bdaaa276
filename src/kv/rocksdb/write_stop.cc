#include "kv/rocksdb/write_stop.h"

#include <utility>

#include "base/log.h"

namespace reprise::kv {

void WriteStop::stop(Status reason, Until until) {
  const std::lock_guard lock(mutex_);
  ++stops_;
  const bool stopped = stopped_.load(std::memory_order_relaxed);
  if (stopped && (until_ == Until::restart || until == Until::room)) {
    reason.ignore();  // the first one stays
    return;
  }
  log_line(LogLevel::error, "kv", reason.message());
  reason_ = std::move(reason);
  until_ = until;
  stopped_.store(true, std::memory_order_release);
}

Status WriteStop::reason() const {
  const std::lock_guard lock(mutex_);
  // Writes may have been resumed since the caller asked.
  return reason_.ok() ? unavailable("writes were stopped for a moment; try again") : reason_;
}

WriteStop::State WriteStop::state() const {
  const std::lock_guard lock(mutex_);
  return {stopped_.load(std::memory_order_relaxed) && until_ == Until::room, stops_};
}

bool WriteStop::resume(const State& seen) {
  const std::lock_guard lock(mutex_);
  if (stops_ != seen.stops || until_ != Until::room) return false;
  reason_ = Status();
  stopped_.store(false, std::memory_order_release);
  return true;
}

}  // namespace reprise::kv
