// The data directory: made, locked, and of a format this binary knows.
//
//   DATA/FORMAT        "reprise-store 3\n": the version of everything in the directory (docs/formats/README.md)
//   DATA/LOCK          held (flock) while a server uses the directory; names its process
//   DATA/credentials   root's keys, mode 0600 (auth/credentials.h)
//   DATA/store/        the engine's files
#pragma once

#include <string>

#include "base/status.h"

namespace reprise::server {

// Holds the lock as long as it lives.
class DataDirectory {
 public:
  static constexpr int format_version = 3;

  // Makes the directory if need be, locks it and checks (or, when empty, writes) its format. Fails with one line: not
  // writable, in use by another process, or of a newer format.
  static Result<DataDirectory> open(const std::string& path);
  ~DataDirectory();
  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  DataDirectory() = default;
  Status lock();
  Status check_format();

  std::string path_;
  int lock_fd_ = -1;
};

}  // namespace reprise::server
