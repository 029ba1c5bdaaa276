// Jobs: durable background tasks with progress, resumed after a crash, cancellable.
//
// A job is a record (kind, subject, arguments, checkpoint, progress) and a handler that does one bounded step after the
// other. After each step its checkpoint is durable; after a crash the job goes on from the last one, so steps must be
// idempotent. Jobs of one server run beside requests, a few at a time, on the executor handed in.
//
// Threading: all calls from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/task.h"

namespace reprise::history {
class Store;
}

namespace reprise::recovery {

enum class JobState : std::uint8_t { running, done, failed, cancelled };
std::string_view job_state_name(JobState state) noexcept;

struct Job {
  std::string id;       // a UUID
  std::string kind;     // "clone-copy", "index-backfill", ...
  std::string subject;  // what it works on, for people: "table Sound-x"
  Bytes arguments;      // the handler's, unchanging
  Bytes checkpoint;     // the handler's; empty at first
  JobState state = JobState::running;
  std::uint64_t done = 0;   // progress, in units of the handler's choice (items, bytes)
  std::uint64_t total = 0;  // 0: not known
  std::string message;      // why it failed, or what it does just now
  std::uint64_t started_micros = 0;
  std::uint64_t ended_micros = 0;  // 0 while running
};

// Does one step: reads job.checkpoint, works for a bounded time, updates checkpoint, done, total and, at the end, sets
// state to done. A failed Status is retried with growing pauses while it is unavailable, conflict or exhausted (a full
// disk); else the job fails.
using JobStep = std::function<Task<Status>(Job& job)>;

class Jobs {
 public:
  static Task<Result<std::unique_ptr<Jobs>>> open(history::Store& store, SpaceId space, Executor& executor);
  virtual ~Jobs() = default;

  // Handlers are registered before resume(); a running job of an unknown kind is left alone with a warning.
  virtual void handle(std::string kind, JobStep step) = 0;
  // Starts what a previous run left running.
  virtual void resume() = 0;

  // Durable when done; runs soon. Returns the id.
  virtual Task<Result<std::string>> start(std::string kind, std::string subject, Bytes arguments) = 0;
  // Asks a job to stop after its present step, durably; not_found when there is none running of that id.
  virtual Task<Status> cancel(std::string id) = 0;
  [[nodiscard]] virtual std::optional<Job> find(std::string_view id) const = 0;
  // Running ones first, then the ended of the last days, newest first.
  [[nodiscard]] virtual std::vector<Job> list() const = 0;

  // A step that is not a job: called every `interval` until stop(), for housekeeping that needs no record of its own
  // (retention, purges). Errors are logged.
  virtual void every(std::chrono::milliseconds interval, std::string name, std::function<Task<Status>()> step) = 0;

  // Lets present steps finish, starts no others. Blocks. Running jobs stay `running` on disk and go on at next start.
  virtual void stop() = 0;
};

}  // namespace reprise::recovery
