#include "blob/file_store.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "base/rng.h"
#include "blob/file_format.h"

namespace reprise::blob {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t block = 512;

Bytes random_bytes(Rng& rng, std::size_t size) {
  Bytes bytes(size, '\0');
  for (char& c : bytes) c = static_cast<char>(rng.next());
  return bytes;
}

// What the crash tests write: derived from the size, so that anybody can check it.
Bytes payload_of(std::size_t size) {
  Rng rng(size);
  return random_bytes(rng, size);
}

Result<BlobId> put(BlobStore& store, BytesView bytes) {
  TRY_ASSIGN(const auto writer, store.create());
  TRY(writer->append(bytes));
  return writer->commit();
}

Result<Bytes> get(BlobStore& store, BlobId id, std::uint64_t offset = 0, std::size_t max = std::size_t{1} << 30) {
  TRY_ASSIGN(const auto reader, store.open(id));
  return reader->read(offset, max);
}

class FileStoreTest : public ::testing::Test {
 protected:
  FileStoreTest() {
    std::string pattern = (fs::temp_directory_path() / "file-store-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
    reopen();
  }
  ~FileStoreTest() override { fs::remove_all(root_); }

  void reopen(std::size_t block_bytes = block) {
    store_.reset();
    auto opened = open_file_store(root_, {.block_bytes = block_bytes});
    ASSERT_TRUE(opened.ok()) << opened.error().to_string();
    store_ = std::move(opened).value();
  }
  [[nodiscard]] fs::path file_of(BlobId id) const { return fs::path(root_) / id.text().substr(0, 2) / id.text(); }
  [[nodiscard]] std::size_t files() const {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(root_)) count += entry.is_regular_file() ? 1 : 0;
    return count;
  }
  void flip(BlobId id, std::uint64_t at) const {
    std::fstream file(file_of(id), std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at));
    const auto byte = static_cast<char>(file.get() ^ 0x10);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
    ASSERT_TRUE(file.good());
  }
  std::set<BlobId> listed(Collection& collection, std::size_t limit) {
    std::set<BlobId> ids;
    std::optional<BlobId> after;
    for (;;) {
      const auto page = collection.list(after, limit);
      EXPECT_TRUE(page.ok());
      EXPECT_LE(page->size(), limit);
      if (page->empty()) return ids;
      for (const BlobInfo& info : *page) {
        EXPECT_TRUE(!after || *after < info.id);
        after = info.id;
        ids.insert(info.id);
      }
    }
  }

  std::string root_;
  std::shared_ptr<BlobStore> store_;
};

