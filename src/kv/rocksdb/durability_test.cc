// What survives: a clean close, kill -9 under load, damage to files; and how opening fails.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is POSIX's
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "base/task.h"
#include "kv/conformance_sets.h"
#include "kv/rocksdb/engine.h"
#include "kv/rocksdb/open.h"
#include "kv/rocksdb/scratch.h"

namespace reprise::kv {
namespace {

namespace fs = std::filesystem;
using conformance::bucket_partition;
using conformance::data_partition;
using conformance::put_set;
using conformance::versioned;

constexpr const char* child_directory_variable = "REPRISE_KV_TEST_CHILD_DIRECTORY";
constexpr int child_pipe = 3;  // where the child writes the numbers it was acknowledged

RocksDbOptions options_for(const fs::path& directory, std::size_t memtable_bytes = 48u << 20) {
  RocksDbOptions options;
  options.directory = directory;
  options.memtable_bytes = memtable_bytes;
  return options;
}

std::unique_ptr<Engine> open(const RocksDbOptions& options) {
  auto engine = open_rocksdb_engine(options);
  EXPECT_TRUE(engine.ok()) << engine.error().to_string();
  return engine.ok() ? std::move(engine).value() : nullptr;
}

Status open_failure(const RocksDbOptions& options) {
  auto engine = open_rocksdb_engine(options);
  return engine.ok() ? Status() : engine.error();
}

std::optional<Bytes> get(Engine& engine, const Partition& partition, const Bytes& key) {
  auto value = sync_wait(engine.get(partition, key));
  EXPECT_TRUE(value.ok()) << value.error().to_string();
  return value.ok() ? *value : std::nullopt;
}

TEST(Durability, ReopenAfterClose) {
  const ScratchDirectory scratch;
  const auto options = options_for(scratch.path());
  const auto p = data_partition(1);
  const auto dropped = bucket_partition(1, Kind::history, 8);
  {
    const auto engine = open(options);
    ASSERT_TRUE(sync_wait(engine->commit(put_set(p, "kept", "1"))).ok());
    ASSERT_TRUE(sync_wait(engine->commit(put_set(p, "deleted", "1"))).ok());
    ASSERT_TRUE(sync_wait(engine->commit(conformance::delete_set(p, "deleted"))).ok());
    ASSERT_TRUE(sync_wait(engine->commit(put_set(dropped, "h", "1"))).ok());
    ASSERT_TRUE(sync_wait(engine->drop(dropped)).ok());
    ASSERT_TRUE(sync_wait(engine->commit(put_set(p, Bytes("\0\xff", 2), ""))).ok());
    EXPECT_TRUE(engine->close().ok());
  }
  const auto engine = open(options);
  EXPECT_EQ(get(*engine, p, "kept"), "1");
  EXPECT_EQ(get(*engine, p, "deleted"), std::nullopt);
  EXPECT_EQ(get(*engine, p, Bytes("\0\xff", 2)), "");
  EXPECT_EQ(get(*engine, dropped, "h"), std::nullopt);
}

// --- kill -9 ---------------------------------------------------------------------------------------------------------

// Number n is committed as one set over four kinds of places; whoever finds one of them must find all.
WriteSet numbered_set(std::uint64_t n) {
  WriteSet set;
  const Bytes key = versioned(n);
  set.guards.push_back({data_partition(1), key, std::nullopt});
  set.preceding.push_back({bucket_partition(1, Kind::history, n / 1000), key, "history"});
  set.atomic.push_back({data_partition(1), key, versioned(n, Bytes(200, 'v'))});
  set.atomic.push_back({data_partition(1), "twin" + key, versioned(n)});
  set.following.push_back({data_partition(2), key, versioned(n)});
  return set;
}

int parts_found(Engine& engine, std::uint64_t n) {
  const WriteSet set = numbered_set(n);
  int found = 0;
  for (const auto* writes : {&set.preceding, &set.atomic, &set.following}) {
    for (const auto& write : *writes) {
      if (get(engine, write.partition, write.key) == write.value) ++found;
    }
  }
  return found;
}

Task<void> commit_numbers(Engine& engine, std::uint64_t first, std::uint64_t step) {
  for (std::uint64_t n = first;; n += step) {
    WriteSet set = numbered_set(n);
    const Status status = co_await engine.commit(std::move(set));
    if (!status.ok()) ::_exit(3);
    if (::write(child_pipe, &n, sizeof(n)) != sizeof(n)) ::_exit(4);
  }
}

// Run as a process of its own by KillNine; nothing in the ordinary run.
TEST(DurabilityChild, WritesUntilKilled) {
  const char* directory = std::getenv(child_directory_variable);
  if (directory == nullptr) GTEST_SKIP() << "the child of Durability.KillNine";
  const std::uint64_t begin = std::strtoull(std::getenv("REPRISE_KV_TEST_CHILD_BEGIN"), nullptr, 10);
  const auto engine = open(options_for(directory, 256 << 10));
  ThreadExecutor executor(2);
  constexpr std::uint64_t writers = 16;
  for (std::uint64_t i = 0; i < writers; ++i) spawn(executor, commit_numbers(*engine, begin + i, writers));
  for (;;) ::pause();
}

struct Child {
  pid_t pid = -1;
  int acknowledgements = -1;
};

Child start_child(const fs::path& directory, std::uint64_t begin) {
  int ends[2];
  EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], child_pipe);
  std::string directory_variable = std::string(child_directory_variable) + "=" + directory.string();
  std::string begin_variable = "REPRISE_KV_TEST_CHILD_BEGIN=" + std::to_string(begin);
  std::string name = "kv_rocksdb_test";
  std::string filter = "--gtest_filter=DurabilityChild.WritesUntilKilled";
  char* arguments[] = {name.data(), filter.data(), nullptr};
  char* environment[] = {directory_variable.data(), begin_variable.data(), nullptr};
  Child child{-1, ends[0]};
  EXPECT_EQ(::posix_spawn(&child.pid, "/proc/self/exe", &actions, nullptr, arguments, environment), 0);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  return child;
}

