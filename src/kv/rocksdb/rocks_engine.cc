// Reads go straight to the database, on the caller's thread; writes go through the Committer.
//
// Invariant: reads see what was acknowledged, also after writes have stopped: a batch is visible only once it is
// synced.
#include "kv/rocksdb/rocks_engine.h"

#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/iterator.h>
#include <rocksdb/perf_context.h>

#include <atomic>
#include <limits>
#include <mutex>
#include <utility>

#include "kv/rocksdb/committer.h"
#include "kv/rocksdb/errors.h"
#include "kv/rocksdb/janitor.h"
#include "kv/rocksdb/layout.h"
#include "kv/rocksdb/room_keeper.h"
#include "kv/rocksdb/tuning.h"

namespace reprise::kv {
namespace {

rocksdb::Slice slice(BytesView bytes) { return {bytes.data(), bytes.size()}; }
BytesView view(const rocksdb::Slice& bytes) { return {bytes.data(), bytes.size()}; }

class RocksEngine final : public Engine {
 public:
  RocksEngine(std::unique_ptr<rocksdb::DB> database, std::vector<rocksdb::ColumnFamilyHandle*> families,
              RoomParts parts)
      : parts_(std::move(parts)),
        database_(std::move(database)),
        families_(std::move(families)),
        stop_(*parts_.stop),
        committer_(*database_, families_, stop_, *parts_.room),
        janitor_(*database_, *family(Kind::data), *family(Kind::payload), committer_, stop_, *parts_.room),
        keeper_(*database_, parts_) {}

  ~RocksEngine() override {
    close().ignore();  // the log holds all that was acknowledged
    for (auto* family : families_) {
      if (family != nullptr) database_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
    }
    database_->Close().PermitUncheckedError();
  }

  Task<Result<std::optional<Bytes>>> get(const Partition& partition, BytesView key) override {
    if (closed()) return Result<std::optional<Bytes>>(stopping());
    rocksdb::PinnableSlice value;
    const auto status = database_->Get(read_options(), family(partition.kind), slice(full_key(partition, key)), &value);
    return take(status, value);
  }

  Task<Result<std::vector<std::optional<Bytes>>>> multi_get(const Partition& partition,
                                                            const std::vector<Bytes>& keys) override {
    using Answer = Result<std::vector<std::optional<Bytes>>>;
    if (closed()) return Answer(stopping());
    std::vector<Bytes> full_keys;
    full_keys.reserve(keys.size());
    for (const auto& key : keys) full_keys.push_back(full_key(partition, key));
    const std::vector<rocksdb::Slice> slices(full_keys.begin(), full_keys.end());
    std::vector<rocksdb::PinnableSlice> found(keys.size());
    std::vector<rocksdb::Status> statuses(keys.size());
    database_->MultiGet(read_options(), family(partition.kind), slices.size(), slices.data(), found.data(),
                        statuses.data());
    std::vector<std::optional<Bytes>> values;
    values.reserve(keys.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      auto value = take(statuses[i], found[i]);
      if (!value.ok()) return Answer(std::move(value).error());
      values.push_back(*std::move(value));
    }
    return Answer(std::move(values));
  }

  Task<Result<Page>> scan(const Partition& partition, const Range& range, Direction direction,
                          PageLimit limit) override {
    if (closed()) return Result<Page>(stopping());
    if (limit.rows == 0 || limit.bytes == 0) return Result<Page>(internal_error("scan: a page of nothing"));
    if (!range.upper.empty() && range.upper <= range.lower) return Result<Page>(Page{});
    const Bytes lower = full_key(partition, range.lower);
    const Bytes upper = range.upper.empty() ? prefix_end(Prefix(partition).view()) : full_key(partition, range.upper);
    const Bounds bounds(lower, upper);
    const std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator(bounds.options, family(partition.kind)));
    const std::uint64_t stepped_before = stepped_over();
    auto page = fill(*at, direction, limit);
    if (page.ok() && partition.kind == Kind::data) {
      report(partition, range, direction, *page, stepped_over() - stepped_before);
    }
    return page;
  }

