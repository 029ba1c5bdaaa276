// A step of a lifecycle run: read a page, see what is due, act on it.
//
// Invariants
//   - what is acted on was due at the run's time both when the page was read and under the key's lock;
//   - noncurrent versions come newest first, so how many newer ones stay is known when one is looked at;
//   - the phases go from old to new: what an action makes (a delete marker, a version that has become noncurrent) is
//     younger than the run and so not due in it.
#include "s3/ops/lifecycle_run.h"

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "base/fault_point.h"
#include "base/log.h"
#include "codec/ordered.h"
#include "history/store.h"
#include "s3/ops/buckets.h"
#include "s3/ops/expiration.h"
#include "s3/ops/key_lookup.h"
#include "s3/ops/key_write.h"
#include "s3/ops/lifecycle_scope.h"
#include "s3/ops/object_locks.h"
#include "s3/ops/uploads.h"

namespace reprise::s3 {
namespace {

constexpr std::size_t count_rows = 500;
constexpr std::size_t page_bytes = 1 << 20;
constexpr std::uint64_t position_format = 1;
// Actions that are under way together, so that they share the store's durable writes.
constexpr std::size_t actions_at_once = 32;

struct Action {
  enum class Kind : std::uint8_t { remove_version, remove_marker, expire, abort };
  Kind kind = Kind::expire;
  std::string key;
  VersionId version;  // of the first two
  UploadId upload;    // of abort
};

Status status_of(const S3Error& error) {
  switch (error.code) {
    case ErrorCode::no_such_bucket: return not_found(error.message);
    case ErrorCode::slow_down:
    case ErrorCode::service_unavailable:
    case ErrorCode::operation_aborted: return unavailable(error.message);
    default: return internal_error(error.message);
  }
}

class Step {
 public:
  Step(Services& services, BucketPtr bucket, RunPosition& position, std::size_t rows)
      : services_(services),
        bucket_(std::move(bucket)),
        position_(position),
        rows_(rows),
        day_(services.settings.lifecycle_day) {}

  Task<Result<std::uint64_t>> run();

 private:
  Task<Status> look_at_versions();
  Task<Status> look_at_heads();
  Task<Status> look_at_uploads();
  Task<Result<history::VersionPage>> read_page(SpaceId space, const LifecycleScope& scope);
  Task<Status> look_at_version(std::string key, ObjectVersion version);
  void next_phase(RunPhase phase);

  Task<Status> act_on_all();
  Task<void> act(const Action& action);
  Task<Outcome<bool>> perform(const Action& action);
  Task<Outcome<bool>> expire(const Action& action, KeyWrite& write);
  Task<Outcome<bool>> remove_version(const Action& action, KeyWrite& write);
  Task<Outcome<bool>> remove_marker(const Action& action, KeyWrite& write);
  Task<Outcome<std::uint64_t>> count_newer(std::string key, const ObjectVersion& version);
  // The bucket with the rules of this moment; null: it is gone.
  [[nodiscard]] BucketPtr present() const;

  struct Group {
    std::atomic<std::size_t> left;
    Completion<bool> done;
  };
  static Task<void> act_in_group(Step* step, const Action* action, Group* group);

