// Keys are readable names, so that a dump of the partition explains itself; numbers in values are varints. Unknown keys
// are refused: whoever wrote them was newer.
#include "history/meta.h"

#include "codec/ordered.h"

namespace reprise::history {

namespace {

constexpr std::uint64_t store_format = 1;
constexpr BytesView clean_key = "clean", clock_key = "clock", format_key = "format", next_key = "next";
constexpr BytesView copy_prefix = "copy/", count_prefix = "count/", pin_prefix = "pin/", space_prefix = "space/";

Bytes id_key(BytesView prefix, SpaceId id) {
  Bytes key(prefix);
  append_be64(key, id.value());
  return key;
}

kv::Write put(Bytes key, Timestamp at, BytesView payload) {
  Bytes value;
  append_be64(value, at.bits());
  value.append(payload);
  return {meta_partition, std::move(key), std::move(value)};
}
kv::Write erase(Bytes key) { return {meta_partition, std::move(key), std::nullopt}; }

Bytes number(std::uint64_t value) {
  Bytes out;
  codec::append_varint(out, value);
  return out;
}

Status damaged(BytesView key) { return corruption("the metadata record '" + Bytes(key) + "' has no valid form"); }

Result<SpaceId> id_of(BytesView key, BytesView prefix) {
  if (key.size() != prefix.size() + 8) return damaged(prefix);
  return SpaceId(read_be64(key.substr(prefix.size())));
}

Result<Pin> decode_pin(BytesView name, BytesView in) {
  Pin pin{std::string(name), {}, {}};
  std::uint64_t at = 0, count = 0;
  bool good = codec::read_varint(in, at) && codec::read_varint(in, count);
  for (std::uint64_t i = 0; good && i < count; ++i) {
    std::uint64_t id = 0;
    good = codec::read_varint(in, id);
    pin.spaces.emplace_back(id);
  }
  if (!good || !in.empty()) return damaged(pin_prefix);
  pin.at = Timestamp(at);
  return pin;
}

Result<CounterRecord> decode_counters(BytesView in) {
  CounterRecord record;
  for (auto* const field : {&record.keys, &record.bytes, &record.whiteouts, &record.delta_keys, &record.delta_bytes}) {
    std::uint64_t value = 0;
    if (!codec::read_varint(in, value)) return damaged(count_prefix);
    *field = codec::unzigzag(value);
  }
  return record;
}

Result<CopyRecord> decode_copy(BytesView in) {
  CopyRecord record;
  if (!codec::read_varint(in, record.keys)) return damaged(copy_prefix);
  record.position = Bytes(in);
  return record;
}

Status read_prefixed(Metadata& all, BytesView key, BytesView payload) {
  if (key.starts_with(space_prefix)) {
    TRY_ASSIGN(auto record, decode_space(payload));
    all.spaces.push_back(std::move(record));
  } else if (key.starts_with(pin_prefix)) {
    TRY_ASSIGN(auto pin, decode_pin(key.substr(pin_prefix.size()), payload));
    all.pins.push_back(std::move(pin));
  } else if (key.starts_with(count_prefix)) {
    TRY_ASSIGN(const auto id, id_of(key, count_prefix));
    TRY_ASSIGN(const auto record, decode_counters(payload));
    all.counters.emplace_back(id, record);
  } else if (key.starts_with(copy_prefix)) {
    TRY_ASSIGN(const auto id, id_of(key, copy_prefix));
    TRY_ASSIGN(auto record, decode_copy(payload));
    all.copies.emplace_back(id, std::move(record));
  } else {
    return damaged(key);
  }
  return {};
}

Status read_record(Metadata& all, BytesView key, BytesView value) {
  if (value.size() < 8) return damaged(key);
  BytesView payload = value.substr(8);
  all.fresh = false;
  if (key == clean_key) {
    all.clean = true;
    return {};
  }
  std::uint64_t value_number = 0;
  if (key == clock_key || key == next_key || key == format_key) {
    if (!codec::read_varint(payload, value_number)) return damaged(key);
    if (key == clock_key) all.ceiling = Timestamp(value_number);
    if (key == next_key) all.next_space = value_number;
    if (key == format_key && value_number > store_format) {
      return unsupported("the store was written by a newer version; its history format is " +
                         std::to_string(value_number) + ", this one reads up to " + std::to_string(store_format));
    }
    return {};
  }
  return read_prefixed(all, key, payload);
}

}  // namespace

Task<Result<Metadata>> load_metadata(kv::Engine& engine) {
  Metadata all;
  Range range;
  const kv::PageLimit limit;
  for (;;) {
    CO_TRY_ASSIGN(const auto page, co_await engine.scan(meta_partition, range, Direction::forward, limit));
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
      CO_TRY(read_record(all, page.rows[i].key, page.rows[i].value));
    }
    if (!page.more) co_return std::move(all);
    range.lower = Bytes(page.rows[page.rows.size() - 1].key) + '\0';
  }
}

kv::Write write_clock(Timestamp ceiling) { return put(Bytes(clock_key), ceiling, number(ceiling.bits())); }
kv::Write write_format(Timestamp at) { return put(Bytes(format_key), at, number(store_format)); }
kv::Write write_clean(Timestamp at, bool clean) {
  return clean ? put(Bytes(clean_key), at, {}) : erase(Bytes(clean_key));
}
kv::Write write_next_space(Timestamp at, std::uint64_t next) { return put(Bytes(next_key), at, number(next)); }

kv::Write write_space(Timestamp at, const SpaceRecord& record) {
  return put(id_key(space_prefix, record.id), at, encode_space(record));
}

kv::Write write_pin(Timestamp at, const Pin& pin) {
  Bytes out = number(pin.at.bits());
  codec::append_varint(out, pin.spaces.size());
  for (const auto space : pin.spaces) codec::append_varint(out, space.value());
  return put(Bytes(pin_prefix) + pin.name, at, out);
}
kv::Write erase_pin(const std::string& name) { return erase(Bytes(pin_prefix) + name); }

kv::Write write_counters(Timestamp at, SpaceId space, const CounterRecord& counters) {
  Bytes out;
  for (const auto value :
       {counters.keys, counters.bytes, counters.whiteouts, counters.delta_keys, counters.delta_bytes}) {
    codec::append_varint(out, codec::zigzag(value));
  }
  return put(id_key(count_prefix, space), at, out);
}

kv::Write write_copy(Timestamp at, SpaceId space, const CopyRecord& copy) {
  Bytes out = number(copy.keys);
  out.append(copy.position);
  return put(id_key(copy_prefix, space), at, out);
}
kv::Write erase_copy(SpaceId space) { return erase(id_key(copy_prefix, space)); }

std::vector<kv::Write> erase_space(SpaceId space) {
  std::vector<kv::Write> writes;
  for (const auto prefix : {space_prefix, count_prefix, copy_prefix}) writes.push_back(erase(id_key(prefix, space)));
  return writes;
}

}  // namespace reprise::history
