// The catalogue over the root space of buckets. Keys (docs/formats/bucket.md):
//   a/<bucket id>                        entry of life: there as long as the bucket is; the value is its name
//   b/<name>                             a live bucket; the value is encode_bucket()
//   d/<name>/<deleted at>/<bucket id>    a deleted one that has a past to be read or garbage to be collected; the value
//                                        is encode_bucket(). <deleted at>: 20 digits, microseconds
// Names hold no '/', so the parts cannot be confused.
//
// Invariants: memory shows what is durable, never more; what is kept reads back; a name's entries change together,
// in one commit; a bucket that is removed was empty in the commit that removed it. For that remove() first writes the
// entry of life anew: every commit that was prepared before then fails on its guard, what came before is seen by the
// look that follows, and what comes after waits in alive_guard() for the outcome.
//
// Locks: names_ is the catalogue's own. Its holders wait for no other lock, so a writer may wait here while it holds
// the locks of its keys.
#include "s3/ops/buckets.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "base/fault_point.h"
#include "base/log.h"
#include "base/rng.h"
#include "history/key_locks.h"
#include "s3/ops/garbage.h"

namespace reprise::s3 {

namespace {

using history::Change;
using history::Commit;
using history::Version;

Bytes life_key(std::string_view id) { return Bytes("a/").append(id); }
Bytes live_key(std::string_view name) { return Bytes("b/").append(name); }
Bytes deleted_key(const Bucket& bucket) {
  char moment[24];
  std::snprintf(moment, sizeof moment, "%020lld", static_cast<long long>(bucket.deleted_micros));
  return Bytes("d/").append(bucket.name).append("/").append(moment).append("/").append(bucket.id);
}

// The spaces that keep a past, and those that do not.
std::vector<SpaceId> past_of(const Bucket& bucket) {
  return {bucket.spaces.heads, bucket.spaces.versions, bucket.spaces.payloads};
}
std::vector<SpaceId> pastless_of(const Bucket& bucket) { return {bucket.spaces.uploads, bucket.spaces.releases}; }

std::int64_t days_in_micros(std::int64_t days) {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::hours(24) * days).count();
}
history::Retention retention_of(const Bucket& bucket) {
  return history::Retention(days_in_micros(bucket.recovery_days));
}
Timestamp keep_until_of(const Bucket& bucket) {
  return Timestamp::from_micros(static_cast<std::uint64_t>(bucket.keep_until_micros));
}

S3Error failed(const Status& status) {
  return status.is(Code::conflict) ? s3_error(ErrorCode::operation_aborted) : store_error(status);
}
// An entry that does not read back would keep the catalogue from being opened. The documents that stand in it have
// limits of their own, and may be longer there than they were sent.
Check check_readable(BytesView entry) {
  if (decode_bucket(entry).ok()) return Passed{};
  return s3_error(ErrorCode::invalid_request, "The configuration is too large to be kept");
}
S3Error no_such_bucket(std::string_view name) {
  S3Error error = s3_error(ErrorCode::no_such_bucket);
  error.details.emplace_back("BucketName", std::string(name));
  return error;
}

class StoredBuckets final : public Buckets {
 public:
  StoredBuckets(history::Store& store, recovery::RootSpaces root) : store_(store), space_(root.buckets) {}

  Task<Status> load();
  Task<Status> settle();

  [[nodiscard]] BucketPtr find(std::string_view name) const override;
  Task<Result<BucketPtr>> find_as_of(std::string name, Timestamp at) override;
  [[nodiscard]] std::vector<BucketPtr> of_account(std::string_view account) const override;
  [[nodiscard]] std::vector<BucketPtr> all() const override;
  [[nodiscard]] std::vector<BucketPtr> deleted() const override;
  [[nodiscard]] std::set<SpaceId> spaces() const override;
  Task<Result<BucketPtr>> add(Bucket bucket) override;
  Task<Outcome<BucketPtr>> edit(BucketPtr bucket, Edit change) override;
  Task<Check> remove(BucketPtr bucket) override;
  Task<Status> purge_deleted() override;
  Task<Outcome<Change>> alive_guard(const Bucket& bucket) override;

 private:
  struct Live {
    BucketPtr bucket;
    // The entry of life, once somebody asked for it; nothing while remove() is looking, or when it must be read again.
    std::optional<Version> life;
  };