  Services& services_;
  const BucketPtr bucket_;
  RunPosition& position_;
  const std::size_t rows_;
  const std::chrono::seconds day_;
  bool exhausted_ = false;
  std::vector<Action> actions_;
  std::atomic<std::uint64_t> acted_{0};
  std::atomic<bool> try_again_{false};
};

Task<Result<std::uint64_t>> Step::run() {
  const RunPosition before = position_;
  Status looked;
  switch (position_.phase) {
    case RunPhase::noncurrent: looked = co_await look_at_versions(); break;
    case RunPhase::current: looked = co_await look_at_heads(); break;
    case RunPhase::uploads: looked = co_await look_at_uploads(); break;
    case RunPhase::done: break;
  }
  if (looked.ok()) looked = co_await act_on_all();
  if (!looked.ok()) {
    position_ = before;
    co_return looked;
  }
  co_return acted_.load();
}

void Step::next_phase(RunPhase phase) {
  position_.phase = phase;
  position_.from.clear();
  position_.key.clear();
  position_.kept = 0;
}

// The next rows of the rules' prefixes. Sets exhausted_ when there are none behind them.
Task<Result<history::VersionPage>> Step::read_page(SpaceId space, const LifecycleScope& scope) {
  const auto range = scope.range_from(position_.from);
  if (!range) {
    exhausted_ = true;
    co_return history::VersionPage();
  }
  history::ScanRequest request;
  request.space = space;
  request.range = *range;
  request.max_rows = rows_;
  request.max_bytes = page_bytes;
  CO_TRY_ASSIGN(history::VersionPage page, co_await services_.store.scan(request));
  if (page.resume_after) {
    position_.from = *page.resume_after + '\0';
  } else {
    position_.from = range->upper;
    exhausted_ = position_.from.empty() || !scope.range_from(position_.from);
  }
  co_return page;
}

// ---- What is due ---------------------------------------------------------------------------------------------------

Task<Status> Step::look_at_versions() {
  const LifecycleScope scope = LifecycleScope::of_versions(*bucket_);
  CO_TRY_ASSIGN(const history::VersionPage page, co_await read_page(bucket_->spaces.versions, scope));
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    const auto row = page.rows[i];
    CO_TRY_ASSIGN(VersionsKey key, parse_versions_key(row.key));
    auto version = decode_version(row.value);
    if (!version.ok()) {
      log_line(LogLevel::error, "s3", "lifecycle passes over a version that is damaged",
               log_field("bucket", bucket_->name) + log_field("key", key.object_key));
      continue;
    }
    CO_TRY(co_await look_at_version(std::move(key.object_key), std::move(version).value()));
  }
  if (exhausted_) next_phase(RunPhase::current);
  co_return Status();
}

Task<Status> Step::look_at_version(std::string key, ObjectVersion version) {
  if (key != position_.key) {
    position_.key = key;
    position_.kept = 0;
  }
  const std::int64_t now = position_.now_micros;
  if (version.noncurrent_since_micros == 0) {
    // The newest of its key, which in this space is a delete marker. Whether it is alone is looked up when it counts.
    if (!lone_marker_is_due(*bucket_, key, version, day_, now)) co_return Status();
    auto below = co_await first_stored_version(services_, *bucket_, key, version.sequence, std::nullopt);
    if (!below.ok()) co_return status_of(below.error());
    if (!*below) actions_.push_back({Action::Kind::remove_marker, std::move(key), version.id, {}});
    co_return Status();
  }
  const bool due = noncurrent_is_due(*bucket_, key, version, position_.kept, day_, now);
  if (due && !is_locked(version.lock, now)) {
    actions_.push_back({Action::Kind::remove_version, std::move(key), version.id, {}});
  } else if (!version.delete_marker) {
    ++position_.kept;
  }
  co_return Status();
}

Task<Status> Step::look_at_heads() {
  const LifecycleScope scope = LifecycleScope::of_heads(*bucket_);
  CO_TRY_ASSIGN(const history::VersionPage page, co_await read_page(bucket_->spaces.heads, scope));
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    const auto row = page.rows[i];
    const auto version = decode_version(row.value);
    if (!version.ok()) {
      log_line(LogLevel::error, "s3", "lifecycle passes over an object that is damaged",
               log_field("bucket", bucket_->name) + log_field("key", row.key));
      continue;
    }
    const auto due = expiration_of(*bucket_, row.key, *version, day_);
    if (due && due->at_micros <= position_.now_micros) {
      actions_.push_back({Action::Kind::expire, std::string(row.key), version->id, {}});
    }
  }
  if (exhausted_) next_phase(RunPhase::uploads);
  co_return Status();
}

