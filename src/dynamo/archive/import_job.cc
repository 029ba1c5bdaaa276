// Invariants:
//   - the counts are those of the records up to the checkpoint, each counted once whatever crashes;
//   - the table is ACTIVE before the import has ended, and not before its last item is written;
//   - a session (an object being read) lives in memory only; without it the object is read again from its start, and
//     the records before the checkpoint are passed over.
#include "dynamo/archive/import_job.h"

#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "base/log.h"
#include "blob/object_store.h"
#include "blob/permission.h"
#include "dynamo/archive/import_items.h"
#include "dynamo/archive/import_progress.h"
#include "dynamo/archive/import_record.h"
#include "dynamo/archive/import_report.h"
#include "dynamo/archive/import_request.h"
#include "dynamo/archive/import_table.h"
#include "dynamo/archive/transfer_bucket.h"
#include "dynamo/archive/transfer_failure.h"
#include "dynamo/archive/transfer_store.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t step_records = 4000;
constexpr std::size_t step_bytes = 4 << 20;
constexpr std::size_t list_page = 1000;
constexpr std::string_view item_validation_message =
    "Some of the items failed validation checks and were not imported. Please check CloudWatch error logs for more "
    "details.";

Result<TransferGlance> glance(BytesView stored) {
  TRY_ASSIGN(ImportTableRecord record, decode_import(stored));
  return TransferGlance{record.in_progress(), record.end_micros, std::move(record.table_name)};
}

}  // namespace

const TransferKind import_transfers{"table-import", "import into table ", imports_prefix, glance};

// What one job holds between its steps.
struct ImportJobs::Session {
  TransferBucket bucket;
  std::vector<blob::ObjectInfo> listed;  // objects to come, the next one last
  bool listed_all = false;
  std::string key;  // of the object being read
  std::unique_ptr<ImportSource> source;
  std::unique_ptr<ImportReader> reader;
  std::uint64_t records = 0;  // of it, that the reader has given
  std::uint64_t bytes = 0;    // of it, that were read
  bool object_done = false;
};

namespace {

// One step of one import; made anew for each.
template <class Session>
class ImportStep {
 public:
  ImportStep(Services& services, const ImportTableRecord& record, ImportProgress& progress, Session& session)
      : services_(services), record_(record), progress_(progress), session_(session) {}

  // Does the next part; true when all data is in.
  Task<Result<bool>> run() {
    CO_TRY(session_.bucket.open(services_, record_.account, record_.bucket_owner, record_.bucket));
    if (!progress_.table_made) {
      // A bucket that is not there must leave no table.
      CO_TRY(list_more());
      CO_TRY(co_await make_import_table(services_, record_));
      progress_.table_made = true;
    } else if (!progress_.data_done) {
      CO_TRY(co_await read_records());
    }
    co_return progress_.data_done;
  }

 private:
  Status list_more() {
    const std::string after = session_.key.empty() ? progress_.finished_key : session_.key;
    TRY_ASSIGN(auto page, session_.bucket.blame(session_.bucket->list(record_.key_prefix, after, list_page)));
    session_.listed_all = page.size() < list_page;
    session_.listed.assign(std::make_move_iterator(page.rbegin()), std::make_move_iterator(page.rend()));
    return {};
  }

  Task<Status> read_records() {
    CO_TRY_ASSIGN(const TablePtr table, find_import_table(services_, record_));
    std::size_t records = 0;
    std::size_t bytes = 0;
    while (records < step_records && bytes < step_bytes && !progress_.data_done) {
      if (!session_.source && !session_.object_done) {
        CO_TRY(next_object());
        if (progress_.data_done) break;
      }
      std::vector<ImportRecord> found;
      CO_TRY(read_piece(found, bytes));
      for (ImportRecord& record : found) take(*table, record, records);
      if (session_.object_done) finish_object();
    }
    CO_TRY(co_await write_imported(services_, table, std::move(items_)));
    co_return co_await put_records(services_, std::move(lines_));
  }

  // Opens the next object; there may be none, or it may have gone since it was listed.
  Status next_object() {
    if (session_.listed.empty() && !session_.listed_all) TRY(list_more());
    if (session_.listed.empty()) {
      progress_.data_done = true;
      return {};
    }
    session_.key = std::move(session_.listed.back().key);
    session_.listed.pop_back();
    session_.records = 0;
    session_.bytes = 0;
    session_.reader = make_import_reader(import_format(record_), csv_options(record_), attributes());
    auto source = ImportSource::open(*session_.bucket, session_.key, import_compression(record_));
    if (!source.ok() && source.error().is(Code::not_found)) {
      gone_ = "The object is not there any more";
      session_.object_done = true;
      return {};
    }
    TRY_ASSIGN(session_.source, session_.bucket.blame(std::move(source)));
    return {};
  }

  [[nodiscard]] std::vector<AttributeDefinition> attributes() const {
    auto table = decode_table(record_.definition);
    return table.ok() ? table->attributes : std::vector<AttributeDefinition>();
  }