  Task<Status> commit(WriteSet set) override {
    CO_TRY(check_write_set(set));
    Committer::Request request;
    request.sets = std::span<const WriteSet>(&set, 1);
    if (!committer_.submit(request)) co_return stopping();
    co_return co_await request.done;
  }

  Task<Status> commit_transaction(std::vector<WriteSet> sets) override {
    for (const auto& set : sets) CO_TRY(check_write_set(set));
    Committer::Request request;
    request.sets = sets;
    if (!committer_.submit(request)) co_return stopping();
    co_return co_await request.done;
  }

  // Whole tables go at once, without being read; what is left at their edges and in memory is deleted key by key. Not
  // with a range tombstone: see read_options. Payloads all go key by key: only merging tells RocksDB which of their
  // files are garbage.
  Task<Status> drop(Partition partition) override {
    if (closed()) co_return stopping();
    if (stop_.stopped()) co_return stop_.reason();
    const Bytes begin(Prefix(partition).view());
    const Bytes end = prefix_end(begin);
    const rocksdb::Slice first(begin);
    const rocksdb::Slice last(end);
    if (partition.kind != Kind::payload) {
      const auto status = rocksdb::DeleteFilesInRange(database_.get(), family(partition.kind), &first,
                                                      end.empty() ? nullptr : &last, /*include_end=*/false);
      if (!status.ok()) co_return from_rocksdb(status);
    }
    Bytes next;  // nobody writes it any more, so nothing comes before this; what was deleted there is not met again
    for (;;) {
      CO_TRY_ASSIGN(WriteSet deletes, deletes_of(partition, next));
      if (deletes.preceding.empty()) co_return Status();
      next = deletes.preceding.back().key + '\0';
      CO_TRY(co_await commit(std::move(deletes)));
    }
  }

  // One seek for each bucket.
  Task<Result<std::vector<std::uint64_t>>> buckets(SpaceId space, Kind kind, ShardId shard) override {
    using Answer = Result<std::vector<std::uint64_t>>;
    if (closed()) return Answer(stopping());
    Partition partition{space, kind, shard, 0};
    const Bytes lower(Prefix(partition).view());
    const Bytes upper = prefix_end(Prefix(partition).shard_view());
    const Bounds bounds(lower, upper);
    const std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator(bounds.options, family(kind)));
    std::vector<std::uint64_t> found;
    for (at->Seek(lower); at->Valid(); at->Seek(slice(Prefix(partition).view()))) {
      if (at->key().size() < prefix_size) return Answer(corruption("a key is shorter than its prefix"));
      const std::uint64_t bucket = read_be64(view(at->key()).substr(shard_prefix_size));
      found.push_back(bucket);
      if (bucket == std::numeric_limits<std::uint64_t>::max()) break;
      partition.bucket = bucket + 1;
    }
    if (!at->status().ok()) return Answer(from_rocksdb(at->status()));
    return Answer(std::move(found));
  }

  [[nodiscard]] EngineStats stats() const override {
    EngineStats stats;
    for (std::size_t kind = 0; kind < kind_count; ++kind) {
      stats.bytes[kind] = property(kind, rocksdb::DB::Properties::kLiveSstFilesSize) +
                          property(kind, rocksdb::DB::Properties::kLiveBlobFileSize) +
                          property(kind, rocksdb::DB::Properties::kCurSizeAllMemTables);
    }
    stats.commits = committer_.commits();
    stats.commit_batches = committer_.batches();
    stats.fsync_micros = committer_.write_micros();
    const bool refused = parts_.room->refuses();
    stats.writes_stopped = stop_.stopped() || refused;
    if (stats.writes_stopped) {
      const Status reason = stop_.stopped() ? stop_.reason() : parts_.room->refusal();
      stats.writes_stopped_reason = reason.message();
    }
    return stats;
  }

  Status close() override {
    if (closed_.exchange(true, std::memory_order_acq_rel)) return {};
    committer_.close();
    janitor_.close();
    keeper_.close();
    rocksdb::CancelAllBackgroundWork(database_.get(), /*wait=*/true);
    return {};
  }

