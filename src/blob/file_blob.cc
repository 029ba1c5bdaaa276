// Invariant: no byte leaves this file that was not under a checksum which was right, of this blob and this place.
#include "blob/file_blob.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include "codec/crc32.h"

namespace reprise::blob {
namespace {

// How many blocks one system call reads: three pieces each, of at most 1024 (IOV_MAX).
constexpr std::uint64_t blocks_at_once = 256;
constexpr int open_flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW;

Result<FileHandle> open_to_read(const std::string& path, BlobId id) {
  FileHandle file(::open(path.c_str(), open_flags));
  if (file.valid()) return file;
  if (errno == ENOENT) return not_found("there is no blob " + id.text());
  return file_error("open", path, errno);
}

// Only with what the kernel has in memory of the folders; also not valid where the kernel cannot tell.
FileHandle open_cached_to_read(const std::string& path) {
  open_how how{};
  how.flags = static_cast<std::uint64_t>(open_flags);
  how.resolve = RESOLVE_CACHED;
  return FileHandle(static_cast<int>(::syscall(SYS_openat2, AT_FDCWD, path.c_str(), &how, sizeof how)));
}

// Fills the pieces from `position` on. How many bytes there were, or were in memory.
Result<std::size_t> read_pieces(const FileHandle& file, std::uint64_t position, std::vector<iovec> pieces, Disk disk) {
  const int flags = disk == Disk::wait ? 0 : RWF_NOWAIT;
  std::size_t done = 0;
  std::size_t first = 0;
  while (first < pieces.size()) {
    const ssize_t got = ::preadv2(file.get(), pieces.data() + first, static_cast<int>(pieces.size() - first),
                                  static_cast<off_t>(position + done), flags);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && disk == Disk::no_wait) break;  // not in memory, or a file system that cannot tell
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
    TRY(read_blocks({.first = first, .count = blocks, .to = bytes.data()}, Disk::wait));
    bytes.resize(end - from);
    if (offset != from) bytes.erase(0, offset - from);
    return bytes;
  }
  Result<std::uint64_t> read_blocks(const BlockRead& wanted, Disk disk) const override {
    const std::uint64_t there = layout_.blocks() - std::min(wanted.first, layout_.blocks());
    const std::uint64_t count = std::min(wanted.count, there);
    std::uint64_t done = 0;
    while (done < count) {
      BlockRead some = wanted;
      some.first += done;
      some.count = std::min(blocks_at_once, count - done);
      some.to += done * (layout_.block_bytes - wanted.tail_bytes);
      if (some.tails != nullptr) some.tails += done * wanted.tail_bytes;
      TRY_ASSIGN(const std::uint64_t got, read_some(some, disk));
      done += got;
      if (got < some.count) break;
    }
    return done;
  }
  [[nodiscard]] std::uint64_t bytes() const override { return layout_.bytes; }
  [[nodiscard]] std::size_t block_bytes() const override { return layout_.block_bytes; }

  // At most blocks_at_once, which are there.
  Result<std::uint64_t> read_some(const BlockRead& wanted, Disk disk) const {
    Bytes sums(wanted.count * blob_sum_bytes, '\0');
    std::vector<iovec> pieces;
    pieces.reserve(3 * wanted.count);
    for (std::uint64_t i = 0; i < wanted.count; ++i) {
      const auto [text, tail] = places_of(wanted, i);
      pieces.push_back({const_cast<char*>(text.data()), text.size()});
      if (!tail.empty()) pieces.push_back({const_cast<char*>(tail.data()), tail.size()});
      pieces.push_back({sums.data() + i * blob_sum_bytes, blob_sum_bytes});
    }
    TRY_ASSIGN(const std::size_t got, read_pieces(file_, layout_.position_of(wanted.first), std::move(pieces), disk));
    std::uint64_t end = 0;
    for (std::uint64_t i = 0; i < wanted.count; ++i) {
      end += layout_.bytes_of(wanted.first + i) + blob_sum_bytes;
      if (end > got && disk == Disk::no_wait) return i;
      const auto [text, tail] = places_of(wanted, i);
      const std::uint32_t sum = codec::crc32c(tail, codec::crc32c(text, block_seed(id_, wanted.first + i)));
      if (end > got || sum != read_be32(BytesView(sums).substr(i * blob_sum_bytes))) return damaged(wanted.first + i);
    }
    return wanted.count;
  }

  // Where the i-th of the wanted blocks goes.
  [[nodiscard]] std::pair<BytesView, BytesView> places_of(const BlockRead& wanted, std::uint64_t i) const {
    const std::uint64_t text_bytes = layout_.block_bytes - wanted.tail_bytes;
    return {{wanted.to + i * text_bytes, layout_.bytes_of(wanted.first + i) - wanted.tail_bytes},
            wanted.tail_bytes == 0 ? BytesView() : BytesView(wanted.tails + i * wanted.tail_bytes, wanted.tail_bytes)};
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
      if (read_blocks({.first = block, .count = 1, .to = bytes.data()}, Disk::wait).ok()) continue;
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

// Null when the head is damaged or, with Disk::no_wait, not in memory.
Result<std::unique_ptr<FileBlob>> read_head(FileHandle file, BlobId id, Disk disk) {
  Bytes head(blob_head_bytes, '\0');
  TRY_ASSIGN(const std::size_t got, read_pieces(file, 0, {{head.data(), head.size()}}, disk));
  const auto layout = parse_blob_head(BytesView(head).substr(0, got), id);
  return layout ? std::make_unique<FileBlob>(std::move(file), id, *layout) : nullptr;
}

Result<std::unique_ptr<FileBlob>> open_blob(const std::string& path, BlobId id) {
  TRY_ASSIGN(FileHandle file, open_to_read(path, id));
  TRY_ASSIGN(std::unique_ptr<FileBlob> blob, read_head(std::move(file), id, Disk::wait));
  if (!blob) return corruption("blob " + id.text() + ": its head is damaged");
  return blob;
}

}  // namespace

Result<std::unique_ptr<BlobReader>> open_blob_file(const std::string& path, BlobId id) {
  TRY_ASSIGN(std::unique_ptr<BlobReader> reader, open_blob(path, id));
  return reader;
}

std::unique_ptr<BlobReader> open_cached_blob_file(const std::string& path, BlobId id) {
  FileHandle file = open_cached_to_read(path);
  if (!file.valid()) return nullptr;
  Result<std::unique_ptr<FileBlob>> blob = read_head(std::move(file), id, Disk::no_wait);
  return blob.ok() ? std::move(blob).value() : nullptr;
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