  // The records in the next bytes of the object.
  Status read_piece(std::vector<ImportRecord>& found, std::size_t& bytes) {
    if (session_.object_done) {
      found.push_back({Bytes(), std::exchange(gone_, {})});
      return {};
    }
    auto piece = session_.source->read();
    if (!piece.ok() && piece.error().is(Code::invalid) && !blob::is_permission_denied(piece.error())) {
      // What is behind this cannot be made sense of.
      found.push_back({Bytes(), std::string(piece.error().message())});
      session_.object_done = true;
      return {};
    }
    TRY_ASSIGN(const Bytes read, session_.bucket.blame(std::move(piece)));
    session_.bytes += read.size();
    bytes += read.size();
    if (read.empty()) {
      session_.reader->finish(found);
      session_.object_done = true;
    } else {
      session_.reader->feed(read, found);
    }
    return {};
  }

  // An item to be written, or a line of the report; unless it was before the last checkpoint.
  void take(const TableDefinition& table, const ImportRecord& record, std::size_t& records) {
    const std::uint64_t index = session_.records++;
    if (index < progress_.records) return;
    ++records;
    ++progress_.records;
    ++progress_.processed_items;
    auto item = imported_item(document_, table, record);
    if (item.ok()) {
      ++progress_.imported_items;
      items_.push_back(std::move(item).value());
      return;
    }
    if (progress_.error_count++ >= ImportJobs::errors_reported_max) return;
    lines_.emplace_back(report_key(record_, progress_.objects, index),
                        error_line(record_.bucket, session_.key, index, record_.arn, item.error().message));
  }

  void finish_object() {
    progress_.finished_key = session_.key;
    ++progress_.objects;
    progress_.records = 0;
    progress_.processed_bytes += session_.bytes;
    session_.source.reset();
    session_.reader.reset();
    session_.object_done = false;
  }

  Services& services_;
  const ImportTableRecord& record_;
  ImportProgress& progress_;
  Session& session_;
  codec::JsonDocument document_;
  std::vector<ImportedItem> items_;
  RecordChanges lines_;
  std::string gone_;
};

void note_failure(const Status& why, bool bucket_failed, ImportTableRecord& record) {
  TransferFailure failure{"InternalServerError", why.to_string()};
  if (bucket_failed) failure = bucket_failure(why);
  if (!bucket_failed && why.is(Code::not_found)) failure = {"TableNotFound", std::string(why.message())};
  if (why.is(Code::already_exists)) failure = {"TableAlreadyExists", std::string(why.message())};
  record.status = "FAILED";
  record.failure_code = std::move(failure.code);
  record.failure_message = std::move(failure.message);
  log_line(LogLevel::warn, "dynamo", "an import failed",
           log_field("import", record.arn) + log_field("error", why.to_string()));
}

void note_end(const ImportProgress& progress, ImportTableRecord& record) {
  record.processed_items = progress.processed_items;
  record.imported_items = progress.imported_items;
  record.error_count = progress.error_count;
  record.processed_bytes = progress.processed_bytes;
  if (!record.in_progress()) return;
  record.status = progress.error_count == 0 ? "COMPLETED" : "FAILED";
  if (progress.error_count == 0) return;
  record.failure_code = "ItemValidationError";
  record.failure_message = item_validation_message;
  log_line(LogLevel::warn, "dynamo", "items of an import were not imported; the error report names them",
           log_field("import", record.arn) + log_field("errors", progress.error_count) +
               log_field("report", record.id + "/error"));
}

// The report, the table, the record; what of it was done before a crash is done again.
Task<Status> settle(Services& services, ImportTableRecord& record, const ImportProgress& progress,
                    blob::ObjectStore* reports) {
  CO_TRY(co_await write_report(services, record, reports));
  if (progress.table_made) CO_TRY(co_await activate_import_table(services, record));
  note_end(progress, record);
  record.end_micros = services.store.now().micros();
  FAULT_POINT("import.before_settled");
  CO_TRY(co_await put_record(services, import_key(record.account, record.id), encode_import(record)));
  FAULT_POINT("import.after_settled");
  co_return Status();
}

}  // namespace

ImportJobs::ImportJobs(Services& services, std::shared_ptr<blob::ObjectStore> reports)
    : services_(services), reports_(std::move(reports)) {}
ImportJobs::~ImportJobs() = default;

Task<Status> ImportJobs::step(recovery::Job& job) {
  CO_TRY_ASSIGN(const auto stored, co_await find_record(services_, job.arguments));
  if (!stored) {
    job.state = recovery::JobState::done;
    job.message = "the import's record is gone";
    co_return Status();
  }
  CO_TRY_ASSIGN(ImportTableRecord record, decode_import(*stored));
  if (record.in_progress()) {
    CO_TRY_ASSIGN(ImportProgress progress, decode_import_progress(job.checkpoint));
    const auto session = sessions_.of(job.id);
    session->bucket.begin_step();
    ImportProgress next = progress;
    ImportStep<Session> step(services_, record, next, *session);
    const auto done = co_await step.run();
    if (done.ok() && !*done) {
      job.checkpoint = encode_progress(next);
      job.done = next.processed_items;
      co_return Status();
    }
    const bool bucket_failed = session->bucket.failed();
    sessions_.drop(job.id);
    if (done.ok()) {
      progress = next;
    } else {
      if (is_worth_retrying(done.error())) co_return done.error();
      note_failure(done.error(), bucket_failed, record);
    }
    CO_TRY(co_await settle(services_, record, progress, reports_.get()));
    job.done = progress.processed_items;
  }
  CO_TRY(co_await remove_report_lines(services_, record));
  job.state = recovery::JobState::done;
  job.message = record.failure_message;
  co_return Status();
}

}  // namespace reprise::dynamo
