// limit_ is cumulative, like begun_: a measure made while a write is under way counts that write twice (it may be in
// the file already), never not at all.
#include "kv/rocksdb/room.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/log.h"

namespace reprise::kv {
namespace {

constexpr std::int64_t unknown = std::numeric_limits<std::int64_t>::max();
// Of limit_: after so many bytes the file system is asked again.
constexpr std::int64_t measured_every = std::int64_t{64} << 20;

std::int64_t cost(std::size_t bytes) { return 2 * static_cast<std::int64_t>(bytes); }

}  // namespace

Room::Room(RoomProbes probes) : probes_(std::move(probes)) { measure(); }

std::int64_t Room::threshold(bool frees_room) const {
  if (frees_room) return last_reserve();
  // Once refused, only when there is a little more: a store at the edge does not change its mind with every commit.
  return refuses() ? reserve() + reserve() / 4 : reserve();
}

std::int64_t Room::left(std::size_t bytes) const {
  return limit_.load(std::memory_order_acquire) - begun_ - cost(bytes);
}

bool Room::admit(std::size_t bytes, bool frees_room) {
  if (left(bytes) >= threshold(frees_room)) return true;
  // What was written since may have been less than it was counted for, and the limit may have been set low.
  if (measured_at_.load(std::memory_order_relaxed) == begun_ && cost(bytes) <= measured_every) return false;
  const std::int64_t now = measure();
  return now == unknown || now - cost(bytes) >= threshold(frees_room);
}

void Room::write_begins(std::size_t bytes) { begun_ += cost(bytes); }

void Room::write_ends() { ended_.store(begun_, std::memory_order_release); }

std::int64_t Room::measure() {
  const std::lock_guard lock(mutex_);
  const std::int64_t at = ended_.load(std::memory_order_acquire);
  disk_ = probes_.disk ? probes_.disk() : std::nullopt;
  std::int64_t now = unknown;
  if (disk_) {
    reserve_.store(static_cast<std::int64_t>(disk_reserve(disk_->total_bytes)), std::memory_order_relaxed);
    now = static_cast<std::int64_t>(disk_->free_bytes) - static_cast<std::int64_t>(unwritten());
  }
  const bool refuses = now != unknown && now < threshold(false);
  limit_.store(at + std::min(now, 2 * reserve() + measured_every), std::memory_order_release);
  measured_at_.store(at, std::memory_order_relaxed);
  // Last: who reads that nothing is refused any more can count on the new limit.
  set_refuses(refuses, disk_ ? disk_->free_bytes : 0);
  return now;
}

void Room::set_refuses(bool refuses, std::uint64_t free_bytes) {
  if (refuses_.exchange(refuses, std::memory_order_acq_rel) == refuses) return;
  log_line(refuses ? LogLevel::error : LogLevel::info, "kv",
           refuses ? "the disk of the store is nearly full: writes are refused, but for deletes"
                   : "there is room on the disk of the store again: writes go on",
           log_field("free_bytes", std::to_string(free_bytes)));
}

std::optional<DiskRoom> Room::disk() const {
  const std::lock_guard lock(mutex_);
  return disk_;
}

Status Room::refusal() const {
  const auto room = disk();
  const std::uint64_t left_mib = room ? room->free_bytes >> 20 : 0;
  return {Code::exhausted, "writes are refused: the disk of the store is nearly full (" + std::to_string(left_mib) +
                               " MiB left); make room, by deletes or otherwise, and they go on by themselves"};
}

}  // namespace reprise::kv
