// The engine over an open database.
#pragma once

#include <memory>
#include <vector>

#include "kv/engine.h"

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
}  // namespace rocksdb

namespace reprise::kv {

class WriteStop;

// `families` by Kind; they belong to the engine from now on.
std::unique_ptr<Engine> make_rocks_engine(std::unique_ptr<rocksdb::DB> database,
                                          std::vector<rocksdb::ColumnFamilyHandle*> families,
                                          std::shared_ptr<WriteStop> stop);

}  // namespace reprise::kv
