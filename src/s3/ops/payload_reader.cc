// Payloads on their way out.
//
// What is in memory already (the kernel's cache) is read, checked and opened where it is sent from, in small pieces
// that stay in the processor's cache. Where the disk must be waited for, that is done on the disk's threads in larger
// pieces, one ahead of the piece that is being sent. Invariant: no byte is handed out whose block was not checked
// whole: the blob's checksum, and of an encrypted payload the tag.
#include <algorithm>
#include <utility>

#include "base/executor.h"
#include "history/store.h"
#include "s3/ops/on_disk.h"
#include "s3/ops/payload.h"
#include "s3/ops/sealed_blocks.h"

namespace reprise::s3 {
namespace {

constexpr std::uint64_t piece_bytes = std::uint64_t{1} << 20;
constexpr std::uint64_t sealed_blocks_a_piece = piece_bytes / stored_block_bytes;

// The stretch of one part that is wanted.
struct Stretch {
  PayloadPart part;
  std::uint64_t from = 0;  // in the part's plain text
  std::uint64_t length = 0;
};

std::vector<Stretch> stretches_of(const Payload& payload, std::uint64_t offset, std::uint64_t length) {
  std::vector<Stretch> stretches;
  std::uint64_t begin = 0;
  for (const PayloadPart& part : payload.parts) {
    const std::uint64_t end = begin + part.bytes;
    const std::uint64_t from = std::max(begin, offset);
    const std::uint64_t to = std::min(end, offset + length);
    if (from < to) stretches.push_back({part, from - begin, to - from});
    begin = end;
  }
  return stretches;
}

// Reads one stretch, piece by piece. Blocks on the disk; one thread at a time.
class StretchReader {
 public:
  static Result<std::unique_ptr<StretchReader>> open(blob::BlobStore& store, const Stretch& stretch,
                                                     const std::optional<DataKey>& key) {
    TRY_ASSIGN(auto blob, store.open(stretch.part.blob));
    const std::uint64_t stored = key ? sealed_bytes_of(stretch.part.bytes) : stretch.part.bytes;
    if (blob->bytes() != stored) {
      return corruption("blob " + stretch.part.blob.text() + " has " + std::to_string(blob->bytes()) +
                        " bytes; its object says " + std::to_string(stored));
    }
    return std::make_unique<StretchReader>(std::move(blob), stretch, key);
  }
  StretchReader(std::unique_ptr<blob::BlobReader> blob, const Stretch& stretch, const std::optional<DataKey>& key)
      : blob_(std::move(blob)), id_(stretch.part.blob), at_(stretch.from), end_(stretch.from + stretch.length) {
    if (key) blocks_.emplace(*key, stretch.part.salt);
  }

  // Never empty before the end. `spare`: memory to use again.
  Result<Bytes> next(Bytes spare) { return blocks_ ? next_sealed(std::move(spare)) : next_plain(std::move(spare)); }
  [[nodiscard]] bool ended() const { return at_ == end_; }

 private:
  Result<Bytes> next_plain(Bytes piece) {
    const std::uint64_t block = blob_->block_bytes();
    const std::uint64_t step = std::max<std::uint64_t>(1, piece_bytes / block) * block;
    const std::uint64_t start = at_ / block * block;
    const std::uint64_t until = std::min(end_, start + step);
    const std::uint64_t stored = std::min((until + block - 1) / block * block, blob_->bytes()) - start;
    piece.resize(stored);
    TRY_ASSIGN(const std::size_t got, blob_->read_blocks_to(start, piece));
    if (start + got < until) return corruption("blob " + id_.text() + " ends early");
    piece.resize(until - start);
    if (at_ > start) piece.erase(0, at_ - start);
    at_ = until;
    return piece;
  }

