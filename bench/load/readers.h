// Loads that follow one thing to its end: every page of a table, every record of its stream.
#pragma once

#include <cstdint>

#include "base/status.h"
#include "load/driver.h"

namespace reprise::bench {

struct ReadToEnd {
  std::uint64_t pages = 0;
  std::uint64_t bytes = 0;    // of the answers
  std::uint64_t records = 0;  // of a stream
  double seconds = 0;
};

// Scans the table page by page, one request at a time.
Result<ReadToEnd> scan_table(const LoadOptions& options);

// Reads the table's stream from its oldest record until an answer brings none.
Result<ReadToEnd> read_stream(const LoadOptions& options);

}  // namespace reprise::bench
