// The audit log: a line of JSON for every administrative and recovery action (docs/access.md), in DATA/audit.log.
//
// Lines are appended and synced by a thread of the log's own, many at a time when many come; record() is done when its
// line is on disk. When the file is full it becomes audit.log.1, that one audit.log.2, and so on; the oldest goes.
// What waits to be written is bounded: beyond that, record() leaves the line out, as it is where the disk takes it not,
// and the log says how many are missing.
//
// Threading: all calls from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "auth/audit.h"
#include "base/clock.h"
#include "base/status.h"

namespace reprise::admin {

struct AuditOptions {
  std::uint64_t bytes_max = std::uint64_t{64} << 20;  // of one file
  int files_max = 10;                                 // with the present one
  std::size_t waiting_max = 10'000;
  // Reads of the past by one reader of one resource that end alike are one line in this.
  std::int64_t past_read_micros = 60'000'000;
};

class AuditLog : public auth::AuditSink {
 public:
  // Opens or makes the file, mode 0600. io_error. `wall` outlives the log.
  static Result<std::unique_ptr<AuditLog>> open(std::string path, const WallClock& wall, AuditOptions options = {});
  // Lines that were left out, since the start.
  [[nodiscard]] virtual std::uint64_t missing() const = 0;
};

}  // namespace reprise::admin
