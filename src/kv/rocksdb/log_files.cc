#include "kv/rocksdb/log_files.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace reprise::kv {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr std::chrono::seconds flush_patience{1};

class LogFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  LogFile(std::unique_ptr<FSWritableFile> file, std::uint64_t number, std::shared_ptr<LogHealth> health)
      : FSWritableFileOwnerWrapper(std::move(file)), number_(number), health_(std::move(health)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return note(target()->Append(data, options, debug));
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo& info,
                  IODebugContext* debug) override {
    return note(target()->Append(data, options, info, debug));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return note(target()->Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return note(target()->Fsync(options, debug));
  }

 private:
  IOStatus note(IOStatus done) {
    if (!done.ok()) health_->fail(number_);
    return done;
  }

  const std::uint64_t number_;
  const std::shared_ptr<LogHealth> health_;
};

class LogWatchingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  LogWatchingFileSystem(const std::shared_ptr<rocksdb::FileSystem>& under, std::shared_ptr<LogHealth> health)
      : FileSystemWrapper(under), health_(std::move(health)) {}
  const char* Name() const override { return "LogWatchingFileSystem"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options, std::unique_ptr<FSWritableFile>* file,
                           IODebugContext* debug) override {
    IOStatus made = target()->NewWritableFile(name, options, file, debug);
    if (made.ok() && std::string_view(name).ends_with(".log")) {
      *file = std::make_unique<LogFile>(std::move(*file), health_->begin_log(), health_);
    }
    return made;
  }

 private:
  const std::shared_ptr<LogHealth> health_;
};

}  // namespace

std::uint64_t LogHealth::begin_log() {
  const std::lock_guard lock(mutex_);
  newest_failed_ = false;
  return ++newest_;
}

void LogHealth::fail(std::uint64_t number) {
  std::unique_lock lock(mutex_);
  if (number == newest_) newest_failed_ = true;
  changed_.wait_for(lock, flush_patience, [this] { return !flush_awaited_; });
}

bool LogHealth::newest_failed() const {
  const std::lock_guard lock(mutex_);
  return newest_failed_;
}

void LogHealth::flush_asked() {
  const std::lock_guard lock(mutex_);
  flush_awaited_ = true;
}

void LogHealth::flush_begun() {
  {
    const std::lock_guard lock(mutex_);
    flush_awaited_ = false;
  }
  changed_.notify_all();
}

std::unique_ptr<rocksdb::Env> make_log_watching_env(rocksdb::Env& under, std::shared_ptr<LogHealth> health) {
  return rocksdb::NewCompositeEnv(std::make_shared<LogWatchingFileSystem>(under.GetFileSystem(), std::move(health)));
}

}  // namespace reprise::kv
