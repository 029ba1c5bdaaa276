#include "dynamo/streams/stream_shards.h"

#include <algorithm>
#include <cstdio>

#include "codec/hash64.h"
#include "dynamo/ops/table_streams.h"

namespace reprise::dynamo {

namespace {

constexpr std::int64_t micros_per_milli = 1000;
// "shardId-", 20 digits, "-", 8 digits.
constexpr std::size_t shard_id_size = 37;
constexpr std::size_t shard_digits_at = 8, shard_digits = 20;
// A leading 1, 20 digits of time, 10 digits of place within the commit.
constexpr std::size_t sequence_size = 31, time_digits = 20;

std::optional<std::uint64_t> read_digits(std::string_view digits) {
  std::uint64_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (value > (~std::uint64_t{0} - digit) / 10) return std::nullopt;
    value = value * 10 + digit;
  }
  return value;
}

std::string shard_id(const TableDefinition& table, const StreamSettings& stream, std::int64_t from_micros) {
  char text[64];
  std::snprintf(text, sizeof text, "shardId-%020lld-%08x", static_cast<long long>(from_micros / micros_per_milli),
                static_cast<unsigned>(codec::hash64(table.id + stream.label)));
  return text;
}

Timestamp first_of(std::int64_t micros) { return Timestamp::from_micros(static_cast<std::uint64_t>(micros)); }

// The stream's n-th shard, if there is one by `now`.
std::optional<Shard> shard_at(const TableDefinition& table, const StreamSettings& stream, std::int64_t n,
                              Timestamp now) {
  const std::int64_t from = stream.enabled_micros + n * shard_width_micros;
  const std::int64_t next = from + shard_width_micros;
  const auto now_micros = static_cast<std::int64_t>(now.micros());
  if (n < 0) return std::nullopt;
  if (n > 0 && from > (stream.enabled ? now_micros : stream.disabled_micros)) return std::nullopt;
  Shard shard;
  shard.id = shard_id(table, stream, from);
  if (n > 0) shard.parent = shard_id(table, stream, from - shard_width_micros);
  shard.from = first_of(from);
  if (next <= now_micros) shard.end = first_of(next).previous();
  if (!stream.enabled && stream.disabled_micros < next) {
    shard.end = Timestamp::last_of_micros(static_cast<std::uint64_t>(stream.disabled_micros));
  }
  return shard;
}

}  // namespace

Timestamp trim_horizon(Timestamp now) {
  const auto micros = static_cast<std::int64_t>(now.micros()) - stream_window_micros;
  return first_of(std::max<std::int64_t>(1, micros));
}

std::vector<Shard> find_shards(const TableDefinition& table, const StreamSettings& stream, Timestamp now) {
  const Timestamp horizon = trim_horizon(now);
  const std::int64_t reach = static_cast<std::int64_t>(horizon.micros()) - stream.enabled_micros;
  std::vector<Shard> shards;
  for (std::int64_t n = std::max<std::int64_t>(0, reach / shard_width_micros);; ++n) {
    auto shard = shard_at(table, stream, n, now);
    if (!shard) return shards;
    if (!shard->end || *shard->end >= horizon) shards.push_back(std::move(*shard));
  }
}

std::optional<Shard> find_shard(const TableDefinition& table, const StreamSettings& stream, std::string_view id,
                                Timestamp now) {
  if (id.size() != shard_id_size) return std::nullopt;
  const auto millis = read_digits(id.substr(shard_digits_at, shard_digits));
  if (!millis || *millis > now.micros()) return std::nullopt;
  const std::int64_t inside = (static_cast<std::int64_t>(*millis) + 1) * micros_per_milli - stream.enabled_micros;
  if (inside < 0) return std::nullopt;
  auto shard = shard_at(table, stream, inside / shard_width_micros, now);
  if (!shard || shard->id != id) return std::nullopt;
  return shard;
}

std::string sequence_number(LogPosition position) {
  char text[64];
  std::snprintf(text, sizeof text, "1%020llu%010u", static_cast<unsigned long long>(position.at.bits()),
                static_cast<unsigned>(position.sequence));
  return text;
}

std::optional<LogPosition> parse_sequence_number(std::string_view text) {
  if (text.size() != sequence_size || text[0] != '1') return std::nullopt;
  const auto time = read_digits(text.substr(1, time_digits));
  const auto place = read_digits(text.substr(1 + time_digits));
  if (!time || !place || *place > 0xffffffff) return std::nullopt;
  return LogPosition{Timestamp(*time), static_cast<std::uint32_t>(*place)};
}

LogPosition just_before(LogPosition position) {
  if (position.sequence > 0) return {position.at, position.sequence - 1};
  return {position.at.previous()};
}

}  // namespace reprise::dynamo
