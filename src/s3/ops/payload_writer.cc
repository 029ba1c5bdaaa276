// Payloads on their way in.
//
// The connection gathers a piece while the one before it is hashed and the one before that is sealed and written: two
// lanes on the disk's threads, each taking the pieces in their order. A lane has one piece at work, so at most three
// are in memory, whatever the object's size.
//
// Invariant: a blob that was begun is committed and held by what is returned, or nothing of it is left.
#include <algorithm>
#include <functional>
#include <utility>

#include "base/assert.h"
#include "base/executor.h"
#include "base/fault_point.h"
#include "s3/ops/on_disk.h"
#include "s3/ops/payload.h"
#include "s3/ops/sealed_blocks.h"

namespace reprise::s3 {
namespace {

// Whole blocks of the blob in plain, and whole sealed ones but for some bytes.
constexpr std::size_t piece_bytes = std::size_t{1} << 20;
using Piece = std::shared_ptr<const Bytes>;

// Does one thing with piece after piece, on the disk's threads. What it refers to outlives it; drain() it before it
// goes.
class Lane {
 public:
  using Work = std::function<Status(BytesView piece)>;
  Lane(Executor& disk, Work work) : disk_(disk), work_(std::move(work)) {}

  // Waits for the piece before, whose failure it returns, and begins with this one.
  Task<Status> push(Piece piece) {
    CO_TRY(co_await drain());
    done_.emplace();
    Task<void> job = run(this, std::move(piece));
    spawn(disk_, std::move(job));
    co_return Status();
  }

  Task<Status> drain() {
    if (!done_) co_return Status();
    Completion<Status>& done = *done_;
    Status status = co_await done;
    done_.reset();
    co_return status;
  }

 private:
  static Task<void> run(Lane* lane, Piece piece) {
    Status status = lane->work_(*piece);
    piece.reset();
    lane->done_->complete(std::move(status));
    co_return;
  }

  Executor& disk_;
  const Work work_;
  std::optional<Completion<Status>> done_;  // of the piece at work
};

// MD5 and the checksums asked for.
class Hashes {
 public:
  explicit Hashes(const std::vector<codec::ChecksumAlgorithm>& algorithms) {
    for (const auto algorithm : algorithms) checksums_.emplace_back(algorithm);
  }
  void update(BytesView bytes) {
    md5_.update(bytes);
    for (codec::Checksum& checksum : checksums_) checksum.update(bytes);
  }
  void finish(WrittenPayload& written) {
    written.md5 = md5_.finish();
    for (codec::Checksum& checksum : checksums_) written.checksums.push_back(checksum.finish());
  }

 private:
  codec::Md5 md5_;
  std::vector<codec::Checksum> checksums_;
};

// One blob being written; called by one thread at a time, which may block.
class BlobFile {
 public:
  BlobFile(blob::BlobStore& store, const std::optional<DataKey>& key) : store_(store) {
    if (!key) return;
    salt_ = codec::random_bytes(payload_salt_bytes);
    blocks_.emplace(*key, salt_);
  }

  Status append(BytesView bytes) {
    if (!writer_) {
      TRY_ASSIGN(writer_, store_.create());
    }
    if (!blocks_) return writer_->append(bytes);
    sealed_.reserve(sealed_bytes_of(rest_.size() + bytes.size()));
    if (!rest_.empty()) {
      const BytesView fill = bytes.substr(0, sealed_block_bytes - rest_.size());
      rest_.append(fill);
      bytes.remove_prefix(fill.size());
      if (rest_.size() == sealed_block_bytes) seal(std::exchange(rest_, Bytes()));
    }
    for (; bytes.size() >= sealed_block_bytes; bytes.remove_prefix(sealed_block_bytes)) {
      seal(bytes.substr(0, sealed_block_bytes));
    }
    rest_.append(bytes);
    // Its memory is not kept: thousands of uploads may wait for their next piece.
    return writer_->append(std::exchange(sealed_, Bytes()));
  }

  Result<blob::BlobId> commit() {
    if (!rest_.empty()) {
      seal(std::exchange(rest_, Bytes()));
      TRY(writer_->append(sealed_));
    }
    return writer_->commit();
  }

  [[nodiscard]] const Bytes& salt() const { return salt_; }
  [[nodiscard]] std::unique_ptr<blob::BlobWriter> take_writer() { return std::move(writer_); }

 private:
  void seal(BytesView plain) { blocks_->seal(number_++, plain, sealed_); }

  blob::BlobStore& store_;
  std::unique_ptr<blob::BlobWriter> writer_;
  Bytes salt_;
  std::optional<SealedBlocks> blocks_;
  std::uint64_t number_ = 0;
  Bytes rest_;    // less than a block
  Bytes sealed_;  // of the piece at work
};

// One upload into a blob.
class BlobUpload {
 public:
  BlobUpload(Services& services, const PayloadRequest& request)
      : disk_(services.disk),
        hashes_(request.checksums),
        file_(services.blobs, request.key),
        hashing_(disk_, [this](BytesView piece) { return hashes_.update(piece), Status(); }),
        writing_(disk_, [this](BytesView piece) { return file_.append(piece); }) {}

  Task<Status> push(Bytes bytes) {
    bytes_ += bytes.size();
    const Piece piece = std::make_shared<const Bytes>(std::move(bytes));
    CO_TRY(co_await writing_.push(piece));
    CO_TRY(co_await hashing_.push(piece));
    co_return Status();
  }

