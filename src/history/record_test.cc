// Freezes the formats of docs/formats/history.md: a change here is a change of what is on disks.
#include "history/record.h"

#include <gtest/gtest.h>

#include "history/space.h"

namespace reprise::history {
namespace {

constexpr Timestamp early(0x0102030405060708);

std::string hex(BytesView bytes) {
  static const char digits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    out.push_back(digits[static_cast<unsigned char>(c) >> 4]);
    out.push_back(digits[static_cast<unsigned char>(c) & 15]);
  }
  return out;
}

TEST(Record, DataAndHistoryShareOneShape) {
  EXPECT_EQ(hex(encode_record(early, "value")),
            "0102030405060708"
            "00"
            "76616c7565");
  EXPECT_EQ(hex(encode_whiteout(early)),
            "0102030405060708"
            "01");
  Bytes ended = encode_record(early, "value");
  set_record_time(ended, Timestamp(0xfffefdfcfbfaf9f8));
  EXPECT_EQ(hex(ended),
            "fffefdfcfbfaf9f8"
            "00"
            "76616c7565");
  const auto record = decode_record(ended);
  ASSERT_TRUE(record.ok());
  EXPECT_EQ(record->time, Timestamp(0xfffefdfcfbfaf9f8));
  EXPECT_FALSE(record->whiteout);
  EXPECT_EQ(record->payload, "value");
}

TEST(Record, DecodesVersionsAndWhiteouts) {
  const auto version = decode_data(encode_record(early, ""));
  ASSERT_TRUE(version.ok());
  EXPECT_TRUE(version->exists());
  EXPECT_EQ(version->value(), "");
  EXPECT_EQ(version->begin(), early);
  const auto whiteout = decode_data(encode_whiteout(early));
  ASSERT_TRUE(whiteout.ok());
  EXPECT_FALSE(whiteout->exists());
  EXPECT_EQ(whiteout->origin(), Version::Origin::whiteout);
}

TEST(Record, RefusesWhatIsDamaged) {
  EXPECT_EQ(decode_record("").error().code(), Code::corruption);
  EXPECT_EQ(decode_record("12345678").error().code(), Code::corruption);
  EXPECT_EQ(decode_record(BytesView("12345678\x02", 9)).error().code(), Code::corruption);
  EXPECT_EQ(decode_history_key("12345678").error().code(), Code::corruption);
  EXPECT_EQ(unescape_key("no end").error().code(), Code::corruption);
  EXPECT_EQ(decode_log_entry("short", "x").error().code(), Code::corruption);
  EXPECT_EQ(decode_log_entry(log_key(early, 1), "").error().code(), Code::corruption);
  EXPECT_EQ(decode_log_entry(log_key(early, 1), "\x07key").error().code(), Code::corruption);
  EXPECT_EQ(decode_log_entry(log_key(early, 1), "\x41key").error().code(), Code::corruption);
  EXPECT_EQ(decode_log_entry(log_key(early, 1), "\x21short").error().code(), Code::corruption);
}

TEST(Record, HistoryKeysSortByKeyThenNewestFirst) {
  EXPECT_EQ(hex(history_key(BytesView("a\0b", 3), early)),
            "6100ff62"
            "0001"
            "fefdfcfbfaf9f8f7");
  const Timestamp late(early.bits() + 1);
  EXPECT_LT(history_key("a", late), history_key("a", early));
  EXPECT_LT(history_key("a", early), history_key(BytesView("a\0", 2), late));
  EXPECT_LT(history_key(BytesView("a\0", 2), early), history_key("aa", late));
  const Bytes stored = history_key(BytesView("a\0b", 3), early);
  const auto parts = decode_history_key(stored);
  ASSERT_TRUE(parts.ok());
  EXPECT_EQ(parts->begin, early);
  EXPECT_EQ(*unescape_key(parts->escaped), Bytes("a\0b", 3));
}

bool holds(const Range& range, const Bytes& key) {
  return key >= range.lower && (range.upper.empty() || key < range.upper);
}

TEST(Record, HistoryRanges) {
  const Bytes escaped = escape_key("k");
  const Timestamp t(1000);
  const Range by_t = history_range_of_key(escaped, t);
  EXPECT_TRUE(holds(by_t, history_key("k", t)));
  EXPECT_TRUE(holds(by_t, history_key("k", Timestamp(0))));
  EXPECT_FALSE(holds(by_t, history_key("k", Timestamp(1001))));
  EXPECT_FALSE(holds(by_t, history_key("l", t)));
  const Range later = history_range_after(escaped, t);
  EXPECT_TRUE(holds(later, history_key("k", Timestamp(1001))));
  EXPECT_TRUE(holds(later, history_key("k", Timestamp::max())));
  EXPECT_FALSE(holds(later, history_key("k", t)));
  const Range keys = history_range({"b", "d"});
  EXPECT_FALSE(holds(keys, history_key("a", t)));
  EXPECT_TRUE(holds(keys, history_key("b", Timestamp::max())));
  EXPECT_TRUE(holds(keys, history_key("c\xff", Timestamp(0))));
  EXPECT_FALSE(holds(keys, history_key("d", Timestamp::max())));
}

TEST(Record, LogEntries) {
  EXPECT_EQ(hex(log_key(early, 258)),
            "0102030405060708"
            "00000102");
  LogEntry erased;
  erased.kind = ChangeKind::erase;
  erased.key = "k";
  EXPECT_EQ(hex(log_value(erased)),
            "02"
            "6b");
  erased.by_service = true;
  erased.replaced = early;
  EXPECT_EQ(hex(log_value(erased)),
            "32"
            "0102030405060708"
            "6b");
  const auto entry = decode_log_entry(log_key(early, 258), log_value(erased));
  ASSERT_TRUE(entry.ok());
  EXPECT_EQ(entry->at, early);
  EXPECT_EQ(entry->sequence, 258U);
  EXPECT_EQ(entry->kind, ChangeKind::erase);
  EXPECT_EQ(entry->key, "k");
  EXPECT_TRUE(entry->by_service);
  EXPECT_EQ(entry->replaced, early);
}

TEST(Record, LogEntriesOfTheOlderForm) {
  const auto entry = decode_log_entry(log_key(early, 0), "\x01key");
  ASSERT_TRUE(entry.ok());
  EXPECT_EQ(entry->kind, ChangeKind::put);
  EXPECT_EQ(entry->key, "key");
  EXPECT_FALSE(entry->by_service);
  EXPECT_FALSE(entry->replaced.has_value());
}

TEST(Record, SpaceMetadata) {
  SpaceRecord record;
  record.id = SpaceId(7);
  record.created = Timestamp(1000);
  record.retention = std::chrono::microseconds(300);
  record.history_from = Timestamp(1001);
  record.forgotten_before = Timestamp(5);
  record.epochs = {{1001, 64}, {2000, 128}};
  record.base = BaseLink{SpaceId(3), Timestamp(900), 11, 222};
  record.whiteouts_left = true;
  record.dropped_at = Timestamp(3000);
  record.keep_until = Timestamp(4000);
  const Bytes stored = encode_space(record);
  EXPECT_EQ(hex(stored),
            "01"
            "07"
            "07"
            "e807"
            "ac02"
            "05"
            "b817"
            "a01f"
            "e907"
            "02"
            "e907"
            "40"
            "d00f"
            "8001"
            "03"
            "8407"
            "0b"
            "de01");
  record.large_values = true;
  EXPECT_EQ(hex(encode_space(record)), "010f" + hex(stored).substr(4));
  EXPECT_TRUE(decode_space(encode_space(record))->large_values);
  const auto read = decode_space(stored);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(encode_space(*read), stored);
  EXPECT_FALSE(read->large_values);
  EXPECT_TRUE(read->whiteouts_left);
  EXPECT_EQ(read->epochs, record.epochs);
  for (std::size_t size = 0; size < stored.size(); ++size) {
    EXPECT_EQ(decode_space(BytesView(stored).substr(0, size)).error().code(), Code::corruption) << size;
  }
  EXPECT_EQ(decode_space(stored + "x").error().code(), Code::corruption);
}

}  // namespace
}  // namespace reprise::history
