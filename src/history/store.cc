// Opening and closing, and what the store says about its spaces.
//
// Opening reads the metadata partition and nothing else: which buckets hold history is asked for when it first matters.
// It waits until the wall clock has passed the durable ceiling (at most the reserve), so that new timestamps are wall
// times; a wall clock that is further behind was set back, and the store goes on from the ceiling.
#include "history/store.h"

#include <algorithm>

#include "base/log.h"
#include "history/store_impl.h"

namespace reprise::history {

namespace {

// Beyond the reserve: what two machines' or two boots' clocks may differ by without being called wrong.
constexpr std::chrono::milliseconds ceiling_slack{50};

Task<void> pause_on(Executor& executor, std::chrono::milliseconds pause) {
  co_await ResumeOn{executor};
  co_await sleep_for(pause);
}

Task<void> wait_for_ceiling(const WallClock& wall, Timestamp ceiling, std::chrono::milliseconds reserve) {
  const std::uint64_t now = wall.now_micros();
  if (ceiling.micros() < now) co_return;
  const auto behind = std::chrono::microseconds(ceiling.micros() - now + 1);
  if (behind > reserve + ceiling_slack) {
    REPRISE_LOG(LogLevel::warn, "history", "the wall clock has been set back; time goes on from the last commit",
                log_field("last", format_iso8601(ceiling.micros())) + log_field("wall", format_iso8601(now)));
    co_return;
  }
  const auto pause = std::chrono::ceil<std::chrono::milliseconds>(behind);
  if (Executor::current() != nullptr) {
    co_await sleep_for(pause);
  } else {
    ThreadExecutor timer(1);
    sync_wait(pause_on(timer, pause));
  }
}

std::uint64_t not_negative(std::int64_t value) { return value < 0 ? 0 : static_cast<std::uint64_t>(value); }

}  // namespace

Task<Result<std::unique_ptr<Store>>> Store::open(kv::Engine& engine, WallClock& wall, StoreOptions options) {
  CO_TRY_ASSIGN(auto metadata, co_await load_metadata(engine));
  co_await wait_for_ceiling(wall, metadata.ceiling, options.clock_reserve);
  const bool fresh = metadata.fresh;
  auto store = std::make_unique<StoreImpl>(engine, wall, options, metadata);
  CO_TRY(store->load(std::move(metadata)));
  CO_TRY(co_await store->start(fresh));
  co_return std::unique_ptr<Store>(std::move(store));
}

StoreImpl::StoreImpl(kv::Engine& engine, WallClock& wall, StoreOptions options, const Metadata& metadata)
    : engine_(engine),
      options_(options),
      keeper_(wall, metadata.ceiling, options.clock_reserve),
      next_space_(metadata.next_space) {}

Status StoreImpl::load(Metadata metadata) {
  std::sort(metadata.spaces.begin(), metadata.spaces.end(),
            [](const SpaceRecord& a, const SpaceRecord& b) { return a.id < b.id; });
  std::unordered_map<SpaceId, std::vector<Timestamp>> holds;
  for (auto& pin : metadata.pins) {
    for (const auto space : pin.spaces) holds[space].push_back(pin.at);
    std::string name = pin.name;
    pins_.emplace(std::move(name), std::move(pin));
  }
  for (const auto& record : metadata.spaces) {
    if (record.base) holds[record.base->space].push_back(record.base->at);
  }
  // A base is older than its clones, so it is there when they come.
  for (auto& record : metadata.spaces) {
    SpaceState state;
    static_cast<SpaceRecord&>(state) = std::move(record);
    if (state.base) {
      state.base_space = table_.find(state.base->space);
      if (state.base_space == nullptr) return corruption("a clone's base is not there");
    }
    const auto& pins = holds[state.id];
    if (!pins.empty()) state.oldest_pin = *std::min_element(pins.begin(), pins.end());
    if (state.retention.count() == 0 && pins.empty()) {
      // A clone let go of its base, and the crash came before the base noted that it keeps no past any more.
      state.history_from.reset();
      state.epochs.clear();
    }
    auto space = std::make_unique<Space>(state);
    space->pins.insert(pins.begin(), pins.end());
    space->counters_doubtful = !metadata.clean;
    table_.insert(std::move(space));
  }
  for (const auto& [id, record] : metadata.counters) {
    Space* const space = table_.find(id);
    if (space == nullptr) continue;
    space->checkpointed = record;
    space->counters.set(record);
  }
  for (auto& [id, copy] : metadata.copies) {
    Space* const space = table_.find(id);
    if (space == nullptr) continue;
    space->keys_copied = copy.keys;
    space->copied_to = std::move(copy.position);
  }
  return {};
}

Task<Status> StoreImpl::start(bool fresh) {
  const Timestamp at = keeper_.now();
  std::vector<kv::Write> writes;
  writes.push_back(write_clean(at, false));
  if (fresh) writes.push_back(write_format(at));
  auto status = co_await write_meta(std::move(writes));
  if (status.ok() || fresh) co_return status;
  // An engine that can no longer write still serves what it holds; every commit will say why it fails.
  if (!status.is(Code::exhausted) && !status.is(Code::io_error)) co_return status;
  REPRISE_LOG(LogLevel::error, "history", "the store opens for reading only", log_field("reason", status.to_string()));
  co_return Status();
}

Task<Status> StoreImpl::close() {
  const auto held = co_await administer();
  CO_TRY(co_await keeper_.wait_closed(keeper_.now()));
  bool doubtful = false;
  for (const Space* const space : table_.all()) doubtful = doubtful || space->counters_doubtful;
  CO_TRY(co_await checkpoint_counters(~std::size_t{0}));
  // With the clean mark comes an exact ceiling: the next start need not wait for the reserve to pass.
  const Timestamp at = keeper_.now();
  kv::WriteSet set;
  set.frees_room = true;
  if (!doubtful) set.atomic.push_back(write_clean(at, true));
  set.atomic.push_back(write_clock(at));
  co_return co_await engine_.commit(std::move(set));
}

Result<Space*> StoreImpl::find_any(SpaceId id) const {
  Space* const space = table_.find(id);
  if (space == nullptr) return not_found("there is no space " + std::to_string(id.value()));
  return space;
}

Result<Space*> StoreImpl::find_live(SpaceId id) const {
  TRY_ASSIGN(Space* const space, find_any(id));
  if (space->state()->dropped()) return not_found("space " + std::to_string(id.value()) + " has been dropped");
  return space;
}

SpaceInfo StoreImpl::describe(const Space& space) const {
  const SpaceState& state = *space.state();
  SpaceInfo info;
  info.id = state.id;
  info.retention = state.retention;
  info.created = state.created;
  info.horizon = state.horizon(keeper_.peek());
  info.dropped = state.dropped();
  info.dropped_at = state.dropped_at;
  const CounterRecord counted = space.counters.get();
  if (state.base) {
    info.base = state.base->space;
    info.base_at = state.base->at;
    info.keys = not_negative(static_cast<std::int64_t>(state.base->keys) + counted.delta_keys);
    info.bytes = not_negative(static_cast<std::int64_t>(state.base->bytes) + counted.delta_bytes);
  } else {
    info.keys = not_negative(counted.keys);
    info.bytes = not_negative(counted.bytes);
  }
  info.counted = !state.base && !space.counters_doubtful;
  return info;
}

Result<SpaceInfo> StoreImpl::info(SpaceId id) const {
  const auto ticket = gate_.enter();
  TRY_ASSIGN(const Space* const space, find_any(id));
  return describe(*space);
}

std::vector<SpaceInfo> StoreImpl::spaces() const {
  const auto ticket = gate_.enter();
  std::vector<SpaceInfo> all;
  for (const Space* const space : table_.all()) all.push_back(describe(*space));
  return all;
}

Task<Status> StoreImpl::learn_buckets(const Space& space) {
  if (space.buckets_known.load()) co_return Status();
  for (const auto kind : {kv::Kind::history, kv::Kind::log}) {
    CO_TRY_ASSIGN(const auto found, co_await engine_.buckets(space.id(), kind, ShardId(0)));
    auto& known = kind == kv::Kind::history ? space.history_buckets : space.log_buckets;
    for (const auto bucket : found) known.add(bucket);
  }
  space.buckets_known.store(true);
  co_return Status();
}

}  // namespace reprise::history
