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

struct RoomParts;

// `families` by Kind; they belong to the engine from now on. The database was opened with `parts`.
std::unique_ptr<Engine> make_rocks_engine(std::unique_ptr<rocksdb::DB> database,
                                          std::vector<rocksdb::ColumnFamilyHandle*> families, RoomParts parts);

}  // namespace reprise::kv
