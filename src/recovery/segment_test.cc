// Segments: what is written is read, in blocks of any size; and nothing damaged is ever passed on, whatever byte it is.
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/rng.h"
#include "blob/memory_store_for_tests.h"
#include "recovery/segment_reader.h"
#include "recovery/segment_writer.h"

namespace reprise::recovery {
namespace {

using Rows = std::vector<std::pair<Bytes, Bytes>>;

Rows make_rows(std::size_t count, std::size_t value_bytes) {
  Rng rng(42);
  Rows rows;
  for (std::size_t i = 0; i < count; ++i) {
    Bytes value;
    while (value.size() < value_bytes) value.append(std::to_string(rng.below(1000)));
    rows.emplace_back("key" + std::to_string(1'000'000 + i), std::move(value));
  }
  return rows;
}

SegmentInfo write(blob::MemoryStore& store, const Rows& rows, SegmentOptions options = {}) {
  SegmentWriter writer(std::move(store.create("s/segment-1")).value(), options);
  for (const auto& [key, value] : rows) EXPECT_TRUE(writer.add(key, value).ok());
  auto info = writer.finish();
  EXPECT_TRUE(info.ok()) << info.error().to_string();
  return std::move(info).value();
}

// The rows that were handed out before the end or the error.
std::pair<Rows, Status> read(blob::MemoryStore& store, const SegmentInfo& info) {
  Rows found;
  auto reader = open_segment(store, info);
  if (!reader.ok()) return {found, reader.error()};
  SegmentRows block;
  for (;;) {
    const auto more = (*reader)->next(block);
    if (!more.ok()) return {found, more.error()};
    if (!*more) return {found, Status()};
    for (const auto& row : block.rows) found.emplace_back(row.key, row.value);
  }
}

TEST(Segment, WhatIsWrittenIsRead) {
  blob::MemoryStore store;
  const Rows rows = make_rows(5000, 100);
  for (const std::size_t block_bytes : {1, 1000, 256 << 10}) {
    SegmentOptions options;
    options.block_bytes = block_bytes;
    const SegmentInfo info = write(store, rows, options);
    EXPECT_EQ(info.rows, rows.size());
    EXPECT_EQ(info.bytes, store.bytes("s/segment-1").size());
    const auto [found, status] = read(store, info);
    EXPECT_TRUE(status.ok()) << status.to_string();
    EXPECT_TRUE(found == rows);
    EXPECT_TRUE(verify_segment(store, info).ok());
  }
}

TEST(Segment, IsCompressed) {
  blob::MemoryStore store;
  const SegmentInfo info = write(store, make_rows(5000, 100));
  EXPECT_LT(info.bytes, info.raw_bytes * 6 / 10);
}

TEST(Segment, MayBeEmptyOrHoldAnything) {
  blob::MemoryStore store;
  const SegmentInfo none = write(store, {});
  EXPECT_TRUE(read(store, none).second.ok());
  const Rows odd{{"", ""}, {Bytes(1, '\0'), Bytes(3'000'000, 'x')}, {"z", ""}};
  const SegmentInfo info = write(store, odd);
  const auto [found, status] = read(store, info);
  EXPECT_TRUE(status.ok()) << status.to_string();
  EXPECT_TRUE(found == odd);
}

TEST(Segment, ARowThatNoBlockHoldsIsRefused) {
  blob::MemoryStore store;
  SegmentWriter writer(std::move(store.create("s")).value());
  EXPECT_TRUE(writer.add("k", Bytes(33 << 20, 'x')).is(Code::invalid));
}

TEST(Segment, EveryDamagedByteIsFound) {
  blob::MemoryStore store;
  const Rows rows = make_rows(40, 30);
  SegmentOptions options;
  options.block_bytes = 400;
  const SegmentInfo info = write(store, rows, options);
  const Bytes whole = store.bytes(info.key);
  SegmentInfo unsummed = info;
  unsummed.sha256.clear();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Bytes damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
    store.put(info.key, damaged);
    const auto [found, status] = read(store, info);
    // The version's digits: a newer one cannot be told from a damaged one.
    const Code expected = i == 6 || i == 7 ? Code::unsupported : Code::corruption;
    EXPECT_EQ(status.code(), expected) << "byte " << i;
    EXPECT_NE(status.message().find(info.key), std::string_view::npos) << status.message();
    ASSERT_LE(found.size(), rows.size());
    EXPECT_TRUE(std::equal(found.begin(), found.end(), rows.begin())) << "byte " << i << " was passed on";
    EXPECT_EQ(read(store, unsummed).second.code(), expected) << "byte " << i << " without the manifest's sum";
    EXPECT_TRUE(verify_segment(store, info).is(Code::corruption));
  }
}

TEST(Segment, EveryCutIsFound) {
  blob::MemoryStore store;
  SegmentOptions options;
  options.block_bytes = 400;
  const SegmentInfo info = write(store, make_rows(40, 30), options);
  const Bytes whole = store.bytes(info.key);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    store.put(info.key, whole.substr(0, size));
    EXPECT_TRUE(read(store, info).second.is(Code::corruption)) << size;
  }
  store.put(info.key, whole + "x");
  EXPECT_TRUE(read(store, info).second.is(Code::corruption));
  store.take_away(info.key);
  EXPECT_EQ(read(store, info).second.to_string(), "corruption: segment s/segment-1 is missing");
  EXPECT_EQ(verify_segment(store, info).to_string(), "corruption: segment s/segment-1 is missing");
}

TEST(Segment, NamesTheDamagedBlock) {
  blob::MemoryStore store;
  SegmentOptions options;
  options.block_bytes = 400;
  const SegmentInfo info = write(store, make_rows(40, 30), options);
  Bytes damaged = store.bytes(info.key);
  const std::size_t second_block = 8 + 16 + read_be32(BytesView(damaged).substr(8));
  damaged[second_block + 20] ^= 1;
  store.put(info.key, damaged);
  EXPECT_EQ(read(store, info).second.to_string(),
            "corruption: segment s/segment-1 is damaged: block 2 has a wrong checksum");
}

// Whole and sound, but not the one the manifest means.
TEST(Segment, AnotherSegmentIsNotTakenForIt) {
  blob::MemoryStore store;
  const SegmentInfo other = write(store, make_rows(10, 30));
  const Bytes others = store.bytes(other.key);
  const SegmentInfo info = write(store, make_rows(11, 30));
  store.put(info.key, others);
  EXPECT_EQ(read(store, info).second.to_string(),
            "corruption: segment s/segment-1 is damaged: it is not the one that was written");
}

TEST(Segment, ADestroyedWriterLeavesNothing) {
  blob::MemoryStore store;
  { SegmentWriter writer(std::move(store.create("s")).value()); }
  EXPECT_TRUE(store.keys().empty());
}

}  // namespace
}  // namespace reprise::recovery