  Result<Bytes> next_sealed(Bytes plain) {
    const std::uint64_t first = at_ / sealed_block_bytes;
    const std::uint64_t past =
        std::min((end_ + sealed_block_bytes - 1) / sealed_block_bytes, first + sealed_blocks_a_piece);
    const std::uint64_t until = std::min(end_, past * sealed_block_bytes);
    sealed_.resize((past - first) * stored_block_bytes);
    TRY_ASSIGN(const std::size_t got, blob_->read_blocks_to(first * stored_block_bytes, sealed_));
    const BytesView stored = BytesView(sealed_).substr(0, got);
    plain.resize((past - first) * sealed_block_bytes);
    std::uint64_t opened = 0;
    for (std::uint64_t block = first; block < past; ++block) {
      const std::uint64_t begin = (block - first) * stored_block_bytes;
      const BytesView sealed = begin < stored.size() ? stored.substr(begin, stored_block_bytes) : BytesView();
      if (!blocks_->open_to(block, sealed, plain.data() + opened)) {
        return corruption("blob " + id_.text() + ": sealed block " + std::to_string(block) + " does not open");
      }
      opened += sealed.size() - codec::aead_tag_bytes;
    }
    const std::uint64_t start = first * sealed_block_bytes;
    if (start + opened < until) return corruption("blob " + id_.text() + " ends early");
    plain.resize(until - start);
    if (at_ > start) plain.erase(0, at_ - start);
    at_ = until;
    return plain;
  }

  const std::unique_ptr<blob::BlobReader> blob_;
  const blob::BlobId id_;
  std::uint64_t at_;  // in the plain text
  const std::uint64_t end_;
  std::optional<SealedBlocks> blocks_;
  Bytes sealed_;  // of the piece being opened
};

// Reads stretch after stretch. Blocks on the disk; one thread at a time.
class PartsReader {
 public:
  PartsReader(blob::BlobStore& store, std::vector<Stretch> stretches, std::optional<DataKey> key)
      : store_(store), stretches_(std::move(stretches)), key_(std::move(key)) {}

  // Sees to it that no part is collected before its turn comes.
  Status hold() {
    for (std::size_t i = 1; i < stretches_.size(); ++i) {
      TRY_ASSIGN(auto hold, store_.hold(stretches_[i].part.blob));
      holds_.push_back(std::move(hold));
    }
    return {};
  }

  // Empty at the end.
  Result<Bytes> next(Bytes spare) {
    if (current_ && current_->ended()) {
      current_.reset();
      ++turn_;
    }
    if (turn_ == stretches_.size()) return Bytes();
    if (!current_) {
      TRY_ASSIGN(current_, StretchReader::open(store_, stretches_[turn_], key_));
    }
    return current_->next(std::move(spare));
  }

 private:
  blob::BlobStore& store_;
  const std::vector<Stretch> stretches_;
  const std::optional<DataKey> key_;
  std::vector<std::unique_ptr<blob::BlobHold>> holds_;
  std::size_t turn_ = 0;
  std::unique_ptr<StretchReader> current_;
};

// A piece that is being read. Kept by whoever waits for it and by the reading, so the stream may go in between.
struct Ahead {
  Completion<Result<Bytes>> done;
};

Task<void> read_ahead(std::shared_ptr<PartsReader> parts, std::shared_ptr<Ahead> ahead, Bytes spare) {
  Result<Bytes> piece = parts->next(std::move(spare));
  parts.reset();
  ahead->done.complete(std::move(piece));
  co_return;
}

class PartsStream final : public ReplyStream {
 public:
  PartsStream(Executor& disk, std::shared_ptr<PartsReader> parts, Bytes first, std::uint64_t length)
      : disk_(disk), parts_(std::move(parts)), first_(std::move(first)), length_(length), left_(length) {}

  Task<Result<Bytes>> read() override {
    if (left_ == 0) co_return Bytes();
    if (!first_.empty()) co_return handed_out(std::exchange(first_, Bytes()));
    const std::shared_ptr<Ahead> ahead = std::exchange(ahead_, nullptr);
    if (!ahead) co_return io_error("an earlier read of this payload failed");
    Completion<Result<Bytes>>& done = ahead->done;
    Result<Bytes> piece = co_await done;
    if (!piece.ok()) co_return std::move(piece).error();
    co_return handed_out(std::move(piece).value());
  }
  void give_back(Bytes piece) override { spare_ = std::move(piece); }
  [[nodiscard]] std::uint64_t length() const override { return length_; }

 private:
  void begin_ahead() {
    ahead_ = std::make_shared<Ahead>();
    Bytes spare = std::exchange(spare_, Bytes());
    Task<void> job = read_ahead(parts_, ahead_, std::move(spare));
    spawn(disk_, std::move(job));
  }

