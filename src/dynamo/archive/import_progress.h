// How far an import is: the checkpoint of its job.
#pragma once

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::dynamo {

struct ImportProgress {
  bool table_made = false;
  bool data_done = false;
  std::string finished_key;   // the last object that was read to its end
  std::uint64_t objects = 0;  // that were
  std::uint64_t records = 0;  // dealt with, of the object behind it
  std::uint64_t processed_items = 0;
  std::uint64_t imported_items = 0;
  std::uint64_t error_count = 0;
  std::uint64_t processed_bytes = 0;  // of finished objects
  bool operator==(const ImportProgress&) const = default;
};

Bytes encode_progress(const ImportProgress& progress);
// Nothing done yet when `text` is empty. Fails with Code::corruption.
Result<ImportProgress> decode_import_progress(BytesView text);

}  // namespace reprise::dynamo
