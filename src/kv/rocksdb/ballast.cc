#include "kv/rocksdb/ballast.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>

#include "base/bytes.h"
#include "base/rng.h"

namespace reprise::kv {
namespace {

constexpr std::size_t piece_bytes = std::size_t{64} << 10;

Status failed(const std::string& path) { return io_error("cannot write " + path + ": " + std::strerror(errno)); }

Status fill(int file, std::uint64_t bytes, const std::string& path) {
  Rng rng(bytes);
  for (std::uint64_t written = 0; written < bytes; written += piece_bytes) {
    Bytes piece;
    while (piece.size() < piece_bytes) append_be64(piece, rng.next());
    if (::write(file, piece.data(), piece.size()) != static_cast<ssize_t>(piece.size())) return failed(path);
  }
  return ::fdatasync(file) == 0 ? Status() : failed(path);
}

}  // namespace

bool Ballast::holds(const DiskRoom& disk) const {
  std::error_code error;
  const auto size = std::filesystem::file_size(path_, error);
  return !error && size >= bytes_on(disk);
}

Status Ballast::take(const DiskRoom& disk) const {
  const int file = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return failed(path_);
  Status filled = fill(file, bytes_on(disk), path_);
  ::close(file);
  if (!filled.ok()) give_up();
  return filled;
}

void Ballast::give_up() const { ::unlink(path_.c_str()); }

}  // namespace reprise::kv
