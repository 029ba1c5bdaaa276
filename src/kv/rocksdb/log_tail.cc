// Invariant: what a crash may leave is never called damage, whatever the payload that it has cut short; so only a chain
// of whole records that ends with the file counts.
#include "kv/rocksdb/log_tail.h"

#include <cstddef>
#include <cstdint>
#include <fstream>

#include "codec/crc32.h"

namespace reprise::kv {
namespace {

constexpr std::size_t block_bytes = 32 << 10;
constexpr std::size_t head_bytes = 7;
constexpr unsigned char type_max = 4;  // full, first, middle, last; others are of logs that are used again

std::uint32_t little_endian(BytesView bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  return value;
}

std::size_t length_of(BytesView record) { return little_endian(record.substr(4, 2)); }
unsigned char type_of(BytesView record) { return static_cast<unsigned char>(record[6]); }

// Whether a whole record with a payload of `length` bytes, which are there, begins here.
bool is_whole(BytesView record, std::size_t length) {
  if (type_of(record) == 0 || type_of(record) > type_max) return false;
  const std::uint32_t sum = codec::crc32c(record.substr(6, 1 + length));
  const std::uint32_t masked = ((sum >> 15) | (sum << 17)) + 0xa282ead8U;
  return masked == little_endian(record.substr(0, 4));
}

bool are_whole_to_the_end(BytesView records) {
  while (!records.empty()) {
    if (records.size() < head_bytes || head_bytes + length_of(records) > records.size()) return false;
    if (!is_whole(records, length_of(records))) return false;
    records.remove_prefix(head_bytes + length_of(records));
  }
  return true;
}

}  // namespace

bool log_tail_is_damaged(BytesView block) {
  // To the record that seems to be cut short.
  while (block.size() >= head_bytes && head_bytes + length_of(block) <= block.size()) {
    if (type_of(block) == 0 && length_of(block) == 0) return false;  // room that was reserved
    block.remove_prefix(head_bytes + length_of(block));
  }
  if (block.size() < head_bytes) return false;
  if (is_whole(block, block.size() - head_bytes)) return true;
  for (std::size_t at = head_bytes; at + head_bytes <= block.size(); ++at) {
    if (are_whole_to_the_end(block.substr(at))) return true;
  }
  return false;
}

bool log_tail_is_damaged_in(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = file.tellg();
  if (!file || size <= 0) return false;
  const auto bytes = static_cast<std::size_t>(size);
  Bytes block((bytes - 1) % block_bytes + 1, '\0');
  file.seekg(static_cast<std::streamoff>(bytes - block.size()));
  file.read(block.data(), static_cast<std::streamsize>(block.size()));
  return file.good() && log_tail_is_damaged(block);
}

}  // namespace reprise::kv