  Status load_row(BytesView key, BytesView value);
  Task<Status> settle_bucket(BucketPtr bucket);
  Task<Result<Change>> change_of(Bytes key);
  Task<Result<bool>> has_rows(SpaceId space);
  Task<Check> check_empty(BucketPtr bucket);
  Task<Check> renew_life(BucketPtr bucket);
  Task<Result<BucketPtr>> commit_removal(BucketPtr bucket);
  Task<Status> forget(BucketPtr bucket);
  Task<Outcome<Change>> guard_slowly(std::string name, std::string id);
  void set_life(std::string_view name, std::optional<Version> life);
  [[nodiscard]] BucketPtr incarnation(std::string_view name, std::string_view id) const;
  [[nodiscard]] BucketPtr known_at(std::string_view name, Timestamp at) const;

  history::Store& store_;
  const SpaceId space_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Live, std::less<>> live_;  // by name
  std::map<Bytes, BucketPtr> deleted_;             // by key
  history::KeyLocks names_{256};
};

// ---- Opening ----

Status StoredBuckets::load_row(BytesView key, BytesView value) {
  if (key.starts_with("a/")) return Status();
  const bool live = key.starts_with("b/");
  if (!live && !key.starts_with("d/")) return corruption("the catalogue of buckets holds a stray " + std::string(key));
  auto decoded = decode_bucket(value);
  if (!decoded.ok()) return decoded.error().with_context("bucket entry " + std::string(key));
  auto bucket = std::make_shared<const Bucket>(std::move(decoded).value());
  if (key != (live ? live_key(bucket->name) : deleted_key(*bucket))) {
    return corruption("the entry " + std::string(key) + " is of another bucket");
  }
  if (live) {
    live_[bucket->name].bucket = std::move(bucket);
  } else {
    deleted_[Bytes(key)] = std::move(bucket);
  }
  return Status();
}

Task<Status> StoredBuckets::load() {
  history::ScanRequest request;
  request.space = space_;
  for (;;) {
    CO_TRY_ASSIGN(const auto page, co_await store_.scan(request));
    for (std::size_t i = 0; i < page.rows.size(); ++i) CO_TRY(load_row(page.rows[i].key, page.rows[i].value));
    if (!page.resume_after) co_return Status();
    request.range.lower = *page.resume_after + '\0';
  }
}

// Finishes what a crash interrupted: a deleted bucket whose spaces still live, a changed recovery period that the store
// was not told.
Task<Status> StoredBuckets::settle() {
  for (const BucketPtr& bucket : all()) CO_TRY(co_await settle_bucket(bucket));
  for (const BucketPtr& bucket : deleted()) {
    std::vector<SpaceId> spaces;
    for (const SpaceId space : past_of(*bucket)) {
      const auto info = store_.info(space);
      if (info.ok() && !info->dropped) spaces.push_back(space);
    }
    if (!spaces.empty()) CO_TRY(co_await store_.drop(std::move(spaces), keep_until_of(*bucket)));
  }
  co_return Status();
}

Task<Status> StoredBuckets::settle_bucket(BucketPtr bucket) {
  const history::Retention wanted = retention_of(*bucket);
  std::vector<SpaceId> spaces;
  for (const SpaceId space : past_of(*bucket)) {
    const auto info = store_.info(space);
    if (!info.ok() || info->dropped) co_return corruption("a space of the bucket " + bucket->name + " is gone");
    if (info->retention != wanted) spaces.push_back(space);
  }
  if (spaces.empty()) co_return Status();
  co_return co_await store_.set_retention(std::move(spaces), wanted);
}

// ---- Looking ----

BucketPtr StoredBuckets::find(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = live_.find(name);
  return found == live_.end() ? nullptr : found->second.bucket;
}

std::vector<BucketPtr> StoredBuckets::of_account(std::string_view account) const {
  std::vector<BucketPtr> buckets = all();
  std::erase_if(buckets, [&](const BucketPtr& bucket) { return bucket->account != account; });
  return buckets;
}

std::vector<BucketPtr> StoredBuckets::all() const {
  const std::shared_lock lock(mutex_);
  std::vector<BucketPtr> buckets;
  buckets.reserve(live_.size());
  for (const auto& [name, entry] : live_) buckets.push_back(entry.bucket);
  return buckets;
}

std::vector<BucketPtr> StoredBuckets::deleted() const {
  std::vector<BucketPtr> buckets;
  {
    const std::shared_lock lock(mutex_);
    for (const auto& [key, bucket] : deleted_) buckets.push_back(bucket);
  }
  std::stable_sort(buckets.begin(), buckets.end(),
                   [](const BucketPtr& a, const BucketPtr& b) { return a->deleted_micros > b->deleted_micros; });
  return buckets;
}

std::set<SpaceId> StoredBuckets::spaces() const {
  std::set<SpaceId> spaces;
  const auto add_all = [&](const Bucket& bucket) {
    for (const SpaceId space : past_of(bucket)) spaces.insert(space);
    for (const SpaceId space : pastless_of(bucket)) spaces.insert(space);
  };
  const std::shared_lock lock(mutex_);
  for (const auto& [name, entry] : live_) add_all(*entry.bucket);
  for (const auto& [key, bucket] : deleted_) add_all(*bucket);
  return spaces;
}

// Live, or deleted with a past that can be read.
BucketPtr StoredBuckets::incarnation(std::string_view name, std::string_view id) const {
  const std::shared_lock lock(mutex_);
  const auto live = live_.find(name);
  if (live != live_.end() && live->second.bucket->id == id) return live->second.bucket;
  for (const auto& [key, bucket] : deleted_) {
    if (bucket->id == id && bucket->keep_until_micros > bucket->deleted_micros) return bucket;
  }
  return nullptr;
}

// The incarnation that lived at `at`, by what its present entry says.
BucketPtr StoredBuckets::known_at(std::string_view name, Timestamp at) const {
  const auto moment = static_cast<std::int64_t>(at.micros());
  const std::shared_lock lock(mutex_);
  const auto live = live_.find(name);
  if (live != live_.end() && live->second.bucket->created_micros <= moment) return live->second.bucket;
  for (const auto& [key, bucket] : deleted_) {
    if (bucket->name == name && bucket->created_micros <= moment && moment < bucket->deleted_micros &&
        bucket->keep_until_micros > bucket->deleted_micros) {
      return bucket;
    }
  }
  return nullptr;
}

Task<Result<BucketPtr>> StoredBuckets::find_as_of(std::string name, Timestamp at) {
  const Timestamp now = store_.now();
  if (at > now) co_return invalid("the time is in the future");
  const auto over = [&](const BucketPtr& bucket) {
    return !bucket || (bucket->deleted_micros > 0 && keep_until_of(*bucket) <= now);
  };
  const Bytes key = live_key(name);
  auto stored = co_await store_.get(space_, key, at);
  if (!stored.ok()) {
    if (!stored.error().is(Code::invalid)) co_return std::move(stored).error();
    // Further back than the catalogue's own past: its settings of that time are forgotten, its contents need not be.
    BucketPtr bucket = known_at(name, at);
    co_return over(bucket) ? BucketPtr() : std::move(bucket);
  }
  if (!*stored) co_return BucketPtr();
  CO_TRY_ASSIGN(Bucket then, decode_bucket(stored->value()));
  const BucketPtr present = incarnation(name, then.id);
  if (over(present)) co_return BucketPtr();
  then.deleted_micros = present->deleted_micros;
  then.keep_until_micros = present->keep_until_micros;
  then.account = present->account;
  then.owner = present->owner;
  then.acl = present->acl;
  then.policy = present->policy;
  then.ownership = present->ownership;
  then.public_access_block = present->public_access_block;
  co_return std::make_shared<const Bucket>(std::move(then));
}

// ---- Changing ----

// A change of `key` that guards on what is there now.
Task<Result<Change>> StoredBuckets::change_of(Bytes key) {
  Change change;
  change.space = space_;
  change.key = std::move(key);
  CO_TRY_ASSIGN(change.before, co_await store_.get(space_, change.key));
  co_return std::move(change);
}

Task<Result<BucketPtr>> StoredBuckets::add(Bucket bucket) {
  const Bytes key = live_key(bucket.name);
  const auto guard = co_await names_.lock(space_, key);
  CO_TRY_ASSIGN(Change entry, co_await change_of(key));
  if (entry.before) co_return already_exists("bucket " + bucket.name + " exists");
  bucket.id = random_uuid();
  CO_TRY_ASSIGN(Change life, co_await change_of(life_key(bucket.id)));

  const history::Retention retention = retention_of(bucket);
  std::vector<history::NewSpace> spaces{retention, retention, {retention, /*kilobytes=*/true}, {}, {}};
  FAULT_POINT("buckets.before_create_spaces");
  CO_TRY_ASSIGN(const std::vector<SpaceId> made, co_await store_.create(std::move(spaces)));
  bucket.spaces = {made[0], made[1], made[2], made[3], made[4]};
  bucket.created_micros = static_cast<std::int64_t>(store_.now().micros());
  bucket.deleted_micros = 0;
  bucket.keep_until_micros = 0;

  entry.value = encode_bucket(bucket);
  life.value = bucket.name;
  Commit commit;
  commit.changes.push_back(std::move(life));
  commit.changes.push_back(std::move(entry));
  FAULT_POINT("buckets.before_add");
  CO_TRY(co_await store_.commit(std::move(commit)));
  FAULT_POINT("buckets.after_add");
  auto added = std::make_shared<const Bucket>(std::move(bucket));
  const std::unique_lock lock(mutex_);
  live_[added->name] = {added, std::nullopt};
  co_return BucketPtr(std::move(added));
}

Task<Outcome<BucketPtr>> StoredBuckets::edit(BucketPtr bucket, Edit change) {
  const Bytes key = live_key(bucket->name);
  const auto guard = co_await names_.lock(space_, key);
  const BucketPtr current = find(bucket->name);
  if (!current || current->id != bucket->id) co_return no_such_bucket(bucket->name);
  Bucket edited = *current;
  CO_TRY(change(edited));
  auto stored = co_await change_of(key);
  if (!stored.ok()) co_return failed(stored.error());
  stored->value = encode_bucket(edited);
  CO_TRY(check_readable(*stored->value));
  Commit commit;
  commit.changes.push_back(std::move(stored).value());
  commit.frees_room = true;  // lifecycle and recovery are what a full disk is relieved with
  FAULT_POINT("buckets.before_edit");
  auto committed = co_await store_.commit(std::move(commit));
  if (!committed.ok()) co_return failed(committed.error());
  FAULT_POINT("buckets.after_edit");
  auto now = std::make_shared<const Bucket>(std::move(edited));
  {
    const std::unique_lock lock(mutex_);
    live_[now->name].bucket = now;
  }
  // Whether it was changed or not: the store may not have been told the last time.
  const Status settled = co_await settle_bucket(now);
  if (!settled.ok()) co_return failed(settled);
  if (now->recovery_days != current->recovery_days) FAULT_POINT("buckets.after_retention");
  co_return BucketPtr(std::move(now));
}

Task<Result<bool>> StoredBuckets::has_rows(SpaceId space) {
  history::ScanRequest request;
  request.space = space;
  request.max_rows = 1;
  for (;;) {
    CO_TRY_ASSIGN(const auto page, co_await store_.scan(request));
    if (!page.rows.empty()) co_return true;
    if (!page.resume_after) co_return false;
    request.range.lower = *page.resume_after + '\0';
  }
}

Task<Check> StoredBuckets::check_empty(BucketPtr bucket) {
  const SpaceId spaces[] = {bucket->spaces.heads, bucket->spaces.versions};
  for (const SpaceId space : spaces) {
    const auto rows = co_await has_rows(space);
    if (!rows.ok()) co_return failed(rows.error());
    if (*rows) {
      S3Error error = s3_error(ErrorCode::bucket_not_empty);
      if (bucket->versioning != Versioning::never) error.message += ". You must delete all versions in the bucket.";
      error.details.emplace_back("BucketName", bucket->name);
      co_return error;
    }
  }
  co_return Passed{};
}

void StoredBuckets::set_life(std::string_view name, std::optional<Version> life) {
  const std::unique_lock lock(mutex_);
  const auto found = live_.find(name);
  if (found != live_.end()) found->second.life = std::move(life);
}

// Makes every commit fail that guards on the entry of life as it was.
Task<Check> StoredBuckets::renew_life(BucketPtr bucket) {
  set_life(bucket->name, std::nullopt);  // whoever asks from now on waits for the lock of the name
  auto life = co_await change_of(life_key(bucket->id));
  if (!life.ok()) co_return failed(life.error());
  life->value = bucket->name;
  Commit commit;
  commit.changes.push_back(std::move(life).value());
  commit.frees_room = true;
  FAULT_POINT("buckets.before_renew_life");
  auto committed = co_await store_.commit(std::move(commit));
  if (!committed.ok()) co_return failed(committed.error());
  FAULT_POINT("buckets.after_renew_life");
  co_return Passed{};
}

// Moves the entry from the live ones to the deleted ones; returns it as it is there.
Task<Result<BucketPtr>> StoredBuckets::commit_removal(BucketPtr bucket) {
  Bucket gone = *bucket;
  gone.deleted_micros = static_cast<std::int64_t>(store_.now().micros());
  gone.keep_until_micros = gone.deleted_micros + days_in_micros(gone.recovery_days);
  CO_TRY_ASSIGN(Change life, co_await change_of(life_key(gone.id)));
  CO_TRY_ASSIGN(Change entry, co_await change_of(live_key(gone.name)));
  CO_TRY_ASSIGN(Change kept, co_await change_of(deleted_key(gone)));
  kept.value = encode_bucket(gone);
  Commit commit;
  commit.changes.push_back(std::move(life));
  commit.changes.push_back(std::move(entry));
  commit.changes.push_back(std::move(kept));
  commit.frees_room = true;
  FAULT_POINT("buckets.before_remove");
  CO_TRY(co_await store_.commit(std::move(commit)));
  FAULT_POINT("buckets.after_remove");
  co_return std::make_shared<const Bucket>(std::move(gone));
}

Task<Check> StoredBuckets::remove(BucketPtr bucket) {
  const Bytes key = live_key(bucket->name);
  const auto guard = co_await names_.lock(space_, key);
  const BucketPtr current = find(bucket->name);
  if (!current || current->id != bucket->id) co_return no_such_bucket(bucket->name);
  CO_TRY(co_await check_empty(current));  // the usual refusal troubles no writer
  CO_TRY(co_await renew_life(current));
  CO_TRY(co_await check_empty(current));
  auto removed = co_await commit_removal(current);
  if (!removed.ok()) co_return failed(removed.error());
  const BucketPtr gone = std::move(removed).value();
  {
    const std::unique_lock lock(mutex_);
    live_.erase(gone->name);
    deleted_[deleted_key(*gone)] = gone;
  }
  const Status dropped = co_await store_.drop(past_of(*gone), keep_until_of(*gone));
  if (!dropped.ok()) {  // the bucket is gone; the next start drops them
    log_line(LogLevel::warn, "s3", "the spaces of a deleted bucket could not be dropped yet",
             log_field("bucket", gone->name) + log_field("error", dropped.to_string()));
  }
  FAULT_POINT("buckets.after_drop");
  co_return Passed{};
}

Task<Status> StoredBuckets::forget(BucketPtr bucket) {
  const Bytes key = deleted_key(*bucket);
  const auto guard = co_await names_.lock(space_, key);
  CO_TRY_ASSIGN(Change entry, co_await change_of(key));
  if (entry.before) {
    Commit commit;
    commit.changes.push_back(std::move(entry));
    FAULT_POINT("buckets.before_forget");
    CO_TRY(co_await store_.commit(std::move(commit)));
    FAULT_POINT("buckets.after_forget");
  }
  {
    const std::unique_lock lock(mutex_);
    deleted_.erase(key);
  }
  co_return co_await store_.drop(pastless_of(*bucket), Timestamp());
}

Task<Status> StoredBuckets::purge_deleted() {
  const Timestamp now = store_.now();
  for (const BucketPtr& bucket : deleted()) {
    if (keep_until_of(*bucket) > now) continue;
    CO_TRY_ASSIGN(const bool garbage, co_await has_garbage(store_, bucket->spaces));
    if (!garbage) CO_TRY(co_await forget(bucket));
  }
  co_return Status();
}

// ---- Guarding ----

Task<Outcome<Change>> StoredBuckets::alive_guard(const Bucket& bucket) {
  {
    const std::shared_lock lock(mutex_);
    const auto found = live_.find(bucket.name);
    if (found != live_.end() && found->second.bucket->id == bucket.id && found->second.life) {
      Change change;
      change.space = space_;
      change.key = life_key(bucket.id);
      change.before = *found->second.life;
      change.only_check = true;
      return Task<Outcome<Change>>(Outcome<Change>(std::move(change)));
    }
  }
  return guard_slowly(bucket.name, bucket.id);
}

Task<Outcome<Change>> StoredBuckets::guard_slowly(std::string name, std::string id) {
  const Bytes key = live_key(name);
  const auto guard = co_await names_.lock(space_, key);
  const BucketPtr current = find(name);
  if (!current || current->id != id) co_return no_such_bucket(name);
  auto life = co_await change_of(life_key(id));
  if (!life.ok()) co_return failed(life.error());
  if (!life->before) co_return failed(corruption("the bucket " + name + " has no entry of life"));
  life->only_check = true;
  set_life(name, life->before);
  co_return std::move(life).value();
}

}  // namespace

Task<Result<std::unique_ptr<Buckets>>> Buckets::open(history::Store& store, recovery::RootSpaces root) {
  auto buckets = std::make_unique<StoredBuckets>(store, root);
  CO_TRY(co_await buckets->load());
  CO_TRY(co_await buckets->settle());
  co_return std::unique_ptr<Buckets>(std::move(buckets));
}

}  // namespace reprise::s3
