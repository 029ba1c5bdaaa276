// Payloads on their way out.
//
// What is in memory already (the kernel's cache) is read, checked and opened where it is sent from; with many downloads
// at once in small pieces that stay in the processor's cache, which then costs the least. From the first time that the
// disk must be waited for, a stream goes on on the disk's threads, one piece ahead of the one that is being sent; and
// so does a large one while there are few. Invariant: no byte is handed out whose block was not checked
// whole: the blob's checksum, and of an encrypted payload the tag.
#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "base/executor.h"
#include "history/store.h"
#include "s3/ops/on_disk.h"
#include "s3/ops/payload.h"
#include "s3/ops/sealed_blocks.h"
#include "s3/ops/shared_payload.h"

namespace reprise::s3 {
namespace {

// Payload in one piece, to the nearest block; up to a quarter more where that is the last piece.
constexpr std::uint64_t small_piece_bytes = std::uint64_t{512} << 10;
constexpr std::uint64_t large_piece_bytes = std::uint64_t{1} << 20;
// From here on waking another thread for each piece is little beside what it does meanwhile.
constexpr std::uint64_t large_bytes = std::uint64_t{8} << 20;

// How many payloads are being read at present.
std::atomic<unsigned> readers_alive{0};

// Whether there is another processor for each of them.
bool few_readers() {
  static const unsigned processors = std::thread::hardware_concurrency();
  return 2 * readers_alive.load(std::memory_order_relaxed) <= processors;
}

// The stretch of one piece that is wanted.
struct Stretch {
  PayloadPart part;
  std::uint64_t from = 0;  // in the plain text of the part's blob
  std::uint64_t length = 0;
};

std::vector<Stretch> stretches_of(const Payload& payload, std::uint64_t offset, std::uint64_t length) {
  std::vector<Stretch> stretches;
  std::uint64_t begin = 0;
  for (const PayloadPart& part : payload.parts) {
    const std::uint64_t end = begin + part.bytes;
    const std::uint64_t from = std::max(begin, offset);
    const std::uint64_t to = std::min(end, offset + length);
    if (from < to) stretches.push_back({part, part.from + (from - begin), to - from});
    begin = end;
  }
  return stretches;
}

// Reads one stretch, piece by piece. One thread at a time.
class StretchReader {
 public:
  using Opened = std::unique_ptr<StretchReader>;
  // Null when that needs the disk, and it is not to be waited for.
  static Result<Opened> open(blob::BlobStore& store, const Stretch& stretch, const std::optional<DataKey>& key,
                             blob::Disk disk) {
    std::unique_ptr<blob::BlobReader> blob;
    if (disk == blob::Disk::no_wait) {
      blob = store.open_cached(stretch.part.blob);
      if (!blob) return Opened();
    } else {
      TRY_ASSIGN(blob, store.open(stretch.part.blob));
    }
    const std::uint64_t plain = stretch.part.plain_bytes_of_blob();
    const std::uint64_t stored = key ? sealed_bytes_of(plain) : plain;
    if (blob->bytes() != stored || (key && blob->block_bytes() != stored_block_bytes)) {
      return corruption("blob " + stretch.part.blob.text() + " has " + std::to_string(blob->bytes()) +
                        " bytes; its object says " + std::to_string(stored));
    }
    std::optional<DataKey> blob_key;
    if (key) {
      TRY_ASSIGN(blob_key, blob_key_of(stretch.part, *key));
    }
    return std::make_unique<StretchReader>(std::move(blob), stretch, blob_key);
  }
  // `key`: the blob's own.
  StretchReader(std::unique_ptr<blob::BlobReader> blob, const Stretch& stretch, const std::optional<DataKey>& key)
      : blob_(std::move(blob)), id_(stretch.part.blob), at_(stretch.from), end_(stretch.from + stretch.length) {
    if (key) blocks_.emplace(*key);
    tail_bytes_ = key ? codec::aead_tag_bytes : 0;
    block_bytes_ = blob_->block_bytes() - tail_bytes_;
  }

  // Empty when that needs the disk, and it is not to be waited for; never before the end otherwise. `piece`: memory to
  // use again.
  Result<Bytes> next(Bytes piece, blob::Disk disk) {
    const std::uint64_t most = disk == blob::Disk::wait || few_readers() ? large_piece_bytes : small_piece_bytes;
    const std::uint64_t first = at_ / block_bytes_;
    const std::uint64_t blocks = std::max<std::uint64_t>(1, most / block_bytes_);
    const std::uint64_t left = (end_ + block_bytes_ - 1) / block_bytes_ - first;
    const std::uint64_t wanted = left <= blocks + blocks / 4 ? left : blocks;
    piece.resize(wanted * block_bytes_);
    Bytes tails(wanted * tail_bytes_, '\0');
    TRY_ASSIGN(const std::uint64_t got,
               blob_->read_blocks({first, wanted, piece.data(), tail_bytes_, tails.data()}, disk));
    if (got == 0 && disk == blob::Disk::no_wait) return Bytes();
    const std::uint64_t until = std::min(end_, (first + got) * block_bytes_);
    if (got == 0 || until <= at_) return corruption("blob " + id_.text() + " ends early");
    TRY(open_blocks(first, got, piece.data(), tails));
    piece.resize(until - first * block_bytes_);
    piece.erase(0, at_ - first * block_bytes_);
    at_ = until;
    return piece;
  }
  [[nodiscard]] bool ended() const { return at_ == end_; }

