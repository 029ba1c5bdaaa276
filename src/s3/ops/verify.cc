// The job's checkpoint holds everything: where it is, the damaged blobs it has seen, what it has found. So a step can
// be repeated after a crash: it begins again where the last one ended.
//
// Invariant: nothing is reported that a request took away meanwhile: before a finding is noted, the record (or the
// entry of names) that led to it is read again.
#include "s3/ops/verify.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/fault_point.h"
#include "blob/blob_store.h"
#include "codec/checksum.h"
#include "history/store.h"
#include "s3/model/upload.h"
#include "s3/ops/blob_names.h"
#include "s3/ops/buckets.h"
#include "s3/ops/key_ring.h"
#include "s3/ops/on_disk.h"
#include "s3/ops/payload.h"
#include "s3/ops/services.h"
#include "s3/ops/verify_checkpoint.h"

namespace reprise::s3 {

namespace {

using Damage = VerifyCheckpoint::Damage;
using Part = VerifyCheckpoint::Part;
using Phase = VerifyCheckpoint::Phase;

constexpr std::size_t rows_a_step = 500;
constexpr std::uint64_t bytes_a_step = std::uint64_t{64} << 20;
constexpr std::size_t damaged_max = 10'000;  // blobs whose users are looked for

void note(VerifyCheckpoint& checkpoint, VerifyFinding finding) {
  VerifyReport& report = checkpoint.report;
  ++report.findings;
  if (report.listed.size() < findings_max) report.listed.push_back(std::move(finding));
}

// ---- Blobs ---------------------------------------------------------------------------------------------------------

Damage damage_of(const blob::BlobReport& report) {
  Damage damage;
  if (report.head_damaged) {
    damage.what = "the head of the blob is damaged";
    return damage;
  }
  damage.block = report.damaged.front().block;
  damage.offset = report.damaged.front().offset;
  damage.what = std::to_string(report.damaged.size()) + " of " + std::to_string(report.blocks) +
                " blocks are damaged, the first is " + std::to_string(damage.block);
  return damage;
}

class Verification {
 public:
  Verification(Services& services, VerifyCheckpoint& checkpoint) : services_(services), checkpoint_(checkpoint) {}

  // A bounded part of the work.
  Task<Status> step() {
    if (checkpoint_.phase == Phase::blobs) co_return co_await check_blobs();
    co_return co_await check_records();
  }

 private:
  // Where a record is: what a finding says of it, and where it is read again.
  struct Place {
    BucketPtr bucket;
    SpaceId space;
    Bytes row;
    std::string key;
    std::string version;
    Timestamp begin;  // of the record as it was read
  };

  Task<Status> check_blobs();
  Task<Status> check_blob(blob::BlobId id);
  Task<Status> check_records();
  Task<Result<bool>> check_page(BucketPtr bucket);
  Task<Status> check_row(Place place, Bytes value);
  Task<Status> check_version(Place place, ObjectVersion version);
  Task<Status> check_pieces(Place place, std::vector<PayloadPart> pieces);
  Task<Status> check_release(Place place);
  Task<Status> check_named(Place place, blob::BlobId id);
  Task<Status> check_inline(Place place, ObjectVersion version);
  Task<Status> report_unless_gone(Place place, std::string what);
  void report_unused();
  [[nodiscard]] BucketPtr next_bucket() const;
  [[nodiscard]] static SpaceId space_of(const Bucket& bucket, Part part);

