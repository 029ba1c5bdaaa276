// Invariants
//   - a name goes in a commit that is guarded by the entry it was read from; a blob is removed only after the commit
//     that took its last name, and only through a Collection;
//   - a release is due when no reader can ask for a time before it: the bucket's horizon has passed it, or its past is
//     gone altogether;
//   - a blob without an entry is removed only by a Collection that began before the entry was looked for, so one that
//     is about to be named is held and stays.
#include "s3/ops/garbage.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/fault_point.h"
#include "base/log.h"
#include "blob/blob_store.h"
#include "history/key_locks.h"
#include "recovery/jobs.h"
#include "s3/ops/blob_names.h"
#include "s3/ops/buckets.h"
#include "s3/ops/on_disk.h"
#include "s3/ops/services.h"
#include "s3/ops/uploads.h"

namespace reprise::s3 {

namespace {

constexpr std::size_t rows_a_commit = 500;
constexpr std::size_t buckets_a_round = 500;
constexpr int rounds_at_once = 20;
// Without a retention, a horizon this close to now is that of a bucket that keeps no past.
constexpr std::uint64_t no_past_micros = 1'000'000;

std::uint64_t micros_of(std::chrono::microseconds time) { return static_cast<std::uint64_t>(time.count()); }

std::uint64_t minus(std::uint64_t micros, std::chrono::microseconds time) {
  return micros > micros_of(time) ? micros - micros_of(time) : 0;
}

history::Change removal(SpaceId space, const history::VersionRows::Row& row) {
  history::Version before(history::Version::Origin::data, row.begin, Bytes(row.value), 0);
  history::Change change{space, Bytes(row.key), std::nullopt, std::move(before)};
  change.unlogged = true;
  return change;
}

using Blobs = std::vector<blob::BlobId>;
using Names = std::map<blob::BlobId, std::uint64_t>;

}  // namespace

struct GarbageCollector::State {
  State(Services& all_services, GarbageOptions all_options) : services(all_services), options(all_options) {}

  [[nodiscard]] bool is_idle(const Bucket& bucket) const;
  Task<Status> collect_bucket(BucketPtr bucket);
  Task<Result<std::optional<Timestamp>>> release_limit(BucketPtr bucket);
  Task<Status> collect_releases(BucketPtr bucket, Timestamp limit);
  Task<Result<bool>> collect_release_page(BucketPtr bucket, Timestamp limit);
  Task<Result<Blobs>> remove_releases(history::Commit commit, Names names);
  Task<Status> end_uploads(BucketPtr bucket);
  Task<Status> take(Blobs blobs);
  Task<Status> take_left();

  [[nodiscard]] bool sweeping() const { return look_at_uploads || look_at_blobs; }
  void begin_sweep_when_due();
  Task<Status> sweep_uploads();
  Task<Result<std::optional<Bytes>>> sweep_upload_page(BucketPtr bucket, Bytes position);
  Task<Status> sweep_entry(BucketPtr bucket, UploadKey key, history::Commit& notes,
                           const history::VersionRows::Row& row);
  Task<Status> sweep_blobs();
  [[nodiscard]] std::vector<BucketPtr> all_buckets() const;

