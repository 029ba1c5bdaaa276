// Opening with a disk of one's own: the seam at which tests make it fail or fill up.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "base/disk_room.h"
#include "base/status.h"
#include "kv/rocksdb/engine.h"

namespace rocksdb {
class Env;
}

namespace reprise::kv {

struct DiskSeams {
  rocksdb::Env* env = nullptr;                         // null: the system's. Outlives the engine
  std::function<std::optional<DiskRoom>()> room = {};  // none: what the file system says. From any thread
  std::chrono::milliseconds look_interval{1000};       // how often it is asked while nothing is written
};

Result<std::unique_ptr<Engine>> open_rocksdb_engine(const RocksDbOptions& options, const DiskSeams& seams);

}  // namespace reprise::kv
