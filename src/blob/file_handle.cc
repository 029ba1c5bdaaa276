#include "blob/file_handle.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace reprise::blob {

FileHandle::~FileHandle() {
  if (fd_ >= 0) ::close(fd_);
}

Status file_error(std::string_view doing, const std::string& path, int error) {
  std::string message("cannot ");
  message.append(doing).append(" ").append(path).append(": ").append(std::generic_category().message(error));
  switch (error) {
    case ENOENT: return not_found(std::move(message));
    case ENOSPC:
    case EDQUOT:
    case EFBIG: return {Code::exhausted, std::move(message)};
    case EMFILE:
    case ENFILE: return unavailable(std::move(message));
    default: return io_error(std::move(message));
  }
}

Status sync_directory(const std::string& path) {
  const FileHandle directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.valid()) return file_error("open", path, errno);
  if (::fsync(directory.get()) != 0) return file_error("sync", path, errno);
  return {};
}

Status make_directory(const std::string& path) {
  if (::mkdir(path.c_str(), 0777) == 0) {
    const auto slash = path.rfind('/');
    if (slash == std::string::npos) return sync_directory(".");
    return sync_directory(slash == 0 ? "/" : path.substr(0, slash));
  }
  if (errno != EEXIST) return file_error("make", path, errno);
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return file_error("look at", path, errno);
  return S_ISDIR(info.st_mode) ? Status() : file_error("make", path, ENOTDIR);
}

Status write_all(const FileHandle& file, BytesView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_error("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status write_all_at(const FileHandle& file, std::uint64_t position, BytesView bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file.get(), bytes.data(), bytes.size(), static_cast<off_t>(position));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return file_error("write", path, errno);
    position += static_cast<std::uint64_t>(written);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace reprise::blob
