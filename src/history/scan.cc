// Scans: of the present, and as of T.
//
// A scan as of T merges the data partition, the history buckets from T's on, and a clone's base, by key. It goes in
// segments: one page of data, then everything else within the keys of that page. History is read after the data page it
// is merged with, so a version that ends meanwhile is seen in one of the two (or both: a key is shown once).
//   data record that begins by T   decides;
//   else a history record          decides, looked for from the bucket of T on;
//   else the base.
// The present of a clone is the same with every data record deciding and no history, one segment a page.
#include <algorithm>

#include "history/past_cursor.h"
#include "history/record.h"
#include "history/store_impl.h"

namespace reprise::history {

namespace {

// Pages of the sources: about what is asked for, between these.
constexpr std::size_t source_page_rows_min = 16;
constexpr std::size_t source_page_rows_max = 512;
constexpr std::size_t source_page_bytes = 256 << 10;
constexpr std::size_t examine_rows_min = 50'000;
constexpr std::size_t examine_bytes_min = 32 << 20;
constexpr std::size_t data_page_bytes_min = 64 << 10;

// What is left of `range` behind `key`; nothing when that is nothing.
std::optional<Range> behind(const Range& range, Direction direction, BytesView key) {
  Range rest = range;
  if (direction == Direction::forward) {
    rest.lower.assign(key).push_back('\0');
    if (!rest.upper.empty() && rest.lower >= rest.upper) return std::nullopt;
  } else {
    if (key.empty() || key <= rest.lower) return std::nullopt;
    rest.upper.assign(key);
  }
  return rest;
}

// `range` up to and including `key`, in scan direction.
Range up_to(const Range& range, Direction direction, BytesView key) {
  Range head = range;
  if (direction == Direction::forward) {
    head.upper.assign(key).push_back('\0');
  } else {
    head.lower.assign(key);
  }
  return head;
}

}  // namespace

// Over a base as of the clone's making, page by page. It stands at a key, or at the end; or it has stalled: the scan's
// budget is spent, and all it knows is that up to and including key() there is nothing more.
class BaseCursor {
 public:
  enum class Place : std::uint8_t { key, stalled, end };

  BaseCursor(StoreImpl& store, const SpaceState& clone, Range range, const ScanPlan& plan, ScanBudget& budget)
      : store_(store),
        clone_(clone),
        left_(std::move(range)),
        direction_(plan.direction),
        page_rows_(std::clamp(plan.max_rows, source_page_rows_min, source_page_rows_max)),
        budget_(budget) {}

  [[nodiscard]] Place place() const { return place_; }
  [[nodiscard]] const Bytes& key() const { return key_; }
  [[nodiscard]] BytesView value() const { return value_; }

  Task<Status> advance() {
    for (;;) {
      if (index_ < page_.rows.size()) {
        const auto row = page_.rows[index_++];
        key_.assign(row.key);
        value_ = row.value;
        place_ = Place::key;
        co_return Status();
      }
      if (started_ && budget_.spent() && page_.resume_after) {
        key_ = *page_.resume_after;
        place_ = Place::stalled;
        co_return Status();
      }
      if (!left_) {
        place_ = Place::end;
        co_return Status();
      }
      CO_TRY(co_await fill());
    }
  }

 private:
  Task<Status> fill() {
    ScanPlan plan{*left_, direction_, page_rows_, source_page_bytes, budget_.rows, budget_.bytes};
    const Space& base = *clone_.base_space;
    const SpaceState& state = *base.state();
    const Timestamp at = clone_.base->at;
    CO_TRY_ASSIGN(page_, co_await store_.scan_past(base, state, at, std::move(plan)));
    started_ = true;
    index_ = 0;
    for (std::size_t i = 0; i < page_.rows.size(); ++i) budget_.spend(page_.rows[i].value.size());
    // A page that came back with little cost its whole share of the budget.
    if (page_.rows.empty() && page_.resume_after) budget_ = ScanBudget{};
    left_ = page_.resume_after ? behind(*left_, direction_, *page_.resume_after) : std::nullopt;
    co_return Status();
  }

  StoreImpl& store_;
  const SpaceState& clone_;
  std::optional<Range> left_;
  const Direction direction_;
  const std::size_t page_rows_;
  ScanBudget& budget_;
  VersionPage page_;
  std::size_t index_ = 0;
  bool started_ = false;
  Place place_ = Place::end;
  Bytes key_;
  BytesView value_;
};

// One scan of one page.
class PastScan {
 public:
  // `at`: nothing means the present.
  PastScan(StoreImpl& store, const Space& space, const SpaceState& state, std::optional<Timestamp> at, ScanPlan plan)
      : store_(store),
        space_(space),
        state_(state),
        present_(!at),
        at_(at.value_or(Timestamp::max())),
        plan_(std::move(plan)),
        budget_{plan_.examine_rows, plan_.examine_bytes} {}

