// Invariants
//   - a part is committed together with a check that its upload's entry is as it was read, so none comes after the end;
//   - a part that is replaced loses its name in the commit that replaces it, and its blob right after;
//   - the space of uploads keeps no past: nobody but the parts' own names holds their blobs.
#include "s3/ops/uploads.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/executor.h"
#include "base/fault_point.h"
#include "base/log.h"
#include "blob/blob_store.h"
#include "codec/ordered.h"
#include "history/key_locks.h"
#include "recovery/jobs.h"
#include "s3/ops/blob_names.h"
#include "s3/ops/buckets.h"
#include "s3/ops/services.h"

namespace reprise::s3 {

namespace {

// How often a commit that lost against another one is tried again.
constexpr int attempts_max = 20;
constexpr std::size_t parts_a_commit = 500;
constexpr std::size_t rows_a_page = 1'000;

S3Error no_such_upload(std::string_view id) {
  S3Error error = s3_error(ErrorCode::no_such_upload);
  error.details.emplace_back("UploadId", std::string(id));
  return error;
}

// As the store's get() would have it: spaces of uploads are never clones.
history::Version version_of(const history::VersionRows::Row& row) {
  return {history::Version::Origin::data, row.begin, Bytes(row.value), 0};
}

history::Change change_of(SpaceId space, Bytes key, std::optional<Bytes> value, history::Version before) {
  history::Change change{space, std::move(key), std::move(value), std::move(before)};
  change.unlogged = true;
  return change;
}

S3Error busy() { return s3_error(ErrorCode::operation_aborted); }

// By an abort before it is answered, and in one step of the job that removes the rest.
constexpr std::size_t parts_removed_at_once = 1000;
constexpr std::string_view removal_kind = "s3-upload-parts";

struct PartPage {
  std::vector<FoundPart> parts;
  std::optional<Bytes> next;  // where to go on; nothing: that was all
};

// From `lower` on; empty: from the first.
Task<Result<PartPage>> scan_part_page(Services& services, const Bucket& bucket, std::string key, UploadId id,
                                      Bytes lower, std::size_t limit) {
  const Bytes prefix = upload_key(UploadEntry::part, key, id);
  history::ScanRequest request;
  request.space = bucket.spaces.uploads;
  request.range.lower = std::max(lower, prefix);
  request.range.upper = prefix_end(prefix);
  request.max_rows = limit;
  CO_TRY_ASSIGN(const auto page, co_await services.store.scan(std::move(request)));
  PartPage found;
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    const auto row = page.rows[i];
    CO_TRY_ASSIGN(UploadedPart part, decode_part(row.value));
    found.parts.push_back({std::move(part), version_of(row)});
  }
  if (page.resume_after) found.next = *page.resume_after + '\0';
  co_return found;
}

// Adds to `commit` that `parts` go, with their names. The blobs whose last name that was.
Task<Result<std::vector<blob::BlobId>>> add_removal(Services& services, const Bucket& bucket, std::string key,
                                                    UploadId id, std::vector<FoundPart> parts,
                                                    history::Commit& commit) {
  std::map<blob::BlobId, std::uint64_t> names;
  for (FoundPart& found : parts) {
    for (const PayloadPart& piece : found.part.pieces) ++names[piece.blob];
    Bytes row = part_key(key, id, found.part.number());
    commit.changes.push_back(change_of(bucket.spaces.uploads, std::move(row), std::nullopt, std::move(found.before)));
  }
  std::vector<blob::BlobId> last;
  for (const auto& [blob, count] : names) {
    CO_TRY_ASSIGN(const bool gone, co_await remove_names(services, blob, count, commit));
    if (gone) last.push_back(blob);
  }
  co_return last;
}

}  // namespace

Task<void> remove_unnamed_blobs(Services& services, std::vector<blob::BlobId> blobs) {
  if (blobs.empty()) co_return;
  Executor* const caller = Executor::current();
  co_await ResumeOn{services.disk};
  for (const blob::BlobId blob : blobs) {
    FAULT_POINT("garbage.before_blob");
    const Status removed = services.blobs.remove(blob);
    if (!removed.ok()) {
      log_line(LogLevel::warn, "s3", "a payload that nobody names could not be removed; a sweep will find it",
               log_field("blob", blob.text()) + log_field("error", removed.to_string()));
    }
  }
  if (caller != nullptr) co_await ResumeOn{*caller};
}

Task<Outcome<FoundUpload>> find_upload(Services& services, const Bucket& bucket, std::string key, std::string id) {
  const auto parsed = UploadId::parse(id);
  if (!parsed) co_return no_such_upload(id);
  const Bytes row = upload_key(UploadEntry::upload, key, *parsed);
  auto before = co_await services.store.get(bucket.spaces.uploads, row);
  if (!before.ok()) co_return store_error(before.error());
  if (!*before) co_return no_such_upload(id);
  auto upload = decode_upload(before->value());
  if (!upload.ok()) co_return store_error(upload.error());
  co_return FoundUpload{std::move(key), *parsed, std::move(upload).value(), std::move(before).value()};
}

