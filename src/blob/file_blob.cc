// Invariant: no byte leaves this file that was not under a checksum which was right, of this blob and this place.
#include "blob/file_blob.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "codec/crc32.h"

namespace reprise::blob {
namespace {

// How many blocks one system call reads: two pieces each, of at most 1024 (IOV_MAX).
constexpr std::uint64_t blocks_at_once = 256;

Result<FileHandle> open_to_read(const std::string& path, BlobId id) {
  FileHandle file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.valid()) return file;
  if (errno == ENOENT) return not_found("there is no blob " + id.text());
  return file_error("open", path, errno);
}

// Fills the pieces from `position` on. How many bytes there were.
Result<std::size_t> read_pieces(const FileHandle& file, std::uint64_t position, std::vector<iovec> pieces) {
  std::size_t done = 0;
  std::size_t first = 0;
  while (first < pieces.size()) {
    const ssize_t got = ::preadv(file.get(), pieces.data() + first, static_cast<int>(pieces.size() - first),
                                 static_cast<off_t>(position + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return file_error("read", "a blob", errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
    auto left = static_cast<std::size_t>(got);
    while (first < pieces.size() && left >= pieces[first].iov_len) left -= pieces[first++].iov_len;
    if (left == 0) continue;
    pieces[first].iov_base = static_cast<char*>(pieces[first].iov_base) + left;
    pieces[first].iov_len -= left;
  }
  return done;
}

class FileBlob final : public BlobReader {
 public:
  FileBlob(FileHandle file, BlobId id, BlobLayout layout) : file_(std::move(file)), id_(id), layout_(layout) {}

  Result<Bytes> read(std::uint64_t offset, std::size_t max) const override {
    if (offset >= layout_.bytes || max == 0) return Bytes();
    const std::uint64_t end = offset + std::min<std::uint64_t>(max, layout_.bytes - offset);
    const std::uint64_t first = offset / layout_.block_bytes;
    const std::uint64_t blocks = (end - 1) / layout_.block_bytes - first + 1;
    const std::uint64_t from = first * layout_.block_bytes;
    Bytes bytes(std::min(blocks * layout_.block_bytes, layout_.bytes - from), '\0');
    TRY(read_blocks_to(from, bytes));
    bytes.resize(end - from);
    if (offset != from) bytes.erase(0, offset - from);
    return bytes;
  }
  Result<std::size_t> read_blocks_to(std::uint64_t offset, std::span<char> to) const override {
    if (offset % layout_.block_bytes != 0) return invalid("a read of whole blocks must begin with one");
    if (offset >= layout_.bytes) return std::size_t{0};
    const std::uint64_t wanted = std::min<std::uint64_t>(to.size(), layout_.bytes - offset);
    if (wanted % layout_.block_bytes != 0 && offset + wanted != layout_.bytes) {
      return invalid("a read of whole blocks must end with one");
    }
    const std::uint64_t first = offset / layout_.block_bytes;
    const std::uint64_t blocks = (wanted + layout_.block_bytes - 1) / layout_.block_bytes;
    for (std::uint64_t done = 0; done < blocks; done += blocks_at_once) {
      const std::uint64_t some = std::min(blocks_at_once, blocks - done);
      TRY(read_blocks(first + done, some, to.data() + done * layout_.block_bytes));
    }
    return static_cast<std::size_t>(wanted);
  }
  [[nodiscard]] std::uint64_t bytes() const override { return layout_.bytes; }
  [[nodiscard]] std::size_t block_bytes() const override { return layout_.block_bytes; }

  // Reads whole blocks to `to` and checks them.
  Status read_blocks(std::uint64_t first, std::uint64_t count, char* to) const {
    Bytes sums(count * blob_sum_bytes, '\0');
    std::vector<iovec> pieces;
    pieces.reserve(2 * count);
    char* at = to;
    for (std::uint64_t i = 0; i < count; ++i) {
      pieces.push_back({at, layout_.bytes_of(first + i)});
      pieces.push_back({sums.data() + i * blob_sum_bytes, blob_sum_bytes});
      at += layout_.bytes_of(first + i);
    }
    TRY_ASSIGN(const std::size_t got, read_pieces(file_, layout_.position_of(first), std::move(pieces)));
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t block = first + i;
      const BytesView payload(to + i * layout_.block_bytes, layout_.bytes_of(block));
      const bool whole = i * (layout_.block_bytes + blob_sum_bytes) + payload.size() + blob_sum_bytes <= got;
      const std::uint32_t sum = read_be32(BytesView(sums).substr(i * blob_sum_bytes));
      if (!whole || codec::crc32c(payload, block_seed(id_, block)) != sum) return damaged(block);
    }
    return {};
  }

  // One after the other, for a block that the disk cannot read must not hide the others.
  Result<BlobReport> verify() const {
    struct stat info {};
    if (::fstat(file_.get(), &info) != 0) return file_error("look at", "blob " + id_.text(), errno);
    BlobReport report;
    report.bytes = layout_.bytes;
    report.head_damaged = static_cast<std::uint64_t>(info.st_size) > layout_.file_bytes();
    Bytes bytes(layout_.block_bytes, '\0');
    for (; report.blocks < layout_.blocks(); ++report.blocks) {
      const std::uint64_t block = report.blocks;
      if (read_blocks(block, 1, bytes.data()).ok()) continue;
      report.damaged.push_back({block, block * layout_.block_bytes, layout_.bytes_of(block)});
    }
    return report;
  }

 private:
  [[nodiscard]] Status damaged(std::uint64_t block) const {
    const std::uint64_t from = block * layout_.block_bytes;
    return corruption("blob " + id_.text() + ": block " + std::to_string(block) + ", bytes " + std::to_string(from) +
                      " to " + std::to_string(from + layout_.bytes_of(block) - 1) + ", is damaged");
  }

  const FileHandle file_;
  const BlobId id_;
  const BlobLayout layout_;
};

Result<std::unique_ptr<FileBlob>> open_blob(const std::string& path, BlobId id) {
  TRY_ASSIGN(FileHandle file, open_to_read(path, id));
  Bytes head(blob_head_bytes, '\0');
  TRY_ASSIGN(const std::size_t got, read_pieces(file, 0, {{head.data(), head.size()}}));
  const auto layout = parse_blob_head(BytesView(head).substr(0, got), id);
  if (!layout) return corruption("blob " + id.text() + ": its head is damaged");
  return std::make_unique<FileBlob>(std::move(file), id, *layout);
}

}  // namespace

Result<std::unique_ptr<BlobReader>> open_blob_file(const std::string& path, BlobId id) {
  TRY_ASSIGN(std::unique_ptr<BlobReader> reader, open_blob(path, id));
  return reader;
}

Result<BlobReport> verify_blob_file(const std::string& path, BlobId id) {
  const auto blob = open_blob(path, id);
  if (blob.ok()) return (*blob)->verify();
  if (!blob.error().is(Code::corruption) && !blob.error().is(Code::io_error)) return blob.error();
  BlobReport report;
  report.head_damaged = true;
  return report;
}

}  // namespace reprise::blob