  Services& services_;
  VerifyCheckpoint& checkpoint_;
};

Task<Status> Verification::check_blob(blob::BlobId id) {
  auto work = [this, id] { return services_.blobs.verify(id); };
  const auto read = co_await on_disk(services_.disk, std::move(work));
  std::optional<Damage> damage;
  if (read.ok()) {
    checkpoint_.report.bytes += read->bytes;
    if (!read->ok()) damage = damage_of(*read);
  } else if (read.error().is(Code::not_found)) {
    damage.emplace();
    damage->what = "the blob is missing";
  } else {
    co_return read.error();
  }
  ++checkpoint_.report.blobs;
  if (!damage) co_return Status();
  // A blob goes only after its entry: is it still there?
  CO_TRY_ASSIGN(const history::Version named, co_await services_.store.get(services_.root.blobs, id.bytes()));
  if (named && checkpoint_.damaged.size() < damaged_max) checkpoint_.damaged[id] = std::move(*damage);
  co_return Status();
}

Task<Status> Verification::check_blobs() {
  history::ScanRequest request;
  request.space = services_.root.blobs;
  request.range.lower = checkpoint_.position;
  request.max_rows = rows_a_step;
  CO_TRY_ASSIGN(const auto page, co_await services_.store.scan(std::move(request)));
  const std::uint64_t bytes_before = checkpoint_.report.bytes;
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    if (checkpoint_.report.bytes - bytes_before >= bytes_a_step) co_return Status();
    const Bytes key(page.rows[i].key);
    if (const auto id = blob::BlobId::from_bytes(key)) CO_TRY(co_await check_blob(*id));
    checkpoint_.position = key + '\0';
  }
  if (page.resume_after) {
    checkpoint_.position = *page.resume_after + '\0';
    co_return Status();
  }
  checkpoint_.phase = Phase::records;
  checkpoint_.position.clear();
  co_return Status();
}

// ---- Records -------------------------------------------------------------------------------------------------------

SpaceId Verification::space_of(const Bucket& bucket, Part part) {
  switch (part) {
    case Part::heads: return bucket.spaces.heads;
    case Part::versions: return bucket.spaces.versions;
    case Part::uploads: return bucket.spaces.uploads;
    default: return bucket.spaces.releases;
  }
}

BucketPtr Verification::next_bucket() const {
  BucketPtr next;
  for (const BucketPtr& bucket : services_.buckets.all()) {
    if (bucket->id >= checkpoint_.bucket && (!next || bucket->id < next->id)) next = bucket;
  }
  return next;
}

// Notes it when the record still stands.
Task<Status> Verification::report_unless_gone(Place place, std::string what) {
  const auto again = co_await services_.store.get(place.space, place.row);
  if (again.ok() && (!*again || again->begin() != place.begin)) co_return Status();
  VerifyFinding finding;
  finding.bucket = place.bucket->name;
  finding.key = std::move(place.key);
  finding.version = std::move(place.version);
  finding.what = std::move(what);
  note(checkpoint_, std::move(finding));
  co_return Status();
}

// A blob that a record names: it must have an entry, and be whole.
Task<Status> Verification::check_named(Place place, blob::BlobId id) {
  const auto damaged = checkpoint_.damaged.find(id);
  if (damaged != checkpoint_.damaged.end()) {
    damaged->second.used = true;
    VerifyFinding finding{
        place.bucket->name,    place.key, place.version, id.text(), damaged->second.what, damaged->second.block,
        damaged->second.offset};
    note(checkpoint_, std::move(finding));
    co_return Status();
  }
  CO_TRY_ASSIGN(const history::Version names, co_await services_.store.get(services_.root.blobs, id.bytes()));
  if (names && decode_names(names.value()).ok()) co_return Status();
  std::string what =
      "blob " + id.text() + (names ? ": the number of its names is damaged" : " is not known to be named");
  co_return co_await report_unless_gone(std::move(place), std::move(what));
}

// The bytes of a small object: that they open, and have the checksum that the record says.
Task<Status> Verification::check_inline(Place place, ObjectVersion version) {
  std::optional<DataKey> key;
  if (version.encryption.kind == SseKind::customer) co_return Status();  // nobody here can read it
  if (version.encryption.kind != SseKind::none) {
    auto opened = services_.keys.open(version.encryption, SseRequest());
    if (!opened.ok()) {
      std::string what = "the key of the object does not open: " + opened.error().message;
      co_return co_await report_unless_gone(std::move(place), std::move(what));
    }
    key = std::move(opened).value();
  }
  const auto stream =
      co_await open_payload(services_, place.bucket, version, std::move(key), 0, version.bytes, std::nullopt);
  Bytes bytes;
  Status status = stream.ok() ? Status() : stream.error();
  while (status.ok() && bytes.size() < version.bytes) {
    const auto piece = co_await (*stream)->read();
    if (!piece.ok()) status = piece.error();
    if (piece.ok() && piece->empty()) status = corruption("the payload is too short");
    if (piece.ok()) bytes += *piece;
  }
  if (!status.ok()) {
    std::string what = "the payload inside the store cannot be read: " + status.to_string();
    co_return co_await report_unless_gone(std::move(place), std::move(what));
  }
  for (const ObjectChecksum& checksum : version.checksums) {
    if (checksum.type != ChecksumType::full_object) continue;
    if (codec::checksum_of(checksum.value.algorithm(), bytes) == checksum.value) continue;
    std::string what = "the payload inside the store is not what its " +
                       std::string(codec::checksum_name(checksum.value.algorithm())) + " says";
    co_return co_await report_unless_gone(std::move(place), std::move(what));
  }
  co_return Status();
}

// Each blob once, however many slices of it there are.
Task<Status> Verification::check_pieces(Place place, std::vector<PayloadPart> pieces) {
  std::set<blob::BlobId> blobs;
  for (const PayloadPart& piece : pieces) blobs.insert(piece.blob);
  for (const blob::BlobId id : blobs) CO_TRY(co_await check_named(place, id));
  co_return Status();
}

Task<Status> Verification::check_version(Place place, ObjectVersion version) {
  CO_TRY(co_await check_pieces(place, version.payload.parts));
  if (version.payload.inlined) CO_TRY(co_await check_inline(std::move(place), std::move(version)));
  co_return Status();
}

Task<Status> Verification::check_release(Place place) {
  const auto key = parse_release_key(place.row);
  if (key.ok()) co_return co_await check_named(std::move(place), key->id);
  std::string what = "a release's record is damaged";
  co_return co_await report_unless_gone(std::move(place), std::move(what));
}

Task<Status> Verification::check_row(Place place, Bytes value) {
  ++checkpoint_.report.records;
  if (checkpoint_.part == Part::releases) co_return co_await check_release(std::move(place));
  if (checkpoint_.part == Part::uploads) {
    const auto key = parse_upload_key(place.row);
    if (key.ok()) place.key = key->object_key;
    if (key.ok() && key->entry != UploadEntry::part) {
      const bool whole = key->entry == UploadEntry::upload ? decode_upload(value).ok() : decode_completed(value).ok();
      if (whole) co_return Status();
    } else if (key.ok()) {
      const auto part = decode_part(value);
      if (part.ok()) co_return co_await check_pieces(std::move(place), part->pieces);
    }
    co_return co_await report_unless_gone(std::move(place), "an upload's record is damaged");
  }
  if (checkpoint_.part == Part::versions) {
    const auto key = parse_versions_key(place.row);
    if (key.ok()) place.key = key->object_key;
  } else {
    place.key = place.row;
  }
  auto version = decode_version(value);
  if (!version.ok()) {
    std::string what = "the record is damaged: " + version.error().to_string();
    co_return co_await report_unless_gone(std::move(place), std::move(what));
  }
  place.version = version->id.text();
  co_return co_await check_version(std::move(place), std::move(version).value());
}

// True: that was all of the space at work.
Task<Result<bool>> Verification::check_page(BucketPtr bucket) {
  const SpaceId space = space_of(*bucket, checkpoint_.part);
  history::ScanRequest request;
  request.space = space;
  request.range.lower = checkpoint_.position;
  request.max_rows = rows_a_step;
  const auto page = co_await services_.store.scan(std::move(request));
  if (!page.ok()) {
    if (page.error().is(Code::not_found)) co_return true;  // the bucket has been deleted
    if (!page.error().is(Code::corruption) && !page.error().is(Code::io_error)) co_return page.error();
    VerifyFinding finding;
    finding.bucket = bucket->name;
    finding.what = "a space of the bucket cannot be read any further: " + page.error().to_string();
    note(checkpoint_, std::move(finding));
    co_return true;
  }
  for (std::size_t i = 0; i < page->rows.size(); ++i) {
    const auto row = page->rows[i];
    Place place{bucket, space, Bytes(row.key), "", "", row.begin};
    Bytes value(row.value);
    CO_TRY(co_await check_row(std::move(place), std::move(value)));
  }
  if (!page->resume_after) co_return true;
  checkpoint_.position = *page->resume_after + '\0';
  co_return false;
}

// Damaged blobs that no record of the present names.
void Verification::report_unused() {
  for (const auto& [id, damage] : checkpoint_.damaged) {
    if (!damage.used) note(checkpoint_, {"", "", "", id.text(), damage.what, damage.block, damage.offset});
  }
}

Task<Status> Verification::check_records() {
  const BucketPtr bucket = next_bucket();
  if (!bucket) {
    report_unused();
    checkpoint_.damaged.clear();
    checkpoint_.phase = Phase::ended;
    co_return Status();
  }
  if (bucket->id != checkpoint_.bucket) {
    checkpoint_.bucket = bucket->id;
    checkpoint_.part = Part::heads;
    checkpoint_.position.clear();
  }
  CO_TRY_ASSIGN(const bool finished, co_await check_page(bucket));
  if (!finished) co_return Status();
  checkpoint_.position.clear();
  checkpoint_.part = static_cast<Part>(static_cast<std::uint8_t>(checkpoint_.part) + 1);
  if (checkpoint_.part != Part::none) co_return Status();
  checkpoint_.bucket += '\0';  // behind it
  checkpoint_.part = Part::heads;
  co_return Status();
}

// Everything there is to look at, as far as it can be told.
std::uint64_t rows_of(const Services& services) {
  std::uint64_t rows = 0;
  const auto add = [&](SpaceId space) {
    const auto info = services.store.info(space);
    if (info.ok()) rows += info->keys;
  };
  add(services.root.blobs);
  for (const BucketPtr& bucket : services.buckets.all()) {
    for (const SpaceId space :
         {bucket->spaces.heads, bucket->spaces.versions, bucket->spaces.uploads, bucket->spaces.releases}) {
      add(space);
    }
  }
  return rows;
}

std::string summary(const VerifyReport& report) {
  return std::to_string(report.blobs) + " blobs (" + std::to_string(report.bytes) + " bytes) and " +
         std::to_string(report.records) + " records read, " + std::to_string(report.findings) + " findings";
}

Task<Status> verify_step(Services* services, recovery::Job& job) {
  CO_TRY_ASSIGN(VerifyCheckpoint checkpoint, decode_verify_checkpoint(job.checkpoint));
  Verification verification(*services, checkpoint);
  CO_TRY(co_await verification.step());
  FAULT_POINT("verify.after_step");
  job.checkpoint = encode_verify_checkpoint(checkpoint);
  job.done = checkpoint.report.blobs + checkpoint.report.records;
  job.total = std::max(job.done, rows_of(*services));
  job.message = summary(checkpoint.report);
  if (checkpoint.phase == Phase::ended) {
    job.total = job.done;
    job.state = recovery::JobState::done;
  }
  co_return Status();
}

}  // namespace

void register_verification(Services& services) {
  services.jobs.handle(std::string(verify_kind),
                       [all = &services](recovery::Job& job) { return verify_step(all, job); });
}

Task<Result<std::string>> start_verify(Services& services) {
  for (const recovery::Job& job : services.jobs.list()) {
    if (job.kind == verify_kind && job.state == recovery::JobState::running) co_return job.id;
  }
  co_return co_await services.jobs.start(std::string(verify_kind), "all buckets", Bytes());
}

Result<VerifyReport> verify_report(const recovery::Job& job) {
  if (job.kind != verify_kind) return invalid("job " + job.id + " is no verification");
  TRY_ASSIGN(VerifyCheckpoint checkpoint, decode_verify_checkpoint(job.checkpoint));
  return std::move(checkpoint.report);
}

}  // namespace reprise::s3
