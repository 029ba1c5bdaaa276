// When lifecycle runs begin, and how a job drives one.
//
// Invariants
//   - at most one run of a bucket at a time, and one for each (day, rules) of it: a run begins when a lifecycle day has
//     begun, or when the rules have changed;
//   - no step is taken while a restore needs the bucket.
#include "s3/ops/lifecycle_job.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "base/log.h"
#include "codec/hash64.h"
#include "codec/hex.h"
#include "codec/json.h"
#include "codec/json_members.h"
#include "recovery/jobs.h"
#include "s3/ops/buckets.h"
#include "s3/ops/lifecycle_run.h"
#include "s3/ops/lifecycle_scope.h"

namespace reprise::s3 {
namespace {

constexpr std::string_view job_kind = "s3-lifecycle";
constexpr std::chrono::milliseconds look_interval_max{60'000};
constexpr std::chrono::milliseconds look_interval_min{200};

// What a run is told apart by: the job's arguments.
struct Run {
  std::string bucket;
  std::string bucket_id;
  std::int64_t day = 0;  // since the epoch, in lifecycle days
  std::string rules;     // a hash of them
  bool operator==(const Run&) const = default;
};

Bytes encode_run(const Run& run) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.member("bucket", run.bucket);
  w.member("bucket_id", run.bucket_id);
  w.member("day", std::to_string(run.day));
  w.member("rules", run.rules);
  w.end_object();
  return out;
}

Result<Run> decode_run(BytesView text) {
  codec::JsonDocument document;
  TRY_ASSIGN(const codec::JsonValue json, document.parse(text));
  Run run;
  run.bucket = text_of(json, "bucket");
  run.bucket_id = text_of(json, "bucket_id");
  if (run.bucket_id.empty()) return corruption("a lifecycle job's arguments name no bucket");
  return run;
}

std::int64_t now_of(const Services& services) { return static_cast<std::int64_t>(services.wall.now_micros()); }

// What there is of jobs that a bucket's run depends on. There may be as many as buckets.
struct KnownJobs {
  std::set<Bytes> runs;            // the arguments of all of them, ended ones too
  std::set<std::string> running;   // ids of buckets that have one under way
  std::set<std::string> restored;  // subjects of the restores under way
};

bool restores(const recovery::Job& job) {
  return job.state == recovery::JobState::running && job.kind.starts_with(restore_kind_prefix);
}

KnownJobs known_jobs(const std::vector<recovery::Job>& jobs) {
  KnownJobs known;
  for (const recovery::Job& job : jobs) {
    if (restores(job)) known.restored.insert(job.subject);
    if (job.kind != job_kind) continue;
    known.runs.insert(job.arguments);
    const auto run = decode_run(job.arguments);
    if (job.state == recovery::JobState::running && run.ok()) known.running.insert(run->bucket_id);
  }
  return known;
}

// Starts the runs that are due; what has been started is remembered, and looked up among the jobs after a restart.
class Starter {
 public:
  explicit Starter(Services& services) : services_(services) {}

  Task<Status> look() {
    std::map<std::string, Run> started;  // of the buckets that still are there
    std::optional<KnownJobs> known;      // looked through once, when a run is due
    for (const BucketPtr& bucket : services_.buckets.all()) {
      if (!has_lifecycle_work(*bucket)) continue;
      Run run = run_of(*bucket);
      const auto before = started_.find(bucket->id);
      if (before == started_.end() || before->second != run) {
        if (!known) known = known_jobs(services_.jobs.list());
        CO_TRY_ASSIGN(const bool begun, co_await begin(*bucket, run, *known));
        if (!begun) continue;
      }
      started.emplace(bucket->id, std::move(run));
    }
    started_ = std::move(started);
    co_return Status();
  }

 private:
  [[nodiscard]] Run run_of(const Bucket& bucket) const {
    const auto day = std::chrono::microseconds(services_.settings.lifecycle_day).count();
    Bytes hash;
    append_be64(hash, codec::hash64(print_lifecycle(*bucket.lifecycle)));
    return {bucket.name, bucket.id, now_of(services_) / day, codec::to_hex(hash)};
  }

  // False: not now.
  Task<Result<bool>> begin(const Bucket& bucket, Run run, const KnownJobs& known) {
    Bytes arguments = encode_run(run);
    if (known.runs.contains(arguments)) co_return true;
    if (known.running.contains(bucket.id) || known.restored.contains(restore_subject(bucket))) co_return false;
    FAULT_POINT("lifecycle.before_start");
    std::string subject = "bucket " + bucket.name;
    CO_TRY(co_await services_.jobs.start(std::string(job_kind), std::move(subject), std::move(arguments)));
    FAULT_POINT("lifecycle.started");
    co_return true;
  }

  Services& services_;
  std::map<std::string, Run> started_;  // by bucket id
};

Task<Status> step(Services& services, recovery::Job& job) {
  CO_TRY_ASSIGN(const Run run, decode_run(job.arguments));
  const BucketPtr bucket = services.buckets.find(run.bucket);
  if (bucket == nullptr || bucket->id != run.bucket_id || !has_lifecycle_work(*bucket)) {
    job.message = bucket == nullptr ? "the bucket is gone" : "there are no rules any more";
    job.state = recovery::JobState::done;
    co_return Status();
  }
  if (restore_under_way(services, *bucket)) co_return unavailable("a restore of the bucket is under way");
  RunPosition position;
  position.now_micros = now_of(services);
  if (!job.checkpoint.empty()) {
    CO_TRY_ASSIGN(position, decode_position(job.checkpoint));
  }
  const auto acted = co_await take_lifecycle_step(services, bucket, position);
  const bool gone = !acted.ok() && acted.error().is(Code::not_found);
  if (!acted.ok() && !gone) co_return acted.error();
  FAULT_POINT("lifecycle.before_checkpoint");
  if (gone) job.message = "the bucket is gone";
  if (!gone) job.done += *acted;
  job.checkpoint = encode_position(position);
  if (gone || position.phase == RunPhase::done) job.state = recovery::JobState::done;
  co_return Status();
}

// Often enough that a run begins soon after its day does.
std::chrono::milliseconds look_interval(std::chrono::seconds day) {
  const auto quarter = std::chrono::milliseconds(day) / 4;
  return std::clamp(quarter, look_interval_min, look_interval_max);
}

}  // namespace

void register_lifecycle(Services& services) {
  services.jobs.handle(std::string(job_kind), [&services](recovery::Job& job) { return step(services, job); });
  auto starter = std::make_shared<Starter>(services);
  services.jobs.every(look_interval(services.settings.lifecycle_day), "lifecycle rules",
                      [starter] { return starter->look(); });
}

std::string restore_subject(const Bucket& bucket) { return "bucket " + bucket.name; }

bool restore_under_way(const Services& services, const Bucket& bucket) {
  const std::string subject = restore_subject(bucket);
  return std::ranges::any_of(services.jobs.list(),
                             [&](const recovery::Job& job) { return restores(job) && job.subject == subject; });
}

}  // namespace reprise::s3
