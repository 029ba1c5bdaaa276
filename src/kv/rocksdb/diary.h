// RocksDB's own diary, the file LOG in its directory.
//
// Why not the one RocksDB writes: that ends the process with an assertion at the second line that finds the disk full
// (7.8, built with assertions as Debian's is). Lines that cannot be written are lost here, and nothing else happens.
#pragma once

#include <memory>
#include <string>

namespace rocksdb {
class Logger;
}

namespace reprise::kv {

// Warnings and errors go to `directory`/LOG, and what is older to LOG.old; each is at most about a megabyte.
std::shared_ptr<rocksdb::Logger> open_diary(const std::string& directory);

}  // namespace reprise::kv
