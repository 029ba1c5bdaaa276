// RocksDB's errors in the words of base/status.h.
#pragma once

#include <rocksdb/status.h>

#include <string_view>

#include "base/status.h"

namespace reprise::kv {

// Keeps RocksDB's text, which names the file.
Status from_rocksdb(const rocksdb::Status& status);

// Why writing has to stop for good after `status`, and what the operator can do about it.
Status writes_stopped_by(const rocksdb::Status& status);

}  // namespace reprise::kv
