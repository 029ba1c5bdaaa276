// Invariants:
//   - an export's record says COMPLETED only when every object it names is durable, the manifests last;
//   - the pin is there from before the first read to after the record has ended, whatever crashes in between: each step
//     that may have been the last one before a crash is done again, and doing it again changes nothing;
//   - a session (an open file) lives in memory only; without it the file it was writing is begun anew.
#include "dynamo/archive/export_job.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "base/log.h"
#include "blob/object_store.h"
#include "dynamo/archive/export_file.h"
#include "dynamo/archive/export_progress.h"
#include "dynamo/archive/export_record.h"
#include "dynamo/archive/export_source.h"
#include "dynamo/archive/transfer_bucket.h"
#include "dynamo/archive/transfer_failure.h"
#include "dynamo/archive/transfer_store.h"
#include "dynamo/ops/recovery_window.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

constexpr std::uint64_t file_bytes = std::uint64_t{64} << 20;  // of lines; about what one data file holds
constexpr std::uint64_t step_bytes = std::uint64_t{4} << 20;   // of lines, in one step
constexpr std::uint64_t segments_min = 4;                      // as many files as AWS makes of the smallest table
constexpr std::uint64_t segments_max = 1024;
// After a step the export rests for so many times as long as the step took (within bounds): requests come first.
constexpr std::uint64_t rest_factor = 2;
constexpr std::uint64_t rest_micros_max = 500'000;
constexpr std::uint64_t incremental_billed_min = 10'000'000;

Result<TransferGlance> glance(BytesView stored) {
  TRY_ASSIGN(ExportRecord record, decode_export(stored));
  return TransferGlance{record.in_progress(), record.end_micros, std::move(record.table_name)};
}

}  // namespace

const TransferKind export_transfers{"table-export", "export of table ", exports_prefix, glance};

std::string export_pin(std::string_view id) { return std::string("export/").append(id); }

// What one job holds between its steps.
struct ExportJobs::Session {
  TransferBucket bucket;
  std::unique_ptr<ExportFileWriter> file;
  Bytes after;                           // full: the last key in `file`
  history::Store::LogPosition position;  // incremental: the last change in `file`
  std::uint64_t item_bytes = 0;          // of what is in `file`
};

namespace {

// One step of one export; made anew for each.
template <class Session>
class ExportStep {
 public:
  ExportStep(Services& services, ExportRecord& record, ExportProgress& progress, Session& session)
      : services_(services), record_(record), progress_(progress), session_(session) {}

  // Does the next part; true when the export has ended.
  Task<Result<bool>> run() {
    CO_TRY(session_.bucket.open(services_, record_.account, record_.bucket_owner, record_.bucket));
    if (!progress_.begun) {
      CO_TRY(co_await begin());
    } else if (!progress_.data_done) {
      CO_TRY(co_await write_data());
    } else {
      CO_TRY(co_await end());
      co_return true;
    }
    co_return false;
  }

 private:
  Task<Status> begin() {
    FAULT_POINT("export.before_pin");
    std::vector<SpaceId> spaces{SpaceId(record_.space)};
    const Timestamp at(record_.incremental() ? record_.before : record_.at);
    const Status pinned = co_await services_.store.pin(export_pin(record_.id), std::move(spaces), at);
    if (!pinned.ok() && !pinned.is(Code::already_exists)) co_return pinned;
    FAULT_POINT("export.after_pin");
    CO_TRY(co_await services_.store.wait_closed(Timestamp(record_.incremental() ? record_.to : record_.at)));
    auto started =
        session_.bucket.blame(write_object(*session_.bucket, record_.folder() + record_.id + "/_started", ""));
    CO_TRY(started);
    const auto info = space_info(services_.store, SpaceId(record_.space));
    const std::uint64_t bytes = info ? info->bytes : 0;
    progress_.segments = std::clamp(bytes / file_bytes + 1, segments_min, segments_max);
    if (record_.incremental()) progress_.position_at = record_.before;
    // Every change at `before` itself lies before the window.
    if (record_.incremental()) progress_.position_sequence = 0xffffffff;
    progress_.begun = true;
    co_return Status();
  }

  Task<Status> write_data() {
    const std::uint64_t begun = services_.wall.now_micros();
    CO_TRY(co_await write_part());
    const std::uint64_t now = services_.wall.now_micros();
    const std::uint64_t rest = std::min(now > begun ? (now - begun) * rest_factor : 0, rest_micros_max);
    if (!progress_.data_done && rest >= 1000) co_await sleep_for(std::chrono::milliseconds(rest / 1000));
    co_return Status();
  }