  Services& services;
  const GarbageOptions options;
  GarbageReport report;          // of this round
  std::string next_bucket;       // id of the bucket that this round begins with
  std::set<blob::BlobId> left;   // without a name, but held by somebody when they were to be taken
  bool busy = false;             // more was due than a round does
  std::size_t look_at_all = 0;   // so many buckets are looked at although they seem idle: with each sweep, all once
  bool look_at_uploads = false;  // the sweep's two parts, in this order
  bool look_at_blobs = false;
  std::uint64_t swept_micros = 0;  // when the last sweep began
  std::string sweep_bucket;        // id
  Bytes sweep_position;            // in its uploads
  std::optional<blob::BlobId> sweep_blob;
};

std::vector<BucketPtr> GarbageCollector::State::all_buckets() const {
  std::vector<BucketPtr> buckets = services.buckets.all();
  for (BucketPtr& bucket : services.buckets.deleted()) buckets.push_back(std::move(bucket));
  std::sort(buckets.begin(), buckets.end(), [](const BucketPtr& a, const BucketPtr& b) { return a->id < b->id; });
  return buckets;
}

// ---- Releases ------------------------------------------------------------------------------------------------------

// Whether it has no releases, as far as the store counts them, and no uploads to end.
bool GarbageCollector::State::is_idle(const Bucket& bucket) const {
  if (bucket.deleted_micros != 0) return false;
  const auto info = services.store.info(bucket.spaces.releases);
  return info.ok() && info->counted && info->keys == 0;
}

// Releases before this time are due; nothing: none is.
Task<Result<std::optional<Timestamp>>> GarbageCollector::State::release_limit(BucketPtr bucket) {
  const std::uint64_t now = services.store.now().micros();
  const SpaceId pasts[] = {bucket->spaces.heads, bucket->spaces.versions};
  std::optional<Timestamp> horizon;
  bool keeps_past = false;
  for (const SpaceId space : pasts) {
    const auto info = services.store.info(space);
    if (!info.ok() && !info.error().is(Code::not_found)) co_return info.error();
    if (!info.ok()) continue;
    horizon = horizon ? std::min(*horizon, info->horizon) : info->horizon;
    keeps_past = keeps_past || info->retention.count() > 0;
  }
  const Timestamp rested = Timestamp::from_micros(minus(now, options.grace));
  if (!horizon) co_return std::optional(rested);                        // nobody can read of it any more
  keeps_past = keeps_past || horizon->micros() + no_past_micros < now;  // a pin does
  if (!keeps_past) co_return std::optional(rested);
  co_return std::optional(std::min(rested, Timestamp::from_micros(minus(horizon->micros(), release_grace))));
}

// One page of them: whether there may be more.
Task<Result<bool>> GarbageCollector::State::collect_release_page(BucketPtr bucket, Timestamp limit) {
  history::ScanRequest request;
  request.space = bucket->spaces.releases;
  append_be64(request.range.upper, limit.bits());
  request.max_rows = rows_a_commit;
  CO_TRY_ASSIGN(const auto page, co_await services.store.scan(std::move(request)));
  if (page.rows.empty()) co_return false;
  history::Commit commit;
  Names names;
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    const auto row = page.rows[i];
    CO_TRY_ASSIGN(const ReleaseKey key, parse_release_key(row.key));
    CO_TRY_ASSIGN(const std::uint64_t count, decode_names(row.value));
    names[key.id] += count;
    commit.changes.push_back(removal(bucket->spaces.releases, row));
  }
  auto removed = co_await remove_releases(commit, names);
  if (!removed.ok() && removed.error().is(Code::conflict)) {
    // Somebody copies one of these blobs, and may do so all the time: copies wait for their blobs' entries, too.
    std::vector<history::KeyLocks::LockKey> entries;
    for (const auto& [id, count] : names) entries.push_back({services.root.blobs, id.bytes()});
    const auto guard = co_await services.store.locks().lock(std::move(entries));
    removed = co_await remove_releases(std::move(commit), std::move(names));
  }
  // A part is replaced or removed that shares one of them: the next round reads again.
  if (!removed.ok() && removed.error().is(Code::conflict)) co_return false;
  if (!removed.ok()) co_return removed.error();
  report.releases += page.rows.size();
  CO_TRY(co_await take(std::move(removed).value()));
  co_return page.resume_after.has_value();
}

// Commits the removal of releases together with that of the names they stand for; the blobs that have lost their last
// one.
Task<Result<Blobs>> GarbageCollector::State::remove_releases(history::Commit commit, Names names) {
  Blobs last;
  for (const auto& [id, count] : names) {
    CO_TRY_ASSIGN(const bool gone, co_await remove_names(services, id, count, commit));
    if (gone) last.push_back(id);
  }
  commit.frees_room = true;
  FAULT_POINT("garbage.before_releases");
  CO_TRY(co_await services.store.commit(std::move(commit)));
  FAULT_POINT("garbage.after_releases");
  co_return last;
}

