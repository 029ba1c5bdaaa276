// A file that takes up a little room in the store's directory while there is plenty, and is given up at a start on a
// disk that somebody else has filled to the last block: opening a database has to write a little before it can read.
//
// Not thread-safe: the one who opens the store, then the room keeper's thread.
#pragma once

#include <cstdint>
#include <string>

#include "base/disk_room.h"
#include "base/status.h"

namespace reprise::kv {

class Ballast {
 public:
  // In `directory`, which must exist when the calls below are made.
  explicit Ballast(std::string directory) : path_(std::move(directory) + "/ballast") {}

  // How large it is on such a disk: 4 MiB, or a 256th of a small one.
  static std::uint64_t bytes_on(const DiskRoom& disk) { return disk_reserve(disk.total_bytes) / 16; }

  // Whether it is there, in full.
  [[nodiscard]] bool holds(const DiskRoom& disk) const;
  // Makes it: bytes that do not compress, on disk when done. After an error there is none.
  [[nodiscard]] Status take(const DiskRoom& disk) const;
  // Removes it; harmless when there is none.
  void give_up() const;

 private:
  std::string path_;
};

}  // namespace reprise::kv
