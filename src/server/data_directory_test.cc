#include "server/data_directory.h"

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>

namespace {
// What fsync was called for, while anybody asks.
std::set<std::string>* synced_paths = nullptr;
}  // namespace

// In the place of the C library's, for this program.
extern "C" int fsync(int fd) {
  std::error_code error;
  if (synced_paths != nullptr) {
    synced_paths->insert(std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(fd), error));
  }
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace reprise::server {
namespace {

class DataDirectoryTest : public testing::Test {
 protected:
  DataDirectoryTest() : path_(testing::TempDir() + "reprise-data-" + std::to_string(::getpid())) {
    std::filesystem::remove_all(path_);
  }
  ~DataDirectoryTest() override { std::filesystem::remove_all(path_); }
  void write(const std::string& name, const std::string& text) const { std::ofstream(path_ + "/" + name) << text; }

  std::string path_;
};

TEST_F(DataDirectoryTest, IsMadeAndOpensAgain) {
  EXPECT_TRUE(DataDirectory::open(path_ + "/a/b").ok());
  EXPECT_TRUE(DataDirectory::open(path_ + "/a/b").ok());
  std::ifstream format(path_ + "/a/b/FORMAT");
  std::string line;
  std::getline(format, line);
  EXPECT_EQ(line, "reprise-store 3");
}

// Or a power cut takes the name of a folder, with all that was written into it.
TEST_F(DataDirectoryTest, EachNewFolderAndTheFormatAreDurable) {
  std::set<std::string> synced;
  synced_paths = &synced;
  const bool made = DataDirectory::open(path_ + "/a/b").ok();
  synced_paths = nullptr;
  ASSERT_TRUE(made);
  const std::filesystem::path top = std::filesystem::canonical(path_);
  EXPECT_TRUE(synced.contains(top.parent_path()));
  EXPECT_TRUE(synced.contains(top));
  EXPECT_TRUE(synced.contains(top / "a"));
  EXPECT_TRUE(synced.contains(top / "a/b")) << "FORMAT was named there";
}

TEST_F(DataDirectoryTest, IsUsedByOneAtATime) {
  const auto first = DataDirectory::open(path_);
  ASSERT_TRUE(first.ok());
  const auto second = DataDirectory::open(path_);
  ASSERT_FALSE(second.ok());
  EXPECT_TRUE(second.error().is(Code::unavailable));
  EXPECT_NE(second.error().message().find("in use by another process (pid " + std::to_string(::getpid())),
            std::string::npos);
}

TEST_F(DataDirectoryTest, RefusesANewerOrDamagedFormat) {
  std::filesystem::create_directories(path_);
  write("FORMAT", "reprise-store 4\n");
  EXPECT_TRUE(DataDirectory::open(path_).error().is(Code::unsupported));
  write("FORMAT", "rubbish");
  EXPECT_TRUE(DataDirectory::open(path_).error().is(Code::corruption));
}

TEST_F(DataDirectoryTest, RefusesAStoreWithoutAFormat) {
  std::filesystem::create_directories(path_ + "/store");
  EXPECT_TRUE(DataDirectory::open(path_).error().is(Code::corruption));
}

TEST_F(DataDirectoryTest, NamesWhatCannotBeMade) {
  std::ofstream(path_) << "a file";
  const auto opened = DataDirectory::open(path_ + "/data");
  ASSERT_FALSE(opened.ok());
  EXPECT_NE(opened.error().message().find(path_ + "/data"), std::string::npos);
  std::filesystem::remove(path_);
}

}  // namespace
}  // namespace reprise::server
