// The rows of one key lie together, newest first; backward they come oldest first. Whatever the direction, a key with
// more than a few rows on the wrong side of T is left by a seek.
#include "history/past_cursor.h"

#include <algorithm>

#include "history/record.h"

namespace reprise::history {

namespace {

constexpr std::size_t rows_before_seek = 12;
constexpr kv::PageLimit page_limit_first{64, 64 << 10};
constexpr kv::PageLimit page_limit_max{512, 256 << 10};

}  // namespace

HistoryCursor::HistoryCursor(kv::Engine& engine, kv::Partition partition, Range range, Direction direction,
                             Timestamp at, std::size_t page_rows, ScanBudget& budget)
    : engine_(engine),
      partition_(partition),
      range_(std::move(range)),
      direction_(direction),
      at_(at),
      budget_(budget),
      limit_{std::min(page_rows, page_limit_first.rows), page_limit_first.bytes} {
  page_.more = true;
}

Task<Result<bool>> HistoryCursor::at_row() {
  if (index_ < page_.rows.size()) co_return true;
  if (!page_.more) co_return false;
  keep();
  CO_TRY_ASSIGN(page_, co_await engine_.scan(partition_, range_, direction_, limit_));
  index_ = 0;
  limit_.rows = std::min(limit_.rows * 2, page_limit_max.rows);
  limit_.bytes = std::min(limit_.bytes * 2, page_limit_max.bytes);
  if (page_.rows.empty()) {
    page_.more = false;
    co_return false;
  }
  const BytesView last = page_.rows[page_.rows.size() - 1].key;
  if (forward()) {
    range_.lower.assign(last).push_back('\0');
  } else {
    range_.upper.assign(last);
  }
  co_return true;
}

bool HistoryCursor::in_key() const {
  // No escaped key is the beginning of another.
  return !escaped_.empty() && page_.rows[index_].key.starts_with(escaped_);
}

Task<Status> HistoryCursor::advance() {
  chosen_ = false;
  for (std::size_t passed = 0;; ++passed) {
    if (index_ == page_.rows.size()) {
      CO_TRY_ASSIGN(const bool more, co_await at_row());
      if (!more) {
        at_end_ = true;
        co_return Status();
      }
    }
    if (!in_key()) break;
    if (passed == rows_before_seek) {
      seek_from(forward() ? history_range_of_key(escaped_, at_).upper : escaped_);
      continue;
    }
    budget_.spend(page_.rows[index_].key.size() + page_.rows[index_].value.size());
    ++index_;
  }
  CO_TRY_ASSIGN(const auto parts, decode_history_key(page_.rows[index_].key));
  escaped_.assign(parts.escaped);
  CO_TRY_ASSIGN(key_, unescape_key(escaped_));
  co_return Status();
}

// Forward, the first row that begins at or before T decides; backward, the last one does.
Task<Result<HistoryCursor::Answer>> HistoryCursor::look() {
  bool later = false;
  for (std::size_t passed = 0;; ++passed) {
    if (index_ == page_.rows.size()) {
      CO_TRY_ASSIGN(const bool more, co_await at_row());
      if (!more) break;
    }
    if (!in_key()) break;
    const auto row = page_.rows[index_];
    CO_TRY_ASSIGN(const auto parts, decode_history_key(row.key));
    if (parts.begin > at_) {
      later = true;
      if (!forward()) break;
    } else {
      choose(row.value, parts.begin);
    }
    budget_.spend(row.key.size() + row.value.size());
    ++index_;
    if (chosen_ && forward()) break;
    if (passed == rows_before_seek) {
      CO_TRY(co_await choose_directly());
      break;
    }
  }
  if (chosen_) {
    CO_TRY_ASSIGN(const auto record, decode_record(stored_));
    whiteout_ = record.whiteout;
    value_ = record.payload;
    if (record.time > at_) co_return Answer::found;
  }
  co_return later ? Answer::absent : Answer::unknown;
}

Task<Status> HistoryCursor::choose_directly() {
  const Range of_key = history_range_of_key(escaped_, at_);
  const kv::PageLimit one{1, 1};
  CO_TRY_ASSIGN(const auto found, co_await engine_.scan(partition_, of_key, Direction::forward, one));
  chosen_ = false;
  if (found.rows.empty()) co_return Status();
  CO_TRY_ASSIGN(const auto parts, decode_history_key(found.rows[0].key));
  choose(found.rows[0].value, parts.begin);
  keep();
  co_return Status();
}

void HistoryCursor::choose(BytesView stored, Timestamp begin) {
  chosen_ = true;
  kept_.clear();
  stored_ = stored;
  begin_ = begin;
}

void HistoryCursor::keep() {
  if (!chosen_ || !kept_.empty()) return;
  kept_ = Bytes(stored_);
  stored_ = kept_;
}

void HistoryCursor::seek_from(Bytes bound) {
  page_ = kv::Page{};
  page_.more = true;
  index_ = 0;
  (forward() ? range_.lower : range_.upper) = std::move(bound);
}

}  // namespace reprise::history