 private:
  // Iterator options, with the slices they point to.
  struct Bounds {
    Bounds(BytesView lower_key, BytesView upper_key) : lower(slice(lower_key)), upper(slice(upper_key)) {
      options.iterate_lower_bound = &lower;
      if (!upper_key.empty()) options.iterate_upper_bound = &upper;
    }
    Bounds(const Bounds&) = delete;
    Bounds& operator=(const Bounds&) = delete;
    rocksdb::Slice lower;
    rocksdb::Slice upper;
    rocksdb::ReadOptions options = read_options();
  };

  static Status stopping() { return unavailable("the engine is closed"); }
  [[nodiscard]] bool closed() const { return closed_.load(std::memory_order_acquire); }
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Kind kind) const { return families_[family_of(kind)]; }

  [[nodiscard]] std::uint64_t property(std::size_t kind, const std::string& name) const {
    std::uint64_t value = 0;
    return database_->GetIntProperty(families_[kind], name, &value) ? value : 0;
  }

  static Result<std::optional<Bytes>> take(const rocksdb::Status& status, const rocksdb::PinnableSlice& value) {
    if (status.ok()) return std::optional<Bytes>(Bytes(value.data(), value.size()));
    if (status.IsNotFound()) return std::optional<Bytes>();
    return from_rocksdb(status);
  }

  static Result<Page> fill(rocksdb::Iterator& at, Direction direction, PageLimit limit) {
    const bool forward = direction == Direction::forward;
    Page page;
    for (forward ? at.SeekToFirst() : at.SeekToLast(); at.Valid(); forward ? at.Next() : at.Prev()) {
      if (page.rows.size() >= limit.rows || page.rows.bytes() >= limit.bytes) {
        page.more = true;
        break;
      }
      page.rows.append(view(at.key()).substr(prefix_size), view(at.value()));
    }
    if (!at.status().ok()) return from_rocksdb(at.status());
    return page;
  }

  // What this thread's iterators have stepped over so far: overwritten and deleted entries, and each live one too.
  static std::uint64_t stepped_over() {
    const auto* counters = rocksdb::get_perf_context();
    return counters->internal_key_skipped_count + counters->internal_delete_skipped_count;
  }

  // Tells the janitor about a page, with the range that it covered.
  void report(const Partition& partition, const Range& range, Direction direction, const Page& page,
              std::uint64_t stepped) {
    const std::size_t rows = page.rows.size();
    if (stepped <= rows + rows / 4) return;
    const std::uint64_t dead = stepped - rows;
    Bytes first = full_key(partition, range.lower);
    Bytes last = range.upper.empty() ? prefix_end(Prefix(partition).view()) : full_key(partition, range.upper);
    if (page.more) {
      Bytes& reached = direction == Direction::forward ? last : first;
      reached = full_key(partition, page.rows[rows - 1].key);
    }
    janitor_.report(rows, dead, first, last);
  }

  // Deletes of the first keys of the partition from `from` on; none when there are none.
  Result<WriteSet> deletes_of(const Partition& partition, BytesView from) {
    constexpr std::size_t keys_max = 10'000;
    const Bytes begin = full_key(partition, from);
    const Bytes end = prefix_end(Prefix(partition).view());
    const Bounds bounds(begin, end);
    const std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator(bounds.options, family(partition.kind)));
    WriteSet set;
    set.frees_room = true;
    for (at->SeekToFirst(); at->Valid() && set.preceding.size() < keys_max; at->Next()) {
      set.preceding.push_back({partition, Bytes(view(at->key()).substr(prefix_size)), std::nullopt});
    }
    if (!at->status().ok()) return from_rocksdb(at->status());
    return set;
  }

  const RoomParts parts_;  // the environment outlives the database
  const std::unique_ptr<rocksdb::DB> database_;
  const std::vector<rocksdb::ColumnFamilyHandle*> families_;
  WriteStop& stop_;
  std::atomic<bool> closed_{false};
  Committer committer_;  // its thread uses the above
  Janitor janitor_;      // its thread too, and the committer
  RoomKeeper keeper_;    // its thread
};

}  // namespace

std::unique_ptr<Engine> make_rocks_engine(std::unique_ptr<rocksdb::DB> database,
                                          std::vector<rocksdb::ColumnFamilyHandle*> families, RoomParts parts) {
  return std::make_unique<RocksEngine>(std::move(database), std::move(families), std::move(parts));
}

}  // namespace reprise::kv
