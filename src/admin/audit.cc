// Invariants: a line is whole or, after a crash in the middle of its write, the last of its file, where opening ends
// it; the order of lines is the order of record().
#include "admin/audit.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <cstdio>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "base/log.h"
#include "codec/json.h"

namespace reprise::admin {
namespace {

Bytes line_of(const auth::AuditEvent& event, std::uint64_t micros) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.member("Time", format_iso8601(micros, 3));
  w.member("Who", event.who == nullptr ? std::string_view("anonymous") : std::string_view(event.who->arn));
  if (event.who != nullptr) w.member("AccessKeyId", event.who->access_key_id);
  w.member("From", event.from);
  w.member("RequestId", event.request_id);
  w.member("Action", event.action);
  w.member("Resource", event.resource);
  if (!event.as_of.empty()) w.member("AsOf", event.as_of);
  w.member("Outcome", event.outcome);
  w.end_object();
  out.push_back('\n');
  return out;
}

Bytes missing_line(std::uint64_t count, std::uint64_t micros) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.member("Time", format_iso8601(micros, 3));
  w.key("MissingLines");
  w.unsigned_integer(count);
  w.end_object();
  out.push_back('\n');
  return out;
}

// The file, touched by the writing thread alone once it is open.
class AuditFile {
 public:
  AuditFile(std::string path, const AuditOptions& options) : path_(std::move(path)), options_(options) {}
  AuditFile(const AuditFile&) = delete;
  AuditFile& operator=(const AuditFile&) = delete;
  ~AuditFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  Status open() {
    descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor_ < 0) return error("open");
    struct stat info {};
    if (::fstat(descriptor_, &info) != 0) return error("look at");
    size_ = static_cast<std::uint64_t>(info.st_size);
    char last = '\n';
    if (size_ > 0 && ::pread(descriptor_, &last, 1, info.st_size - 1) != 1) return error("read");
    TRY(sync_folder());
    return last == '\n' ? Status() : append("\n");
  }

  // Durable when done. What cannot be written whole is taken away again.
  Status append(BytesView bytes) {
    if (descriptor_ < 0) TRY(open());  // a rotation ended half way
    if (size_ > 0 && size_ + bytes.size() > options_.bytes_max) TRY(make_room());
    FAULT_POINT("audit.before_write");
    const std::uint64_t whole = size_;
    while (!bytes.empty()) {
      const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        Status failed = error("write");
        if (::ftruncate(descriptor_, static_cast<off_t>(whole)) == 0) size_ = whole;
        return failed;
      }
      size_ += static_cast<std::uint64_t>(written);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fdatasync(descriptor_) != 0) return error("sync");
    FAULT_POINT("audit.after_sync");
    return {};
  }

 private:
  [[nodiscard]] Status error(std::string_view what) const {
    return io_error("cannot " + std::string(what) + " " + path_ + ": " + std::strerror(errno));
  }
  [[nodiscard]] std::string numbered(int number) const { return path_ + "." + std::to_string(number); }

  // A file that cannot be moved out of the way grows on: better too long a log than none.
  Status make_room() {
    Status rotated = rotate();
    if (rotated.ok()) return {};
    if (descriptor_ < 0) return rotated;
    log_line(LogLevel::error, "admin", "the audit log is full and goes on growing",
             log_field("why", rotated.message()));
    return {};
  }

  Status rotate() {
    for (int number = options_.files_max - 1; number > 1; --number) {
      if (::rename(numbered(number - 1).c_str(), numbered(number).c_str()) != 0 && errno != ENOENT) {
        return error("rotate");
      }
    }
    if (options_.files_max > 1) {
      if (::rename(path_.c_str(), numbered(1).c_str()) != 0) return error("rotate");
    } else if (::unlink(path_.c_str()) != 0) {
      return error("remove");
    }
    ::close(std::exchange(descriptor_, -1));
    return open();
  }

  [[nodiscard]] Status sync_folder() const {
    const std::size_t slash = path_.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path_.substr(0, slash + 1);
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return error("open the folder of");
    const bool synced = ::fsync(descriptor) == 0;
    ::close(descriptor);
    return synced ? Status() : error("sync the folder of");
  }

  std::string path_;
  AuditOptions options_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

class WrittenLog final : public AuditLog {
 public:
  WrittenLog(std::string path, const WallClock& wall, const AuditOptions& options)
      : file_(std::move(path), options), wall_(wall), options_(options) {}
  ~WrittenLog() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  Status start() {
    TRY(file_.open());
    thread_ = std::thread([this] { write_all(); });
    return {};
  }

  Task<void> record(auth::AuditEvent event) override {
    Completion<bool> done;
    if (!enqueue(line_of(event, wall_.now_micros()), &done)) co_return;
    co_await done;
  }

  void note_past_read(auth::AuditEvent event) override {
    const std::uint64_t now = wall_.now_micros();
    // A refused attempt does not stand for what was let through behind it.
    std::string reader =
        (event.who == nullptr ? std::string() : event.who->arn) + " " + event.outcome + " " + event.resource;
    {
      const std::lock_guard lock(mutex_);
      if (readers_.size() >= options_.waiting_max) readers_.clear();
      auto& last = readers_[std::move(reader)];
      if (last != 0 && now < last + static_cast<std::uint64_t>(options_.past_read_micros)) return;
      last = now;
    }
    enqueue(line_of(event, now), nullptr);
  }

  [[nodiscard]] std::uint64_t missing() const override {
    const std::lock_guard lock(mutex_);
    return missing_;
  }

 private:
  struct Waiting {
    Bytes line;
    Completion<bool>* done;  // null: nobody waits
  };

  bool enqueue(Bytes line, Completion<bool>* done) {
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() >= options_.waiting_max) {
        ++missing_;
        return false;
      }
      waiting_.push_back({std::move(line), done});
    }
    wake_.notify_one();
    return true;
  }

  void write_all() {
    std::uint64_t told = 0;  // how many missing lines the file knows of
    for (;;) {
      std::deque<Waiting> batch;
      Bytes text;
      std::uint64_t left_out = 0;
      {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
        if (waiting_.empty()) return;
        batch.swap(waiting_);
        left_out = missing_;
        if (left_out > told) text = missing_line(left_out - told, wall_.now_micros());
      }
      for (const Waiting& waiting : batch) text += waiting.line;
      const Status written = file_.append(text);
      if (written.ok()) {
        told = left_out;
      } else {
        log_line(LogLevel::error, "admin", "the audit log cannot be written", log_field("why", written.message()));
        const std::lock_guard lock(mutex_);
        missing_ += batch.size();
      }
      for (const Waiting& waiting : batch) {
        if (waiting.done != nullptr) waiting.done->complete(written.ok());
      }
    }
  }

  AuditFile file_;
  const WallClock& wall_;
  AuditOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Waiting> waiting_;                   // under the mutex, as are the three below
  std::map<std::string, std::uint64_t> readers_;  // of the past: when they were last noted
  std::uint64_t missing_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

Result<std::unique_ptr<AuditLog>> AuditLog::open(std::string path, const WallClock& wall, AuditOptions options) {
  auto log = std::make_unique<WrittenLog>(std::move(path), wall, options);
  TRY(log->start());
  return std::unique_ptr<AuditLog>(std::move(log));
}

}  // namespace reprise::admin
