// One run of a bucket's lifecycle rules, step by step. Used by lifecycle_job.cc.
//
// A run is a walk over the space of versions, then the heads, then the uploads, with a checkpoint after each step:
// what a step did and a crash made it forget is found done, or done again with the same result.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "base/task.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

enum class RunPhase : std::uint8_t { noncurrent, current, uploads, done };

// Where a run is: what a job keeps between its steps (docs/formats/jobs.md).
struct RunPosition {
  std::int64_t now_micros = 0;  // when the run began: what is due is due at that time
  RunPhase phase = RunPhase::noncurrent;
  Bytes from;              // the next key of the phase's space
  std::string key;         // noncurrent: the object whose versions are being counted ...
  std::uint64_t kept = 0;  // ... and how many of them stay, delete markers aside
  bool operator==(const RunPosition&) const = default;
};
[[nodiscard]] Bytes encode_position(const RunPosition& position);
[[nodiscard]] Result<RunPosition> decode_position(BytesView stored);

inline constexpr std::size_t lifecycle_step_rows = 500;

// Takes the next step of the run, over at most `rows` versions, and moves `position` behind it. Returns how many
// versions and uploads it removed or hid. not_found: the bucket is gone. unavailable: worth another attempt from the
// same position.
Task<Result<std::uint64_t>> take_lifecycle_step(Services& services, BucketPtr bucket, RunPosition& position,
                                                std::size_t rows = lifecycle_step_rows);

}  // namespace reprise::s3
