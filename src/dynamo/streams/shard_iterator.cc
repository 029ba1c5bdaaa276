#include "dynamo/streams/shard_iterator.h"

#include "base/bytes.h"
#include "codec/base64.h"

namespace reprise::dynamo {

namespace {

constexpr std::string_view separator = "|1|";
constexpr char form = 1;
constexpr std::size_t fixed_size = 1 + 8 + 8 + 4;

}  // namespace

std::string print_iterator(const ShardIterator& iterator) {
  Bytes payload(1, form);
  append_be64(payload, static_cast<std::uint64_t>(iterator.issued_micros));
  append_be64(payload, iterator.after.at.bits());
  append_be32(payload, iterator.after.sequence);
  payload.append(iterator.shard_id);
  return iterator.stream_arn + std::string(separator) + codec::to_base64(payload);
}

std::optional<ShardIterator> parse_iterator(std::string_view text) {
  const auto cut = text.rfind(separator);
  if (cut == std::string_view::npos) return std::nullopt;
  auto decoded = codec::from_base64(text.substr(cut + separator.size()));
  if (!decoded.ok()) {
    decoded.error().ignore();
    return std::nullopt;
  }
  const BytesView payload(*decoded);
  if (payload.size() <= fixed_size || payload[0] != form) return std::nullopt;
  ShardIterator iterator;
  iterator.stream_arn = std::string(text.substr(0, cut));
  iterator.issued_micros = static_cast<std::int64_t>(read_be64(payload.substr(1)));
  iterator.after = {Timestamp(read_be64(payload.substr(9))), read_be32(payload.substr(17))};
  iterator.shard_id = std::string(payload.substr(fixed_size));
  return iterator;
}

}  // namespace reprise::dynamo
