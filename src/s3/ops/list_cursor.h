// A reader over one space of a bucket, in order, that can be told to skip: what listings are made of.
//
// It reads a few rows ahead, more of them the longer nothing is skipped, so that a listing costs what it shows and not
// what its common prefixes hide.
//
// Belongs to one coroutine. Rows stay valid until the next call of anything but row().
#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"
#include "base/range.h"
#include "base/task.h"
#include "history/version.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

class ListCursor {
 public:
  struct Reach {
    std::size_t rows_first = 16;  // read at once at the start and after each skip
    std::size_t rows_max = 1000;
  };
  // `range` is of keys of the space; an empty one has nothing.
  ListCursor(Services& services, SpaceId space, Range range, std::optional<Timestamp> as_of, Reach reach);

  // Reads until there is a row below `limit` (empty: the end of the range), or none.
  Task<Outcome<Passed>> fill(BytesView limit);
  // Whether a row has been read that was not passed.
  [[nodiscard]] bool has_row() const { return at_ < page_.rows.size(); }
  [[nodiscard]] history::VersionRows::Row row() const { return page_.rows[at_]; }
  void pass() { ++at_; }
  // Passes everything before `key`. An empty key is behind everything.
  void skip_to(Bytes key);
  // No row that has not been read yet lies before this key; empty: there are none at all.
  [[nodiscard]] BytesView unread_from() const { return at_end_ ? BytesView() : BytesView(lower_); }
  // Whether every row of the range has been read and passed.
  [[nodiscard]] bool at_end() const { return at_end_ && !has_row(); }

 private:
  Services& services_;
  const SpaceId space_;
  Bytes lower_;
  const Bytes upper_;
  const std::optional<Timestamp> as_of_;
  const Reach reach_;
  std::size_t rows_ = 0;
  history::VersionPage page_;
  std::size_t at_ = 0;
  bool at_end_ = false;
};

}  // namespace reprise::s3