  Task<Status> write_part() {
    for (std::uint64_t bytes = 0; bytes < step_bytes && !progress_.data_done;) {
      if (!session_.file) CO_TRY(open_file());
      ExportLines lines;
      if (record_.incremental()) {
        CO_TRY_ASSIGN(lines, co_await read_changes(services_.store, record_, session_.position));
      } else {
        const std::uint64_t segment = progress_.files.size();
        CO_TRY_ASSIGN(lines,
                      co_await read_segment(services_.store, record_, segment, progress_.segments, session_.after));
      }
      bytes += lines.text.size();
      session_.item_bytes += lines.item_bytes;
      CO_TRY(session_.bucket.blame(session_.file->append(lines.text, lines.items)));
      const bool full = record_.incremental() && session_.file->raw_bytes() >= file_bytes;
      if (lines.last || full) CO_TRY(finish_file(lines.last));
    }
    co_return Status();
  }

  Status open_file() {
    TRY_ASSIGN(session_.file,
               session_.bucket.blame(ExportFileWriter::create(*session_.bucket, next_file_key(record_, progress_))));
    session_.after.clear();
    session_.position = {Timestamp(progress_.position_at), static_cast<std::uint32_t>(progress_.position_sequence)};
    session_.item_bytes = 0;
    return {};
  }

  Status finish_file(bool last) {
    TRY_ASSIGN(ExportedFile file, session_.bucket.blame(session_.file->finish()));
    session_.file.reset();
    progress_.items += file.items;
    progress_.item_bytes += session_.item_bytes;
    progress_.position_at = session_.position.at.bits();
    progress_.position_sequence = session_.position.sequence;
    progress_.files.push_back(std::move(file));
    progress_.data_done = record_.incremental() ? last : progress_.files.size() == progress_.segments;
    return {};
  }

  // A manifest and its checksum.
  Status write_manifest(const std::string& name, BytesView text) {
    const std::string key = record_.folder() + record_.id + "/" + name;
    TRY_ASSIGN(const std::string md5, session_.bucket.blame(write_object(*session_.bucket, key + ".json", text)));
    TRY(session_.bucket.blame(write_object(*session_.bucket, key + ".md5", md5)));
    return {};
  }

  Task<Status> end() {
    record_.end_micros = services_.store.now().micros();
    record_.item_count = progress_.items;
    record_.billed_bytes =
        record_.incremental() ? std::max(progress_.item_bytes, incremental_billed_min) : progress_.item_bytes;
    record_.manifest = record_.folder() + record_.id + "/manifest-summary.json";
    CO_TRY(write_manifest("manifest-files", manifest_files(progress_)));
    CO_TRY(write_manifest("manifest-summary", manifest_summary(record_)));
    record_.status = "COMPLETED";
    co_return Status();
  }

  Services& services_;
  ExportRecord& record_;
  ExportProgress& progress_;
  Session& session_;
};

// Notes that the export has ended, and lets the past go.
Task<Status> settle(Services& services, const ExportRecord& record) {
  if (!record.in_progress()) {
    FAULT_POINT("export.before_settled");
    CO_TRY(co_await put_record(services, export_key(record.account, record.id), encode_export(record)));
    FAULT_POINT("export.after_settled");
  }
  CO_TRY(co_await services.store.unpin(export_pin(record.id)));
  FAULT_POINT("export.after_unpin");
  co_return Status();
}

void note_failure(Services& services, const Status& why, bool bucket_failed, ExportRecord& record) {
  TransferFailure failure{"InternalServerError", why.to_string()};
  if (bucket_failed) failure = bucket_failure(why);
  record.status = "FAILED";
  record.end_micros = services.store.now().micros();
  record.failure_code = std::move(failure.code);
  record.failure_message = std::move(failure.message);
  log_line(LogLevel::warn, "dynamo", "an export failed",
           log_field("export", record.arn) + log_field("error", why.to_string()));
}

}  // namespace

ExportJobs::ExportJobs(Services& services) : services_(services) {}
ExportJobs::~ExportJobs() = default;

Task<Status> ExportJobs::step(recovery::Job& job) {
  CO_TRY_ASSIGN(const auto stored, co_await find_record(services_, job.arguments));
  if (!stored) {
    job.state = recovery::JobState::done;
    job.message = "the export's record is gone";
    co_return Status();
  }
  CO_TRY_ASSIGN(ExportRecord record, decode_export(*stored));
  if (record.in_progress()) {
    CO_TRY_ASSIGN(ExportProgress progress, decode_progress(job.checkpoint));
    const auto session = sessions_.of(job.id);
    session->bucket.begin_step();
    ExportStep<Session> step(services_, record, progress, *session);
    const auto ended = co_await step.run();
    if (ended.ok() && !*ended) {
      job.checkpoint = encode_progress(progress);
      job.done = progress.items;
      co_return Status();
    }
    const bool bucket_failed = session->bucket.failed();
    sessions_.drop(job.id);
    if (!ended.ok()) {
      if (is_worth_retrying(ended.error())) co_return ended.error();
      note_failure(services_, ended.error(), bucket_failed, record);
    }
  }
  CO_TRY(co_await settle(services_, record));
  job.state = recovery::JobState::done;
  job.message = record.failure_message;
  co_return Status();
}

}  // namespace reprise::dynamo
