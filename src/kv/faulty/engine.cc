// Each call first asks next() for its fault, under the mutex, and then acts without it: the mutex is never held while
// the inner engine works or a caller is resumed.
#include "kv/faulty/engine.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/assert.h"

namespace reprise::kv {
namespace {

Status injected(Code code) { return {code, "injected fault"}; }
Status no_room() { return {Code::exhausted, "writes are refused: the disk is nearly full"}; }
Status stopped_by(Code code) { return {code, "writes are stopped: injected fault"}; }

bool is_write(Operation operation) {
  return operation == Operation::commit || operation == Operation::commit_transaction || operation == Operation::drop;
}

std::optional<Fault> take(std::map<std::uint64_t, Fault>& plan, std::uint64_t call) {
  const auto at = plan.find(call);
  if (at == plan.end()) return std::nullopt;
  const Fault fault = at->second;
  plan.erase(at);
  return fault;
}

}  // namespace

FaultyEngine::~FaultyEngine() { ASSERT(held_.empty()); }

void FaultyEngine::plan(Operation operation, std::uint64_t n, Fault fault) {
  const std::lock_guard lock(mutex_);
  const auto at = static_cast<std::size_t>(operation);
  by_operation_[at][calls_[at] + n] = fault;
}

void FaultyEngine::plan_any(std::uint64_t n, Fault fault) {
  const std::lock_guard lock(mutex_);
  by_call_[all_calls_ + n] = fault;
}

void FaultyEngine::plan_write(std::uint64_t n, Fault fault) {
  const std::lock_guard lock(mutex_);
  by_write_[writes_ + n] = fault;
}

void FaultyEngine::plan_random(std::uint64_t seed, std::uint64_t one_in, std::vector<Fault> faults) {
  ASSERT(one_in > 0 && !faults.empty());
  const std::lock_guard lock(mutex_);
  rng_.emplace(seed);
  one_in_ = one_in;
  random_faults_ = std::move(faults);
}

void FaultyEngine::set_nearly_full(bool nearly_full) {
  const std::lock_guard lock(mutex_);
  nearly_full_ = nearly_full;
}

bool FaultyEngine::has_room_for(const WriteSet& set) const {
  const std::lock_guard lock(mutex_);
  return set.frees_room || !nearly_full_;
}

void FaultyEngine::clear() {
  const std::lock_guard lock(mutex_);
  for (auto& plan : by_operation_) plan.clear();
  by_call_.clear();
  by_write_.clear();
  rng_.reset();
  stopped_.reset();
  nearly_full_ = false;
}

std::uint64_t FaultyEngine::calls() const {
  const std::lock_guard lock(mutex_);
  return all_calls_;
}

std::uint64_t FaultyEngine::calls(Operation operation) const {
  const std::lock_guard lock(mutex_);
  return calls_[static_cast<std::size_t>(operation)];
}

std::uint64_t FaultyEngine::rows_asked() const {
  const std::lock_guard lock(mutex_);
  return rows_asked_;
}

std::uint64_t FaultyEngine::faults() const {
  const std::lock_guard lock(mutex_);
  return faults_;
}

std::size_t FaultyEngine::held() const {
  const std::lock_guard lock(mutex_);
  return held_.size();
}

std::size_t FaultyEngine::release(std::size_t count) {
  std::vector<Completion<bool>*> released;
  {
    const std::lock_guard lock(mutex_);
    const auto end = held_.begin() + static_cast<std::ptrdiff_t>(std::min(count, held_.size()));
    released.assign(held_.begin(), end);
    held_.erase(held_.begin(), end);
  }
  for (auto* completion : released) completion->complete(true);
  return released.size();
}

std::optional<Fault> FaultyEngine::next(Operation operation) {
  const std::lock_guard lock(mutex_);
  const bool writes = is_write(operation);
  auto fault = planned(operation, writes);
  if (fault && fault->effect == Fault::Effect::stop_writes) {
    if (!stopped_) stopped_ = fault->code;
    if (!writes) fault.reset();  // it strikes from the next write on
  }
  if (writes && stopped_) fault = Fault{Fault::Effect::stop_writes, *stopped_};
  if (fault) ++faults_;
  return fault;
}

std::optional<Fault> FaultyEngine::planned(Operation operation, bool is_write) {
  const auto kind = static_cast<std::size_t>(operation);
  auto fault = take(by_operation_[kind], ++calls_[kind]);
  // Every counter moves on, whichever plan strikes.
  if (const auto other = take(by_call_, ++all_calls_); other && !fault) fault = other;
  if (!is_write) return fault;
  if (const auto other = take(by_write_, ++writes_); other && !fault) fault = other;
  if (rng_ && rng_->chance(1, one_in_)) {
    const Fault drawn = random_faults_[rng_->below(random_faults_.size())];
    if (!fault) fault = drawn;
  }
  return fault;
}

Task<void> FaultyEngine::hold() {
  Completion<bool> released;
  {
    const std::lock_guard lock(mutex_);
    held_.push_back(&released);
  }
  static_cast<void>(co_await released);
}

template <class Call>
auto FaultyEngine::held_read(Fault fault, Call call) -> decltype(call()) {
  if (fault.effect == Fault::Effect::hold_before) co_await hold();
  auto answer = co_await call();
  if (fault.effect == Fault::Effect::hold_after) co_await hold();
  co_return std::move(answer);
}

template <class Call>
auto FaultyEngine::read(Operation operation, Call call) -> decltype(call()) {
  using Answer = typename decltype(call())::Stored;
  const auto fault = next(operation);
  if (!fault) return call();
  if (fault->effect == Fault::Effect::hold_before || fault->effect == Fault::Effect::hold_after) {
    return held_read(*fault, std::move(call));
  }
  return Answer(injected(fault->code));
}

template <class Call>
Task<Status> FaultyEngine::write(std::optional<Fault> fault, Call call) {
  if (!fault) co_return co_await call();
  switch (fault->effect) {
    case Fault::Effect::fail:
    case Fault::Effect::tear: co_return injected(fault->code);
    case Fault::Effect::stop_writes: co_return stopped_by(fault->code);
    case Fault::Effect::forget: co_return Status();
    case Fault::Effect::hold_before: co_await hold(); break;
    case Fault::Effect::lose_answer:
    case Fault::Effect::hold_after: break;
  }
  Status status = co_await call();
  if (fault->effect == Fault::Effect::hold_after) co_await hold();
  if (fault->effect == Fault::Effect::lose_answer && status.ok()) co_return injected(fault->code);
  co_return status;
}

Task<Status> FaultyEngine::tear(std::vector<WriteSet> sets, Fault fault) {
  for (auto& set : sets) {
    WriteSet orphan;
    orphan.preceding = std::move(set.preceding);
    CO_TRY(co_await inner_.commit(std::move(orphan)));
  }
  co_return injected(fault.code);
}

Task<Result<std::optional<Bytes>>> FaultyEngine::get(const Partition& partition, BytesView key) {
  return read(Operation::get, [this, &partition, key] { return inner_.get(partition, key); });
}

Task<Result<std::vector<std::optional<Bytes>>>> FaultyEngine::multi_get(const Partition& partition,
                                                                        const std::vector<Bytes>& keys) {
  return read(Operation::multi_get, [this, &partition, &keys] { return inner_.multi_get(partition, keys); });
}

Task<Result<Page>> FaultyEngine::scan(const Partition& partition, const Range& range, Direction direction,
                                      PageLimit limit) {
  {
    const std::lock_guard lock(mutex_);
    rows_asked_ += limit.rows;
  }
  return read(Operation::scan,
              [this, &partition, &range, direction, limit] { return inner_.scan(partition, range, direction, limit); });
}

Task<Result<std::vector<std::uint64_t>>> FaultyEngine::buckets(SpaceId space, Kind kind, ShardId shard) {
  return read(Operation::buckets, [this, space, kind, shard] { return inner_.buckets(space, kind, shard); });
}

Task<Status> FaultyEngine::commit(WriteSet set) {
  const auto fault = next(Operation::commit);
  if (fault && fault->effect == Fault::Effect::tear) {
    std::vector<WriteSet> sets;
    sets.push_back(std::move(set));
    co_return co_await tear(std::move(sets), *fault);
  }
  if (!has_room_for(set)) co_return no_room();
  auto call = [this, &set] { return inner_.commit(std::move(set)); };
  co_return co_await write(fault, call);
}

Task<Status> FaultyEngine::commit_transaction(std::vector<WriteSet> sets) {
  const auto fault = next(Operation::commit_transaction);
  if (fault && fault->effect == Fault::Effect::tear) co_return co_await tear(std::move(sets), *fault);
  for (const auto& set : sets) {
    if (!has_room_for(set)) co_return no_room();
  }
  auto call = [this, &sets] { return inner_.commit_transaction(std::move(sets)); };
  co_return co_await write(fault, call);
}

Task<Status> FaultyEngine::drop(Partition partition) {
  const auto fault = next(Operation::drop);
  auto call = [this, &partition] { return inner_.drop(partition); };
  co_return co_await write(fault, call);
}

EngineStats FaultyEngine::stats() const {
  EngineStats stats = inner_.stats();
  const std::lock_guard lock(mutex_);
  if (stopped_) {
    stats.writes_stopped = true;
    stats.writes_stopped_reason = stopped_by(*stopped_).message();
  }
  return stats;
}

Status FaultyEngine::close() { return inner_.close(); }

}  // namespace reprise::kv