  Result<Bytes> handed_out(Bytes piece) {
    if (piece.empty()) return corruption("an object's payload has less bytes than its record says");
    left_ -= piece.size();
    if (left_ > 0) begin_ahead();
    return piece;
  }

  Executor& disk_;
  const std::shared_ptr<PartsReader> parts_;  // used by at most one thread: here, or by the read under way
  Bytes first_;
  Bytes spare_;
  const std::uint64_t length_;
  std::uint64_t left_;  // not handed out yet
  std::shared_ptr<Ahead> ahead_;
};

class BytesStream final : public ReplyStream {
 public:
  explicit BytesStream(Bytes bytes) : bytes_(std::move(bytes)), length_(bytes_.size()) {}
  Task<Result<Bytes>> read() override { return Task<Result<Bytes>>(Result<Bytes>(std::exchange(bytes_, Bytes()))); }
  [[nodiscard]] std::uint64_t length() const override { return length_; }

 private:
  Bytes bytes_;
  const std::uint64_t length_;
};

using Stream = std::unique_ptr<ReplyStream>;

// The plain bytes of an inline payload.
Result<Bytes> inline_bytes(BytesView stored, const Payload& payload, const std::optional<DataKey>& key) {
  if (!key) return Bytes(stored);
  Bytes plain;
  if (!SealedBlocks(*key, payload.inline_salt).open(0, stored, plain)) {
    return corruption("inline payload " + payload.inlined->text() + " does not open");
  }
  return plain;
}

class StreamSource final : public PayloadSource {
 public:
  explicit StreamSource(Stream stream) : stream_(std::move(stream)) {}
  Task<Outcome<Bytes>> read() override {
    Result<Bytes> piece = co_await stream_->read();
    if (!piece.ok()) co_return store_error(piece.error());
    co_return std::move(piece).value();
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return stream_->length(); }
  [[nodiscard]] const Fields& trailers() const override { return trailers_; }

 private:
  const Stream stream_;
  const Fields trailers_;
};

}  // namespace

Task<Result<Stream>> open_payload(Services& services, BucketPtr bucket, const ObjectVersion& version,
                                  std::optional<DataKey> key, std::uint64_t offset, std::uint64_t length,
                                  std::optional<Timestamp> as_of) {
  if (length == 0) co_return std::make_unique<BytesStream>(Bytes());
  if (version.payload.inlined) {
    const blob::BlobId id = *version.payload.inlined;
    CO_TRY_ASSIGN(const history::Version stored,
                  co_await services.store.get(bucket->spaces.payloads, id.bytes(), as_of));
    if (!stored) co_return not_found("there is no inline payload " + id.text());
    CO_TRY_ASSIGN(Bytes bytes, inline_bytes(stored.value(), version.payload, key));
    if (offset + length > bytes.size()) co_return corruption("inline payload " + id.text() + " is too short");
    if (length < bytes.size()) bytes = bytes.substr(offset, length);
    co_return std::make_unique<BytesStream>(std::move(bytes));
  }
  auto parts = std::make_shared<PartsReader>(services.blobs, stretches_of(version.payload, offset, length), key);
  auto begin = [parts]() -> Result<Bytes> {
    TRY(parts->hold());
    return parts->next(Bytes());
  };
  CO_TRY_ASSIGN(Bytes first, co_await on_disk(services.disk, std::move(begin)));
  if (first.empty()) co_return corruption("an object's payload has less bytes than its record says");
  co_return std::make_unique<PartsStream>(services.disk, std::move(parts), std::move(first), length);
}

Task<Outcome<Stream>> read_payload(Services& services, BucketPtr bucket, const ObjectVersion& version,
                                   std::optional<DataKey> key, std::uint64_t offset, std::uint64_t length,
                                   std::optional<Timestamp> as_of) {
  Result<Stream> stream =
      co_await open_payload(services, std::move(bucket), version, std::move(key), offset, length, as_of);
  if (!stream.ok()) co_return store_error(stream.error());
  co_return std::move(stream).value();
}

std::unique_ptr<PayloadSource> source_of(Stream stream) { return std::make_unique<StreamSource>(std::move(stream)); }

}  // namespace reprise::s3
