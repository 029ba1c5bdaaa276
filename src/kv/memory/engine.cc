// One ordered map per partition behind one mutex.
//
// Invariant: a partition is in the map exactly when it holds a key, so buckets() need not look inside.
#include "kv/memory/engine.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <mutex>

namespace reprise::kv {
namespace {

using Items = std::map<Bytes, Bytes, std::less<>>;

class MemoryEngine final : public Engine {
 public:
  Task<Result<std::optional<Bytes>>> get(const Partition& partition, BytesView key) override {
    const std::lock_guard lock(mutex_);
    if (closed_) return Result<std::optional<Bytes>>(stopping());
    return Result<std::optional<Bytes>>(find(partition, key));
  }

  Task<Result<std::vector<std::optional<Bytes>>>> multi_get(const Partition& partition,
                                                            const std::vector<Bytes>& keys) override {
    const std::lock_guard lock(mutex_);
    if (closed_) return Result<std::vector<std::optional<Bytes>>>(stopping());
    std::vector<std::optional<Bytes>> values;
    values.reserve(keys.size());
    for (const auto& key : keys) values.push_back(find(partition, key));
    return Result<std::vector<std::optional<Bytes>>>(std::move(values));
  }

  Task<Result<Page>> scan(const Partition& partition, const Range& range, Direction direction,
                          PageLimit limit) override {
    const std::lock_guard lock(mutex_);
    if (closed_) return Result<Page>(stopping());
    if (limit.rows == 0 || limit.bytes == 0) return Result<Page>(internal_error("scan: a page of nothing"));
    const auto found = partitions_.find(partition);
    if (found == partitions_.end()) return Result<Page>(Page{});
    const Items& items = found->second;
    const auto begin = items.lower_bound(range.lower);
    auto end = range.upper.empty() ? items.end() : items.lower_bound(range.upper);
    if (!range.upper.empty() && range.upper <= range.lower) end = begin;
    if (direction == Direction::forward) return Result<Page>(fill(begin, end, limit));
    return Result<Page>(fill(std::make_reverse_iterator(end), std::make_reverse_iterator(begin), limit));
  }

  Task<Status> commit(WriteSet set) override {
    std::vector<WriteSet> sets;
    sets.push_back(std::move(set));
    co_return apply_all(sets);
  }

  Task<Status> commit_transaction(std::vector<WriteSet> sets) override { co_return apply_all(sets); }

  Task<Status> drop(Partition partition) override {
    const std::lock_guard lock(mutex_);
    if (closed_) co_return stopping();
    partitions_.erase(partition);
    co_return Status();
  }

  Task<Result<std::vector<std::uint64_t>>> buckets(SpaceId space, Kind kind, ShardId shard) override {
    const std::lock_guard lock(mutex_);
    if (closed_) return Result<std::vector<std::uint64_t>>(stopping());
    std::vector<std::uint64_t> found;
    const auto end = partitions_.upper_bound({space, kind, shard, std::numeric_limits<std::uint64_t>::max()});
    for (auto at = partitions_.lower_bound({space, kind, shard, 0}); at != end; ++at) found.push_back(at->first.bucket);
    return Result<std::vector<std::uint64_t>>(std::move(found));
  }

  [[nodiscard]] EngineStats stats() const override {
    const std::lock_guard lock(mutex_);
    EngineStats stats;
    for (const auto& [partition, items] : partitions_) {
      auto& bytes = stats.bytes[static_cast<std::size_t>(partition.kind)];
      for (const auto& [key, value] : items) bytes += key.size() + value.size();
    }
    stats.commits = commits_;
    stats.commit_batches = commits_;
    return stats;
  }

  Status close() override {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    return {};
  }

 private:
  static Status stopping() { return unavailable("the engine is closed"); }

  std::optional<Bytes> find(const Partition& partition, BytesView key) const {
    const auto items = partitions_.find(partition);
    if (items == partitions_.end()) return std::nullopt;
    const auto item = items->second.find(key);
    if (item == items->second.end()) return std::nullopt;
    return item->second;
  }

  template <class Iterator>
  static Page fill(Iterator at, Iterator end, PageLimit limit) {
    Page page;
    for (; at != end; ++at) {
      if (page.rows.size() >= limit.rows || page.rows.bytes() >= limit.bytes) {
        page.more = true;
        break;
      }
      page.rows.append(at->first, at->second);
    }
    return page;
  }

  bool holds(const Guard& guard) const {
    const auto items = partitions_.find(guard.partition);
    if (items == partitions_.end()) return !guard.version;
    const auto item = items->second.find(guard.key);
    if (item == items->second.end()) return !guard.version;
    return guard.version && item->second.size() >= 8 && read_be64(item->second) == *guard.version;
  }

  void apply(std::vector<Write>& writes) {
    for (auto& write : writes) {
      if (write.value) {
        partitions_[write.partition].insert_or_assign(std::move(write.key), std::move(*write.value));
        continue;
      }
      const auto items = partitions_.find(write.partition);
      if (items == partitions_.end()) continue;
      items->second.erase(write.key);
      if (items->second.empty()) partitions_.erase(items);
    }
  }

  Status apply_all(std::vector<WriteSet>& sets) {
    for (const auto& set : sets) TRY(check_write_set(set));
    const std::lock_guard lock(mutex_);
    if (closed_) return stopping();
    for (const auto& set : sets) {
      for (const auto& guard : set.guards) {
        if (!holds(guard)) return conflict("a guarded key has changed");
      }
    }
    for (auto& set : sets) {
      apply(set.preceding);
      apply(set.atomic);
      apply(set.following);
      ++commits_;
    }
    return {};
  }

  mutable std::mutex mutex_;
  std::map<Partition, Items> partitions_;
  std::uint64_t commits_ = 0;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<Engine> make_memory_engine() { return std::make_unique<MemoryEngine>(); }

}  // namespace reprise::kv
