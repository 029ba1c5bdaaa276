// A state is published by swapping one pointer; what it replaced waits in two lists, first for a generation of the
// gate, then for that generation to drain.
#include "history/space.h"

#include <algorithm>

#include "codec/ordered.h"

namespace reprise::history {

namespace {

// What follows the eight bytes of version that every metadata record starts with.
constexpr std::uint8_t space_format = 1;
constexpr std::uint64_t has_history = 1, has_base = 2, has_whiteouts = 4, has_large_values = 8;

Timestamp minus(Timestamp t, std::chrono::microseconds duration) {
  const std::uint64_t bits = duration_bits(duration);
  return Timestamp(t.bits() > bits ? t.bits() - bits : 0);
}

class Reader {
 public:
  explicit Reader(BytesView in) : in_(in) {}
  std::uint64_t number() {
    std::uint64_t value = 0;
    good_ = good_ && codec::read_varint(in_, value);
    return value;
  }
  Timestamp time() { return Timestamp(number()); }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool at_end() const { return good_ && in_.empty(); }

 private:
  BytesView in_;
  bool good_ = true;
};

}  // namespace

Bytes encode_space(const SpaceRecord& record) {
  Bytes out;
  out.push_back(static_cast<char>(space_format));
  const auto put = [&out](std::uint64_t value) { codec::append_varint(out, value); };
  put((record.history_from ? has_history : 0U) | (record.base ? has_base : 0U) |
      (record.whiteouts_left ? has_whiteouts : 0U) | (record.large_values ? has_large_values : 0U));
  put(record.id.value());
  put(record.created.bits());
  put(static_cast<std::uint64_t>(record.retention.count()));
  put(record.forgotten_before.bits());
  put(record.dropped_at.bits());
  put(record.keep_until.bits());
  if (record.history_from) put(record.history_from->bits());
  put(record.epochs.size());
  for (const auto& epoch : record.epochs) {
    put(epoch.from);
    put(epoch.width);
  }
  if (record.base) {
    put(record.base->space.value());
    put(record.base->at.bits());
    put(record.base->keys);
    put(record.base->bytes);
  }
  return out;
}

Result<SpaceRecord> decode_space(BytesView stored) {
  if (stored.empty() || static_cast<std::uint8_t>(stored[0]) != space_format) {
    return corruption("a space's metadata has no known form");
  }
  Reader in(stored.substr(1));
  SpaceRecord record;
  const auto fields = in.number();
  record.id = SpaceId(in.number());
  record.created = in.time();
  record.retention = std::chrono::microseconds(in.number());
  record.forgotten_before = in.time();
  record.dropped_at = in.time();
  record.keep_until = in.time();
  record.whiteouts_left = (fields & has_whiteouts) != 0;
  record.large_values = (fields & has_large_values) != 0;
  if ((fields & has_history) != 0) record.history_from = in.time();
  const auto epochs = in.number();
  for (std::uint64_t i = 0; i < epochs && in.good(); ++i) {
    Epoch epoch;
    epoch.from = in.number();
    epoch.width = in.number();
    if (epoch.width == 0) return corruption("a space's metadata names an empty bucket width");
    record.epochs.push_back(epoch);
  }
  if ((fields & has_base) != 0) {
    BaseLink base;
    base.space = SpaceId(in.number());
    base.at = in.time();
    base.keys = in.number();
    base.bytes = in.number();
    record.base = base;
  }
  if (!in.at_end()) return corruption("a space's metadata is cut short or too long");
  return record;
}

Timestamp SpaceState::unpinned_horizon(Timestamp now) const {
  if (!history_from) return now;
  // The past of a dropped space stays as it was when it was dropped.
  const Timestamp moment = dropped() ? std::min(now, dropped_at) : now;
  return std::max({*history_from, forgotten_before, minus(moment, retention)});
}

Timestamp SpaceState::horizon(Timestamp now) const { return std::min(unpinned_horizon(now), oldest_pin); }

void Counters::set(const CounterRecord& record) {
  keys_ = record.keys;
  bytes_ = record.bytes;
  whiteouts_ = record.whiteouts;
  delta_keys_ = record.delta_keys;
  delta_bytes_ = record.delta_bytes;
}

void Counters::add(const CounterRecord& change) {
  const auto add_to = [](std::atomic<std::int64_t>& counter, std::int64_t amount) {
    if (amount != 0) counter.fetch_add(amount, std::memory_order_relaxed);
  };
  add_to(keys_, change.keys);
  add_to(bytes_, change.bytes);
  add_to(whiteouts_, change.whiteouts);
  add_to(delta_keys_, change.delta_keys);
  add_to(delta_bytes_, change.delta_bytes);
}

CounterRecord Counters::get() const { return {keys_, bytes_, whiteouts_, delta_keys_, delta_bytes_}; }

Space::Space(const SpaceState& state)
    : id_(state.id),
      present_kind_(state.large_values ? kv::Kind::payload : kv::Kind::data),
      current_(std::make_unique<const SpaceState>(state)) {
  state_.store(current_.get());
}

void Space::publish(const SpaceState& next) {
  auto fresh = std::make_unique<const SpaceState>(next);
  state_.store(fresh.get());
  replaced_.push_back(std::move(current_));
  current_ = std::move(fresh);
  if (next.frozen) return;
  std::vector<Completion<bool>*> waiters;
  {
    const std::lock_guard lock(waiters_mutex_);
    waiters.swap(waiters_);
  }
  for (auto* const waiter : waiters) waiter->complete(true);
}

void Space::retire(std::uint64_t generation) {
  for (auto& state : replaced_) retired_.emplace_back(generation, std::move(state));
  replaced_.clear();
}

void Space::free_states(std::uint64_t drained) {
  std::erase_if(retired_, [drained](const auto& state) { return state.first <= drained; });
}

Task<void> Space::thawed() {
  Completion<bool> changed;
  {
    const std::lock_guard lock(waiters_mutex_);
    if (!state()->frozen) co_return;
    waiters_.push_back(&changed);
  }
  co_await changed;
}

}  // namespace reprise::history