  Task<Result<VersionPage>> run() {
    std::optional<Range> left = plan_.range;
    while (left) {
      CO_TRY(co_await read_data(*left));
      if (present_ && state_.base && !space_.state()->base) {
        // The copy has finished meanwhile: a key missing in this page may have been deleted after it was copied.
        co_return conflict("the base link is gone");
      }
      std::optional<Range> rest;
      Range segment = *left;
      if (data_.more) {
        const BytesView last = data_.rows[data_.rows.size() - 1].key;
        segment = up_to(*left, plan_.direction, last);
        rest = behind(*left, plan_.direction, last);
      }
      CO_TRY(co_await open_segment(segment));
      CO_TRY(co_await merge(rest.has_value()));
      if (stopped_) break;
      if (rest && (present_ || budget_.spent())) {
        page_.resume_after = Bytes(data_.rows[data_.rows.size() - 1].key);
        break;
      }
      left = std::move(rest);
    }
    co_return std::move(page_);
  }

 private:
  using Place = BaseCursor::Place;

  Task<Status> read_data(const Range& range) {
    const auto partition = space_.present();
    const std::size_t rows = std::clamp(plan_.max_rows - page_.rows.size(), source_page_rows_min, std::size_t{1000});
    const std::size_t bytes =
        std::max(plan_.max_bytes - std::min(plan_.max_bytes, page_.rows.bytes()), data_page_bytes_min);
    const kv::PageLimit limit{rows, bytes};
    CO_TRY_ASSIGN(data_, co_await store_.engine_.scan(partition, range, plan_.direction, limit));
    data_index_ = 0;
    co_return Status();
  }

  Task<Status> open_segment(const Range& segment) {
    cursors_.clear();
    base_.reset();
    if (!present_) {
      const Range encoded = history_range(segment);
      const std::size_t page_rows = std::clamp(plan_.max_rows, source_page_rows_min, source_page_rows_max);
      auto& buckets = space_.history_buckets;
      for (auto bucket = buckets.next(bucket_of(state_.epochs, at_)); bucket; bucket = buckets.next(*bucket + 1)) {
        const auto partition = space_.partition(kv::Kind::history, *bucket);
        cursors_.push_back(std::make_unique<HistoryCursor>(store_.engine_, partition, encoded, plan_.direction, at_,
                                                           page_rows, budget_));
      }
    }
    for (auto& cursor : cursors_) CO_TRY(co_await cursor->advance());
    if (state_.base) {
      base_.emplace(store_, state_, segment, plan_, budget_);
      CO_TRY(co_await base_->advance());
    }
    co_return Status();
  }

  [[nodiscard]] bool before(BytesView a, BytesView b) const {
    return plan_.direction == Direction::forward ? a < b : b < a;
  }

  // The next key that a source stands at.
  void survey() {
    next_.reset();
    const auto meet = [this](BytesView key) {
      if (!next_ || before(key, *next_)) next_ = key;
    };
    if (data_index_ < data_.rows.size()) meet(data_.rows[data_index_].key);
    for (const auto& cursor : cursors_) {
      if (!cursor->at_end()) meet(cursor->key());
    }
    if (base_ && base_->place() == Place::key) meet(base_->key());
  }

  [[nodiscard]] bool full() const {
    return page_.rows.size() >= plan_.max_rows || page_.rows.bytes() >= plan_.max_bytes;
  }

  Task<Status> merge(bool more_segments) {
    for (;;) {
      survey();
      if (base_ && base_->place() == Place::stalled && (!next_ || before(base_->key(), *next_))) {
        stop_at(base_->key());
        co_return Status();
      }
      if (!next_) {
        if (more_segments && full()) stop_at(*passed_);
        co_return Status();
      }
      if (full() || (budget_.spent() && passed_)) {
        stop_at(*passed_);
        co_return Status();
      }
      passed_ = Bytes(*next_);
      CO_TRY(co_await show(*passed_));
      CO_TRY(co_await pass(*passed_));
    }
  }

  void stop_at(BytesView key) {
    stopped_ = true;
    page_.resume_after = Bytes(key);
  }

