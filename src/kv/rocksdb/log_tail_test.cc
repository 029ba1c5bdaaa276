#include "kv/rocksdb/log_tail.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "codec/crc32.h"

namespace reprise::kv {
namespace {

constexpr std::size_t head_bytes = 7;

Bytes record(BytesView payload, char type = 1) {
  Bytes typed(1, type);
  typed.append(payload);
  const std::uint32_t sum = codec::crc32c(typed);
  const std::uint32_t masked = ((sum >> 15) | (sum << 17)) + 0xa282ead8U;
  Bytes out;
  for (int shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(masked >> shift));
  out.push_back(static_cast<char>(payload.size() & 0xff));
  out.push_back(static_cast<char>(payload.size() >> 8));
  return out.append(typed);
}

Bytes three_records() { return record("first") + record(Bytes(300, 'x'), 2) + record("the last", 4); }

TEST(LogTail, WholeRecordsAreFine) {
  EXPECT_FALSE(log_tail_is_damaged(""));
  EXPECT_FALSE(log_tail_is_damaged(three_records()));
}

TEST(LogTail, WhatACrashCutsShortIsFine) {
  const Bytes log = three_records();
  for (std::size_t size = 0; size < log.size(); ++size)
    EXPECT_FALSE(log_tail_is_damaged(BytesView(log).substr(0, size)));
}

// The bits of the lengths that make a record reach beyond the end of the file; what makes it end earlier is found by
// RocksDB, the checksum being wrong then.
TEST(LogTail, AFlippedLengthIsDamage) {
  const Bytes log = three_records();
  for (const std::size_t head : {std::size_t{0}, head_bytes + 5, 2 * head_bytes + 305}) {
    for (const char bit : {'\x02', '\x10', '\x80'}) {
      Bytes flipped = log;
      flipped[head + 5] = static_cast<char>(flipped[head + 5] ^ bit);
      EXPECT_TRUE(log_tail_is_damaged(flipped)) << head << " " << static_cast<int>(bit);
    }
  }
}

// A client may store a log as a value. The write of it that a crash cuts short is not damage.
TEST(LogTail, APayloadMayBeALog) {
  const Bytes log = record("before") + record(three_records() + three_records() + "end");
  const std::size_t first = record("before").size() + head_bytes;
  const std::size_t inner = record("first").size();
  EXPECT_FALSE(log_tail_is_damaged(BytesView(log).substr(0, first + inner + 20)));
  EXPECT_FALSE(log_tail_is_damaged(BytesView(log).substr(0, log.size() - 1)));
}

TEST(LogTail, RoomThatWasReservedIsFine) { EXPECT_FALSE(log_tail_is_damaged(three_records() + Bytes(500, '\0'))); }

}  // namespace
}  // namespace reprise::kv