Task<Outcome<UploadPage>> scan_uploads(Services& services, const Bucket& bucket, std::string prefix, Bytes position,
                                       std::size_t limit) {
  const Bytes lower = upload_scan_prefix(UploadEntry::upload, prefix);
  history::ScanRequest request;
  request.space = bucket.spaces.uploads;
  request.range.lower = std::max(lower, position);
  request.range.upper = prefix_end(lower);
  request.max_rows = limit;
  UploadPage found;
  auto page = co_await services.store.scan(std::move(request));
  if (!page.ok()) co_return store_error(page.error());
  for (std::size_t i = 0; i < page->rows.size(); ++i) {
    const auto row = page->rows[i];
    auto key = parse_upload_key(row.key);
    if (!key.ok()) co_return store_error(key.error());
    auto upload = decode_upload(row.value);
    if (!upload.ok()) co_return store_error(upload.error());
    found.uploads.push_back({std::move(key->object_key), key->id, std::move(upload).value(), version_of(row)});
  }
  if (page->resume_after) found.next = *page->resume_after + '\0';
  co_return found;
}

Task<Outcome<std::vector<FoundPart>>> scan_parts(Services& services, const Bucket& bucket, std::string key, UploadId id,
                                                 std::uint32_t after, std::size_t limit) {
  std::vector<FoundPart> parts;
  Bytes lower;
  if (after >= part_number_max) co_return parts;
  if (after > 0) lower = part_key(key, id, after) + '\0';
  while (parts.size() < limit) {
    const std::size_t most = std::min(limit - parts.size(), rows_a_page);
    auto page = co_await scan_part_page(services, bucket, key, id, lower, most);
    if (!page.ok()) co_return store_error(page.error());
    for (FoundPart& part : page->parts) parts.push_back(std::move(part));
    if (!page->next) break;
    lower = *page->next;
  }
  co_return parts;
}

Task<Outcome<Passed>> remove_parts(Services& services, const Bucket& bucket, std::string key, UploadId id,
                                   std::size_t parts_max) {
  Bytes lower;
  std::size_t removed = 0;
  for (int attempts = 0; attempts < attempts_max;) {
    auto page = co_await scan_part_page(services, bucket, key, id, lower, parts_a_commit);
    if (!page.ok()) co_return store_error(page.error());
    if ((page->parts.empty() && !page->next) || removed >= parts_max) co_return Passed{};
    if (page->parts.empty()) {
      lower = *page->next;
      continue;
    }
    const std::size_t count = page->parts.size();
    history::Commit commit;
    auto last = co_await add_removal(services, bucket, key, id, std::move(page->parts), commit);
    if (!last.ok()) co_return store_error(last.error());
    commit.frees_room = true;
    FAULT_POINT("upload.before_parts_removed");
    const auto committed = co_await services.store.commit(std::move(commit));
    if (!committed.ok() && committed.error().is(Code::conflict)) {
      ++attempts;  // somebody else named or removed one of the blobs
      continue;
    }
    if (!committed.ok()) co_return store_error(committed.error());
    FAULT_POINT("upload.after_parts_removed");
    removed += count;
    co_await remove_unnamed_blobs(services, std::move(last).value());
  }
  co_return busy();
}

namespace {

// The upload whose parts a job removes: its arguments.
struct Removal {
  std::string bucket;
  std::string bucket_id;
  std::string key;
  UploadId id;
};

Bytes encode_removal(const Bucket& bucket, const std::string& key, UploadId id) {
  const std::string text = id.text();
  Bytes arguments;
  for (const std::string* field : {&bucket.name, &bucket.id, &key, &text}) codec::append_sized(arguments, *field);
  return arguments;
}

Result<Removal> decode_removal(BytesView arguments) {
  BytesView bucket;
  BytesView bucket_id;
  BytesView key;
  BytesView text;
  for (BytesView* field : {&bucket, &bucket_id, &key, &text}) {
    if (!codec::read_sized(arguments, *field)) return corruption("a job's arguments name no upload");
  }
  const auto id = UploadId::parse(text);
  if (!id) return corruption("a job's arguments name no upload");
  return Removal{std::string(bucket), std::string(bucket_id), std::string(key), *id};
}

Task<Status> removal_step(Services& services, recovery::Job& job) {
  CO_TRY_ASSIGN(const Removal upload, decode_removal(job.arguments));
  const BucketPtr bucket = services.buckets.find(upload.bucket);
  bool more = false;
  if (bucket != nullptr && bucket->id == upload.bucket_id) {  // else the collector takes all that was the bucket's
    const auto removed = co_await remove_parts(services, *bucket, upload.key, upload.id, parts_removed_at_once);
    if (!removed.ok()) co_return unavailable(removed.error().message);
    const auto left = co_await scan_parts(services, *bucket, upload.key, upload.id, 0, 1);
    if (!left.ok()) co_return unavailable(left.error().message);
    more = !left->empty();
  }
  if (!more) job.state = recovery::JobState::done;
  co_return Status();
}

Task<Outcome<Passed>> remove_parts_or_begin(Services& services, BucketPtr bucket, std::string key, UploadId id) {
  CO_TRY(co_await remove_parts(services, *bucket, key, id, parts_removed_at_once));
  CO_TRY_ASSIGN(const auto left, co_await scan_parts(services, *bucket, key, id, 0, 1));
  if (left.empty()) co_return Passed{};
  std::string subject = "bucket " + bucket->name;
  Bytes arguments = encode_removal(*bucket, key, id);
  const auto begun = co_await services.jobs.start(std::string(removal_kind), std::move(subject), std::move(arguments));
  if (!begun.ok()) {
    log_line(LogLevel::warn, "s3", "parts of an aborted upload stay until a sweep finds them",
             log_field("bucket", bucket->name) + log_field("error", begun.error().to_string()));
  }
  co_return Passed{};
}

}  // namespace

