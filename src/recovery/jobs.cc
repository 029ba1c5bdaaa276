// Running jobs: records in a space of their own, a few coroutines that take one step after the other.
//
// Invariants:
//   - a job whose id start() returned is in the space; its record always shows the last step that was done whole;
//   - one coroutine at a time works on a job, so steps of one job never overlap;
//   - at most concurrent_max jobs work at once; the others wait in order of arrival. A job that pauses is not at work:
//     it lets others in, and lines up again afterwards;
//   - when stop() has returned, nothing of this object runs or will run.
#include "recovery/jobs.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <utility>

#include "base/fault_point.h"
#include "base/log.h"
#include "base/rng.h"
#include "history/store.h"
#include "recovery/alarm.h"
#include "recovery/job_record.h"

namespace reprise::recovery {

namespace {

constexpr unsigned concurrent_max = 4;
constexpr std::chrono::milliseconds pause_min{50};
constexpr std::chrono::milliseconds pause_max{30'000};
// How long the record of an ended job is kept for people to read, and how many of them.
constexpr std::uint64_t ended_kept_micros = std::uint64_t{7} * 24 * 3600 * 1'000'000;
constexpr std::size_t ended_kept_max = 1000;

std::chrono::milliseconds pause_after(unsigned failures) {
  const auto pause = pause_min * (1U << std::min(failures, 12U));
  return std::min<std::chrono::milliseconds>(pause, pause_max);
}

bool worth_retrying(const Status& status) {
  return status.is(Code::unavailable) || status.is(Code::conflict) || status.is(Code::moved) ||
         status.is(Code::exhausted);
}

class StoredJobs final : public Jobs {
 public:
  StoredJobs(history::Store& store, SpaceId space, Executor& executor)
      : store_(store), space_(space), executor_(executor) {}
  ~StoredJobs() override { stop(); }

  Task<Status> load();

  void handle(std::string kind, JobStep step) override;
  void resume() override;
  Task<Result<std::string>> start(std::string kind, std::string subject, Bytes arguments) override;
  Task<Status> cancel(std::string id) override;
  [[nodiscard]] std::optional<Job> find(std::string_view id) const override;
  [[nodiscard]] std::vector<Job> list() const override;
  void every(std::chrono::milliseconds interval, std::string name, std::function<Task<Status>()> step) override;
  void stop() override;

 private:
  struct Entry {
    Job job;  // as it is on disk; guarded by mutex_
    bool cancel_asked = false;
    unsigned failures = 0;  // in a row; of the coroutine that works on it
  };
  using EntryPtr = std::shared_ptr<Entry>;
  enum class Outcome : std::uint8_t { more, pause, ended };  // of a step

  Task<Status> save(Job job);
  Task<Status> erase(std::string id);
  void start_waiting();  // with mutex_ held
  Task<void> work(EntryPtr entry, const JobStep* step);
  Task<Outcome> save_step(EntryPtr entry, Job job);
  Task<Status> save_over(EntryPtr entry, Job job);
  Task<Outcome> take_step(EntryPtr entry, const JobStep* step);
  Task<void> wait_and_line_up(EntryPtr entry);
  Task<void> repeat(std::chrono::milliseconds interval, std::string name, std::function<Task<Status>()> step);
  Task<void> forget_ended();
  [[nodiscard]] bool stopping() const;
  void left();

  history::Store& store_;
  const SpaceId space_;
  Executor& executor_;
  Alarm alarm_;

  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::map<std::string, EntryPtr, std::less<>> entries_;
  std::map<std::string, JobStep, std::less<>> handlers_;
  std::deque<EntryPtr> waiting_;
  unsigned working_ = 0;  // jobs being worked on
  unsigned inside_ = 0;   // coroutines of ours, jobs and repeated steps
  bool resumed_ = false;
  bool stopping_ = false;
};

Task<Status> StoredJobs::load() {
  history::ScanRequest request;
  request.space = space_;
  for (;;) {
    CO_TRY_ASSIGN(const auto page, co_await store_.scan(request));
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
      const auto row = page.rows[i];
      CO_TRY_ASSIGN(Job job, decode_job(row.key, row.value));
      auto entry = std::make_shared<Entry>();
      entry->job = std::move(job);
      entries_.emplace(row.key, std::move(entry));
    }
    if (!page.resume_after) co_return Status();
    request.range.lower = *page.resume_after + '\0';
  }
}

void StoredJobs::handle(std::string kind, JobStep step) {
  const std::lock_guard lock(mutex_);
  ASSERT(!resumed_);
  handlers_[std::move(kind)] = std::move(step);
}

void StoredJobs::resume() {
  const std::lock_guard lock(mutex_);
  resumed_ = true;
  std::vector<EntryPtr> running;
  for (const auto& [id, entry] : entries_) {
    if (entry->job.state == JobState::running) running.push_back(entry);
  }
  std::sort(running.begin(), running.end(),
            [](const EntryPtr& a, const EntryPtr& b) { return a->job.started_micros < b->job.started_micros; });
  waiting_.assign(running.begin(), running.end());
  start_waiting();
}

Task<Result<std::string>> StoredJobs::start(std::string kind, std::string subject, Bytes arguments) {
  Job job;
  job.id = random_uuid();
  job.kind = std::move(kind);
  job.subject = std::move(subject);
  job.arguments = std::move(arguments);
  job.started_micros = store_.now().micros();
  FAULT_POINT("jobs.before_start");
  CO_TRY(co_await save(job));
  FAULT_POINT("jobs.after_start");
  auto entry = std::make_shared<Entry>();
  entry->job = job;
  const std::lock_guard lock(mutex_);
  entries_.emplace(job.id, entry);
  if (resumed_) {
    waiting_.push_back(std::move(entry));
    start_waiting();
  }
  co_return std::move(job.id);
}

// Noted at once: after a crash or a stop during the present step the job must not go on.
Task<Status> StoredJobs::cancel(std::string id) {
  const auto guard = co_await store_.locks().lock(space_, id);
  Job job;
  {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    if (found == entries_.end() || found->second->job.state != JobState::running) {
      co_return not_found("no job " + id + " is running");
    }
    found->second->cancel_asked = true;
    job = found->second->job;
  }
  job.state = JobState::cancelled;
  job.ended_micros = store_.now().micros();
  co_return co_await save(std::move(job));
}

std::optional<Job> StoredJobs::find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return std::nullopt;
  return found->second->job;
}

std::vector<Job> StoredJobs::list() const {
  std::vector<Job> jobs;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, entry] : entries_) jobs.push_back(entry->job);
  }
  std::sort(jobs.begin(), jobs.end(), [](const Job& a, const Job& b) {
    const bool a_ended = a.state != JobState::running;
    const bool b_ended = b.state != JobState::running;
    if (a_ended != b_ended) return b_ended;
    return a_ended ? a.ended_micros > b.ended_micros : a.started_micros > b.started_micros;
  });
  return jobs;
}

