#include "base/disk_room.h"

#include <filesystem>
#include <system_error>

namespace reprise {

std::optional<DiskRoom> disk_room(const std::string& path) {
  std::error_code error;
  const auto space = std::filesystem::space(path, error);
  if (error || space.capacity == 0) return std::nullopt;
  return DiskRoom{space.available, space.capacity};
}

}  // namespace reprise
