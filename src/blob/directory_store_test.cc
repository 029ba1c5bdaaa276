#include "blob/directory_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace {
// What the next calls fail with; 0: they do what the C library's do, in whose place these are for this program.
int flock_error = 0;
int readdir_error = 0;
}  // namespace

extern "C" int flock(int fd, int operation) noexcept {
  errno = flock_error;
  return flock_error != 0 ? -1 : static_cast<int>(::syscall(SYS_flock, fd, operation));
}

extern "C" dirent* readdir(DIR* folder) {
  if (readdir_error == 0) return reinterpret_cast<dirent*>(::readdir64(folder));  // the same, by its other name
  errno = readdir_error;
  return nullptr;
}

namespace reprise::blob {
namespace {

namespace fs = std::filesystem;

class DirectoryStoreTest : public ::testing::Test {
 protected:
  DirectoryStoreTest() {
    std::string pattern = (fs::temp_directory_path() / "directory-store-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    store_ = open(root_);
  }
  ~DirectoryStoreTest() override { fs::remove_all(root_); }

  static std::shared_ptr<ObjectStore> open(const std::string& path) {
    auto opened = open_directory_store(path);
    EXPECT_TRUE(opened.ok()) << opened.error().to_string();
    return std::move(opened).value();
  }
  Result<ObjectInfo> put(const std::string& key, const std::string& text) {
    auto writer = store_->create(key);
    if (!writer.ok()) return writer.error();
    if (auto status = (*writer)->append(text); !status.ok()) return status;
    return (*writer)->commit();
  }
  Result<std::string> get(const std::string& key) {
    auto reader = store_->open(key);
    if (!reader.ok()) return reader.error();
    std::string text;
    for (;;) {
      auto piece = (*reader)->read(3);
      if (!piece.ok()) return piece.error();
      if (piece->empty()) return text;
      text += *piece;
    }
  }
  std::vector<std::string> keys(const std::string& prefix = "", const std::string& after = "",
                                std::size_t limit = 1000) {
    auto listed = store_->list(prefix, after, limit);
    EXPECT_TRUE(listed.ok()) << listed.error().to_string();
    std::vector<std::string> names;
    if (!listed.ok()) return names;
    for (const ObjectInfo& info : *listed) names.push_back(info.key);
    return names;
  }
  [[nodiscard]] std::size_t partial_files() const {
    const fs::path folder = fs::path(root_) / ".reprise-partial";
    if (!fs::exists(folder)) return 0;
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  std::string root_;
  std::shared_ptr<ObjectStore> store_;
};

using Names = std::vector<std::string>;

TEST_F(DirectoryStoreTest, WhatIsWrittenIsRead) {
  auto writer = store_->create("a/b/c.txt");
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->append("hello ").ok());
  ASSERT_TRUE((*writer)->append("world").ok());
  EXPECT_EQ(keys(), Names{}) << "seen before it was committed";
  EXPECT_TRUE(store_->open("a/b/c.txt").error().is(Code::not_found));
  const auto info = (*writer)->commit();
  ASSERT_TRUE(info.ok()) << info.error().to_string();
  EXPECT_EQ(info->key, "a/b/c.txt");
  EXPECT_EQ(info->bytes, 11u);
  EXPECT_EQ(info->etag, "5eb63bbbe01eeed093cb22bb8f5acdc3");
  EXPECT_EQ(*get("a/b/c.txt"), "hello world");
  EXPECT_EQ(partial_files(), 0u);
}

TEST_F(DirectoryStoreTest, AnEmptyObjectIsAnObject) {
  ASSERT_TRUE(put("empty", "").ok());
  EXPECT_EQ(*get("empty"), "");
  EXPECT_EQ(keys(), Names{"empty"});
}

TEST_F(DirectoryStoreTest, WritingAgainReplacesWhole) {
  ASSERT_TRUE(put("k", "the first, long text").ok());
  const auto reader = store_->open("k");
  ASSERT_TRUE(reader.ok());
  ASSERT_TRUE(put("k", "second").ok());
  EXPECT_EQ(*get("k"), "second");
  EXPECT_EQ(*(*reader)->read(100), "the first, long text") << "a reader keeps what it opened";
}

TEST_F(DirectoryStoreTest, AWriterThatIsDroppedLeavesNothing) {
  {
    auto writer = store_->create("x/y");
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->append("lost").ok());
    EXPECT_EQ(partial_files(), 1u);
  }
  EXPECT_EQ(partial_files(), 0u);
  EXPECT_EQ(keys(), Names{});
  EXPECT_FALSE(fs::exists(fs::path(root_) / "x"));
}

TEST_F(DirectoryStoreTest, ACommittedWriterTakesNoMore) {
  auto writer = store_->create("k");
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->commit().ok());
  EXPECT_FALSE((*writer)->append("more").ok());
  EXPECT_FALSE((*writer)->commit().ok());
  EXPECT_EQ(*get("k"), "");
}

TEST_F(DirectoryStoreTest, UnsafeKeysAreRefused) {
  const std::string bad[] = {"",
                             "/etc/passwd",
                             "..",
                             "../x",
                             "a/../../x",
                             "a/..",
                             "a//b",
                             "a/",
                             ".",
                             "a/./b",
                             std::string("a\0b", 3),
                             "/",
                             ".reprise-partial/1-0",
                             std::string(256, 'n'),
                             std::string(1025, 'n')};
  for (const std::string& key : bad) {
    EXPECT_TRUE(store_->create(key).error().is(Code::invalid)) << key;
    EXPECT_TRUE(store_->open(key).error().is(Code::invalid)) << key;
    EXPECT_TRUE(store_->remove(key).is(Code::invalid)) << key;
  }
  EXPECT_TRUE(put("..a/b../c...", "fine").ok());
  EXPECT_TRUE(put("a b/é\n", "fine").ok());
}

TEST_F(DirectoryStoreTest, LinksAreNotFollowedByTheLastPart) {
  fs::create_symlink("/etc/passwd", fs::path(root_) / "link");
  EXPECT_TRUE(store_->open("link").error().is(Code::not_found));
  EXPECT_EQ(keys(), Names{});
}

TEST_F(DirectoryStoreTest, AKeyThatIsAFolderOfOthers) {
  ASSERT_TRUE(put("a/b", "x").ok());
  EXPECT_TRUE(put("a", "x").error().is(Code::invalid));
  EXPECT_TRUE(put("a/b/c", "x").error().is(Code::invalid));
  EXPECT_TRUE(store_->open("a").error().is(Code::not_found));
  EXPECT_TRUE(store_->open("a/b/c").error().is(Code::not_found));
  EXPECT_TRUE(store_->remove("a").ok());
  EXPECT_EQ(*get("a/b"), "x");
  EXPECT_EQ(partial_files(), 0u);
}

TEST_F(DirectoryStoreTest, ListsInOrderOfBytes) {
  for (const std::string key : {"a/b", "a.b", "a/a/z", "a0", "b", "a-", "a/b.x"}) ASSERT_TRUE(put(key, key).ok());
  EXPECT_EQ(keys(), (Names{"a-", "a.b", "a/a/z", "a/b", "a/b.x", "a0", "b"}));
  EXPECT_EQ(keys("a/"), (Names{"a/a/z", "a/b", "a/b.x"}));
  EXPECT_EQ(keys("a/b"), (Names{"a/b", "a/b.x"}));
  EXPECT_EQ(keys("a"), (Names{"a-", "a.b", "a/a/z", "a/b", "a/b.x", "a0"}));
  EXPECT_EQ(keys("nothing/there"), Names{});
  EXPECT_EQ(keys("", "a/a/z"), (Names{"a/b", "a/b.x", "a0", "b"}));
  EXPECT_EQ(keys("", "a/"), (Names{"a/a/z", "a/b", "a/b.x", "a0", "b"}));
  // Page by page is the same as at once.
  for (std::size_t page = 1; page < 4; ++page) {
    Names all;
    std::string after;
    for (Names next = keys("", after, page); !next.empty(); next = keys("", after, page)) {
      all.insert(all.end(), next.begin(), next.end());
      after = all.back();
    }
    EXPECT_EQ(all, keys()) << page;
  }
}

TEST_F(DirectoryStoreTest, ListTellsSizesAndEtags) {
  const auto written = put("k", "hello");
  ASSERT_TRUE(written.ok());
  const auto listed = store_->list("", "", 10);
  ASSERT_TRUE(listed.ok());
  EXPECT_EQ(listed->at(0).bytes, 5u);
  // A file system may keep no attributes; then there is none, never a wrong one.
  const std::string kept = listed->at(0).etag;
  EXPECT_TRUE(kept == written->etag || kept.empty());
  std::ofstream(fs::path(root_) / "k") << "HELLO";
  EXPECT_EQ((*store_->open("k"))->info().etag, "") << "the etag of what it was before";
}

TEST_F(DirectoryStoreTest, RemoveTakesEmptyFoldersAlong) {
  ASSERT_TRUE(put("a/b/one", "1").ok());
  ASSERT_TRUE(put("a/two", "2").ok());
  EXPECT_TRUE(store_->remove("a/b/one").ok());
  EXPECT_TRUE(store_->remove("a/b/one").ok()) << "there is none";
  EXPECT_FALSE(fs::exists(fs::path(root_) / "a/b"));
  EXPECT_EQ(keys(), Names{"a/two"});
  EXPECT_TRUE(store_->remove("a/two").ok());
  EXPECT_FALSE(fs::exists(fs::path(root_) / "a"));
}

TEST_F(DirectoryStoreTest, WritersAndRemoversOfOneFolder) {
  const auto write = [this](const char* name) {
    for (int i = 0; i < 100; ++i) {
      const auto written = put(std::string("f/g/") + name, "x");
      EXPECT_TRUE(written.ok()) << written.error().to_string();
      EXPECT_TRUE(store_->remove(std::string("f/g/") + name).ok());
    }
  };
  std::thread other(write, "other");
  write("one");
  other.join();
  EXPECT_EQ(keys(), Names{});
}

TEST_F(DirectoryStoreTest, OpeningRemovesWhatDeadWritersLeft) {
  auto living = store_->create("living");
  ASSERT_TRUE(living.ok());
  ASSERT_TRUE((*living)->append("still here").ok());
  std::ofstream(fs::path(root_) / ".reprise-partial" / "1-7") << "half";
  ASSERT_EQ(partial_files(), 2u);
  const auto again = open(root_);
  EXPECT_EQ(partial_files(), 1u);
  ASSERT_TRUE((*living)->commit().ok());
  EXPECT_EQ(*get("living"), "still here");
}

// A file that may not grow gives the errors that a full disk gives, without filling one.
TEST_F(DirectoryStoreTest, AFullDiskIsExhausted) {
  ASSERT_NE(std::signal(SIGXFSZ, SIG_IGN), SIG_ERR);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  rlimit small = before;
  small.rlim_cur = 1000;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto written = put("big", std::string(5000, 'x'));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_FALSE(written.ok());
  EXPECT_TRUE(written.error().is(Code::exhausted)) << written.error().to_string();
  EXPECT_EQ(keys(), Names{});
  EXPECT_EQ(partial_files(), 0u);
}

TEST_F(DirectoryStoreTest, TheDirectoryIsMadeButNotItsParent) {
  EXPECT_EQ(open_directory_store(root_ + "/new/").ok(), true);
  EXPECT_TRUE(fs::is_directory(fs::path(root_) / "new"));
  EXPECT_TRUE(open_directory_store(root_ + "/no/such").error().is(Code::not_found));
  std::ofstream(fs::path(root_) / "file") << "x";
  EXPECT_TRUE(open_directory_store(root_ + "/file").error().is(Code::invalid));
}

TEST_F(DirectoryStoreTest, BucketsAreFolders) {
  auto buckets = open_directory_buckets(root_ + "/buckets");
  ASSERT_TRUE(buckets.ok()) << buckets.error().to_string();
  fs::create_directory(fs::path(root_) / "buckets" / "my-bucket");
  fs::create_directory(fs::path(root_) / "outside");
  auto bucket = (*buckets)->bucket("000000000000", "my-bucket");
  ASSERT_TRUE(bucket.ok()) << bucket.error().to_string();
  auto writer = (*bucket)->create("k");
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->commit().ok());
  EXPECT_TRUE(fs::exists(fs::path(root_) / "buckets/my-bucket/k"));
  for (const std::string name : {"absent", "..", "../outside", "", ".", "my-bucket/x", "UPPER"}) {
    EXPECT_TRUE((*buckets)->bucket("000000000000", name).error().is(Code::not_found)) << name;
  }
}

// Some network file systems know no locks.
TEST_F(DirectoryStoreTest, WhereNothingCanBeLockedNothingIsWritten) {
  flock_error = ENOLCK;
  const auto writer = store_->create("key");
  flock_error = 0;
  ASSERT_FALSE(writer.ok());
  EXPECT_TRUE(writer.error().is(Code::io_error)) << writer.error().to_string();
  EXPECT_NE(writer.error().message().find("lock"), std::string::npos);
  EXPECT_EQ(partial_files(), 0U);
}

TEST_F(DirectoryStoreTest, AListThatCannotBeReadToItsEndIsAnError) {
  ASSERT_TRUE(put("key", "text").ok());
  readdir_error = EIO;
  const auto listed = store_->list("", "", 10);
  readdir_error = 0;
  ASSERT_FALSE(listed.ok());
  EXPECT_TRUE(listed.error().is(Code::io_error)) << listed.error().to_string();
  EXPECT_EQ(keys(), std::vector<std::string>{"key"});
}

}  // namespace
}  // namespace reprise::blob
