// See list_cursor.h. lower_ is where the next read starts: behind every row of the page.
#include "s3/ops/list_cursor.h"

#include <algorithm>
#include <utility>

#include "base/executor.h"
#include "history/store.h"
#include "s3/ops/key_lookup.h"
#include "s3/ops/services.h"

namespace reprise::s3 {

namespace {

// A listing of the past may have to pass very many keys that were not there then, or were there no more: the other
// requests of its thread do not wait for all of them.
Task<void> let_others_in() {
  Executor* const here = Executor::current();
  if (here != nullptr) co_await ResumeOn{*here};
}

}  // namespace

ListCursor::ListCursor(Services& services, SpaceId space, Range range, std::optional<Timestamp> as_of, Reach reach)
    : services_(services),
      space_(space),
      lower_(std::move(range.lower)),
      upper_(std::move(range.upper)),
      as_of_(as_of),
      reach_(reach),
      rows_(reach.rows_first) {}

Task<Outcome<Passed>> ListCursor::fill(BytesView limit) {
  const Bytes until = limit.empty() || (!upper_.empty() && BytesView(upper_) < limit) ? upper_ : Bytes(limit);
  while (!has_row() && !at_end_) {
    if (!until.empty() && lower_ >= until) {
      at_end_ = until == upper_;
      break;
    }
    history::ScanRequest request;
    request.space = space_;
    request.range = {lower_, until};
    request.max_rows = rows_;
    request.as_of = as_of_;
    auto page = co_await services_.store.scan(std::move(request));
    if (!page.ok()) co_return bucket_read_error(page.error(), as_of_);
    page_ = std::move(page).value();
    at_ = 0;
    rows_ = std::min(rows_ * 4, reach_.rows_max);
    if (page_.resume_after) {
      lower_ = *page_.resume_after + '\0';
      if (page_.rows.empty()) co_await let_others_in();
    } else if (until.empty()) {
      at_end_ = true;
    } else {
      lower_ = until;
    }
  }
  co_return Passed{};
}

void ListCursor::skip_to(Bytes key) {
  if (key.empty()) {
    at_ = page_.rows.size();
    at_end_ = true;
    return;
  }
  while (has_row() && row().key < key) ++at_;
  if (has_row() || lower_ >= key) return;
  lower_ = std::move(key);
  rows_ = reach_.rows_first;
}

}  // namespace reprise::s3