Task<Status> Step::look_at_uploads() {
  if (!aborts_uploads(*bucket_)) {
    next_phase(RunPhase::done);
    co_return Status();
  }
  auto page = co_await scan_uploads(services_, *bucket_, std::string(), position_.from, rows_);
  if (!page.ok()) co_return status_of(page.error());
  for (const FoundUpload& found : page->uploads) {
    const auto due = abort_of(*bucket_, found.key, found.id.initiated_micros(), day_);
    if (due && due->at_micros <= position_.now_micros) {
      actions_.push_back({Action::Kind::abort, found.key, VersionId(), found.id});
    }
  }
  if (page->next) {
    position_.from = *page->next;
  } else {
    next_phase(RunPhase::done);
  }
  co_return Status();
}

// ---- Acting on it --------------------------------------------------------------------------------------------------

Task<Status> Step::act_on_all() {
  Executor* const executor = Executor::current();
  for (std::size_t begin = 0; begin < actions_.size(); begin += actions_at_once) {
    const std::size_t count = std::min(actions_at_once, actions_.size() - begin);
    if (executor == nullptr) {  // under sync_wait, in tests
      for (std::size_t i = 0; i < count; ++i) co_await act(actions_[begin + i]);
      continue;
    }
    Group group{};
    group.left = count;
    for (std::size_t i = 0; i < count; ++i) spawn(*executor, act_in_group(this, &actions_[begin + i], &group));
    co_await group.done;
  }
  if (try_again_) co_return unavailable("lifecycle could not remove everything that is due");
  co_return Status();
}

Task<void> Step::act_in_group(Step* step, const Action* action, Group* group) {
  co_await step->act(*action);
  if (group->left.fetch_sub(1) == 1) group->done.complete(true);
}

// What fails for now is tried again with the whole step; what fails for good is passed over, until the next run.
Task<void> Step::act(const Action& action) {
  FAULT_POINT("lifecycle.before_action");
  const auto done = co_await perform(action);
  if (done.ok()) {
    if (*done) acted_ += 1;
    FAULT_POINT("lifecycle.after_action");
    co_return;
  }
  const Status why = status_of(done.error());
  if (why.is(Code::unavailable)) try_again_ = true;
  if (!why.is(Code::internal)) co_return;
  log_line(LogLevel::error, "s3", "lifecycle could not act on an object",
           log_field("bucket", bucket_->name) + log_field("key", action.key) + log_field("error", why.to_string()));
}

// Whether anything was done: not when somebody else came first, or the rules have changed.
Task<Outcome<bool>> Step::perform(const Action& action) {
  if (action.kind == Action::Kind::abort) {
    const auto aborted = co_await abort_upload(services_, bucket_, action.key, action.upload);
    if (!aborted.ok() && aborted.error().code == ErrorCode::no_such_upload) co_return false;
    if (!aborted.ok()) co_return aborted.error();
    co_return true;
  }
  CO_TRY_ASSIGN(const std::unique_ptr<KeyWrite> write, co_await KeyWrite::open(services_, bucket_, action.key));
  bool wanted = false;
  if (action.kind == Action::Kind::expire) {
    CO_TRY_ASSIGN(wanted, co_await expire(action, *write));
  } else if (action.kind == Action::Kind::remove_version) {
    CO_TRY_ASSIGN(wanted, co_await remove_version(action, *write));
  } else {
    CO_TRY_ASSIGN(wanted, co_await remove_marker(action, *write));
  }
  if (!wanted) co_return false;
  FAULT_POINT("lifecycle.before_commit");
  CO_TRY(co_await write->commit(true));
  FAULT_POINT("lifecycle.after_commit");
  co_return true;
}

BucketPtr Step::present() const {
  BucketPtr bucket = services_.buckets.find(bucket_->name);
  return bucket != nullptr && bucket->id == bucket_->id ? bucket : nullptr;
}

Task<Outcome<bool>> Step::expire(const Action& action, KeyWrite& write) {
  const BucketPtr bucket = present();
  const ObjectVersion* const current = write.current();
  if (bucket == nullptr || current == nullptr) co_return false;
  const auto due = expiration_of(*bucket, action.key, *current, day_);
  if (!due || due->at_micros > position_.now_micros) co_return false;
  // Only where versions are kept does a locked one stay when it is deleted.
  if (bucket->versioning != Versioning::enabled && is_locked(current->lock, position_.now_micros)) co_return false;
  CO_TRY(co_await write.remove_newest());
  co_return true;
}