void register_parts_removal(Services& services) {
  services.jobs.handle(std::string(removal_kind),
                       [&services](recovery::Job& job) { return removal_step(services, job); });
}

Task<Outcome<Passed>> abort_upload(Services& services, BucketPtr bucket, std::string key, UploadId id) {
  for (int attempts = 0; attempts < attempts_max; ++attempts) {
    const std::string text = id.text();
    CO_TRY_ASSIGN(FoundUpload found, co_await find_upload(services, *bucket, key, text));
    history::Commit commit;
    Bytes row = upload_key(UploadEntry::upload, key, id);
    commit.changes.push_back(change_of(bucket->spaces.uploads, std::move(row), std::nullopt, std::move(found.before)));
    FAULT_POINT("upload.before_abort");
    const auto committed = co_await services.store.commit(std::move(commit));
    if (!committed.ok() && committed.error().is(Code::conflict)) continue;
    if (!committed.ok()) co_return store_error(committed.error());
    FAULT_POINT("upload.after_abort");
    co_return co_await remove_parts_or_begin(services, bucket, std::move(key), id);
  }
  co_return busy();
}

namespace {

// One attempt at put_part(): false when it lost against another commit. `last` gets the blob that nobody names any
// more.
Task<Outcome<bool>> try_put_part(Services& services, BucketPtr bucket, std::string key, UploadId id, UploadedPart part,
                                 bool made_now, std::vector<blob::BlobId>& last) {
  const SpaceId space = bucket->spaces.uploads;
  history::Commit commit;
  CO_TRY_ASSIGN(history::Change alive, co_await services.buckets.alive_guard(*bucket));
  commit.changes.push_back(std::move(alive));
  const std::string text = id.text();
  CO_TRY_ASSIGN(FoundUpload upload, co_await find_upload(services, *bucket, key, text));
  history::Change check{space, upload_key(UploadEntry::upload, key, id), std::nullopt, std::move(upload.before)};
  check.only_check = true;
  commit.changes.push_back(std::move(check));

  Bytes row = part_key(key, id, part.number());
  auto before = co_await services.store.get(space, row);
  if (!before.ok()) co_return store_error(before.error());
  Payload replaced;
  if (*before) {
    auto old = decode_part(before->value());
    if (!old.ok()) co_return store_error(old.error());
    replaced.parts = std::move(old->pieces);
  }
  Payload payload;
  payload.parts = part.pieces;
  CO_TRY_ASSIGN(last, co_await replace_names(services, payload, made_now, replaced, commit));
  commit.changes.push_back(change_of(space, std::move(row), encode_part(part), std::move(before).value()));
  FAULT_POINT("upload.before_part");
  const auto committed = co_await services.store.commit(std::move(commit));
  if (!committed.ok() && committed.error().is(Code::conflict)) co_return false;
  if (!committed.ok()) co_return store_error(committed.error());
  FAULT_POINT("upload.after_part");
  co_return true;
}

}  // namespace

Task<Outcome<Passed>> put_part(Services& services, BucketPtr bucket, std::string key, UploadId id, UploadedPart part,
                               bool made_now) {
  const Bytes row = part_key(key, id, part.number());
  std::vector<history::KeyLocks::LockKey> keys = {{bucket->spaces.uploads, row}};
  if (!made_now) {
    // Copies of neighbouring ranges come at the same time, and meet in the blobs at their ends.
    keys.push_back({services.root.blobs, part.pieces.front().blob.bytes()});
    keys.push_back({services.root.blobs, part.pieces.back().blob.bytes()});
  }
  auto guard = co_await services.store.locks().lock(std::move(keys));
  for (int attempts = 0; attempts < attempts_max; ++attempts) {
    std::vector<blob::BlobId> last;
    CO_TRY_ASSIGN(const bool done, co_await try_put_part(services, bucket, key, id, part, made_now, last));
    if (!done) continue;
    guard.release();
    co_await remove_unnamed_blobs(services, std::move(last));
    co_return Passed{};
  }
  co_return busy();
}

}  // namespace reprise::s3
