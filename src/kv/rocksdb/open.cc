// Opening: every way it can fail becomes one line that names the directory and says what to do.
#include "kv/rocksdb/open.h"

#include <rocksdb/db.h>
#include <rocksdb/listener.h>
#include <rocksdb/sst_file_manager.h>
#include <rocksdb/write_buffer_manager.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kv/rocksdb/errors.h"
#include "kv/rocksdb/log_tail.h"
#include "kv/rocksdb/rocks_engine.h"
#include "kv/rocksdb/room_keeper.h"
#include "kv/rocksdb/tuning.h"

#ifdef __SANITIZE_THREAD__
// The library comes uninstrumented: the thread sanitizer sees its calls of memcmp and delete, and none of the atomics
// that order them. Only frames of RocksDB itself match: its namespace, and the set of file names it keeps (no frame of
// which carries its namespace; nothing here has an unordered_set of strings).
extern "C" const char* __tsan_default_suppressions();
extern "C" const char* __tsan_default_suppressions() {
  return "race:^rocksdb::\n"
         "race:^non-virtual thunk to rocksdb::\n"
         "race:^std::_Hashtable<std::__cxx11::basic_string<*std::__detail::_Identity\n";
}
#endif

namespace reprise::kv {
namespace {

// A failed background write stops all writing. RocksDB resumes nothing by itself: that is the room keeper's, who knows
// what the log is worth. And what a merge may still write is not for commits to take.
class BackgroundWork final : public rocksdb::EventListener {
 public:
  explicit BackgroundWork(const RoomParts& parts)
      : stop_(parts.stop), logs_(parts.logs), merges_(parts.merges), room_(parts.room) {}
  void OnMemTableSealed(const rocksdb::MemTableInfo&) override { logs_->flush_asked(); }
  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { logs_->flush_begun(); }
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) override {
    if (!error->ok()) stop_->stop(writes_stopped_by(*error), stopped_until(*error));
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
  }
  void OnCompactionBegin(rocksdb::DB*, const rocksdb::CompactionJobInfo& job) override {
    std::uint64_t bytes = 0;
    for (const std::string& path : job.input_files) {
      std::error_code error;
      const auto size = std::filesystem::file_size(path, error);
      if (!error) bytes += size;
    }
    merges_->begin(job.job_id, bytes);
    room_->measure();
  }
  void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo& job) override {
    merges_->end(job.job_id);
    room_->measure();
  }

 private:
  std::shared_ptr<WriteStop> stop_;
  std::shared_ptr<LogHealth> logs_;
  std::shared_ptr<RunningMerges> merges_;
  std::shared_ptr<Room> room_;
};

std::string named(const RocksDbOptions& options) { return "data directory '" + options.directory + "'"; }

// What has been made in the directory stays there.
Status sync_directory(rocksdb::Env& env, const std::filesystem::path& path) {
  std::unique_ptr<rocksdb::Directory> directory;
  auto status = env.NewDirectory(path, &directory);
  if (status.ok()) status = directory->Fsync();
  return from_rocksdb(status);
}

Status prepare_directory(const RocksDbOptions& options, rocksdb::Env& env) {
  namespace fs = std::filesystem;
  if (options.directory.empty()) return invalid("no data directory is named");
  const fs::path path = fs::absolute(options.directory).lexically_normal();
  const fs::path parent = (path.has_filename() ? path : path.parent_path()).parent_path();
  std::error_code error;
  if (fs::exists(path, error)) {
    if (!fs::is_directory(path, error)) return invalid(named(options) + " is not a directory");
  } else if (!fs::is_directory(parent, error)) {
    return not_found(named(options) + ": its parent directory does not exist");
  } else if (!fs::create_directory(path, error)) {
    const Code code = error == std::errc::no_space_on_device ? Code::exhausted : Code::io_error;
    return {code, named(options) + " cannot be made: " + error.message()};
  } else {
    TRY(sync_directory(env, parent));
  }
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
    return io_error(named(options) + " is not writable: " + std::strerror(errno));
  }
  return {};
}

// Files that are spoilt or lost are nothing that the server can mend.
Status damaged(const std::string& what, const RocksDbOptions& options) {
  return corruption(named(options) + " is damaged (" + what + "); put a copy of the whole data directory in its place");
}
Status unreadable(const rocksdb::Status& status, const RocksDbOptions& options) {
  if (!status.IsCorruption() && !status.IsPathNotFound()) return from_rocksdb(status).with_context(named(options));
  return damaged(status.ToString(), options);
}

// What RocksDB would not notice, and open the store without what was committed last: records that it takes for the end
// of a log, and logs that are gone. (An opening begins a log before it makes the first family, and no file is removed
// before there is another.)
Status check_logs(const RocksDbOptions& options, bool has_families) {
  namespace fs = std::filesystem;
  std::string manifest;
  std::ifstream(fs::path(options.directory) / "CURRENT") >> manifest;
  bool has_log = false;
  std::error_code error;
  for (fs::directory_iterator at(options.directory, error), end; !error && at != end; at.increment(error)) {
    const bool is_log = at->path().extension() == ".log";
    has_log = has_log || is_log;
    if (!is_log && at->path().filename() != manifest) continue;
    if (log_tail_is_damaged_in(at->path())) {
      return damaged("a record of " + at->path().filename().string() + " has a wrong length", options);
    }
  }
  if (!error && has_families && !has_log) return damaged("its commit log, NUMBER.log, is missing", options);
  return {};
}

