// What the store writes into data, history and log partitions: keys and values as bytes, both ways.
//
// The layout is docs/formats/history.md; record_test.cc freezes it. Data and history records have the same size and
// shape (eight bytes of time, flags, payload), so that an ended version is written by changing its first eight bytes.
// Pure functions, thread-safe. Decoders never trust their input: what is too short or strange is corruption.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/range.h"
#include "base/status.h"
#include "history/version.h"

namespace reprise::history {

inline constexpr std::size_t record_header_size = 9;
inline constexpr std::uint8_t record_flag_whiteout = 1;

// A record taken apart; `time` is the begin of a data record and the end of a history record.
struct RecordView {
  Timestamp time;
  bool whiteout = false;
  BytesView payload;
};
[[nodiscard]] Result<RecordView> decode_record(BytesView stored);

// The record of a value: `payload` with the header put in front. Moves.
[[nodiscard]] Bytes encode_record(Timestamp time, Bytes payload);
[[nodiscard]] Bytes encode_whiteout(Timestamp time);
// Makes a record say another time: an ended data record becomes its history record.
void set_record_time(Bytes& stored, Timestamp time);

// The version that a data record is.
[[nodiscard]] Result<Version> decode_data(Bytes stored);

// --- Keys of history partitions: the escaped key, then its begin descending (newest first) --------------------------
[[nodiscard]] Bytes history_key(BytesView key, Timestamp begin);
struct HistoryKeyView {
  BytesView escaped;  // the key, still escaped
  Timestamp begin;
};
[[nodiscard]] Result<HistoryKeyView> decode_history_key(BytesView stored);
[[nodiscard]] Result<Bytes> unescape_key(BytesView escaped);
[[nodiscard]] Bytes escape_key(BytesView key);

// All records of the keys in `range`.
[[nodiscard]] Range history_range(const Range& range);
// The records of one key, newest first, from the newest that begins at or before `newest` (max: all).
[[nodiscard]] Range history_range_of_key(BytesView escaped, Timestamp newest);
// The records of one key that begin after `t`.
[[nodiscard]] Range history_range_after(BytesView escaped, Timestamp t);

// --- Log partitions -------------------------------------------------------------------------------------------------
[[nodiscard]] Bytes log_key(Timestamp at, std::uint32_t sequence);
// Of the entry: kind, by_service, replaced (if told) and key.
[[nodiscard]] Bytes log_value(const LogEntry& entry);
[[nodiscard]] Result<LogEntry> decode_log_entry(BytesView key, BytesView value);

}  // namespace reprise::history
