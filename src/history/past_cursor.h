// Cursors over what a scan as of T merges with the data partition: one over each history bucket, one over a base.
//
// Used by one coroutine at a time.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/range.h"
#include "base/status.h"
#include "base/task.h"
#include "kv/engine.h"

namespace reprise::history {

// How many stored records a scan may still look at.
struct ScanBudget {
  std::size_t rows = 0;
  std::size_t bytes = 0;

  [[nodiscard]] bool spent() const { return rows == 0 || bytes == 0; }
  void spend(std::size_t size) {
    if (rows > 0) --rows;
    bytes -= std::min(bytes, size);
  }
};

// Over one history bucket, from key to key; what a key was at T is looked for only when asked. Reads pages, and seeks
// only to get past a key with many versions.
class HistoryCursor {
 public:
  // `range` is of history keys (record.h); the first page has `page_rows`. The engine and budget outlive the cursor.
  // Starts before the first key.
  HistoryCursor(kv::Engine& engine, kv::Partition partition, Range range, Direction direction, Timestamp at,
                std::size_t page_rows, ScanBudget& budget);

  // To the next key that has any record in the bucket.
  Task<Status> advance();
  [[nodiscard]] bool at_end() const { return at_end_; }
  [[nodiscard]] const Bytes& key() const { return key_; }

  enum class Answer : std::uint8_t {
    found,    // a version of the key was live at T and ended in this bucket
    unknown,  // nothing here says what the key was
    absent,   // it lived here only after T: neither do later buckets hold what it was at T
  };
  // Once for each key.
  Task<Result<Answer>> look();
  // Of the version found; valid until the next advance().
  [[nodiscard]] Timestamp begin() const { return begin_; }
  [[nodiscard]] bool whiteout() const { return whiteout_; }
  [[nodiscard]] BytesView value() const { return value_; }

 private:
  Task<Result<bool>> at_row();        // whether there is a row under index_, after reading the next page if need be
  [[nodiscard]] bool in_key() const;  // whether that row is of the key
  void choose(BytesView stored, Timestamp begin);
  void keep();                     // the chosen record survives its page
  void seek_from(Bytes bound);     // drops the page; goes on at `bound`, in scan direction
  Task<Status> choose_directly();  // by one look at the record that begins last at or before T
  [[nodiscard]] bool forward() const { return direction_ == Direction::forward; }

  kv::Engine& engine_;
  const kv::Partition partition_;
  Range range_;  // what is left beyond page_
  const Direction direction_;
  const Timestamp at_;
  ScanBudget& budget_;

  kv::Page page_;
  std::size_t index_ = 0;
  kv::PageLimit limit_;  // of the next page; grows

  bool at_end_ = false;
  Bytes escaped_;  // the key, as it stands in the bucket; empty before the first
  Bytes key_;

  bool chosen_ = false;
  Bytes kept_;        // the chosen record, when its page is gone
  BytesView stored_;  // the chosen record
  Timestamp begin_;
  bool whiteout_ = false;
  BytesView value_;
};

}  // namespace reprise::history
