#include "history/buckets.h"

#include <algorithm>
#include <mutex>

#include "base/assert.h"

namespace reprise::history {

namespace {

// The epoch that `bits` falls into; null before the first.
const Epoch* epoch_of(const std::vector<Epoch>& epochs, std::uint64_t bits) {
  const auto after = std::upper_bound(epochs.begin(), epochs.end(), bits,
                                      [](std::uint64_t value, const Epoch& epoch) { return value < epoch.from; });
  return after == epochs.begin() ? nullptr : &*std::prev(after);
}

}  // namespace

std::uint64_t duration_bits(std::chrono::microseconds duration) {
  constexpr std::uint64_t most = ~std::uint64_t{0} >> Timestamp::counter_bits;
  const auto micros = duration.count() <= 0 ? 0 : static_cast<std::uint64_t>(duration.count());
  return std::min(micros, most) << Timestamp::counter_bits;
}

std::uint64_t bucket_of(const std::vector<Epoch>& epochs, Timestamp t) {
  const Epoch* const epoch = epoch_of(epochs, t.bits());
  if (epoch == nullptr) return 0;
  return t.bits() - (t.bits() - epoch->from) % epoch->width;
}

Timestamp bucket_end(const std::vector<Epoch>& epochs, std::uint64_t bucket) {
  const Epoch* const epoch = epoch_of(epochs, bucket);
  if (epoch == nullptr) return epochs.empty() ? Timestamp::max() : Timestamp(epochs.front().from);
  const std::uint64_t room = ~std::uint64_t{0} - bucket;
  const std::uint64_t end = bucket + std::min(epoch->width, room);
  const Epoch* const next = epoch + 1;
  if (next == epochs.data() + epochs.size()) return Timestamp(end);
  return Timestamp(std::min(end, next->from));
}

void add_epoch(std::vector<Epoch>& epochs, Timestamp from, std::uint64_t width) {
  if (!epochs.empty() && (epochs.back().width == width || epochs.size() >= epochs_max)) return;
  ASSERT(epochs.empty() || epochs.back().from < from.bits());
  epochs.push_back({from.bits(), width});
}

bool forget_epochs(std::vector<Epoch>& epochs, Timestamp horizon) {
  std::size_t behind = 0;
  while (behind + 1 < epochs.size() && epochs[behind + 1].from <= horizon.bits()) ++behind;
  epochs.erase(epochs.begin(), epochs.begin() + static_cast<std::ptrdiff_t>(behind));
  return behind > 0;
}

void BucketSet::add(std::uint64_t bucket) {
  if (newest_.load(std::memory_order_acquire) == bucket) return;
  const std::unique_lock lock(mutex_);
  const auto place = std::lower_bound(sorted_.begin(), sorted_.end(), bucket);
  if (place == sorted_.end() || *place != bucket) sorted_.insert(place, bucket);
  newest_.store(sorted_.back(), std::memory_order_release);
}

void BucketSet::remove(std::uint64_t bucket) {
  const std::unique_lock lock(mutex_);
  const auto place = std::lower_bound(sorted_.begin(), sorted_.end(), bucket);
  if (place != sorted_.end() && *place == bucket) sorted_.erase(place);
  newest_.store(sorted_.empty() ? none : sorted_.back(), std::memory_order_release);
}

std::optional<std::uint64_t> BucketSet::next(std::uint64_t bucket) const {
  const std::shared_lock lock(mutex_);
  const auto place = std::lower_bound(sorted_.begin(), sorted_.end(), bucket);
  if (place == sorted_.end()) return std::nullopt;
  return *place;
}

std::vector<std::uint64_t> BucketSet::all() const {
  const std::shared_lock lock(mutex_);
  return sorted_;
}

}  // namespace reprise::history
