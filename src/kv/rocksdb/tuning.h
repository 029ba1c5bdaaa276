// How RocksDB is set up: for point reads and forward scans of the present, cheap fsyncs, a short replay after a crash
// and bounded memory. Each choice is argued in tuning.cc.
#pragma once

#include <rocksdb/db.h>

#include <string>
#include <vector>

#include "kv/rocksdb/engine.h"

namespace reprise::kv {

// The options of every read.
rocksdb::ReadOptions read_options();

rocksdb::DBOptions database_options(const RocksDbOptions& options);

// One per Kind, in the order of their numbers, with the families' names: "default" (meta), "data", "history", "log",
// "payload".
std::vector<rocksdb::ColumnFamilyDescriptor> column_families(const RocksDbOptions& options);

}  // namespace reprise::kv