void StoredJobs::every(std::chrono::milliseconds interval, std::string name, std::function<Task<Status>()> step) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    ++inside_;
  }
  spawn(executor_, repeat(interval, std::move(name), std::move(step)));
}

void StoredJobs::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
  }
  alarm_.ring();
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [this] { return inside_ == 0; });
}

Task<Status> StoredJobs::save(Job job) {
  history::Change change;
  change.space = space_;
  change.key = job.id;
  change.value = encode_job(job);
  CO_TRY_ASSIGN(change.before, co_await store_.get(space_, job.id));
  history::Commit commit;
  commit.frees_room = true;  // some jobs make room, and those that need it must be able to wait for it
  commit.changes.push_back(std::move(change));
  CO_TRY(co_await store_.commit(std::move(commit)));
  co_return Status();
}

Task<Status> StoredJobs::erase(std::string id) {
  history::Change change;
  change.space = space_;
  change.key = id;
  CO_TRY_ASSIGN(change.before, co_await store_.get(space_, id));
  if (!change.before) co_return Status();
  history::Commit commit;
  commit.changes.push_back(std::move(change));
  CO_TRY(co_await store_.commit(std::move(commit)));
  co_return Status();
}

void StoredJobs::start_waiting() {
  while (working_ < concurrent_max && !waiting_.empty() && !stopping_) {
    EntryPtr entry = std::move(waiting_.front());
    waiting_.pop_front();
    const auto handler = handlers_.find(entry->job.kind);
    if (handler == handlers_.end()) {
      log_line(LogLevel::warn, "recovery", "nobody knows how to do this job; it is left alone",
               log_field("job", entry->job.id) + log_field("kind", entry->job.kind));
      continue;
    }
    ++working_;
    ++inside_;
    spawn(executor_, work(std::move(entry), &handler->second));
  }
}

Task<void> StoredJobs::work(EntryPtr entry, const JobStep* step) {
  Outcome outcome = Outcome::more;
  while (outcome == Outcome::more && !stopping()) outcome = co_await take_step(entry, step);
  if (outcome == Outcome::ended) co_await forget_ended();
  {
    const std::lock_guard lock(mutex_);
    --working_;
    start_waiting();
  }
  if (outcome == Outcome::pause) co_await wait_and_line_up(entry);
  left();
}

Task<void> StoredJobs::wait_and_line_up(EntryPtr entry) {
  co_await alarm_.wait(pause_after(entry->failures));
  const std::lock_guard lock(mutex_);
  if (stopping_) co_return;
  waiting_.push_back(std::move(entry));
  start_waiting();
}

