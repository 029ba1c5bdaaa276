// Opening: every way it can fail becomes one line that names the directory and says what to do.
#include "kv/rocksdb/open.h"

#include <rocksdb/db.h>
#include <rocksdb/listener.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "kv/rocksdb/committer.h"
#include "kv/rocksdb/errors.h"
#include "kv/rocksdb/rocks_engine.h"
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

// A failed background write stops all writing, and nothing resumes it but a restart: RocksDB would go on by itself once
// there is space again, while part of what it had buffered is unaccounted for.
class StopOnError final : public rocksdb::EventListener {
 public:
  explicit StopOnError(std::shared_ptr<WriteStop> stop) : stop_(std::move(stop)) {}
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* error) override {
    if (!error->ok()) stop_->stop(writes_stopped_by(*error));
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
  }

 private:
  std::shared_ptr<WriteStop> stop_;
};

std::string named(const RocksDbOptions& options) { return "data directory '" + options.directory + "'"; }

Status prepare_directory(const RocksDbOptions& options) {
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
  }
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) {
    return io_error(named(options) + " is not writable: " + std::strerror(errno));
  }
  return {};
}

// A directory that a newer version has written may hold families that are unknown here.
Status check_families(const rocksdb::DBOptions& database, const RocksDbOptions& options,
                      const std::vector<rocksdb::ColumnFamilyDescriptor>& known) {
  std::error_code error;
  if (!std::filesystem::exists(std::filesystem::path(options.directory) / "CURRENT", error)) return {};
  std::vector<std::string> names;
  const auto status = rocksdb::DB::ListColumnFamilies(database, options.directory, &names);
  if (!status.ok()) return from_rocksdb(status).with_context(named(options));
  for (const auto& name : names) {
    const auto same = [&name](const auto& family) { return family.name == name; };
    if (std::none_of(known.begin(), known.end(), same)) {
      return unsupported(named(options) + " holds '" + name +
                         "', which this version does not know: it was written by a newer one");
    }
  }
  return {};
}

Status open_error(const rocksdb::Status& status, const RocksDbOptions& options) {
  const std::string text = status.ToString();
  if (status.IsIOError() && text.find("LOCK") != std::string::npos) {
    return unavailable(named(options) + " is in use by another process");
  }
  return from_rocksdb(status).with_context(named(options));
}

}  // namespace

Result<std::unique_ptr<Engine>> open_rocksdb_engine(const RocksDbOptions& options, rocksdb::Env* env) {
  TRY(prepare_directory(options));
  auto stop = std::make_shared<WriteStop>();
  auto database_settings = database_options(options);
  if (env != nullptr) database_settings.env = env;
  database_settings.listeners.push_back(std::make_shared<StopOnError>(stop));
  const auto families = column_families(options);
  TRY(check_families(database_settings, options, families));

  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* database = nullptr;
  const auto status = rocksdb::DB::Open(database_settings, options.directory, families, &handles, &database);
  if (!status.ok()) return open_error(status, options);
  return make_rocks_engine(std::unique_ptr<rocksdb::DB>(database), std::move(handles), std::move(stop));
}

Result<std::unique_ptr<Engine>> open_rocksdb_engine(const RocksDbOptions& options) {
  return open_rocksdb_engine(options, nullptr);
}

}  // namespace reprise::kv
