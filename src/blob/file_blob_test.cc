// Reading whole blocks: where their bytes go, and what may not wait for the disk.
#include "blob/file_blob.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "base/rng.h"
#include "blob/file_store.h"

namespace reprise::blob {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t block = 1000;
constexpr std::size_t tail = 16;
constexpr std::size_t blocks = 700;  // more than one system call reads
constexpr std::size_t bytes = (blocks - 1) * block + 17;

class FileBlobTest : public ::testing::Test {
 protected:
  FileBlobTest() {
    std::string pattern = (fs::temp_directory_path() / "file-blob-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    store_ = open_file_store(root_, {.block_bytes = block}).value();
    Rng rng(7);
    text_.resize(bytes);
    for (char& c : text_) c = static_cast<char>(rng.next());
    auto writer = store_->create().value();
    EXPECT_TRUE(writer->append(text_).ok());
    id_.emplace(writer->commit().value());
    path_ = fs::path(root_) / id_->text().substr(0, 2) / id_->text();
  }
  ~FileBlobTest() override { fs::remove_all(root_); }

  // From the position on; false where the file system keeps it in memory all the same.
  bool forget_cached(off_t from) {
    const int file = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    EXPECT_GE(file, 0);
    EXPECT_EQ(::posix_fadvise(file, from, 0, POSIX_FADV_DONTNEED), 0);
    ::close(file);
    auto reader = store_->open(*id_).value();
    Bytes last(block, '\0');
    return reader->read_blocks({.first = blocks - 1, .count = 1, .to = last.data()}, Disk::no_wait).value() == 0;
  }

  std::string root_;
  std::shared_ptr<BlobStore> store_;
  Bytes text_;
  std::optional<BlobId> id_;
  fs::path path_;
};

TEST_F(FileBlobTest, TailsGoWhereTheyAreWanted) {
  const auto reader = store_->open(*id_).value();
  for (const auto disk : {Disk::wait, Disk::no_wait}) {
    for (const std::uint64_t first : {0U, 1U, 699U}) {
      Bytes to(blocks * (block - tail), '\0');
      Bytes tails(blocks * tail, '\0');
      const auto got = reader->read_blocks({first, blocks + 5, to.data(), tail, tails.data()}, disk);
      ASSERT_TRUE(got.ok());
      ASSERT_EQ(*got, blocks - first);
      for (std::uint64_t i = 0; i < *got; ++i) {
        const Bytes stored = text_.substr((first + i) * block, block);
        ASSERT_EQ(to.substr(i * (block - tail), stored.size() - tail), stored.substr(0, stored.size() - tail));
        ASSERT_EQ(tails.substr(i * tail, tail), stored.substr(stored.size() - tail));
      }
    }
  }
  Bytes none(block, '\0');
  EXPECT_EQ(reader->read_blocks({.first = blocks, .count = 1, .to = none.data()}, Disk::wait).value(), 0U);
  EXPECT_EQ(reader->read_blocks({.first = blocks + 9, .count = 1, .to = none.data()}, Disk::wait).value(), 0U);
}

TEST_F(FileBlobTest, WithoutTheDiskThereIsWhatMemoryHas) {
  ASSERT_NE(store_->open_cached(*id_), nullptr);
  constexpr std::uint64_t kept = 300;  // blocks, about
  if (!forget_cached(kept * block)) GTEST_SKIP() << "this file system is memory";
  const auto reader = store_->open_cached(*id_);
  ASSERT_NE(reader, nullptr);
  Bytes to(bytes, '\0');
  const auto got = reader->read_blocks({.first = 0, .count = blocks, .to = to.data()}, Disk::no_wait);
  ASSERT_TRUE(got.ok());
  // How many, is the kernel's affair: it may have read ahead since, or forgotten more.
  ASSERT_LE(*got, blocks);
  EXPECT_EQ(to.substr(0, *got * block), text_.substr(0, *got * block));
  EXPECT_EQ(reader->read_blocks({.first = 0, .count = blocks, .to = to.data()}, Disk::wait).value(), blocks);
  EXPECT_EQ(to, text_);
}

TEST_F(FileBlobTest, DamageIsFoundInTextsAndTailsAndWithoutTheDisk) {
  for (const std::uint64_t in_block : {std::uint64_t{5}, std::uint64_t{block - 3}, std::uint64_t{block + 1}}) {
    const auto at = static_cast<std::streamoff>(BlobLayout{bytes, block}.position_of(400) + in_block);
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    const auto change = [&] {
      file.seekg(at);
      const auto byte = static_cast<char>(file.get() ^ 1);
      file.seekp(at);
      file.put(byte);
      file.flush();
    };
    change();
    const auto reader = store_->open_cached(*id_);
    ASSERT_NE(reader, nullptr);
    Bytes to(bytes, '\0');
    Bytes tails(blocks * tail, '\0');
    const auto got = reader->read_blocks({390, 20, to.data(), tail, tails.data()}, Disk::no_wait);
    ASSERT_FALSE(got.ok()) << in_block;
    EXPECT_TRUE(got.error().is(Code::corruption)) << got.error().to_string();
    change();
    EXPECT_TRUE(reader->read_blocks({390, 20, to.data(), tail, tails.data()}, Disk::no_wait).ok());
  }
}

TEST_F(FileBlobTest, WhatIsNotThereIsNotCached) {
  EXPECT_EQ(store_->open_cached(BlobId::random()), nullptr);
  fs::resize_file(path_, blob_head_bytes - 1);
  EXPECT_EQ(store_->open_cached(*id_), nullptr) << "open() tells of the damage";
  EXPECT_TRUE(store_->open(*id_).error().is(Code::corruption));
}

}  // namespace
}  // namespace reprise::blob