// Newer noncurrent versions, delete markers aside; at most as many as a rule may ask for.
Task<Outcome<std::uint64_t>> Step::count_newer(std::string key, const ObjectVersion& version) {
  std::uint64_t newer = 0;
  history::ScanRequest request;
  request.space = bucket_->spaces.versions;
  request.range.lower = versions_prefix(key);
  request.range.upper = versions_key(key, version.sequence);
  request.max_rows = count_rows;
  for (;;) {
    auto page = co_await services_.store.scan(request);
    if (!page.ok()) co_return store_error(page.error());
    for (std::size_t i = 0; i < page->rows.size(); ++i) {
      const auto other = decode_version(page->rows[i].value);
      if (other.ok() && !other->delete_marker) ++newer;
    }
    if (!page->resume_after || newer >= most_kept(*bucket_)) co_return newer;
    request.range.lower = *page->resume_after + '\0';
  }
}

Task<Outcome<bool>> Step::remove_version(const Action& action, KeyWrite& write) {
  const BucketPtr bucket = present();
  CO_TRY_ASSIGN(const std::optional<ObjectVersion> found, co_await write.find(action.version));
  if (bucket == nullptr || !found || found->noncurrent_since_micros == 0) co_return false;
  if (is_locked(found->lock, static_cast<std::int64_t>(services_.wall.now_micros()))) co_return false;
  std::uint64_t newer = 0;
  if (most_kept(*bucket) > 0) {
    CO_TRY_ASSIGN(newer, co_await count_newer(action.key, *found));
  }
  if (!noncurrent_is_due(*bucket, action.key, *found, newer, day_, position_.now_micros)) co_return false;
  CO_TRY_ASSIGN(const auto removed, co_await write.remove(action.version));
  co_return removed.has_value();
}

Task<Outcome<bool>> Step::remove_marker(const Action& action, KeyWrite& write) {
  const BucketPtr bucket = present();
  const ObjectVersion* const newest = write.newest();
  if (bucket == nullptr || newest == nullptr || !newest->delete_marker || newest->id != action.version) co_return false;
  if (!lone_marker_is_due(*bucket, action.key, *newest, day_, position_.now_micros)) co_return false;
  CO_TRY_ASSIGN(const auto below,
                co_await first_stored_version(services_, *bucket, action.key, newest->sequence, std::nullopt));
  if (below) co_return false;
  CO_TRY_ASSIGN(const auto removed, co_await write.remove(action.version));
  co_return removed.has_value();
}

}  // namespace

Bytes encode_position(const RunPosition& position) {
  Bytes out;
  codec::append_varint(out, position_format);
  codec::append_varint(out, static_cast<std::uint64_t>(position.now_micros));
  codec::append_varint(out, static_cast<std::uint64_t>(position.phase));
  codec::append_sized(out, position.from);
  codec::append_sized(out, position.key);
  codec::append_varint(out, position.kept);
  return out;
}

Result<RunPosition> decode_position(BytesView stored) {
  RunPosition position;
  std::uint64_t format = 0;
  std::uint64_t now = 0;
  std::uint64_t phase = 0;
  BytesView from;
  BytesView key;
  const bool read = codec::read_varint(stored, format) && format == position_format &&
                    codec::read_varint(stored, now) && codec::read_varint(stored, phase) &&
                    codec::read_sized(stored, from) && codec::read_sized(stored, key) &&
                    codec::read_varint(stored, position.kept) && stored.empty();
  if (!read || phase > static_cast<std::uint64_t>(RunPhase::done)) {
    return corruption("a lifecycle job's checkpoint is none");
  }
  position.now_micros = static_cast<std::int64_t>(now);
  position.phase = static_cast<RunPhase>(phase);
  position.from = from;
  position.key = key;
  return position;
}

Task<Result<std::uint64_t>> take_lifecycle_step(Services& services, BucketPtr bucket, RunPosition& position,
                                                std::size_t rows) {
  Step step(services, std::move(bucket), position, rows);
  co_return co_await step.run();
}

}  // namespace reprise::s3
