// Files of mode 0600, read whole and replaced whole.
#include "auth/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/log.h"

namespace reprise::auth {
namespace {

constexpr std::size_t file_size_max = 65536;

// Closes what open() gave; an error of close() after a successful fsync() has nothing left to lose.
class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  [[nodiscard]] int get() const { return descriptor_; }
  [[nodiscard]] bool valid() const { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

Status system_error(std::string_view what, const std::string& path) {
  return io_error("cannot " + std::string(what) + " " + path + ": " + std::strerror(errno));
}

Result<mode_t> mode_of(const File& file, const std::string& path) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return system_error("look at", path);
  if (!S_ISREG(info.st_mode)) return invalid(path + " is no file");
  return info.st_mode;
}

Status write_all(const File& file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write", path);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) return system_error("sync", path);
  return {};
}

}  // namespace

Result<std::optional<std::string>> read_private_file(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) {
    if (errno == ENOENT) return std::optional<std::string>();
    return system_error("open", path);
  }
  TRY(mode_of(file, path));
  std::string text(file_size_max + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    const ssize_t got = ::read(file.get(), text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > file_size_max) return invalid(path + " is too large to hold a key");
  text.resize(size);
  return std::optional<std::string>(std::move(text));
}

Status take_access_of_others(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return system_error("open", path);
  TRY_ASSIGN(const mode_t mode, mode_of(file, path));
  if ((mode & 077) == 0) return {};
  if (::fchmod(file.get(), 0600) != 0) return system_error("take other users' access from", path);
  REPRISE_LOG(LogLevel::warn, "auth", "other users could read a file of keys; its mode is 0600 again",
              log_field("file", path));
  return {};
}

Status write_private_file(const std::string& path, std::string_view text) {
  const std::string unfinished = path + ".new";
  ::unlink(unfinished.c_str());  // left by a crash; what it held was never used
  {
    const File file(::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file.valid()) return system_error("create", unfinished);
    if (::fchmod(file.get(), 0600) != 0) return system_error("set the mode of", unfinished);
    TRY(write_all(file, text, unfinished));
  }
  if (::rename(unfinished.c_str(), path.c_str()) != 0) return system_error("create", path);
  const auto slash = path.rfind('/');
  const std::string folder_path = slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const File folder(::open(folder_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid() || ::fsync(folder.get()) != 0) return system_error("sync", folder_path);
  return {};
}

}  // namespace reprise::auth
