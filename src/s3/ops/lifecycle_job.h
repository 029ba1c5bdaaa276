// The work of lifecycle rules: a durable job for each bucket that has some, once a lifecycle day.
//
// A run looks at the bucket as of its beginning, and so takes at most one action on each version: noncurrent versions
// and expired delete markers first, then current versions, then uploads. What is due is looked at again under its key's
// lock, by the rules of that moment, before it goes; what is locked (object lock) stays. All of it is the service's own
// doing (history::Commit::by_service), and the bucket's past keeps it for its recovery days.
//
// A restore that reads a bucket's present must not have it changed underneath: while one is under way, no run begins in
// that bucket and a run that has begun pauses.
#pragma once

#include <string>

#include "s3/model/bucket.h"
#include "s3/ops/services.h"

namespace reprise::s3 {

// Adds the handler of the job, and the housekeeping that starts it, to the server's jobs. Call it once, before
// Jobs::resume(). `services` outlives the jobs.
void register_lifecycle(Services& services);

// How a restore says that it needs a bucket as it is: it is a job (recovery/jobs.h) whose kind begins with
// `restore_kind_prefix` and whose subject is restore_subject(bucket). It holds lifecycle off from the moment that
// Jobs::start() has returned (a step that is being taken then, of some hundreds of versions, is finished) until the job
// has ended in whatever way, restarts of the server included.
inline constexpr std::string_view restore_kind_prefix = "restore/";
[[nodiscard]] std::string restore_subject(const Bucket& bucket);
[[nodiscard]] bool restore_under_way(const Services& services, const Bucket& bucket);

}  // namespace reprise::s3
