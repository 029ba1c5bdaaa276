// Any bytes as a blob's file are refused, or are a blob whose parts agree: every range is what the whole has there, and
// verify() finds nothing exactly when the whole can be read. Checksums are repaired first, so that most inputs get past
// them.
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/assert.h"
#include "blob/file_blob.h"
#include "codec/crc32.h"

namespace reprise::blob {
namespace {

const BlobId id = *BlobId::from_text("000102030405060708090a0b0c0d0e0f");

const std::string& path() {
  static const std::string value = [] {
    const char* const folder = std::getenv("TMPDIR");
    std::string pattern = std::string(folder == nullptr ? "." : folder) + "/blob-fuzz-XXXXXX";
    ASSERT(::mkstemp(pattern.data()) >= 0);
    return pattern;
  }();
  return value;
}

void put_be32(Bytes& bytes, std::size_t at, std::uint32_t value) {
  Bytes four;
  append_be32(four, value);
  bytes.replace(at, 4, four);
}

// Makes the head this blob's, with a small block size, and the first `blocks` blocks right.
void repair(Bytes& file, std::uint64_t blocks) {
  if (file.size() < blob_head_bytes) return;
  const BlobLayout layout{read_be64(BytesView(file).substr(24)) % 8192, blob_block_bytes_min + (file[35] & 0x3f)};
  Bytes head;
  append_blob_head(head, id, layout);
  file.replace(0, blob_head_bytes, head);
  for (std::uint64_t block = 0; block < std::min(blocks, layout.blocks()); ++block) {
    const std::uint64_t at = layout.position_of(block);
    const std::uint64_t bytes = layout.bytes_of(block);
    if (file.size() < at + bytes + blob_sum_bytes) return;
    put_be32(file, at + bytes, codec::crc32c(BytesView(file).substr(at, bytes), block_seed(id, block)));
  }
}

void run(Bytes file, unsigned choice) {
  if (choice % 8 != 0) repair(file, choice % 8 == 7 ? ~std::uint64_t{0} : choice % 8 - 1);
  std::FILE* const out = std::fopen(path().c_str(), "wb");
  ASSERT(out != nullptr && std::fwrite(file.data(), 1, file.size(), out) == file.size() && std::fclose(out) == 0);
  const auto report = verify_blob_file(path(), id);
  ASSERT(report.ok());
  const auto blob = open_blob_file(path(), id);
  if (!blob.ok()) {
    ASSERT(blob.error().is(Code::corruption) && report->head_damaged);
    return;
  }
  const std::uint64_t most = std::uint64_t{1} << 20;
  if ((*blob)->bytes() > most) return;  // a head that says more than there is
  const auto whole = (*blob)->read(0, most);
  ASSERT(whole.ok() == report->damaged.empty());
  if (!whole.ok()) {
    ASSERT(whole.error().is(Code::corruption));
    return;
  }
  ASSERT(whole->size() == (*blob)->bytes());
  for (std::uint64_t offset = choice; offset < whole->size() + 100; offset += 397) {
    const auto range = (*blob)->read(offset, 3U * choice);
    ASSERT(range.ok() && *range == (offset < whole->size() ? whole->substr(offset, 3U * choice) : ""));
  }
}

}  // namespace
}  // namespace reprise::blob

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 0) reprise::blob::run(reprise::Bytes(data + 1, data + size), data[0]);
  return 0;
}