// Reads numbers until there are `count` of them, or (count 0) until the writer is gone.
void read_numbers(int from, std::size_t count, std::vector<std::uint64_t>& numbers) {
  std::uint64_t n = 0;
  while ((count == 0 || numbers.size() < count) && ::read(from, &n, sizeof(n)) == sizeof(n)) numbers.push_back(n);
}

TEST(Durability, KillNine) {
  const ScratchDirectory scratch;
  const fs::path directory = scratch.path() / "store";
  std::vector<std::uint64_t> acknowledged;
  std::uint64_t begin = 1;
  for (int round = 1; round <= 4; ++round) {
    const Child child = start_child(directory, begin);
    std::vector<std::uint64_t> numbers;
    read_numbers(child.acknowledgements, std::size_t{400} * static_cast<std::size_t>(round), numbers);
    EXPECT_EQ(open_failure(options_for(directory)).code(), Code::unavailable);
    ASSERT_EQ(::kill(child.pid, SIGKILL), 0);
    int how = 0;
    ASSERT_EQ(::waitpid(child.pid, &how, 0), child.pid);
    ASSERT_TRUE(WIFSIGNALED(how)) << how;
    read_numbers(child.acknowledgements, 0, numbers);
    ::close(child.acknowledgements);
    ASSERT_GE(numbers.size(), std::size_t{400} * static_cast<std::size_t>(round));
    acknowledged.insert(acknowledged.end(), numbers.begin(), numbers.end());
    const std::uint64_t last = *std::max_element(acknowledged.begin(), acknowledged.end());

    const auto engine = open(options_for(directory));
    ASSERT_NE(engine, nullptr);
    for (const auto n : acknowledged) ASSERT_EQ(parts_found(*engine, n), 4) << n;
    for (std::uint64_t n = last + 1; n < last + 64; ++n) {
      const int found = parts_found(*engine, n);
      ASSERT_TRUE(found == 0 || found == 4) << n << " is there in part: " << found;
    }
    begin = last + 1000;
  }
}

// --- damage ----------------------------------------------------------------------------------------------------------

std::vector<fs::path> files_with(const fs::path& directory, const std::string& extension) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() == extension && entry.file_size() > 0) found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

void flip_byte(const fs::path& path, std::uintmax_t at) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(at));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(at));
  file.put(static_cast<char>(byte ^ 0x5a));
  ASSERT_TRUE(file.good());
}

TEST(Durability, DamagedTablesAreReportedAndNotServed) {
  const ScratchDirectory scratch;
  const auto options = options_for(scratch.path(), 64 << 10);
  const auto p = data_partition(1);
  constexpr int count = 400;
  {
    const auto engine = open(options);
    for (int i = 0; i < count; ++i) {
      ASSERT_TRUE(
          sync_wait(engine->commit(put_set(p, "key" + std::to_string(i), Bytes(1000, static_cast<char>('a' + i % 26)))))
              .ok());
    }
  }
  const auto tables = files_with(scratch.path(), ".sst");
  ASSERT_FALSE(tables.empty());
  for (const auto& table : tables) flip_byte(table, 100);
  const auto engine = open(options);
  int damaged = 0;
  for (int i = 0; i < count; ++i) {
    const Bytes key = "key" + std::to_string(i);
    auto value = sync_wait(engine->get(p, key));
    if (value.ok()) {
      ASSERT_EQ(*value, Bytes(1000, static_cast<char>('a' + i % 26)));
      continue;
    }
    ++damaged;
    EXPECT_EQ(value.error().code(), Code::corruption);
    EXPECT_NE(value.error().message().find(".sst"), std::string::npos) << value.error().to_string();
  }
  EXPECT_GT(damaged, 0);
  const Range range;
  auto page = sync_wait(engine->scan(p, range, Direction::forward, {}));
  ASSERT_FALSE(page.ok()) << page->rows.size() << page->more << " damaged " << damaged << " tables " << tables.size();
  EXPECT_EQ(page.error().code(), Code::corruption);
}