Task<Status> GarbageCollector::State::collect_releases(BucketPtr bucket, Timestamp limit) {
  const std::uint64_t before = report.releases;
  bool more = true;
  while (more && report.releases - before < options.rows_a_round) {
    CO_TRY_ASSIGN(more, co_await collect_release_page(bucket, limit));
  }
  busy = busy || more;
  co_return Status();
}

// A deleted bucket's uploads can come to nothing.
Task<Status> GarbageCollector::State::end_uploads(BucketPtr bucket) {
  const Bytes prefix = upload_scan_prefix(UploadEntry::part, "");
  history::ScanRequest request;
  request.space = bucket->spaces.uploads;
  request.range = {prefix, prefix_end(prefix)};
  request.max_rows = 1;
  CO_TRY_ASSIGN(const auto page, co_await services.store.scan(std::move(request)));
  if (page.rows.empty()) {
    busy = busy || page.resume_after.has_value();
    co_return Status();
  }
  CO_TRY_ASSIGN(UploadKey key, parse_upload_key(page.rows[0].key));
  busy = true;
  ++report.parts;
  const auto removed = co_await remove_parts(services, *bucket, std::move(key.object_key), std::move(key.id));
  if (!removed.ok()) co_return unavailable(removed.error().message);
  co_return Status();
}

Task<Status> GarbageCollector::State::collect_bucket(BucketPtr bucket) {
  CO_TRY_ASSIGN(const auto limit, co_await release_limit(bucket));
  if (limit) CO_TRY(co_await collect_releases(bucket, *limit));
  if (bucket->deleted_micros != 0) CO_TRY(co_await end_uploads(bucket));
  co_return Status();
}

// ---- Blobs ---------------------------------------------------------------------------------------------------------

// Removes blobs that have no entry.
Task<Status> GarbageCollector::State::take(Blobs blobs) {
  if (blobs.empty()) co_return Status();
  struct Taken {
    Blobs kept;
    std::uint64_t count = 0;
  };
  const Blobs wanted = blobs;
  auto work = [this, &wanted]() -> Result<Taken> {
    Taken taken;
    TRY_ASSIGN(const auto collection, services.blobs.collect());
    for (const blob::BlobId id : wanted) {
      FAULT_POINT("garbage.before_blob");
      TRY_ASSIGN(const bool gone, collection->take(id));
      if (gone) ++taken.count;
      if (!gone) taken.kept.push_back(id);
      FAULT_POINT("garbage.after_blob");
    }
    return taken;
  };
  auto taken = co_await on_disk(services.disk, std::move(work));
  if (!taken.ok()) {
    left.insert(wanted.begin(), wanted.end());
    co_return std::move(taken).error();
  }
  report.blobs += taken->count;
  left.insert(taken->kept.begin(), taken->kept.end());
  co_return Status();
}

Task<Status> GarbageCollector::State::take_left() {
  Blobs blobs(left.begin(), left.end());
  left.clear();
  co_return co_await take(std::move(blobs));
}

// ---- The sweep -----------------------------------------------------------------------------------------------------

void GarbageCollector::State::begin_sweep_when_due() {
  const std::uint64_t now = services.wall.now_micros();
  if (sweeping() || (swept_micros != 0 && now < swept_micros + micros_of(options.orphans_every))) return;
  swept_micros = now;
  look_at_all = all_buckets().size();
  look_at_uploads = true;
  look_at_blobs = true;
  sweep_bucket.clear();
  sweep_position.clear();
  sweep_blob.reset();
}

Task<Status> GarbageCollector::State::sweep_entry(BucketPtr bucket, UploadKey key, history::Commit& notes,
                                                  const history::VersionRows::Row& row) {
  if (key.entry == UploadEntry::completed) {
    CO_TRY_ASSIGN(const CompletedUpload completed, decode_completed(row.value));
    const auto kept_until = static_cast<std::uint64_t>(completed.completed_micros) + micros_of(options.completed_kept);
    if (kept_until <= services.wall.now_micros()) notes.changes.push_back(removal(bucket->spaces.uploads, row));
    co_return Status();
  }
  if (key.entry != UploadEntry::part) co_return Status();
  const Bytes upload = upload_key(UploadEntry::upload, key.object_key, key.id);
  CO_TRY_ASSIGN(const history::Version stands, co_await services.store.get(bucket->spaces.uploads, upload));
  if (stands) co_return Status();
  ++report.parts;
  const auto removed = co_await remove_parts(services, *bucket, std::move(key.object_key), std::move(key.id));
  if (!removed.ok()) co_return unavailable(removed.error().message);
  co_return Status();
}

