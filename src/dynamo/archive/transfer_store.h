// Where exports and imports are remembered: the root space `archives`, keys `e/` (exports) and `i/` (imports), then the
// account and the id. A record is one JSON object (docs/formats/transfers.md). Deleting a table leaves them alone.
//
// Ids are AWS's: fourteen digits of milliseconds and eight hexadecimal ones, "01791506414432-3f2e5aa4"; so the order of
// keys is the order of time.
//
// Threading: all functions from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/task.h"
#include "codec/json.h"
#include "dynamo/ops/operation.h"
#include "history/key_locks.h"

namespace reprise::dynamo {

// A new id; `micros` is the transfer's start.
std::string new_transfer_id(std::uint64_t micros);

// The value at `key`, nothing when there is none.
Task<Result<std::optional<Bytes>>> find_record(Services& services, Bytes key);
// Sets it (nothing: removes it), whatever it was; durable when done. The caller holds lock_records_of() where a
// decision depends on what was there.
Task<Status> put_record(Services& services, Bytes key, std::optional<Bytes> value);
// Several at once.
using RecordChanges = std::vector<std::pair<Bytes, std::optional<Bytes>>>;
Task<Status> put_records(Services& services, RecordChanges changes);
// All keys that begin with `prefix`, in order, at most `limit`, behind `after` (empty: from the first).
using Records = std::vector<std::pair<Bytes, Bytes>>;
Task<Result<Records>> list_records(Services& services, Bytes prefix, Bytes after, std::size_t limit);
// One holder at a time for all records of an account's exports, or of its imports: those whose keys begin as `key`
// does, up to its last '/'. They need not be there.
Task<history::KeyLocks::Guard> lock_records_of(Services& services, BytesView key);

// ---- Records as JSON: one list of members for both directions ------------------------------------------------------

// Writes each member it is shown; numbers as text, so that all 64 bits survive. What is empty, zero or false is left
// out.
class RecordWriter {
 public:
  explicit RecordWriter(Bytes& out) : w_(out) { w_.begin_object(); }
  void end() { w_.end_object(); }

  void operator()(std::string_view name, const std::string& value) {
    if (!value.empty()) w_.member(name, value);
  }
  void operator()(std::string_view name, const std::uint64_t& value) {
    if (value != 0) w_.member(name, std::to_string(value));
  }
  void operator()(std::string_view name, const bool& value) {
    if (value) w_.member(name, "true");
  }
  void operator()(std::string_view name, const std::vector<std::string>& values);

 private:
  codec::JsonWriter w_;
};

// Reads what RecordWriter wrote; members that are not there keep what they are.
class RecordReader {
 public:
  explicit RecordReader(codec::JsonValue object) : object_(object) {}

  void operator()(std::string_view name, std::string& value) const;
  void operator()(std::string_view name, std::uint64_t& value) const;
  void operator()(std::string_view name, bool& value) const;
  void operator()(std::string_view name, std::vector<std::string>& values) const;

 private:
  codec::JsonValue object_;
};

// A whole record: a version, and every member that `visit_members(visitor, record)` shows.
constexpr std::uint64_t record_format_version = 1;

template <class Record, class VisitMembers>
Bytes encode_record(const Record& record, VisitMembers visit_members) {
  Bytes out;
  RecordWriter writer(out);
  writer("version", record_format_version);
  visit_members(writer, record);
  writer.end();
  return out;
}

// `what` is for the messages: "an export".
template <class Record, class VisitMembers>
Result<Record> decode_record(std::string_view what, BytesView text, VisitMembers visit_members) {
  codec::JsonDocument document;
  auto json = document.parse(text);
  if (!json.ok()) return corruption(std::string(what) + "'s record is no JSON: " + std::string(json.error().message()));
  const RecordReader reader(*json);
  std::uint64_t version = 0;
  reader("version", version);
  if (version == 0) return corruption(std::string(what) + "'s record has no version");
  if (version > record_format_version) return unsupported(std::string(what) + "'s record is of a newer version");
  Record record;
  visit_members(reader, record);
  return record;
}

// Writes any JSON value as it was read.
void append_json(codec::JsonWriter& writer, const codec::JsonValue& value);

}  // namespace reprise::dynamo
