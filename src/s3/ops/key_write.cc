// See key_write.h for the invariants. A change is planned first, as a list of the store's changes with what each one
// guards on, and committed then: the plan is made under the key's lock, so of its guards only those on what other keys
// share can fail (the entries of shared blobs, the bucket's life), and those are read anew for every attempt.
#include "s3/ops/key_write.h"

#include <algorithm>
#include <utility>

#include "base/fault_point.h"
#include "history/key_locks.h"
#include "s3/ops/blob_names.h"
#include "s3/ops/buckets.h"
#include "s3/ops/key_lookup.h"
#include "s3/ops/sealed_blocks.h"
#include "s3/ops/services.h"

namespace reprise::s3 {

namespace {

constexpr int attempts_max = 16;

class StoredKeyWrite final : public KeyWrite {
 public:
  StoredKeyWrite(Services& services, BucketPtr bucket, std::string key, history::KeyLocks::Guard lock)
      : services_(services),
        bucket_(std::move(bucket)),
        key_(std::move(key)),
        lock_(std::move(lock)),
        payloads_have_past_(bucket_->recovery_days > 0) {}

  Task<Outcome<Passed>> load();

  [[nodiscard]] const ObjectVersion* newest() const override { return newest_ ? &*newest_ : nullptr; }
  Task<Outcome<std::optional<ObjectVersion>>> find(VersionId id) override;
  Task<Outcome<ObjectVersion>> put(ObjectVersion version, Bytes inline_bytes, Naming naming) override;
  Task<Outcome<std::optional<ObjectVersion>>> remove_newest() override;
  Task<Outcome<std::optional<ObjectVersion>>> remove(VersionId id) override;
  Task<Outcome<Passed>> rewrite(ObjectVersion version) override;
  void add_change(history::Change change) override { added_.push_back(std::move(change)); }
  Task<Outcome<Timestamp>> commit(bool by_service) override;

 private:
  struct InlinePayload {
    blob::BlobId id;
    std::uint64_t stored_bytes = 0;
  };
  struct Plan {
    std::vector<history::Change> changes;
    std::optional<history::Change> payload;  // inline bytes, under an id that is new: nothing to guard
    std::optional<Payload> named;
    Naming naming = Naming::made_now;
    std::optional<Payload> released;
    std::optional<InlinePayload> gone;
    bool frees_room = false;  // it removes
  };

  [[nodiscard]] bool newest_in_heads() const { return newest_ && !newest_->delete_marker; }
  void set_head(std::optional<Bytes> value);
  void set_version(std::uint64_t sequence, std::optional<Bytes> value, history::Version before);
  Task<Outcome<Passed>> place_on_top(ObjectVersion& version);
  Task<Outcome<Passed>> replace_null_version();
  Task<Outcome<Passed>> push_newest_down(std::int64_t since_micros);
  Task<Outcome<Passed>> rewrite_stored(ObjectVersion version);
  Task<Outcome<Passed>> remove_top();
  void release(const ObjectVersion& version);
  Task<Outcome<history::Change>> removal_of(InlinePayload payload);
  Task<Outcome<history::Commit>> assemble(bool by_service);

