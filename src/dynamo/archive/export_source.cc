// Which of an item's changes is the last one is asked of the versions themselves, so that nothing has to be remembered
// of a window however many changes it has.
#include "dynamo/archive/export_source.h"

#include <algorithm>
#include <utility>

#include "dynamo/archive/export_lines.h"
#include "dynamo/model/key.h"
#include "dynamo/model/size.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t page_rows = 2000;
constexpr std::size_t page_bytes = 1 << 20;
constexpr std::size_t changes_page = 500;

ExportFormat format_of(const ExportRecord& record) {
  return record.format == "ION" ? ExportFormat::ion : ExportFormat::dynamodb_json;
}

// Whether nothing happened to the item after this change, up to the window's end.
Task<Result<bool>> is_last(history::Store& store, const ExportRecord& record, const history::LogEntry& entry) {
  const SpaceId space(record.space);
  const Timestamp to(record.to);
  if (entry.kind == history::ChangeKind::put) {
    CO_TRY_ASSIGN(const history::Version after, co_await store.get(space, entry.key, to));
    co_return after.exists() && after.begin() == entry.at;
  }
  CO_TRY_ASSIGN(const auto lives, co_await store.versions(space, entry.key, entry.at, to, 2));
  co_return std::none_of(lives.begin(), lives.end(),
                         [&](const history::Interval& life) { return life.begin > entry.at; });
}

Task<Status> add_change(history::Store& store, const ExportRecord& record, history::LogEntry entry,
                        ExportLines& lines) {
  CO_TRY_ASSIGN(const bool last, co_await is_last(store, record, entry));
  if (!last) co_return Status();
  const SpaceId space(record.space);
  CO_TRY_ASSIGN(const history::Version before, co_await store.get(space, entry.key, Timestamp(record.before)));
  history::Version after;
  if (entry.kind == history::ChangeKind::put) {
    CO_TRY_ASSIGN(after, co_await store.get(space, entry.key, entry.at));
  }
  if (!before && !after) co_return Status();
  const Bytes keys = key_attributes(record.key(), entry.key);
  ExportedChange change;
  change.write_micros = entry.at.micros();
  change.keys = ItemView(keys);
  if (after) change.new_image = ItemView(after.value());
  if (before && record.view == "NEW_AND_OLD_IMAGES") change.old_image = ItemView(before.value());
  append_change_line(lines.text, format_of(record), change);
  ++lines.items;
  lines.item_bytes += item_size(change.new_image) + item_size(change.old_image);
  co_return Status();
}

}  // namespace

Task<Result<ExportLines>> read_segment(history::Store& store, const ExportRecord& record, std::uint64_t segment,
                                       std::uint64_t segments, Bytes& after) {
  KeyRange range = segment_range(static_cast<std::uint32_t>(segment), static_cast<std::uint32_t>(segments));
  history::ScanRequest request;
  request.space = SpaceId(record.space);
  request.range.lower = after.empty() ? std::move(range.lower) : after + '\0';
  request.range.upper = std::move(range.upper);
  request.max_rows = page_rows;
  request.max_bytes = page_bytes;
  request.as_of = Timestamp(record.at);
  CO_TRY_ASSIGN(const auto page, co_await store.scan(std::move(request)));
  ExportLines lines;
  lines.text.reserve(2 * page.rows.bytes());
  for (std::size_t i = 0; i < page.rows.size(); ++i) {
    const ItemView item(page.rows[i].value);
    append_export_line(lines.text, format_of(record), item);
    lines.item_bytes += item_size(item);
  }
  lines.items = page.rows.size();
  lines.last = !page.resume_after;
  if (page.resume_after) after = *page.resume_after;
  co_return std::move(lines);
}

Task<Result<ExportLines>> read_changes(history::Store& store, const ExportRecord& record,
                                       history::Store::LogPosition& position) {
  CO_TRY_ASSIGN(auto entries,
                co_await store.changes(SpaceId(record.space), position, Timestamp(record.to), changes_page));
  ExportLines lines;
  lines.last = entries.size() < changes_page;
  for (history::LogEntry& entry : entries) {
    position = {entry.at, entry.sequence};
    CO_TRY(co_await add_change(store, record, std::move(entry), lines));
  }
  co_return std::move(lines);
}

}  // namespace reprise::dynamo
