#include "dynamo/archive/import_report.h"

#include <memory>
#include <utility>

#include "base/fault_point.h"
#include "dynamo/archive/transfer_store.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t page_lines = 500;

Bytes lines_of(const ImportTableRecord& record) { return "x/" + record.account + "/" + record.id + "/"; }

}  // namespace

Bytes report_key(const ImportTableRecord& record, std::uint64_t object, std::uint64_t index) {
  Bytes key = lines_of(record);
  append_be64(key, object);
  append_be64(key, index);
  return key;
}

Task<Status> write_report(Services& services, const ImportTableRecord& record, blob::ObjectStore* reports) {
  if (reports == nullptr) co_return Status();
  std::unique_ptr<blob::ObjectWriter> writer;
  Bytes after;
  for (;;) {
    CO_TRY_ASSIGN(const Records lines, co_await list_records(services, lines_of(record), after, page_lines));
    for (const auto& [key, line] : lines) {
      if (!writer) {
        CO_TRY_ASSIGN(writer, reports->create(record.id + "/error"));
      }
      CO_TRY(writer->append(line + "\n"));
    }
    if (lines.size() < page_lines) break;
    after = lines.back().first;
  }
  if (!writer) co_return Status();
  FAULT_POINT("import.before_report");
  CO_TRY(writer->commit());
  FAULT_POINT("import.after_report");
  co_return Status();
}

Task<Status> remove_report_lines(Services& services, const ImportTableRecord& record) {
  for (;;) {
    CO_TRY_ASSIGN(const Records lines, co_await list_records(services, lines_of(record), Bytes(), page_lines));
    if (lines.empty()) co_return Status();
    RecordChanges changes;
    for (const auto& [key, line] : lines) changes.emplace_back(key, std::nullopt);
    CO_TRY(co_await put_records(services, std::move(changes)));
  }
}

}  // namespace reprise::dynamo