// One step and its record.
Task<StoredJobs::Outcome> StoredJobs::take_step(EntryPtr entry, const JobStep* step) {
  Job job;
  bool cancel = false;
  {
    const std::lock_guard lock(mutex_);
    job = entry->job;
    cancel = entry->cancel_asked;
  }
  if (cancel) {
    job.state = JobState::cancelled;
    co_return co_await save_step(entry, std::move(job));
  }
  const Status status = co_await (*step)(job);
  if (status.ok()) {
    entry->failures = 0;
    co_return co_await save_step(entry, std::move(job));
  }
  if (!worth_retrying(status)) {
    {
      const std::lock_guard lock(mutex_);
      job = entry->job;  // what the step had begun does not count
    }
    job.state = JobState::failed;
    job.message = status.to_string();
    log_line(LogLevel::error, "recovery", "a job failed",
             log_field("job", job.id) + log_field("kind", job.kind) + log_field("subject", job.subject) +
                 log_field("error", job.message));
    co_return co_await save_step(entry, std::move(job));
  }
  ++entry->failures;
  REPRISE_LOG(LogLevel::info, "recovery", "a job waits",
              log_field("job", job.id) + log_field("kind", job.kind) + log_field("reason", status.to_string()));
  co_return Outcome::pause;
}

// Makes the step's outcome durable, however long that takes while the store is not ready to write.
Task<StoredJobs::Outcome> StoredJobs::save_step(EntryPtr entry, Job job) {
  if (job.state != JobState::running) job.ended_micros = store_.now().micros();
  for (unsigned failures = 1;; ++failures) {
    FAULT_POINT("jobs.before_step_saved");
    const Status saved = co_await save_over(entry, job);
    if (saved.ok()) break;
    log_line(LogLevel::warn, "recovery", "a job's progress could not be stored",
             log_field("job", job.id) + log_field("error", saved.to_string()));
    if (stopping()) co_return Outcome::more;
    co_await alarm_.wait(pause_after(failures));
    if (stopping()) co_return Outcome::more;
  }
  FAULT_POINT("jobs.after_step_saved");
  const std::lock_guard lock(mutex_);
  co_return entry->job.state == JobState::running ? Outcome::more : Outcome::ended;
}

// Under the lock of the record, so that what cancel() has noted there stays.
Task<Status> StoredJobs::save_over(EntryPtr entry, Job job) {
  const auto guard = co_await store_.locks().lock(space_, job.id);
  {
    const std::lock_guard lock(mutex_);
    if (entry->cancel_asked && job.state == JobState::running) {
      job.state = JobState::cancelled;
      job.ended_micros = store_.now().micros();
    }
  }
  CO_TRY(co_await save(job));
  const std::lock_guard lock(mutex_);
  entry->job = std::move(job);
  co_return Status();
}

// What goes on failing for the same reason, for hours perhaps, is told once.
Task<void> StoredJobs::repeat(std::chrono::milliseconds interval, std::string name,
                              std::function<Task<Status>()> step) {
  std::string told;
  for (;;) {
    const bool whole = co_await alarm_.wait(interval);
    if (!whole || stopping()) break;
    const Status status = co_await step();
    const std::string failure = status.ok() ? std::string() : status.to_string();
    if (failure == told) continue;
    if (failure.empty()) {
      REPRISE_LOG(LogLevel::info, "recovery", "housekeeping goes on again", log_field("step", name));
    } else {
      REPRISE_LOG(LogLevel::warn, "recovery", "housekeeping failed; it will be tried again",
                  log_field("step", name) + log_field("error", failure));
    }
    told = failure;
  }
  left();
}

// Removes the records of jobs that ended long ago, and the oldest of too many.
Task<void> StoredJobs::forget_ended() {
  const std::uint64_t now = store_.now().micros();
  std::vector<std::string> ids;
  {
    const std::vector<Job> jobs = list();
    std::size_t ended = 0;
    for (const Job& job : jobs) {
      if (job.state == JobState::running) continue;
      if (++ended > ended_kept_max || job.ended_micros + ended_kept_micros < now) ids.push_back(job.id);
    }
  }
  for (const std::string& id : ids) {
    const Status erased = co_await erase(id);
    if (!erased.ok()) {
      log_line(LogLevel::warn, "recovery", "an old job's record could not be removed",
               log_field("error", erased.to_string()));
      co_return;
    }
    const std::lock_guard lock(mutex_);
    entries_.erase(id);
  }
}

bool StoredJobs::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

// The last thing a coroutine of ours does: after it, this object may be gone.
void StoredJobs::left() {
  const std::lock_guard lock(mutex_);
  --inside_;
  idle_.notify_all();
}

}  // namespace

std::string_view job_state_name(JobState state) noexcept {
  switch (state) {
    case JobState::running: return "running";
    case JobState::done: return "done";
    case JobState::failed: return "failed";
    case JobState::cancelled: return "cancelled";
  }
  return "unknown";
}

Task<Result<std::unique_ptr<Jobs>>> Jobs::open(history::Store& store, SpaceId space, Executor& executor) {
  auto jobs = std::make_unique<StoredJobs>(store, space, executor);
  CO_TRY(co_await jobs->load());
  co_return std::unique_ptr<Jobs>(std::move(jobs));
}

}  // namespace reprise::recovery