TEST_F(FileStoreTest, EveryRangeOfEverySizeReadsBack) {
  Rng rng(1);
  for (const std::size_t size : {0UL, 1UL, 511UL, 512UL, 513UL, 1024UL, 1500UL, 5000UL, 200'000UL}) {
    const Bytes bytes = random_bytes(rng, size);
    auto writer = store_->create();
    ASSERT_TRUE(writer.ok());
    for (BytesView rest = bytes; !rest.empty();) {
      const std::size_t piece = std::min<std::size_t>(rest.size(), rng.below(1400));
      ASSERT_TRUE((*writer)->append(rest.substr(0, piece)).ok());
      rest.remove_prefix(piece);
    }
    EXPECT_EQ((*writer)->bytes(), size);
    const auto id = (*writer)->commit();
    ASSERT_TRUE(id.ok());
    const auto reader = store_->open(*id);
    ASSERT_TRUE(reader.ok());
    EXPECT_EQ((*reader)->bytes(), size);
    EXPECT_EQ((*reader)->block_bytes(), block);
    EXPECT_EQ((*reader)->read(0, size + 10).value(), bytes);
    for (int i = 0; i < 60; ++i) {
      const std::uint64_t offset = rng.below(size + 600);
      const std::size_t max = rng.below(3) == 0 ? rng.below(size + 2) : rng.below(600);
      const Bytes expected = offset < size ? bytes.substr(offset, max) : Bytes();
      ASSERT_EQ((*reader)->read(offset, max).value(), expected) << size << " " << offset << " " << max;
    }
    ASSERT_TRUE(store_->verify(*id)->ok());
    EXPECT_EQ(fs::file_size(file_of(*id)), (BlobLayout{size, block}.file_bytes()));
  }
}

TEST_F(FileStoreTest, BlobsOutliveTheStoreAndOtherBlockSizes) {
  const Bytes bytes = payload_of(300'000);
  const auto id = put(*store_, bytes);
  ASSERT_TRUE(id.ok());
  reopen(64 << 10);
  EXPECT_EQ(get(*store_, *id).value(), bytes);
  const auto other = put(*store_, bytes);
  ASSERT_TRUE(other.ok());
  EXPECT_NE(*id, *other);
  EXPECT_EQ(store_->open(*other).value()->block_bytes(), 64U << 10);
  EXPECT_EQ(get(*store_, *other, 65'000, 1000).value(), bytes.substr(65'000, 1000));
}

TEST_F(FileStoreTest, WhatIsNotCommittedIsNotThere) {
  {
    auto writer = store_->create();
    ASSERT_TRUE((*writer)->append(Bytes(3'000'000, 'x')).ok());
    EXPECT_EQ(files(), 1U);
  }
  EXPECT_EQ(files(), 0U);
  auto writer = store_->create();
  ASSERT_TRUE((*writer)->append("x").ok());
  ASSERT_TRUE((*writer)->commit().ok());
  EXPECT_FALSE((*writer)->append("y").ok());
  EXPECT_FALSE((*writer)->commit().ok());
  EXPECT_EQ(files(), 1U);
}

// A client may take long to send the rest, and thousands of them may.
TEST_F(FileStoreTest, AWriterThatWaitsHoldsLittleMemory) {
  reopen(65'536);
  const auto held = [] {
    const auto info = ::mallinfo2();
    return static_cast<std::int64_t>(info.uordblks + info.hblkhd);
  };
  const Bytes text(std::size_t{2} << 20, 'x');  // whole writes: nothing of it waits for more
  std::vector<std::unique_ptr<BlobWriter>> writers;
  const std::int64_t before = held();
  for (int i = 0; i < 16; ++i) {
    auto writer = store_->create();
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->append(text).ok());
    writers.push_back(std::move(writer).value());
  }
  EXPECT_LT((held() - before) / 16, 262'144);
}

TEST_F(FileStoreTest, LeftoversGoWhenTheStoreIsOpened) {
  store_.reset();
  std::ofstream(fs::path(root_) / "partial" / BlobId::random().text()) << "half";
  EXPECT_EQ(files(), 1U);
  reopen();
  EXPECT_EQ(files(), 0U);
}

TEST_F(FileStoreTest, ADirectoryHasOneStore) {
  const auto second = open_file_store(root_);
  ASSERT_FALSE(second.ok());
  EXPECT_TRUE(second.error().is(Code::unavailable));
}

TEST_F(FileStoreTest, RemovedBlobsAreGoneButForTheirReaders) {
  const auto id = put(*store_, "payload");
  const auto reader = store_->open(*id);
  ASSERT_TRUE(store_->remove(*id).ok());
  ASSERT_TRUE(store_->remove(*id).ok());
  EXPECT_EQ((*reader)->read(0, 100).value(), "payload");
  EXPECT_TRUE(store_->open(*id).error().is(Code::not_found));
  EXPECT_TRUE(store_->verify(*id).error().is(Code::not_found));
  EXPECT_TRUE(store_->hold(*id).error().is(Code::not_found));
}

TEST_F(FileStoreTest, ARemovedBlobStaysForWhoeverHoldsIt) {
  const auto id = put(*store_, "payload");
  auto first = store_->hold(*id);
  auto second = store_->hold(*id);
  ASSERT_TRUE(store_->remove(*id).ok());
  ASSERT_TRUE(store_->remove(*id).ok());
  first->reset();
  EXPECT_EQ(get(*store_, *id).value(), "payload");
  auto collection = store_->collect();
  EXPECT_FALSE((*collection)->take(*id).value());
  collection->reset();
  second->reset();
  EXPECT_EQ(files(), 0U);
  EXPECT_TRUE(store_->hold(*id).error().is(Code::not_found));

  auto writer = store_->create();
  const auto written = (*writer)->commit();
  ASSERT_TRUE(store_->remove(*written).ok());
  EXPECT_EQ(files(), 1U);
  writer->reset();
  EXPECT_EQ(files(), 0U);
}

// Every byte of the file is under a checksum, and the report names exactly the block that was hit.
TEST_F(FileStoreTest, EveryFlippedBitIsFound) {
  const Bytes bytes = payload_of(3 * block + 100);
  const auto id = put(*store_, bytes);
  const auto size = fs::file_size(file_of(*id));
  for (std::uint64_t at = 0; at < size; at += at < 60 ? 1 : 13) {
    flip(*id, at);
    const auto report = store_->verify(*id);
    ASSERT_TRUE(report.ok());
    ASSERT_FALSE(report->ok()) << at;
    if (at < blob_head_bytes) {
      ASSERT_TRUE(report->head_damaged);
      ASSERT_TRUE(store_->open(*id).error().is(Code::corruption));
    } else {
      const std::uint64_t hit = (at - blob_head_bytes) / (block + blob_sum_bytes);
      ASSERT_EQ(report->damaged.size(), 1U);
      ASSERT_EQ(report->damaged[0].block, hit);
      ASSERT_EQ(report->damaged[0].offset, hit * block);
      ASSERT_EQ(report->damaged[0].bytes, hit == 3 ? 100U : block);
      ASSERT_EQ(report->blocks, 4U);
      for (std::uint64_t other = 0; other < 4; ++other) {
        const auto read = get(*store_, *id, other * block + 7, 10);
        ASSERT_EQ(read.ok(), other != hit);
        ASSERT_TRUE(read.ok() || read.error().is(Code::corruption));
      }
      ASSERT_THAT(get(*store_, *id).error().message(), testing::HasSubstr("block " + std::to_string(hit)));
    }
    flip(*id, at);
  }
  EXPECT_TRUE(store_->verify(*id)->ok());
}

TEST_F(FileStoreTest, ATruncatedOrExchangedFileIsFound) {
  const Bytes bytes = payload_of(3 * block);
  const auto id = put(*store_, bytes);
  const auto other = put(*store_, payload_of(2 * block + 9));
  fs::resize_file(file_of(*id), fs::file_size(file_of(*id)) - 1);
  EXPECT_EQ(store_->verify(*id)->damaged.size(), 1U);
  EXPECT_TRUE(get(*store_, *id).error().is(Code::corruption));
  EXPECT_EQ(get(*store_, *id, 0, 2 * block).value(), bytes.substr(0, 2 * block));
  fs::resize_file(file_of(*id), blob_head_bytes);
  EXPECT_EQ(store_->verify(*id)->damaged.size(), 3U);
  fs::resize_file(file_of(*id), blob_head_bytes - 1);
  EXPECT_TRUE(store_->verify(*id)->head_damaged);
  fs::resize_file(file_of(*id), 0);
  EXPECT_TRUE(store_->open(*id).error().is(Code::corruption));
  // Another blob's file under this name is not this blob.
  fs::copy_file(file_of(*other), file_of(*id), fs::copy_options::overwrite_existing);
  EXPECT_TRUE(store_->open(*id).error().is(Code::corruption));
  std::ofstream(file_of(*other), std::ios::app) << "x";
  EXPECT_TRUE(store_->verify(*other)->head_damaged);
}

TEST_F(FileStoreTest, BlocksInEachOthersPlaceAreFound) {
  const auto id = put(*store_, Bytes(4 * block, 'z'));  // the payload of all blocks is the same
  const BlobLayout layout{4 * block, block};
  std::fstream file(file_of(*id), std::ios::in | std::ios::out | std::ios::binary);
  Bytes first(block + blob_sum_bytes, '\0');
  file.seekg(static_cast<std::streamoff>(layout.position_of(1)));
  file.read(first.data(), static_cast<std::streamsize>(first.size()));
  file.seekp(static_cast<std::streamoff>(layout.position_of(2)));
  file.write(first.data(), static_cast<std::streamsize>(first.size()));
  file.close();
  const auto report = store_->verify(*id);
  ASSERT_EQ(report->damaged.size(), 1U);
  EXPECT_EQ(report->damaged[0].block, 2U);
}

TEST_F(FileStoreTest, AFullDiskLeavesNothing) {
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{2'000'000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  {
    auto writer = store_->create();
    const Status status = (*writer)->append(Bytes(4'000'000, 'x'));
    EXPECT_TRUE(status.is(Code::exhausted)) << status.to_string();
    EXPECT_FALSE((*writer)->commit().ok());
  }
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(files(), 0U);
}

TEST_F(FileStoreTest, TheLastOfTheDiskIsNotForPayloads) {
  constexpr std::uint64_t mib = std::uint64_t{1} << 20;
  DiskRoom disk{130 * mib, 10'000 * mib};
  store_.reset();
  auto opened = open_file_store(root_, {.room = [&disk] { return std::optional(disk); }});
  ASSERT_TRUE(opened.ok()) << opened.error().to_string();
  store_ = std::move(opened).value();
  auto writer = store_->create();
  ASSERT_TRUE(writer.ok()) << writer.error().to_string();
  ASSERT_TRUE((*writer)->append(Bytes(4 * mib, 'x')).ok());
  disk.free_bytes = 127 * mib;
  const auto refused = store_->create();
  ASSERT_FALSE(refused.ok());
  EXPECT_TRUE(refused.error().is(Code::exhausted)) << refused.error().to_string();
  // Neither for the rest of one that was begun before.
  Status status;
  for (int i = 0; i < 20 && status.ok(); ++i) status = (*writer)->append(Bytes(mib, 'x'));
  EXPECT_TRUE(status.is(Code::exhausted)) << status.to_string();
  EXPECT_FALSE((*writer)->commit().ok());
  writer->reset();
  EXPECT_EQ(files(), 0U);
  disk = {20 * mib, 150 * mib};  // a small one keeps an eighth
  EXPECT_TRUE(put(*store_, "x").ok());
  disk.free_bytes = 18 * mib;
  EXPECT_FALSE(put(*store_, "x").ok());
}

TEST_F(FileStoreTest, ACollectionListsAllInOrderAndTakesWhatNobodyHolds) {
  std::set<BlobId> ids;
  for (int i = 0; i < 20; ++i) ids.insert(put(*store_, "x").value());
  auto collection = store_->collect();
  ASSERT_TRUE(collection.ok());
  EXPECT_TRUE(store_->collect().error().is(Code::unavailable));
  for (const std::size_t limit : {1UL, 7UL, 20UL, 1000UL}) EXPECT_EQ(listed(**collection, limit), ids);
  for (const BlobId& id : ids) EXPECT_TRUE((*collection)->take(id).value());
  EXPECT_TRUE((*collection)->take(*ids.begin()).value());
  EXPECT_EQ(files(), 0U);
  collection->reset();
  EXPECT_TRUE(store_->collect().ok());
}

TEST_F(FileStoreTest, WhatWasHeldDuringACollectionStays) {
  const auto copied = put(*store_, "a");
  const auto held = put(*store_, "b");
  const auto orphan = put(*store_, "c");
  auto before = store_->hold(*held);
  auto writer = store_->create();
  auto collection = store_->collect();
  // Held for a moment only: a copy that was made in between.
  { ASSERT_TRUE(store_->hold(*copied).ok()); }
  before->reset();
  const auto written = (*writer)->commit();
  writer->reset();
  const auto later = put(*store_, "d");
  for (const auto& id : {copied, held, written, later}) EXPECT_FALSE((*collection)->take(*id).value());
  EXPECT_TRUE((*collection)->take(*orphan).value());
  collection->reset();
  // The next one may take them.
  collection = store_->collect();
  for (const auto& id : {copied, held, written, later}) EXPECT_TRUE((*collection)->take(*id).value());
}

TEST_F(FileStoreTest, ManyWritersReadersAndACollectorAtOnce) {
  std::atomic<int> done{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 3; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 8; ++i) {
        const Bytes bytes = payload_of(std::size_t{1000} * static_cast<std::size_t>(t) + static_cast<std::size_t>(i));
        auto writer = store_->create();
        ASSERT_TRUE(writer.ok());
        ASSERT_TRUE((*writer)->append(bytes).ok());
        const auto id = (*writer)->commit();
        ASSERT_TRUE(id.ok());
        ASSERT_EQ(get(*store_, *id).value(), bytes);  // held: nobody takes it
      }
      ++done;
    });
  }
  while (done < 3) {
    auto collection = store_->collect();
    const auto page = (*collection)->list(std::nullopt, 1000);
    ASSERT_TRUE(page.ok());
    for (const BlobInfo& info : *page) ASSERT_TRUE((*collection)->take(info.id).ok());
  }
  for (std::thread& thread : threads) thread.join();
  auto collection = store_->collect();
  const auto rest = (*collection)->list(std::nullopt, 1000);
  for (const BlobInfo& info : *rest) EXPECT_TRUE((*collection)->take(info.id).value());
  EXPECT_EQ(files(), 0U);
}

TEST(BlobIdTest, TextAndBytes) {
  const BlobId id = BlobId::random();
  EXPECT_NE(id, BlobId::random());
  EXPECT_EQ(BlobId::from_text(id.text()), id);
  EXPECT_EQ(BlobId::from_bytes(id.bytes()), id);
  EXPECT_EQ(id.text().size(), 32U);
  EXPECT_EQ(BlobId::from_text(id.text().substr(1)), std::nullopt);
  EXPECT_EQ(BlobId::from_text("G" + id.text().substr(1)), std::nullopt);
  EXPECT_EQ(BlobId::from_text("A" + id.text().substr(1)), std::nullopt);
  EXPECT_EQ(BlobId::from_bytes("x"), std::nullopt);
}

// The bytes of a file, frozen: what is on a disk somewhere must be read for ever.
TEST(BlobFormat, Golden) {
  const BlobId id = *BlobId::from_text("000102030405060708090a0b0c0d0e0f");
  Bytes head;
  append_blob_head(head, id, {1300, 512});
  EXPECT_EQ(head.size(), blob_head_bytes);
  EXPECT_EQ(head.substr(0, 36), Bytes("RPRBLB01") + Bytes(id.bytes()) + Bytes("\0\0\0\0\0\0\x05\x14\0\0\x02\0", 12));
  EXPECT_EQ(read_be32(BytesView(head).substr(36)), 346361527U);
  EXPECT_EQ(block_seed(id, 1), 1015894657U);
  const auto layout = parse_blob_head(head, id);
  ASSERT_TRUE(layout.has_value());
  EXPECT_EQ(layout->blocks(), 3U);
  EXPECT_EQ(layout->bytes_of(2), 276U);
  EXPECT_EQ(layout->position_of(2), 40U + 2 * 516);
  EXPECT_EQ(layout->file_bytes(), 40U + 1300 + 12);
  EXPECT_FALSE(parse_blob_head(head, BlobId()).has_value());
}

}  // namespace
}  // namespace reprise::blob
