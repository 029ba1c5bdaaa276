// Invariants:
//   - a backup holds the table as of one moment: every page is scanned as of the same pinned time, whatever is written
//     meanwhile, and also when the table has been deleted;
//   - a step does a segment: it is durable before the checkpoint that counts it, and written again, the same, after a
//     crash in between;
//   - the manifest comes after every segment, the record's `available` after the manifest, and the pin goes last.
#include "dynamo/archive/make_backup.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "dynamo/archive/backup_jobs.h"
#include "dynamo/archive/backup_manifest.h"
#include "dynamo/archive/backup_record.h"
#include "history/store.h"
#include "recovery/segment_writer.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t segment_raw_bytes = std::size_t{32} << 20;
constexpr std::size_t page_rows = 4096;
constexpr std::size_t page_bytes = 1 << 20;

// What a checkpoint holds: be32 length and key to go on behind, be64 bytes of values so far, a byte that says whether
// everything is scanned, and the segments as JSON.
struct Progress {
  Bytes resume_after;
  std::uint64_t bytes = 0;
  bool scanned = false;
  std::vector<recovery::SegmentInfo> segments;

  [[nodiscard]] std::uint64_t rows() const {
    std::uint64_t sum = 0;
    for (const auto& segment : segments) sum += segment.rows;
    return sum;
  }
};

Bytes encode_progress(const Progress& progress) {
  Bytes out;
  append_be32(out, static_cast<std::uint32_t>(progress.resume_after.size()));
  out.append(progress.resume_after);
  append_be64(out, progress.bytes);
  out.push_back(progress.scanned ? '1' : '0');
  append_segments(out, progress.segments);
  return out;
}

Result<Progress> decode_progress(BytesView text) {
  Progress progress;
  if (text.empty()) return progress;
  constexpr std::size_t fixed_bytes = 4 + 8 + 1;
  if (text.size() < fixed_bytes) return corruption("a backup job's checkpoint is cut");
  const std::size_t key_bytes = read_be32(text);
  if (text.size() - fixed_bytes < key_bytes) return corruption("a backup job's checkpoint is cut");
  progress.resume_after = text.substr(4, key_bytes);
  text.remove_prefix(4 + key_bytes);
  progress.bytes = read_be64(text);
  progress.scanned = text[8] == '1';
  TRY_ASSIGN(progress.segments, decode_segments(text.substr(9)));
  return progress;
}

// Room may come back, and the backup with it.
Status worth_waiting(Status status) {
  return status.is(Code::exhausted) ? unavailable(std::string(status.message())) : status;
}

// Scans and writes until the segment is full or nothing is left. An empty table has no segment.
Task<Status> write_segment(Services& services, Backup backup, Progress* progress) {
  history::ScanRequest request;
  request.space = backup.table.space;
  request.as_of = backup.as_of;
  request.max_rows = page_rows;
  request.max_bytes = page_bytes;
  if (!progress->resume_after.empty()) request.range.lower = progress->resume_after + '\0';
  std::unique_ptr<recovery::SegmentWriter> writer;
  while (!progress->scanned && (!writer || writer->raw_bytes() < segment_raw_bytes)) {
    CO_TRY_ASSIGN(const auto page, co_await services.store.scan(request));
    if (!page.rows.empty() && !writer) {
      CO_TRY_ASSIGN(auto object, services.backups->create(segment_key(backup, progress->segments.size() + 1)));
      writer = std::make_unique<recovery::SegmentWriter>(std::move(object));
    }
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
      CO_TRY(writer->add(page.rows[i].key, page.rows[i].value));
      progress->bytes += page.rows[i].value.size();
    }
    progress->scanned = !page.resume_after.has_value();
    if (page.resume_after) {
      progress->resume_after = *page.resume_after;
      request.range.lower = *page.resume_after + '\0';
    }
  }
  if (!writer) co_return Status();
  FAULT_POINT("backup.before_segment");
  CO_TRY_ASSIGN(auto segment, writer->finish());
  FAULT_POINT("backup.after_segment");
  progress->segments.push_back(std::move(segment));
  co_return Status();
}

Task<Status> finish(Services& services, StoredBackup stored, Progress progress, recovery::Job* job) {
  const std::string pin = backup_pin(stored.backup);
  stored.backup.status = BackupStatus::available;
  stored.backup.items = progress.rows();
  stored.backup.bytes = progress.bytes;
  BackupManifest manifest{stored.backup, std::move(progress.segments)};
  FAULT_POINT("backup.before_manifest");
  const Status written = write_manifest(*services.backups, manifest);
  if (!written.ok()) co_return worth_waiting(written);
  FAULT_POINT("backup.after_manifest");
  CO_TRY(co_await save_backup(services, std::move(stored)));
  FAULT_POINT("backup.after_available");
  CO_TRY(co_await services.store.unpin(pin));
  FAULT_POINT("backup.after_unpin");
  job->state = recovery::JobState::done;
  co_return Status();
}

}  // namespace

Task<Status> make_backup_step(Services& services, recovery::Job& job) {
  CO_TRY_ASSIGN(const BackupJob what, decode_backup_job(job.arguments));
  if (services.backups == nullptr) co_return unavailable("no backup location is configured");
  CO_TRY_ASSIGN(auto stored, co_await load_backup(services, what.account, what.table, what.id));
  const bool wanted = stored && stored->backup.status == BackupStatus::creating && !stored->backup.as_of.is_zero();
  if (!wanted) {
    if (stored) CO_TRY(co_await services.store.unpin(backup_pin(stored->backup)));
    job.state = recovery::JobState::done;
    co_return Status();
  }
  CO_TRY_ASSIGN(Progress progress, decode_progress(job.checkpoint));
  if (progress.scanned) co_return co_await finish(services, std::move(*stored), std::move(progress), &job);
  const Status written = co_await write_segment(services, stored->backup, &progress);
  if (!written.ok()) co_return worth_waiting(written);
  job.checkpoint = encode_progress(progress);
  job.done = progress.rows();
  job.total = std::max(stored->backup.items, job.done);
  co_return Status();
}

}  // namespace reprise::dynamo
