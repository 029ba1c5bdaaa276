#include "kv/rocksdb/diary.h"

#include <fcntl.h>
#include <rocksdb/env.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <mutex>

#include "base/clock.h"

namespace reprise::kv {
namespace {

constexpr off_t file_bytes_max = off_t{1} << 20;

class Diary final : public rocksdb::Logger {
 public:
  explicit Diary(const std::string& directory)
      : Logger(rocksdb::InfoLogLevel::WARN_LEVEL), path_(directory + "/LOG"), old_path_(path_ + ".old") {
    open();
  }
  ~Diary() override { shut(); }
  Diary(const Diary&) = delete;
  Diary& operator=(const Diary&) = delete;

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    std::array<char, 2048> text{};
    const int length = std::vsnprintf(text.data(), text.size(), format, arguments);
    if (length < 0) return;
    std::string line = format_iso8601(WallClock::system().now_micros());
    line.append(" ").append(text.data(), std::min<std::size_t>(static_cast<std::size_t>(length), text.size() - 1));
    if (line.back() != '\n') line.push_back('\n');
    const std::lock_guard lock(mutex_);
    if (bytes_ + static_cast<off_t>(line.size()) > file_bytes_max) begin_anew();
    if (file_ < 0) return;
    const ssize_t written = ::write(file_, line.data(), line.size());
    if (written > 0) bytes_ += written;
  }

 private:
  void open() {
    file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    struct stat info {};
    bytes_ = file_ >= 0 && ::fstat(file_, &info) == 0 ? info.st_size : 0;
  }
  void shut() {
    if (file_ >= 0) ::close(file_);
    file_ = -1;
  }
  void begin_anew() {
    shut();
    static_cast<void>(std::rename(path_.c_str(), old_path_.c_str()));
    open();
  }

  const std::string path_;
  const std::string old_path_;
  std::mutex mutex_;  // guards the next two
  int file_ = -1;
  off_t bytes_ = 0;
};

}  // namespace

std::shared_ptr<rocksdb::Logger> open_diary(const std::string& directory) { return std::make_shared<Diary>(directory); }

}  // namespace reprise::kv