 private:
  Status open_blocks(std::uint64_t first, std::uint64_t count, char* texts, BytesView tails) {
    if (!blocks_) return {};
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t stored = std::min(stored_block_bytes, blob_->bytes() - (first + i) * stored_block_bytes);
      const std::span text(texts + i * block_bytes_, stored - tail_bytes_);
      if (blocks_->open_in_place(first + i, text, tails.substr(i * tail_bytes_, tail_bytes_))) continue;
      return corruption("blob " + id_.text() + ": sealed block " + std::to_string(first + i) + " does not open");
    }
    return {};
  }

  const std::unique_ptr<blob::BlobReader> blob_;
  const blob::BlobId id_;
  std::uint64_t at_;  // in the plain text
  const std::uint64_t end_;
  std::optional<SealedBlocks> blocks_;
  std::size_t tail_bytes_ = 0;     // of a block: the tag
  std::uint64_t block_bytes_ = 0;  // of payload
};

// Reads stretch after stretch. Blocks on the disk; one thread at a time.
class PartsReader {
 public:
  PartsReader(blob::BlobStore& store, std::vector<Stretch> stretches, std::optional<DataKey> key)
      : store_(store), stretches_(std::move(stretches)), key_(std::move(key)) {
    readers_alive.fetch_add(1, std::memory_order_relaxed);
  }
  ~PartsReader() { readers_alive.fetch_sub(1, std::memory_order_relaxed); }
  PartsReader(const PartsReader&) = delete;
  PartsReader& operator=(const PartsReader&) = delete;

  // Sees to it that no part is collected before its turn comes.
  Status hold() {
    for (std::size_t i = 1; i < stretches_.size(); ++i) {
      TRY_ASSIGN(auto hold, store_.hold(stretches_[i].part.blob));
      holds_.push_back(std::move(hold));
    }
    return {};
  }

  // Empty at the end, and when that needs the disk and it is not to be waited for.
  Result<Bytes> next(Bytes spare, blob::Disk disk) {
    if (current_ && current_->ended()) {
      current_.reset();
      ++turn_;
    }
    if (turn_ == stretches_.size()) return Bytes();
    if (!current_) {
      TRY_ASSIGN(current_, StretchReader::open(store_, stretches_[turn_], key_, disk));
      if (!current_) return Bytes();
    }
    return current_->next(std::move(spare), disk);
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
  Result<Bytes> piece = parts->next(std::move(spare), blob::Disk::wait);
  parts.reset();
  ahead->done.complete(std::move(piece));
  co_return;
}

// Memory of the last stream that ended on this thread, for the next one: new memory would have to be cleared first.
thread_local Bytes kept_piece;

class PartsStream final : public ReplyStream {
 public:
  // `first`: read already.
  PartsStream(Executor& disk, std::shared_ptr<PartsReader> parts, Bytes first, std::uint64_t length)
      : disk_(disk), parts_(std::move(parts)), first_(std::move(first)), length_(length), left_(length) {}
  ~PartsStream() override { kept_piece = std::move(spare_); }
  PartsStream(const PartsStream&) = delete;
  PartsStream& operator=(const PartsStream&) = delete;

  Task<Result<Bytes>> read() override {
    if (left_ == 0) co_return Bytes();
    if (!first_.empty()) co_return handed_out(std::exchange(first_, Bytes()));
    if (cached_ && !ahead_) {
      Result<Bytes> piece = parts_->next(std::exchange(spare_, Bytes()), blob::Disk::no_wait);
      if (!piece.ok()) co_return std::move(piece).error();
      if (!piece->empty()) co_return handed_out(std::move(piece).value());
      cached_ = false;
      begin_ahead();
    }
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
    // One processor reads and opens what comes next while the other one sends.
    const bool deserves_two = length_ >= large_bytes && few_readers();
    if (left_ > 0 && (!cached_ || deserves_two)) begin_ahead();
    return piece;
  }

  Executor& disk_;
  const std::shared_ptr<PartsReader> parts_;  // used by at most one thread: here, or by the read under way
  Bytes first_;
  Bytes spare_;
  const std::uint64_t length_;
  std::uint64_t left_;  // not handed out yet
  bool cached_ = true;  // as far as is known
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
  std::vector<Stretch> stretches = stretches_of(version.payload, offset, length);
  const bool alone = stretches.size() == 1;  // otherwise the others are to be held first
  auto parts = std::make_shared<PartsReader>(services.blobs, std::move(stretches), std::move(key));
  Bytes first;
  if (alone) {
    CO_TRY_ASSIGN(first, parts->next(std::exchange(kept_piece, Bytes()), blob::Disk::no_wait));
  }
  if (first.empty()) {
    auto begin = [parts]() -> Result<Bytes> {
      TRY(parts->hold());
      return parts->next(Bytes(), blob::Disk::wait);
    };
    CO_TRY_ASSIGN(first, co_await on_disk(services.disk, std::move(begin)));
  }
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
