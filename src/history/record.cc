#include "history/record.h"

#include "codec/ordered.h"

namespace reprise::history {

namespace {

constexpr std::size_t time_size = 8;
constexpr std::size_t log_key_size = 12;
// The first byte of a log entry: the kind below, flags above.
constexpr std::uint8_t log_kind_bits = 0x0f, log_by_service = 0x10, log_tells_replaced = 0x20;

Status damaged(const char* what) { return corruption(std::string("a stored ") + what + " has no valid form"); }

void append_time(Bytes& out, Timestamp time) { append_be64(out, time.bits()); }
void append_descending(Bytes& out, Timestamp time) { append_be64(out, ~time.bits()); }

}  // namespace

Result<RecordView> decode_record(BytesView stored) {
  if (stored.size() < record_header_size) return damaged("record");
  const auto flags = static_cast<std::uint8_t>(stored[time_size]);
  if ((flags & ~record_flag_whiteout) != 0) return damaged("record");
  return RecordView{Timestamp(read_be64(stored)), (flags & record_flag_whiteout) != 0,
                    stored.substr(record_header_size)};
}

Bytes encode_record(Timestamp time, Bytes payload) {
  char header[record_header_size] = {};
  for (std::size_t i = 0; i < time_size; ++i) header[i] = static_cast<char>(time.bits() >> (56 - 8 * i));
  payload.insert(0, header, record_header_size);
  return payload;
}

Bytes encode_whiteout(Timestamp time) {
  Bytes stored;
  append_time(stored, time);
  stored.push_back(static_cast<char>(record_flag_whiteout));
  return stored;
}

void set_record_time(Bytes& stored, Timestamp time) {
  ASSERT(stored.size() >= record_header_size);
  for (std::size_t i = 0; i < time_size; ++i) stored[i] = static_cast<char>(time.bits() >> (56 - 8 * i));
}

Result<Version> decode_data(Bytes stored) {
  TRY_ASSIGN(const auto record, decode_record(stored));
  const auto origin = record.whiteout ? Version::Origin::whiteout : Version::Origin::data;
  return Version(origin, record.time, std::move(stored), record_header_size);
}

Bytes escape_key(BytesView key) {
  Bytes escaped;
  escaped.reserve(key.size() + 2 + time_size + 1);
  codec::append_ordered(escaped, key);
  return escaped;
}

Bytes history_key(BytesView key, Timestamp begin) {
  Bytes stored = escape_key(key);
  append_descending(stored, begin);
  return stored;
}

Result<HistoryKeyView> decode_history_key(BytesView stored) {
  if (stored.size() <= time_size) return damaged("history key");
  const std::size_t size = stored.size() - time_size;
  return HistoryKeyView{stored.substr(0, size), Timestamp(~read_be64(stored.substr(size)))};
}

Result<Bytes> unescape_key(BytesView escaped) {
  Bytes key;
  if (!codec::read_ordered(escaped, key) || !escaped.empty()) return damaged("history key");
  return key;
}

Range history_range(const Range& range) {
  return {escape_key(range.lower), range.upper.empty() ? Bytes() : escape_key(range.upper)};
}

Range history_range_of_key(BytesView escaped, Timestamp newest) {
  Range range{Bytes(escaped), Bytes(escaped)};
  append_descending(range.lower, newest);
  append_descending(range.upper, Timestamp());
  range.upper.push_back('\0');
  return range;
}

Range history_range_after(BytesView escaped, Timestamp t) {
  Range range{Bytes(escaped), Bytes(escaped)};
  append_descending(range.upper, t);
  return range;
}

Bytes log_key(Timestamp at, std::uint32_t sequence) {
  Bytes key;
  append_time(key, at);
  append_be32(key, sequence);
  return key;
}

Bytes log_value(const LogEntry& entry) {
  Bytes value;
  value.reserve(1 + time_size + entry.key.size());
  value.push_back(static_cast<char>(static_cast<std::uint8_t>(entry.kind) | (entry.by_service ? log_by_service : 0) |
                                    (entry.replaced ? log_tells_replaced : 0)));
  if (entry.replaced) append_time(value, *entry.replaced);
  value.append(entry.key);
  return value;
}

Result<LogEntry> decode_log_entry(BytesView key, BytesView value) {
  if (key.size() != log_key_size || value.empty()) return damaged("change log entry");
  const auto first = static_cast<std::uint8_t>(value[0]);
  const auto kind = static_cast<ChangeKind>(first & log_kind_bits);
  const std::uint8_t flags = first & ~log_kind_bits;
  value.remove_prefix(1);
  const bool known =
      (kind == ChangeKind::put || kind == ChangeKind::erase) && (flags & ~(log_by_service | log_tells_replaced)) == 0;
  const bool tells_replaced = (flags & log_tells_replaced) != 0;
  if (!known || (tells_replaced && value.size() < time_size)) return damaged("change log entry");
  LogEntry entry;
  entry.at = Timestamp(read_be64(key));
  entry.sequence = read_be32(key.substr(time_size));
  entry.kind = kind;
  entry.by_service = (flags & log_by_service) != 0;
  if (tells_replaced) {
    entry.replaced = Timestamp(read_be64(value));
    value.remove_prefix(time_size);
  }
  entry.key = Bytes(value);
  return entry;
}

}  // namespace reprise::history
