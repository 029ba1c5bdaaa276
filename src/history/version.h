// What the versioned store hands out: one version of one key, and pages of them.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/ids.h"

namespace reprise::history {

// The state of a key as a read found it: a value with the time it began, or nothing. It remembers where it was found,
// because a commit that replaces it guards on exactly that; hand it back in Change::before untouched.
class Version {
 public:
  // Where the record was. `base`: read through a clone's base; the clone's own data partition holds nothing.
  enum class Origin : std::uint8_t { nowhere, data, whiteout, base, history };

  Version() = default;  // absent everywhere
  // `stored` is a record's bytes, of which the payload starts at `payload_offset`.
  Version(Origin origin, Timestamp begin, Bytes stored, std::size_t payload_offset)
      : origin_(origin),
        begin_(begin),
        stored_(std::move(stored)),
        payload_offset_(payload_offset),
        value_bytes_(stored_.size() - payload_offset_) {}
  // A value of `bytes` that is known to be there and was not read: what a derived change may delete (Commit).
  static Version unread(std::uint64_t bytes) {
    Version version;
    version.origin_ = Origin::data;
    version.value_bytes_ = bytes;
    version.read_ = false;
    return version;
  }

  [[nodiscard]] bool exists() const { return origin_ != Origin::nowhere && origin_ != Origin::whiteout; }
  explicit operator bool() const { return exists(); }
  [[nodiscard]] BytesView value() const { return BytesView(stored_).substr(payload_offset_); }
  [[nodiscard]] std::uint64_t value_bytes() const { return value_bytes_; }
  [[nodiscard]] bool was_read() const { return read_; }
  // When this value became the live one (for a value seen through a clone's base: when the clone was made).
  [[nodiscard]] Timestamp begin() const { return begin_; }
  [[nodiscard]] Origin origin() const { return origin_; }
  // The record's bytes, given away: what the store turns into a history record without copying the value.
  [[nodiscard]] Bytes take_stored() && { return std::move(stored_); }

 private:
  Origin origin_ = Origin::nowhere;
  Timestamp begin_;
  Bytes stored_;
  std::size_t payload_offset_ = 0;
  std::uint64_t value_bytes_ = 0;
  bool read_ = true;
};

// Keys with their live values, in scan order, in one buffer.
class VersionRows {
 public:
  struct Row {
    BytesView key;
    BytesView value;
    Timestamp begin;
  };
  [[nodiscard]] std::size_t size() const { return rows_.size(); }
  [[nodiscard]] bool empty() const { return rows_.empty(); }
  [[nodiscard]] Row operator[](std::size_t i) const {
    const auto& slot = rows_[i];
    const BytesView all(buffer_);
    return {all.substr(slot.start, slot.key_size), all.substr(slot.start + slot.key_size, slot.value_size), slot.begin};
  }
  void reserve(std::size_t rows, std::size_t bytes) {
    rows_.reserve(rows);
    buffer_.reserve(bytes);
  }
  void append(BytesView key, BytesView value, Timestamp begin) {
    rows_.push_back({buffer_.size(), key.size(), value.size(), begin});
    buffer_.append(key).append(value);
  }
  [[nodiscard]] std::size_t bytes() const { return buffer_.size(); }

 private:
  struct Slot {
    std::size_t start;
    std::size_t key_size;
    std::size_t value_size;
    Timestamp begin;
  };
  Bytes buffer_;
  std::vector<Slot> rows_;
};

struct VersionPage {
  VersionRows rows;
  // Scan again from here (exclusive) for the rest; nothing at the end of the range. A page may be empty and yet have
  // more to come: a scan does a bounded amount of work.
  std::optional<Bytes> resume_after;
};

enum class ChangeKind : std::uint8_t { put = 1, erase = 2 };

// One entry of a space's change log. The images are the key as of `at` and as of `at.previous()`.
struct LogEntry {
  Timestamp at;
  std::uint32_t sequence = 0;  // within one commit
  ChangeKind kind = ChangeKind::put;
  Bytes key;
  bool by_service = false;  // as Commit::by_service said
  // When the version began that this change ended; zero: the key was absent. Entries written before this was noted do
  // not tell.
  std::optional<Timestamp> replaced = std::nullopt;
};

// A change with what its key held before and after it.
struct ImagedChange {
  LogEntry entry;
  std::optional<Bytes> before;
  std::optional<Bytes> after;
};

// One interval of one key's life, for timelines: live in [begin, end); end is Timestamp::max() for the live version.
struct Interval {
  Timestamp begin;
  Timestamp end;
  Bytes value;
};

}  // namespace reprise::history