  Task<Result<WrittenPayload>> finish() {
    CO_TRY(co_await writing_.drain());
    auto commit = [this] { return file_.commit(); };
    Result<blob::BlobId> id = co_await on_disk(disk_, std::move(commit));
    CO_TRY(co_await hashing_.drain());
    if (!id.ok()) co_return std::move(id).error();
    WrittenPayload written;
    written.bytes = bytes_;
    PayloadPart part;
    part.blob = *id;
    part.bytes = bytes_;
    part.salt = file_.salt();
    written.payload.parts.push_back(std::move(part));
    hashes_.finish(written);
    written.hold = file_.take_writer();
    co_return written;
  }

  // After a failure, before it goes: nothing is at work any more, and nothing is left.
  Task<void> abandon() {
    const Status hashed = co_await hashing_.drain();
    const Status stored = co_await writing_.drain();
    hashed.ignore();  // it failed already
    stored.ignore();
    auto remove = [this] { return file_.take_writer().reset(), Status(); };
    const Status removed = co_await on_disk(disk_, std::move(remove));
    ASSERT(removed.ok());
  }

 private:
  Executor& disk_;
  Hashes hashes_;
  BlobFile file_;
  Lane hashing_;
  Lane writing_;
  std::uint64_t bytes_ = 0;
};

S3Error too_large(std::uint64_t bytes, std::uint64_t bytes_max) {
  S3Error error = s3_error(ErrorCode::entity_too_large);
  error.details = {{"ProposedSize", std::to_string(bytes)}, {"MaxSizeAllowed", std::to_string(bytes_max)}};
  return error;
}

// Reads a source in pieces of about piece_bytes.
class Gatherer {
 public:
  Gatherer(PayloadSource& source, std::uint64_t bytes_max) : source_(source), bytes_max_(bytes_max) {}

  // Empty at the end only; ended() may already be true with the last piece.
  Task<Outcome<Bytes>> next() {
    Bytes gathered;
    while (!ended_ && gathered.size() < piece_bytes) {
      CO_TRY_ASSIGN(Bytes piece, co_await source_.read());
      if (piece.empty()) {
        ended_ = true;
        break;
      }
      bytes_ += piece.size();
      if (bytes_ > bytes_max_) co_return too_large(bytes_, bytes_max_);
      if (gathered.empty() && (piece.size() >= piece_bytes / 2 || bytes_ == source_.length())) {
        gathered = std::move(piece);
        continue;
      }
      if (gathered.empty()) gathered.reserve(std::min<std::uint64_t>(expected(), piece_bytes + piece.size()));
      gathered.append(piece);
    }
    co_return gathered;
  }
  [[nodiscard]] bool ended() const { return ended_; }

 private:
  [[nodiscard]] std::uint64_t expected() const { return source_.length().value_or(2 * piece_bytes); }

  PayloadSource& source_;
  const std::uint64_t bytes_max_;
  std::uint64_t bytes_ = 0;
  bool ended_ = false;
};

WrittenPayload inline_payload(Bytes bytes, const PayloadRequest& request) {
  WrittenPayload written;
  written.bytes = bytes.size();
  Hashes hashes(request.checksums);
  hashes.update(bytes);
  hashes.finish(written);
  if (bytes.empty()) return written;
  written.payload.inlined = blob::BlobId::random();
  if (!request.key) {
    written.inline_bytes = std::move(bytes);
    return written;
  }
  written.payload.inline_salt = codec::random_bytes(payload_salt_bytes);
  SealedBlocks(*request.key, written.payload.inline_salt).seal(0, bytes, written.inline_bytes);
  return written;
}

Task<Outcome<WrittenPayload>> write_blob(BlobUpload& upload, Gatherer& gatherer, Bytes first) {
  Bytes piece = std::move(first);
  while (!piece.empty()) {
    const Status pushed = co_await upload.push(std::move(piece));
    if (!pushed.ok()) co_return store_error(pushed);
    CO_TRY_ASSIGN(piece, co_await gatherer.next());
  }
  Result<WrittenPayload> written = co_await upload.finish();
  if (!written.ok()) co_return store_error(written.error());
  co_return std::move(written).value();
}

}  // namespace

Task<Outcome<WrittenPayload>> write_payload(Services& services, PayloadSource& source, PayloadRequest request) {
  if (source.length().value_or(0) > request.bytes_max) co_return too_large(*source.length(), request.bytes_max);
  Gatherer gatherer(source, request.bytes_max);
  CO_TRY_ASSIGN(Bytes first, co_await gatherer.next());
  const std::uint64_t inline_max = request.may_inline ? services.settings.inline_bytes_max : 0;
  if (gatherer.ended() && first.size() <= inline_max) co_return inline_payload(std::move(first), request);

  BlobUpload upload(services, request);
  Outcome<WrittenPayload> written = co_await write_blob(upload, gatherer, std::move(first));
  if (!written.ok()) co_await upload.abandon();
  FAULT_POINT("payload.written");
  co_return written;
}

Task<void> discard_payload(Services& services, WrittenPayload written) {
  auto remove = [&services, parts = std::move(written.payload.parts), hold = std::move(written.hold)]() mutable {
    hold.reset();
    // What cannot be removed now is an orphan, and the collector's.
    for (const PayloadPart& part : parts) services.blobs.remove(part.blob).ignore();
    return Status();
  };
  const Status removed = co_await on_disk(services.disk, std::move(remove));
  ASSERT(removed.ok());
}

}  // namespace reprise::s3