// Commits 50 numbers, closes, and returns the log that holds them.
fs::path make_log(const fs::path& directory) {
  const auto engine = open(options_for(directory));
  for (std::uint64_t n = 0; n < 50; ++n) EXPECT_TRUE(sync_wait(engine->commit(numbered_set(n))).ok());
  const auto logs = files_with(directory, ".log");
  EXPECT_EQ(logs.size(), 1u);
  return logs.at(0);
}

TEST(Durability, DamageInsideTheLogIsReported) {
  const ScratchDirectory scratch;
  const fs::path log = make_log(scratch.path());
  flip_byte(log, fs::file_size(log) / 2);
  const Status status = open_failure(options_for(scratch.path()));
  EXPECT_EQ(status.code(), Code::corruption) << status.to_string();
  EXPECT_NE(status.message().find(scratch.path().string()), std::string::npos) << status.to_string();
}

// Where the records of a log begin that has one block.
std::vector<std::size_t> records_of(const fs::path& log) {
  std::ifstream file(log, std::ios::binary);
  const Bytes bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_LT(bytes.size(), 32u << 10);
  std::vector<std::size_t> found;
  for (std::size_t at = 0; at + 7 <= bytes.size();) {
    found.push_back(at);
    at += 7 + static_cast<unsigned char>(bytes[at + 4]) + 256 * static_cast<unsigned char>(bytes[at + 5]);
  }
  return found;
}

// RocksDB alone takes such a record for one that a crash has cut short, and drops what stands behind it as well.
TEST(Durability, AWrongLengthInALogIsReported) {
  const ScratchDirectory scratch;
  const fs::path log = make_log(scratch.path());
  fs::path manifest;
  for (const auto& entry : fs::directory_iterator(scratch.path())) {
    if (entry.path().filename().string().starts_with("MANIFEST-")) manifest = entry.path();
  }
  for (const fs::path& file : {log, manifest}) {
    const auto records = records_of(file);
    ASSERT_GT(records.size(), 5u);
    for (const std::size_t record : records) {
      flip_byte(file, record + 5);
      const Status status = open_failure(options_for(scratch.path()));
      EXPECT_EQ(status.code(), Code::corruption) << file << " " << record << " " << status.to_string();
      EXPECT_NE(status.message().find(scratch.path().string()), std::string::npos) << status.to_string();
      flip_byte(file, record + 5);
    }
  }
  const auto engine = open(options_for(scratch.path()));
  for (std::uint64_t n = 0; n < 50; ++n) EXPECT_EQ(parts_found(*engine, n), 4) << n;
}

// They look like what other programs leave for somebody to clean up.
TEST(Durability, AMissingLogIsReported) {
  const ScratchDirectory scratch;
  fs::remove(make_log(scratch.path()));
  const Status status = open_failure(options_for(scratch.path()));
  EXPECT_EQ(status.code(), Code::corruption) << status.to_string();
  EXPECT_NE(status.message().find(".log"), std::string::npos) << status.to_string();
}

TEST(Durability, AnIncompleteLastRecordIsTheCrashItself) {
  const ScratchDirectory scratch;
  const fs::path log = make_log(scratch.path());
  fs::resize_file(log, fs::file_size(log) - 3);
  const auto engine = open(options_for(scratch.path()));
  ASSERT_NE(engine, nullptr);
  for (std::uint64_t n = 0; n < 49; ++n) EXPECT_EQ(parts_found(*engine, n), 4) << n;
  EXPECT_EQ(parts_found(*engine, 49), 0);
}

// --- opening ---------------------------------------------------------------------------------------------------------

void expect_one_line(const Status& status, Code code, const std::string& path) {
  EXPECT_EQ(status.code(), code) << status.to_string();
  EXPECT_NE(status.message().find(path), std::string::npos) << status.to_string();
  EXPECT_EQ(status.message().find('\n'), std::string::npos) << status.to_string();
}

