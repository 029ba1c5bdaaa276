#include "server/data_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <utility>

#include "blob/file_handle.h"

namespace reprise::server {

namespace {

std::string reason() { return std::strerror(errno); }

// What of the path is missing, each folder durable before another is made in it: a power cut takes none of them, and
// nothing of what is written there later.
Status make_directories(const std::filesystem::path& path) {
  std::error_code error;
  if (path.empty() || std::filesystem::is_directory(path, error)) return {};
  const std::filesystem::path parent = path.parent_path();
  TRY(make_directories(parent));
  std::filesystem::create_directory(path, error);
  if (error) return io_error(error.message());
  return blob::sync_directory(parent.empty() ? "." : parent.string());
}

// Written to the side and renamed, so that a crash leaves the old file or the new one, never a half; durable when done.
Status write_file_durably(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".new";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return io_error("cannot write " + temporary + ": " + reason());
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  const std::string why = reason();
  ::close(fd);
  if (!written || ::rename(temporary.c_str(), path.c_str()) != 0) return io_error("cannot write " + path + ": " + why);
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return blob::sync_directory(folder.empty() ? "." : folder.string());
}

}  // namespace

Result<DataDirectory> DataDirectory::open(const std::string& path) {
  if (const Status made = make_directories(path); !made.ok()) {
    return io_error("cannot make the data directory " + path + ": " + std::string(made.message()));
  }
  DataDirectory directory;
  directory.path_ = path;
  TRY(directory.lock());
  TRY(directory.check_format());
  return directory;
}

DataDirectory::~DataDirectory() {
  if (lock_fd_ >= 0) ::close(lock_fd_);
}

DataDirectory::DataDirectory(DataDirectory&& other) noexcept
    : path_(std::move(other.path_)), lock_fd_(std::exchange(other.lock_fd_, -1)) {}

Status DataDirectory::lock() {
  const std::string file = path_ + "/LOCK";
  lock_fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (lock_fd_ < 0) return io_error("cannot write to the data directory " + path_ + ": " + reason());
  if (::flock(lock_fd_, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const auto length = ::read(lock_fd_, holder, sizeof holder - 1);
    std::string who(holder, length > 0 ? static_cast<std::size_t>(length) : 0);
    while (!who.empty() && who.back() == '\n') who.pop_back();
    return unavailable("the data directory " + path_ + " is in use by another process" +
                       (who.empty() ? "" : " (" + who + ")") + "; stop it or choose another with --data");
  }
  const std::string pid = "pid " + std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock_fd_, 0) != 0 || ::write(lock_fd_, pid.data(), pid.size()) < 0) {
    return io_error("cannot write to the data directory " + path_ + ": " + reason());
  }
  return {};
}

Status DataDirectory::check_format() {
  const std::string file = path_ + "/FORMAT";
  std::ifstream in(file);
  if (!in) {
    if (std::filesystem::exists(path_ + "/store")) {
      return corruption("the data directory " + path_ +
                        " has a store but no FORMAT file; restore the file or choose another with --data");
    }
    return write_file_durably(file, "reprise-store " + std::to_string(format_version) + "\n");
  }
  std::string word;
  int version = 0;
  if (!(in >> word >> version) || word != "reprise-store" || version < 1) {
    return corruption("the file " + file + " is damaged: it does not name a store format");
  }
  if (version > format_version) {
    return unsupported("the data directory " + path_ + " has store format " + std::to_string(version) +
                       ", newer than this program knows (" + std::to_string(format_version) + "); run a newer reprise");
  }
  if (version < format_version) {
    // What this version adds is made when it is missed; an older program would not know it, and must not come back.
    return write_file_durably(file, "reprise-store " + std::to_string(format_version) + "\n");
  }
  return {};
}

}  // namespace reprise::server
