// Opening with an environment of one's own: the seam at which tests make the disk fail.
#pragma once

#include <memory>

#include "base/status.h"
#include "kv/rocksdb/engine.h"

namespace rocksdb {
class Env;
}

namespace reprise::kv {

// `env` may be null (the system's) and outlives the engine.
Result<std::unique_ptr<Engine>> open_rocksdb_engine(const RocksDbOptions& options, rocksdb::Env* env);

}  // namespace reprise::kv