// A directory that a newer version has written may hold families that are unknown here.
Status check_families(const rocksdb::DBOptions& database, const RocksDbOptions& options,
                      const std::vector<rocksdb::ColumnFamilyDescriptor>& known) {
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::path(options.directory) / "CURRENT", error)) return {};
  std::vector<std::string> names;
  const auto status = rocksdb::DB::ListColumnFamilies(database, options.directory, &names);
  if (!status.ok()) return unreadable(status, options);
  for (const auto& name : names) {
    const auto same = [&name](const auto& family) { return family.name == name; };
    if (std::none_of(known.begin(), known.end(), same)) {
      return unsupported(named(options) + " holds '" + name +
                         "', which this version does not know: it was written by a newer one");
    }
  }
  return check_logs(options, names.size() > 1);
}

Status open_error(const rocksdb::Status& status, const RocksDbOptions& options) {
  const std::string text = status.ToString();
  if (status.IsIOError() && text.find("LOCK") != std::string::npos) {
    return unavailable(named(options) + " is in use by another process");
  }
  if (status.IsNoSpace()) {
    return {Code::exhausted,
            named(options) + " cannot be opened: its disk is full (" + text + "); make room and start again"};
  }
  return unreadable(status, options);
}

std::function<std::optional<DiskRoom>()> disk_probe(const RocksDbOptions& options, const DiskSeams& seams) {
  if (seams.room) return seams.room;
  return [directory = options.directory] { return disk_room(directory); };
}

// Everything around the database that has to do with room.
RoomParts make_room_parts(const RocksDbOptions& options, const DiskSeams& seams, rocksdb::DBOptions& settings) {
  auto logs = std::make_shared<LogHealth>();
  std::shared_ptr<rocksdb::Env> env =
      make_log_watching_env(seams.env != nullptr ? *seams.env : *rocksdb::Env::Default(), logs);
  settings.env = env.get();
  settings.sst_file_manager.reset(rocksdb::NewSstFileManager(env.get()));
  auto merges = std::make_shared<RunningMerges>();
  RoomProbes probes{disk_probe(options, seams), [memory = settings.write_buffer_manager, merges] {
                      return static_cast<std::uint64_t>(memory->memory_usage()) + merges->bytes();
                    }};
  return {std::make_shared<Room>(std::move(probes)),
          std::move(merges),
          std::move(logs),
          std::move(env),
          settings.sst_file_manager,
          std::make_shared<WriteStop>(),
          Ballast(options.directory),
          seams.look_interval};
}

// Memory and log of the usual size would take up most of a very small disk.
RocksDbOptions fitted(RocksDbOptions options, const DiskRoom& disk) {
  constexpr std::uint64_t least = std::uint64_t{4} << 20;
  const std::uint64_t part = std::max(least, disk.total_bytes / 8);
  options.memtable_bytes = std::min<std::uint64_t>(options.memtable_bytes, part);
  options.log_bytes = std::min<std::uint64_t>(options.log_bytes, part);
  return options;
}

std::uint64_t log_file_bytes(const std::string& directory) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (std::filesystem::directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (at->path().extension() == ".log") bytes += at->file_size(ignored);
  }
  return bytes;
}

// Whether the logs must be replayed without writing tables meanwhile, for lack of room.
bool is_tight(const RocksDbOptions& options, const DiskRoom& disk) {
  return disk.free_bytes < disk_reserve(disk.total_bytes) + 2 * log_file_bytes(options.directory);
}

// Whatever the logs hold fits into one memtable then. What is above the usual is written to tables with the first
// commit that finds room, and the memory of all together stays bounded by the write buffer manager.
void replay_in_memory(std::vector<rocksdb::ColumnFamilyDescriptor>& families) {
  for (auto& family : families) family.options.write_buffer_size = std::size_t{1} << 30;
}

}  // namespace

Result<std::unique_ptr<Engine>> open_rocksdb_engine(const RocksDbOptions& wanted, const DiskSeams& seams) {
  TRY(prepare_directory(wanted, seams.env != nullptr ? *seams.env : *rocksdb::Env::Default()));
  const auto disk = disk_probe(wanted, seams)();
  const RocksDbOptions options = disk ? fitted(wanted, *disk) : wanted;
  auto settings = database_options(options);
  RoomParts parts = make_room_parts(options, seams, settings);
  settings.listeners.push_back(std::make_shared<BackgroundWork>(parts));
  auto families = column_families(options);
  if (disk && is_tight(options, *disk)) replay_in_memory(families);
  if (disk && disk->free_bytes < 2 * Ballast::bytes_on(*disk)) parts.ballast.give_up();
  TRY(check_families(settings, options, families));

  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* database = nullptr;
  const auto status = rocksdb::DB::Open(settings, options.directory, families, &handles, &database);
  if (!status.ok()) return open_error(status, options);
  return make_rocks_engine(std::unique_ptr<rocksdb::DB>(database), std::move(handles), std::move(parts));
}

Result<std::unique_ptr<Engine>> open_rocksdb_engine(const RocksDbOptions& options) {
  return open_rocksdb_engine(options, DiskSeams());
}

}  // namespace reprise::kv
