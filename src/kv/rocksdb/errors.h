// RocksDB's errors in the words of base/status.h.
#pragma once

#include <rocksdb/status.h>

#include <string_view>

#include "base/status.h"
#include "kv/rocksdb/write_stop.h"

namespace reprise::kv {

// Keeps RocksDB's text, which names the file.
Status from_rocksdb(const rocksdb::Status& status);

// Why writing has to stop after `status`, and what the operator can do about it.
Status writes_stopped_by(const rocksdb::Status& status);
// And until when.
WriteStop::Until stopped_until(const rocksdb::Status& status);
// Why writing cannot go on without a restart after a disk that was full, though there is room again.
Status cannot_resume(const rocksdb::Status& status);

}  // namespace reprise::kv
