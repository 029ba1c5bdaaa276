// A process that writes blobs is killed: whatever it had said to be committed is whole, and nothing else is left once
// the store is opened again, but at most the one blob whose commit was not answered yet (an orphan, whole too).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/rng.h"
#include "blob/file_store.h"

namespace reprise::blob {
namespace {

namespace fs = std::filesystem;

constexpr const char* child_directory = "REPRISE_BLOB_CRASH_DIRECTORY";
constexpr int answers = 3;  // the descriptor the child answers on
constexpr std::size_t child_blobs = 6;

std::size_t size_of(std::size_t number) { return number % 3 == 2 ? 3'000'000 + number : 1000 * number; }

Bytes payload_of(std::size_t number) {
  Rng rng(number);
  Bytes bytes(size_of(number), '\0');
  for (char& c : bytes) c = static_cast<char>(rng.next());
  return bytes;
}

// The child: writes blobs and answers each one's id once it is committed.
void write_blobs(const std::string& directory, std::size_t count) {
  auto store = open_file_store(directory);
  if (!store.ok()) ::_exit(3);
  for (std::size_t number = 0; number < count; ++number) {
    auto writer = (*store)->create();
    if (!writer.ok() || !(*writer)->append(payload_of(number)).ok()) ::_exit(4);
    const auto id = (*writer)->commit();
    if (!id.ok()) ::_exit(5);
    const std::string line = id->text() + "\n";
    if (::write(answers, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(6);
  }
}

// Not a test of its own: the tests below run it in a process that dies.
TEST(FileStoreCrashChild, DISABLED_WritesBlobs) {
  const char* const directory = std::getenv(child_directory);
  ASSERT_NE(directory, nullptr);
  write_blobs(directory, child_blobs);
}

struct Child {
  pid_t pid = 0;
  int from = -1;
};

class FileStoreCrash : public ::testing::Test {
 protected:
  FileStoreCrash() {
    std::string pattern = (fs::temp_directory_path() / "file-store-crash-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~FileStoreCrash() override { fs::remove_all(root_); }

  // This program again, to run the child alone.
  [[nodiscard]] Child start(const std::string& fault_point) const {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    const std::string directory = std::string(child_directory) + "=" + root_;
    const std::string fault = "REPRISE_FAULT_POINT=" + fault_point;
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::dup2(ends[1], answers);
      ::dup2(::open("/dev/null", O_WRONLY), STDOUT_FILENO);
      std::array<char*, 3> environment = {const_cast<char*>(directory.c_str()), const_cast<char*>(fault.c_str()),
                                          nullptr};
      std::string name = "blob_test";
      std::string filter = "--gtest_filter=FileStoreCrashChild.*";
      std::string disabled = "--gtest_also_run_disabled_tests";
      std::array<char*, 4> arguments = {name.data(), filter.data(), disabled.data(), nullptr};
      ::execve("/proc/self/exe", arguments.data(), environment.data());
      ::_exit(2);
    }
    ::close(ends[1]);
    return {pid, ends[0]};
  }

  // The ids of up to `most` answers.
  static std::vector<BlobId> read_answers(const Child& child, std::size_t most) {
    std::vector<BlobId> ids;
    std::string text;
    char c = 0;
    while (ids.size() < most && ::read(child.from, &c, 1) == 1) {
      if (c != '\n') {
        text.push_back(c);
        continue;
      }
      ids.push_back(BlobId::from_text(text).value_or(BlobId()));
      text.clear();
    }
    return ids;
  }

  static int wait_for(const Child& child) {
    int status = 0;
    EXPECT_EQ(::waitpid(child.pid, &status, 0), child.pid);
    ::close(child.from);
    return status;
  }

  void check(const std::vector<BlobId>& answered) const {
    auto store = open_file_store(root_);
    ASSERT_TRUE(store.ok()) << store.error().to_string();
    EXPECT_TRUE(fs::is_empty(fs::path(root_) / "partial"));
    for (std::size_t number = 0; number < answered.size(); ++number) {
      const auto reader = (*store)->open(answered[number]);
      ASSERT_TRUE(reader.ok()) << number;
      ASSERT_EQ((*reader)->read(0, size_of(number) + 1).value(), payload_of(number)) << number;
    }
    auto collection = (*store)->collect();
    const auto all = (*collection)->list(std::nullopt, 1000);
    ASSERT_TRUE(all.ok());
    EXPECT_LE(all->size(), answered.size() + 1);
    for (const BlobInfo& info : *all) EXPECT_TRUE((*store)->verify(info.id)->ok());
  }

  std::string root_;
};

TEST_F(FileStoreCrash, KilledBetweenAndDuringCommits) {
  for (const std::size_t after : {std::size_t{0}, std::size_t{1}, std::size_t{3}, child_blobs}) {
    const Child child = start("");
    std::vector<BlobId> ids = read_answers(child, after);
    ::kill(child.pid, SIGKILL);
    for (const BlobId& id : read_answers(child, child_blobs)) ids.push_back(id);
    wait_for(child);
    ASSERT_GE(ids.size(), after);
    check(ids);
    fs::remove_all(root_);
    fs::create_directory(root_);
  }
}

TEST_F(FileStoreCrash, KilledAtEveryStep) {
  for (const std::string point : {"blob.flushed", "blob.written", "blob.synced", "blob.named", "blob.committed"}) {
    for (const std::size_t time : {1U, 4U}) {
      const Child child = start(point + ":" + std::to_string(time));
      const std::vector<BlobId> ids = read_answers(child, child_blobs);
      const int status = wait_for(child);
      ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << point << " " << status;
      ASSERT_LT(ids.size(), time) << point;
      check(ids);
      fs::remove_all(root_);
      fs::create_directory(root_);
    }
  }
}

}  // namespace
}  // namespace reprise::blob