// Returns where to go on in this bucket; nothing: that was all of it.
Task<Result<std::optional<Bytes>>> GarbageCollector::State::sweep_upload_page(BucketPtr bucket, Bytes position) {
  history::ScanRequest request;
  request.space = bucket->spaces.uploads;
  request.range.lower = std::move(position);
  request.max_rows = options.rows_a_round;
  auto page = co_await services.store.scan(std::move(request));
  if (!page.ok() && page.error().is(Code::not_found)) co_return std::optional<Bytes>();  // the bucket has gone
  if (!page.ok()) co_return std::move(page).error();
  history::Commit notes;
  for (std::size_t i = 0; i < page->rows.size(); ++i) {
    const auto row = page->rows[i];
    CO_TRY_ASSIGN(UploadKey key, parse_upload_key(row.key));
    CO_TRY(co_await sweep_entry(bucket, std::move(key), notes, row));
  }
  if (!notes.changes.empty()) {
    const auto committed = co_await services.store.commit(std::move(notes));
    if (!committed.ok() && !committed.error().is(Code::conflict)) co_return committed.error();
  }
  if (!page->resume_after) co_return std::optional<Bytes>();
  co_return std::optional<Bytes>(*page->resume_after + '\0');
}

Task<Status> GarbageCollector::State::sweep_uploads() {
  std::size_t looked_at = 0;
  for (const BucketPtr& bucket : all_buckets()) {
    if (bucket->id < sweep_bucket) continue;
    if (bucket->id != sweep_bucket) sweep_position.clear();
    sweep_bucket = bucket->id;
    if (++looked_at > buckets_a_round) co_return Status();
    CO_TRY_ASSIGN(auto next, co_await sweep_upload_page(bucket, sweep_position));
    if (next) {
      sweep_position = std::move(*next);
      co_return Status();
    }
    sweep_bucket = bucket->id + '\0';
    sweep_position.clear();
  }
  look_at_uploads = false;
  co_return Status();
}

Task<Status> GarbageCollector::State::sweep_blobs() {
  // The collection comes first: what is made from now on is held, and not taken.
  struct Page {
    std::unique_ptr<blob::Collection> collection;
    std::vector<blob::BlobInfo> blobs;
  };
  auto begin = [this]() -> Result<Page> {
    Page page;
    TRY_ASSIGN(page.collection, services.blobs.collect());
    TRY_ASSIGN(page.blobs, page.collection->list(sweep_blob, options.rows_a_round));
    return page;
  };
  CO_TRY_ASSIGN(Page page, co_await on_disk(services.disk, std::move(begin)));
  if (page.blobs.empty()) {
    look_at_blobs = false;
    co_return Status();
  }
  Blobs orphans;
  for (const blob::BlobInfo& info : page.blobs) {
    CO_TRY_ASSIGN(const history::Version named, co_await services.store.get(services.root.blobs, info.id.bytes()));
    if (!named) orphans.push_back(info.id);
  }
  auto work = [&page, &orphans]() -> Result<std::uint64_t> {
    std::uint64_t count = 0;
    for (const blob::BlobId id : orphans) {
      FAULT_POINT("garbage.before_orphan");
      TRY_ASSIGN(const bool gone, page.collection->take(id));
      if (gone) ++count;
      FAULT_POINT("garbage.after_orphan");
    }
    page.collection.reset();
    return count;
  };
  CO_TRY_ASSIGN(const std::uint64_t taken, co_await on_disk(services.disk, std::move(work)));
  if (taken > 0) {
    REPRISE_LOG(LogLevel::info, "s3", "payloads that nobody names were removed", log_field("count", taken));
  }
  report.orphans += taken;
  report.blobs += taken;
  sweep_blob = page.blobs.back().id;
  co_return Status();
}

