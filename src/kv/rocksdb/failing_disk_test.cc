#include "kv/rocksdb/failing_disk.h"

#include <utility>

namespace reprise::kv {
namespace {

using rocksdb::FileOptions;
using rocksdb::FSWritableFile;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

class FailingFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FailingFile(std::unique_ptr<FSWritableFile> file, std::shared_ptr<FailingDisk::Switches> switches, bool is_log)
      : FSWritableFileOwnerWrapper(std::move(file)), switches_(std::move(switches)), is_log_(is_log) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (!is_log_) return switches_->tables_full ? no_space() : target()->Append(data, options, debug);
    if (switches_->log_full || (switches_->new_log_full && empty_)) return no_space();
    empty_ = false;
    if (!switches_->log_tears) return target()->Append(data, options, debug);
    target()->Append(Slice(data.data(), data.size() / 2), options, debug).PermitUncheckedError();
    target()->Flush(options, debug).PermitUncheckedError();
    return no_space();
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return is_log_ && switches_->sync_fails ? failed() : target()->Sync(options, debug);
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return is_log_ && switches_->sync_fails ? failed() : target()->Fsync(options, debug);
  }

 private:
  IOStatus no_space() {
    ++switches_->refused;
    return IOStatus::NoSpace("injected");
  }
  static IOStatus failed() { return IOStatus::IOError("injected"); }

  std::shared_ptr<FailingDisk::Switches> switches_;
  bool is_log_;
  bool empty_ = true;
};

class FailingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  explicit FailingFileSystem(std::shared_ptr<FailingDisk::Switches> switches)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), switches_(std::move(switches)) {}
  const char* Name() const override { return "FailingFileSystem"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions& options, std::unique_ptr<FSWritableFile>* file,
                           IODebugContext* debug) override {
    return wrap(name, target()->NewWritableFile(name, options, file, debug), file);
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions& options,
                              std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) override {
    return wrap(name, target()->ReopenWritableFile(name, options, file, debug), file);
  }
  IOStatus ReuseWritableFile(const std::string& name, const std::string& old_name, const FileOptions& options,
                             std::unique_ptr<FSWritableFile>* file, IODebugContext* debug) override {
    return wrap(name, target()->ReuseWritableFile(name, old_name, options, file, debug), file);
  }

 private:
  IOStatus wrap(const std::string& name, IOStatus made, std::unique_ptr<FSWritableFile>* file) {
    const bool is_log = ends_with(name, ".log");
    if (made.ok() && (is_log || ends_with(name, ".sst"))) {
      *file = std::make_unique<FailingFile>(std::move(*file), switches_, is_log);
    }
    return made;
  }
  std::shared_ptr<FailingDisk::Switches> switches_;
};

}  // namespace

FailingDisk::FailingDisk()
    : switches_(std::make_shared<Switches>()),
      env_(rocksdb::NewCompositeEnv(std::make_shared<FailingFileSystem>(switches_))) {}

void FailingDisk::heal() {
  switches_->sync_fails = false;
  switches_->log_full = false;
  switches_->log_tears = false;
  switches_->new_log_full = false;
  switches_->tables_full = false;
}

}  // namespace reprise::kv
