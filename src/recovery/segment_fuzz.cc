// Any bytes are either refused, or are a segment whose rows, written again, are read the same. The reader is given no
// sums, so that it has only the bytes to go by; the writer's checksums are repaired first, so that most inputs get past
// them.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "blob/memory_store_for_tests.h"
#include "codec/crc32.h"
#include "recovery/segment_reader.h"
#include "recovery/segment_writer.h"

namespace {

using reprise::Bytes;
using reprise::BytesView;
using Rows = std::vector<std::pair<Bytes, Bytes>>;

void put_be32(Bytes& bytes, std::size_t at, std::uint32_t value) {
  Bytes four;
  reprise::append_be32(four, value);
  bytes.replace(at, 4, four);
}

// Makes the checksums of every block that is there whole, and of the end, right.
void repair(Bytes& bytes) {
  std::size_t at = 8;
  while (bytes.size() >= at + 16) {
    const BytesView view(bytes);
    const std::size_t stored = reprise::read_be32(view.substr(at));
    if (stored == 0) {
      if (bytes.size() >= at + 28) put_be32(bytes, at + 24, reprise::codec::crc32c(view.substr(at, 24)));
      return;
    }
    if (bytes.size() - at - 16 < stored) return;
    const std::uint32_t head = reprise::codec::crc32c(view.substr(at, 12));
    put_be32(bytes, at + 12, reprise::codec::crc32c(view.substr(at + 16, stored), head));
    at += 16 + stored;
  }
}

bool read_all(reprise::blob::MemoryStore& store, Rows& rows) {
  reprise::recovery::SegmentInfo info;
  info.key = "s";
  auto reader = reprise::recovery::open_segment(store, info);
  ASSERT(reader.ok());
  reprise::recovery::SegmentRows block;
  for (;;) {
    const auto more = (*reader)->next(block);
    if (!more.ok()) return false;
    if (!*more) return true;
    for (const auto& row : block.rows) rows.emplace_back(row.key, row.value);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes bytes(reinterpret_cast<const char*>(data), size);
  if (bytes.size() >= 8) bytes.replace(0, 8, reprise::recovery::segment_magic);
  repair(bytes);
  reprise::blob::MemoryStore store;
  store.put("s", std::move(bytes));
  Rows rows;
  if (!read_all(store, rows)) return 0;
  auto object = store.create("s");
  ASSERT(object.ok());
  reprise::recovery::SegmentWriter writer(std::move(object).value());
  for (const auto& [key, value] : rows) ASSERT(writer.add(key, value).ok());
  ASSERT(writer.finish().ok());
  Rows again;
  ASSERT(read_all(store, again));
  ASSERT(again == rows);
  return 0;
}
