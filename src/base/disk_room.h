// How much room a file system has left, and how much of it is kept back.
//
// A store that fills its disk to the last block can neither delete nor start again. What writes on a disk therefore
// stops early, the least needed first: payloads, then ordinary writes, then what makes room (README.md, "A full disk").
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

namespace reprise {

struct DiskRoom {
  std::uint64_t free_bytes = 0;  // that this process may still use: without what the system keeps for root
  std::uint64_t total_bytes = 0;
};

// Of the file system that holds `path`. Nothing when it does not say: some network file systems do not. One system
// call.
std::optional<DiskRoom> disk_room(const std::string& path);

// What is kept back on a file system of that size: 64 MiB, or a sixteenth of a small one.
inline std::uint64_t disk_reserve(std::uint64_t total_bytes) {
  return std::min(std::uint64_t{64} << 20, total_bytes / 16);
}

}  // namespace reprise