TEST(Opening, EachFailureIsOneLineThatNamesTheDirectory) {
  const ScratchDirectory scratch;
  const std::string orphan = scratch.path() / "missing" / "store";
  expect_one_line(open_failure(options_for(orphan)), Code::not_found, orphan);
  const std::string file = scratch.path() / "file";
  std::ofstream(file) << "x";
  expect_one_line(open_failure(options_for(file)), Code::invalid, file);
  expect_one_line(open_failure(options_for("/proc/store")), Code::io_error, "/proc/store");
  EXPECT_EQ(open_failure(options_for("")).code(), Code::invalid);
  const std::string used = scratch.path() / "used";
  const auto engine = open(options_for(used));
  expect_one_line(open_failure(options_for(used)), Code::unavailable, used);
}

TEST(Opening, AnUnwritableDirectoryIsRefused) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may write anywhere";
  const ScratchDirectory scratch;
  const std::string path = scratch.path() / "store";
  fs::create_directory(path);
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_exec);
  expect_one_line(open_failure(options_for(path)), Code::io_error, path);
}

// Directories whose entries were made durable.
class DirectoryWatch final : public rocksdb::FileSystemWrapper {
 public:
  explicit DirectoryWatch(std::set<std::string>& synced)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), synced_(synced) {}
  const char* Name() const override { return "DirectoryWatch"; }
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* result,
                                 rocksdb::IODebugContext* debug) override {
    auto made = target()->NewDirectory(name, options, result, debug);
    if (made.ok()) *result = std::make_unique<Directory>(std::move(*result), name, synced_);
    return made;
  }

 private:
  class Directory final : public rocksdb::FSDirectoryWrapper {
   public:
    Directory(std::unique_ptr<rocksdb::FSDirectory> directory, std::string name, std::set<std::string>& synced)
        : FSDirectoryWrapper(std::move(directory)), name_(std::move(name)), synced_(synced) {}
    rocksdb::IOStatus Fsync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug) override {
      synced_.insert(name_);
      return FSDirectoryWrapper::Fsync(options, debug);
    }
    rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options, rocksdb::IODebugContext* debug,
                                          const rocksdb::DirFsyncOptions& why) override {
      synced_.insert(name_);
      return FSDirectoryWrapper::FsyncWithDirOptions(options, debug, why);
    }

   private:
    const std::string name_;
    std::set<std::string>& synced_;
  };
  std::set<std::string>& synced_;
};

// Or a power cut takes it with all that was committed.
TEST(Opening, ANewDirectoryIsDurableItself) {
  const ScratchDirectory scratch;
  std::set<std::string> synced;
  const auto env = rocksdb::NewCompositeEnv(std::make_shared<DirectoryWatch>(synced));
  DiskSeams seams;
  seams.env = env.get();
  const auto engine = open_rocksdb_engine(options_for(scratch.path() / "store"), seams);
  ASSERT_TRUE(engine.ok());
  EXPECT_TRUE(synced.contains(scratch.path()));
}

TEST(Opening, AStoreOfAnOlderVersionGetsWhatItLacks) {
  const ScratchDirectory scratch;
  {
    rocksdb::Options settings;
    settings.create_if_missing = true;
    rocksdb::DB* database = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(settings, scratch.path(), &database).ok());
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    ASSERT_TRUE(database->CreateColumnFamilies({}, {"data", "history", "log"}, &handles).ok());
    for (auto* handle : handles) ASSERT_TRUE(database->DestroyColumnFamilyHandle(handle).ok());
    delete database;
  }
  const auto engine = open(options_for(scratch.path()));
  const auto p = conformance::bucket_partition(1, Kind::payload, 0);
  ASSERT_TRUE(sync_wait(engine->commit(put_set(p, "k", Bytes(2000, 'v')))).ok());
  EXPECT_EQ(sync_wait(engine->get(p, "k")).value(), Bytes(2000, 'v'));
}

TEST(Opening, AStoreOfANewerVersionIsRefused) {
  const ScratchDirectory scratch;
  { const auto engine = open(options_for(scratch.path())); }
  rocksdb::DB* database = nullptr;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const char* name : {"default", "data", "history", "log", "payload"}) families.push_back({name, {}});
  ASSERT_TRUE(rocksdb::DB::Open({}, scratch.path(), families, &handles, &database).ok());
  rocksdb::ColumnFamilyHandle* added = nullptr;
  ASSERT_TRUE(database->CreateColumnFamily({}, "blobs", &added).ok());
  handles.push_back(added);
  for (auto* handle : handles) ASSERT_TRUE(database->DestroyColumnFamilyHandle(handle).ok());
  delete database;
  const Status status = open_failure(options_for(scratch.path()));
  expect_one_line(status, Code::unsupported, scratch.path());
  EXPECT_NE(status.message().find("blobs"), std::string::npos);
}

}  // namespace
}  // namespace reprise::kv
