// Open files of the operating system, and its errors as values.
//
// Threading: a FileHandle belongs to one thread at a time, though several may read through it; the functions are
// thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::blob {

// Owns a file descriptor, or nothing.
class FileHandle {
 public:
  FileHandle() = default;
  explicit FileHandle(int fd) : fd_(fd) {}
  FileHandle(FileHandle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileHandle& operator=(FileHandle&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  FileHandle(const FileHandle&) = delete;
  FileHandle& operator=(const FileHandle&) = delete;
  ~FileHandle();
  [[nodiscard]] bool valid() const { return fd_ >= 0; }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// "cannot sync PATH: ...", for an errno: not_found, exhausted (disk full), unavailable (too many open files) or
// io_error.
[[nodiscard]] Status file_error(std::string_view doing, const std::string& path, int error);

// fsync of a directory: what was named in it stays named.
Status sync_directory(const std::string& path);

// Makes one directory, durably; ok when it is there. Its parent must be there.
Status make_directory(const std::string& path);

Status write_all(const FileHandle& file, BytesView bytes, const std::string& path);
Status write_all_at(const FileHandle& file, std::uint64_t position, BytesView bytes, const std::string& path);

}  // namespace reprise::blob