  // What `key` was, from the sources that stand at it.
  Task<Status> show(BytesView key) {
    using Answer = HistoryCursor::Answer;
    if (data_index_ < data_.rows.size() && data_.rows[data_index_].key == key) {
      CO_TRY_ASSIGN(const auto record, decode_record(data_.rows[data_index_].value));
      if (record.time <= at_) {
        if (!record.whiteout) page_.rows.append(key, record.payload, record.time);
        co_return Status();
      }
    }
    for (auto& cursor : cursors_) {
      if (cursor->at_end() || cursor->key() != key) continue;
      CO_TRY_ASSIGN(const Answer answer, co_await cursor->look());
      if (answer == Answer::absent) break;
      if (answer == Answer::unknown) continue;
      if (!cursor->whiteout()) page_.rows.append(key, cursor->value(), cursor->begin());
      co_return Status();
    }
    if (base_ && base_->place() == Place::key && base_->key() == key && state_.created <= at_) {
      page_.rows.append(key, base_->value(), state_.created);
    }
    co_return Status();
  }

  Task<Status> pass(BytesView key) {
    if (data_index_ < data_.rows.size() && data_.rows[data_index_].key == key) {
      budget_.spend(data_.rows[data_index_].value.size());
      ++data_index_;
    }
    for (auto& cursor : cursors_) {
      if (!cursor->at_end() && cursor->key() == key) CO_TRY(co_await cursor->advance());
    }
    if (base_ && base_->place() == Place::key && base_->key() == key) CO_TRY(co_await base_->advance());
    co_return Status();
  }

  StoreImpl& store_;
  const Space& space_;
  const SpaceState& state_;
  const bool present_;
  const Timestamp at_;
  const ScanPlan plan_;
  ScanBudget budget_;

  kv::Page data_;
  std::size_t data_index_ = 0;
  std::vector<std::unique_ptr<HistoryCursor>> cursors_;
  std::optional<BaseCursor> base_;

  std::optional<BytesView> next_;
  std::optional<Bytes> passed_;  // the last key that was dealt with
  bool stopped_ = false;
  VersionPage page_;
};

Task<Result<VersionPage>> StoreImpl::scan(ScanRequest request) {
  const auto ticket = gate_.enter();
  ScanPlan plan;
  plan.range = std::move(request.range);
  plan.direction = request.direction;
  plan.max_rows = std::max<std::size_t>(1, request.max_rows);
  plan.max_bytes = std::max<std::size_t>(1, request.max_bytes);
  plan.examine_rows = examine_rows_min + 4 * plan.max_rows;
  plan.examine_bytes = examine_bytes_min + 4 * plan.max_bytes;
  if (!plan.range.upper.empty() && plan.range.upper <= plan.range.lower) co_return VersionPage();
  if (!request.as_of) {
    CO_TRY_ASSIGN(Space* const space, find_live(request.space));
    co_return co_await scan_present(*space, std::move(plan));
  }
  CO_TRY_ASSIGN(const Space* const space, find_any(request.space));
  CO_TRY_ASSIGN(const SpaceState* const state, co_await enter_past(*space, *request.as_of));
  co_return co_await scan_past(*space, *state, *request.as_of, std::move(plan));
}

Task<Result<VersionPage>> StoreImpl::scan_present(Space& space, ScanPlan plan) {
  for (;;) {
    const SpaceState* const state = space.state();
    if (!state->base) co_return co_await scan_plain(space, std::move(plan));
    PastScan scan(*this, space, *state, std::nullopt, plan);
    auto page = co_await scan.run();
    if (page.ok() || !page.error().is(Code::conflict)) co_return page;
  }
}

Task<Result<VersionPage>> StoreImpl::scan_past(const Space& space, const SpaceState& state, Timestamp at,
                                               ScanPlan plan) {
  CO_TRY(co_await learn_buckets(space));
  PastScan scan(*this, space, state, at, std::move(plan));
  co_return co_await scan.run();
}

Task<Result<VersionPage>> StoreImpl::scan_plain(Space& space, ScanPlan plan) {
  const auto partition = space.present();
  const kv::PageLimit limit{plan.max_rows, plan.max_bytes};
  CO_TRY_ASSIGN(const auto found, co_await engine_.scan(partition, plan.range, plan.direction, limit));
  VersionPage page;
  page.rows.reserve(found.rows.size(), found.rows.bytes());
  for (std::size_t i = 0; i < found.rows.size(); ++i) {
    const auto row = found.rows[i];
    CO_TRY_ASSIGN(const auto record, decode_record(row.value));
    if (!record.whiteout) page.rows.append(row.key, record.payload, record.time);
  }
  if (found.more) page.resume_after = Bytes(found.rows[found.rows.size() - 1].key);
  co_return page;
}

}  // namespace reprise::history