  Services& services_;
  const BucketPtr bucket_;
  const std::string key_;
  history::KeyLocks::Guard lock_;
  history::Version head_;
  std::optional<ObjectVersion> newest_;
  Plan plan_;
  std::vector<history::Change> added_;
  bool payloads_have_past_;
};

Task<Outcome<Passed>> StoredKeyWrite::load() {
  CO_TRY_ASSIGN(StoredVersion head, co_await read_head(services_, *bucket_, key_, std::nullopt));
  head_ = std::move(head.before);
  newest_ = std::move(head.version);
  // Where versions were never kept, what is not in heads is not there.
  if (newest_ || bucket_->versioning == Versioning::never) co_return Passed{};
  CO_TRY_ASSIGN(newest_, co_await first_stored_version(services_, *bucket_, key_, ~std::uint64_t{0}, std::nullopt));
  if (newest_ && !newest_->delete_marker) {
    co_return store_error(corruption("an object's newest version is missing among the heads"));
  }
  co_return Passed{};
}

Task<Outcome<std::optional<ObjectVersion>>> StoredKeyWrite::find(VersionId id) {
  if (!newest_ || newest_->id == id) co_return newest_;
  const std::uint64_t sequence = id.is_null() ? newest_->null_below : id.sequence();
  if (sequence == 0) co_return std::optional<ObjectVersion>();
  CO_TRY_ASSIGN(StoredVersion stored, co_await read_stored_version(services_, *bucket_, key_, sequence, std::nullopt));
  if (stored.version && stored.version->id != id) stored.version.reset();
  co_return std::move(stored.version);
}

// ---- Planning ------------------------------------------------------------------------------------------------------

void StoredKeyWrite::set_head(std::optional<Bytes> value) {
  plan_.changes.push_back({bucket_->spaces.heads, key_, std::move(value), head_});
}

void StoredKeyWrite::set_version(std::uint64_t sequence, std::optional<Bytes> value, history::Version before) {
  plan_.changes.push_back(
      {bucket_->spaces.versions, versions_key(key_, sequence), std::move(value), std::move(before)});
}

// Ends the names that a version removed for good has. Its bytes stay readable in the past of the space of payloads.
void StoredKeyWrite::release(const ObjectVersion& version) {
  if (!version.payload.parts.empty()) plan_.released = version.payload;
  if (!version.payload.inlined) return;
  const bool sealed = !version.payload.inline_salt.empty();
  plan_.gone = {*version.payload.inlined, sealed ? sealed_bytes_of(version.bytes) : version.bytes};
}

// The record of `version` in the space of versions, changed.
Task<Outcome<Passed>> StoredKeyWrite::rewrite_stored(ObjectVersion version) {
  CO_TRY_ASSIGN(StoredVersion stored,
                co_await read_stored_version(services_, *bucket_, key_, version.sequence, std::nullopt));
  set_version(version.sequence, encode_version(version), std::move(stored.before));
  co_return Passed{};
}

// Where no ids are given, a new version takes the place of the null version, wherever that is.
Task<Outcome<Passed>> StoredKeyWrite::replace_null_version() {
  if (!newest_) co_return Passed{};
  const bool on_top = newest_->id.is_null();
  if (on_top && newest_in_heads()) {
    release(*newest_);  // its record is overwritten
    co_return Passed{};
  }
  const std::uint64_t sequence = on_top ? newest_->sequence : newest_->null_below;
  if (sequence == 0) co_return Passed{};
  CO_TRY_ASSIGN(StoredVersion stored, co_await read_stored_version(services_, *bucket_, key_, sequence, std::nullopt));
  if (!stored.version || !stored.version->id.is_null()) co_return Passed{};
  set_version(sequence, std::nullopt, std::move(stored.before));
  release(*stored.version);
  co_return Passed{};
}

// The newest version becomes a noncurrent one; one in heads moves to versions.
Task<Outcome<Passed>> StoredKeyWrite::push_newest_down(std::int64_t since_micros) {
  ObjectVersion noncurrent = *newest_;
  noncurrent.noncurrent_since_micros = since_micros;
  CO_TRY(co_await rewrite_stored(std::move(noncurrent)));
  co_return Passed{};
}

// Fills in what makes `version` the newest, and plans what becomes of the others. The caller plans its record.
Task<Outcome<Passed>> StoredKeyWrite::place_on_top(ObjectVersion& version) {
  const Timestamp now = services_.store.now();
  version.sequence = now.bits();
  if (newest_) version.sequence = std::max(version.sequence, newest_->sequence + 1);
  version.modified_micros = static_cast<std::int64_t>(now.micros());
  version.noncurrent_since_micros = 0;
  version.null_below = 0;
  version.id = VersionId();
  if (bucket_->versioning == Versioning::enabled) {
    version.id = VersionId::make(version.sequence);
    if (newest_) version.null_below = newest_->id.is_null() ? newest_->sequence : newest_->null_below;
  } else {
    CO_TRY(co_await replace_null_version());
    if (newest_ && newest_->id.is_null()) co_return Passed{};
  }
  if (newest_) CO_TRY(co_await push_newest_down(version.modified_micros));
  co_return Passed{};
}

Task<Outcome<ObjectVersion>> StoredKeyWrite::put(ObjectVersion version, Bytes inline_bytes, Naming naming) {
  plan_ = Plan();
  version.delete_marker = false;
  CO_TRY(co_await place_on_top(version));
  set_head(encode_version(version));
  if (version.payload.inlined) {
    history::Change change{bucket_->spaces.payloads, Bytes(version.payload.inlined->bytes()), std::move(inline_bytes),
                           history::Version()};
    change.unlogged = true;
    plan_.payload = std::move(change);
  }
  if (!version.payload.parts.empty() && naming != Naming::already_named) plan_.named = version.payload;
  plan_.naming = naming;
  co_return version;
}

Task<Outcome<std::optional<ObjectVersion>>> StoredKeyWrite::remove_newest() {
  plan_ = Plan();
  plan_.frees_room = true;
  if (bucket_->versioning == Versioning::never) {
    if (!newest_) co_return std::optional<ObjectVersion>();
    release(*newest_);
    set_head(std::nullopt);
    co_return std::optional<ObjectVersion>();
  }
  ObjectVersion marker;
  marker.delete_marker = true;
  marker.owner = bucket_->owner;
  CO_TRY(co_await place_on_top(marker));
  if (head_) set_head(std::nullopt);
  set_version(marker.sequence, encode_version(marker), history::Version());
  co_return std::optional<ObjectVersion>(std::move(marker));
}

// The newest version goes; the one below it takes its place.
Task<Outcome<Passed>> StoredKeyWrite::remove_top() {
  std::optional<ObjectVersion> next;
  if (bucket_->versioning != Versioning::never) {
    CO_TRY_ASSIGN(next, co_await first_stored_version(services_, *bucket_, key_, newest_->sequence, std::nullopt));
  }
  if (!newest_in_heads()) {
    CO_TRY_ASSIGN(StoredVersion top,
                  co_await read_stored_version(services_, *bucket_, key_, newest_->sequence, std::nullopt));
    set_version(newest_->sequence, std::nullopt, std::move(top.before));
  }
  if (next) next->noncurrent_since_micros = 0;
  if (next && !next->delete_marker) {
    CO_TRY_ASSIGN(StoredVersion stored,
                  co_await read_stored_version(services_, *bucket_, key_, next->sequence, std::nullopt));
    set_version(next->sequence, std::nullopt, std::move(stored.before));
    set_head(encode_version(*next));
    co_return Passed{};
  }
  if (next) CO_TRY(co_await rewrite_stored(std::move(*next)));
  if (head_) set_head(std::nullopt);
  co_return Passed{};
}

Task<Outcome<std::optional<ObjectVersion>>> StoredKeyWrite::remove(VersionId id) {
  plan_ = Plan();
  plan_.frees_room = true;
  CO_TRY_ASSIGN(std::optional<ObjectVersion> found, co_await find(id));
  if (!found) co_return std::optional<ObjectVersion>();
  release(*found);
  if (found->sequence == newest_->sequence) {
    CO_TRY(co_await remove_top());
    co_return found;
  }
  CO_TRY_ASSIGN(StoredVersion stored,
                co_await read_stored_version(services_, *bucket_, key_, found->sequence, std::nullopt));
  set_version(found->sequence, std::nullopt, std::move(stored.before));
  co_return found;
}

Task<Outcome<Passed>> StoredKeyWrite::rewrite(ObjectVersion version) {
  plan_ = Plan();
  if (newest_in_heads() && newest_->sequence == version.sequence) {
    set_head(encode_version(version));
    co_return Passed{};
  }
  co_return co_await rewrite_stored(std::move(version));
}

// ---- Committing ----------------------------------------------------------------------------------------------------

// The payload is the version's alone, and the version is guarded. Its bytes are read only where they have a past to go
// to.
Task<Outcome<history::Change>> StoredKeyWrite::removal_of(InlinePayload payload) {
  history::Change change{bucket_->spaces.payloads, Bytes(payload.id.bytes()), std::nullopt,
                         history::Version::unread(payload.stored_bytes)};
  change.unlogged = true;
  if (!payloads_have_past_) co_return std::move(change);
  auto found = co_await services_.store.get(change.space, change.key);
  if (!found.ok()) co_return bucket_read_error(found.error(), std::nullopt);
  change.before = std::move(found).value();
  co_return std::move(change);
}

Task<Outcome<history::Commit>> StoredKeyWrite::assemble(bool by_service) {
  history::Commit commit;
  commit.by_service = by_service;
  commit.frees_room = plan_.frees_room;
  commit.changes = plan_.changes;
  commit.changes.insert(commit.changes.end(), added_.begin(), added_.end());
  if (plan_.payload) commit.derived.push_back(*plan_.payload);
  if (plan_.gone) {
    CO_TRY_ASSIGN(history::Change gone, co_await removal_of(*plan_.gone));
    commit.derived.push_back(std::move(gone));
  }
  if (plan_.named) {
    const bool made_now = plan_.naming == Naming::made_now;
    CO_TRY(co_await add_names(services_, *plan_.named, made_now, commit));
  }
  if (plan_.released) release_names(*bucket_, *plan_.released, services_.store.now(), commit);
  CO_TRY_ASSIGN(history::Change alive, co_await services_.buckets.alive_guard(*bucket_));
  commit.changes.push_back(std::move(alive));
  co_return std::move(commit);
}

Task<Outcome<Timestamp>> StoredKeyWrite::commit(bool by_service) {
  const history::KeyLocks::Guard held = std::move(lock_);  // until this is done, however it ends
  if (plan_.changes.empty() && added_.empty()) co_return services_.store.now();
  for (int attempt = 0; attempt < attempts_max; ++attempt) {
    CO_TRY_ASSIGN(history::Commit commit, co_await assemble(by_service));
    FAULT_POINT("s3.key_write.before_commit");
    const auto done = co_await services_.store.commit(std::move(commit));
    if (done.ok()) {
      FAULT_POINT("s3.key_write.committed");
      co_return *done;
    }
    if (!done.error().is(Code::conflict)) co_return bucket_read_error(done.error(), std::nullopt);
    payloads_have_past_ = true;  // by a pin, perhaps
  }
  co_return s3_error(ErrorCode::operation_aborted);
}

}  // namespace

Task<Outcome<std::unique_ptr<KeyWrite>>> KeyWrite::open(Services& services, BucketPtr bucket, std::string key,
                                                        const Payload* shared) {
  history::KeyLocks::Guard lock;
  if (shared == nullptr || shared->parts.empty()) {
    lock = co_await services.store.locks().lock(bucket->spaces.heads, key);
  } else {
    // Copies of one source have all of its blobs in common: the first and the last will do.
    std::vector<history::KeyLocks::LockKey> wanted = {{bucket->spaces.heads, key},
                                                      {services.root.blobs, shared->parts.front().blob.bytes()},
                                                      {services.root.blobs, shared->parts.back().blob.bytes()}};
    lock = co_await services.store.locks().lock(std::move(wanted));
  }
  // Under the lock the bucket's versioning is what the last writer of the key saw, or newer.
  BucketPtr current = services.buckets.find(bucket->name);
  if (current == nullptr || current->id != bucket->id) co_return s3_error(ErrorCode::no_such_bucket);
  auto write = std::make_unique<StoredKeyWrite>(services, std::move(current), std::move(key), std::move(lock));
  CO_TRY(co_await write->load());
  co_return std::unique_ptr<KeyWrite>(std::move(write));
}

}  // namespace reprise::s3