// ---- Rounds --------------------------------------------------------------------------------------------------------

GarbageCollector::GarbageCollector(Services& services, GarbageOptions options)
    : state_(std::make_unique<State>(services, options)) {}
GarbageCollector::~GarbageCollector() = default;

Task<Result<GarbageReport>> GarbageCollector::round() {
  State& state = *state_;
  state.report = {};
  state.busy = false;
  CO_TRY(co_await state.take_left());
  std::vector<BucketPtr> buckets = state.all_buckets();
  const auto first = std::lower_bound(buckets.begin(), buckets.end(), state.next_bucket,
                                      [](const BucketPtr& bucket, const std::string& id) { return bucket->id < id; });
  std::rotate(buckets.begin(), first, buckets.end());
  std::size_t looked_at = 0;
  for (const BucketPtr& bucket : buckets) {
    // However many have nothing to take, the others do not wait their turn.
    if (state.look_at_all == 0 && state.is_idle(*bucket)) continue;
    state.next_bucket = bucket->id;
    if (looked_at++ == buckets_a_round || state.report.releases >= state.options.rows_a_round) {
      state.busy = true;
      break;
    }
    state.next_bucket += '\0';
    if (state.look_at_all > 0) --state.look_at_all;
    const Status collected = co_await state.collect_bucket(bucket);
    // A bucket that was forgotten meanwhile has no spaces any more.
    if (!collected.ok() && !collected.is(Code::not_found)) co_return collected;
  }
  state.begin_sweep_when_due();
  if (state.look_at_uploads) {
    CO_TRY(co_await state.sweep_uploads());
  } else if (state.look_at_blobs) {
    CO_TRY(co_await state.sweep_blobs());
  }
  state.report.more = state.busy;
  co_return state.report;
}

Task<Result<GarbageReport>> GarbageCollector::sweep() {
  GarbageReport all;
  if (!state_->sweeping()) state_->swept_micros = 0;
  bool more = true;
  while (more) {
    CO_TRY_ASSIGN(const GarbageReport done, co_await round());
    all.releases += done.releases;
    all.parts += done.parts;
    all.orphans += done.orphans;
    all.blobs += done.blobs;
    more = state_->busy || state_->sweeping();
  }
  co_return all;
}

namespace {

// Clients may release more in an interval than one round takes.
Task<Status> run_rounds(std::shared_ptr<GarbageCollector> collector) {
  bool more = true;
  for (int rounds = 0; more && rounds < rounds_at_once; ++rounds) {
    CO_TRY_ASSIGN(const GarbageReport done, co_await collector->round());
    more = done.more;
  }
  co_return Status();
}

Task<Result<bool>> has_rows(history::Store& store, SpaceId space, Bytes prefix) {
  history::ScanRequest request;
  request.space = space;
  request.range = {prefix, prefix_end(prefix)};
  request.max_rows = 1;
  for (;;) {
    const auto page = co_await store.scan(request);
    if (!page.ok() && page.error().is(Code::not_found)) co_return false;  // dropped already
    if (!page.ok()) co_return page.error();
    if (!page->rows.empty()) co_return true;
    if (!page->resume_after) co_return false;
    request.range.lower = *page->resume_after + '\0';
  }
}

}  // namespace

void register_garbage_collection(Services& services, GarbageOptions options) {
  auto collector = std::make_shared<GarbageCollector>(services, options);
  register_parts_removal(services);
  services.jobs.every(options.interval, "collect payloads that nobody names",
                      [collector] { return run_rounds(collector); });
}

Task<Result<bool>> has_garbage(history::Store& store, const BucketSpaces& spaces) {
  const SpaceId releases = spaces.releases;
  const SpaceId uploads = spaces.uploads;
  CO_TRY_ASSIGN(const bool released, co_await has_rows(store, releases, Bytes()));
  if (released) co_return true;
  Bytes parts = upload_scan_prefix(UploadEntry::part, "");
  co_return co_await has_rows(store, uploads, std::move(parts));
}

}  // namespace reprise::s3
