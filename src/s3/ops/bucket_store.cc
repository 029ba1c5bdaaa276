// Every call is a coroutine of S3's operations, run on threads of this file's own, with the caller waiting. Those
// threads wait for nobody but the disk's and the store's, so a waiting caller never stands in its own way.
//
// Invariant: what a writer has stored before its commit is held blobs without a name: a crash leaves orphans, and a
// writer that goes without a commit removes them.
#include "s3/ops/bucket_store.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "base/fault_point.h"
#include "blob/permission.h"
#include "codec/hex.h"
#include "codec/md5.h"
#include "history/store.h"
#include "s3/ops/buckets.h"
#include "s3/ops/key_write.h"
#include "s3/ops/object_headers.h"
#include "s3/ops/object_locks.h"
#include "s3/ops/payload.h"
#include "s3/ops/put_object.h"
#include "s3/ops/services.h"
#include "s3/ops/uploads.h"

namespace reprise::s3 {

namespace {

constexpr std::size_t threads = 2;
// A part of a large object; what is smaller is written whole.
constexpr std::size_t piece_bytes = std::size_t{8} << 20;
// From these many parts on they are larger, so that there are never more than an object may have.
constexpr std::size_t small_parts = 1'000;
constexpr std::size_t large_piece_bytes = std::size_t{64} << 20;
constexpr int attempts_max = 20;
constexpr std::size_t rows_a_page = 1'000;

template <class T>
Task<T> on(Executor* executor, Task<T> task) {
  co_await ResumeOn{*executor};
  T value = co_await task;
  co_return value;
}

// Runs `task` on `executor` and waits for it.
template <class T>
T wait_for(Executor& executor, Task<T> task) {
  return sync_wait(on(&executor, std::move(task)));
}

Status status_of(const S3Error& error) {
  switch (error.code) {
    case ErrorCode::no_such_bucket:
    case ErrorCode::no_such_key:
    case ErrorCode::no_such_version: return not_found(error.message);
    case ErrorCode::access_denied: return blob::permission_denied(error.message);
    case ErrorCode::slow_down:
    case ErrorCode::operation_aborted:
    case ErrorCode::service_unavailable: return unavailable(error.message);
    case ErrorCode::internal_error: return io_error(error.message);
    default: return invalid(error.message);
  }
}

// Bytes in memory as a request's payload.
class MemorySource final : public PayloadSource {
 public:
  explicit MemorySource(Bytes bytes) : length_(bytes.size()), bytes_(std::move(bytes)) {}
  Task<Outcome<Bytes>> read() override { return Task<Outcome<Bytes>>(Outcome<Bytes>(std::exchange(bytes_, Bytes()))); }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }
  [[nodiscard]] const Fields& trailers() const override { return trailers_; }

 private:
  const std::uint64_t length_;
  Bytes bytes_;
  const Fields trailers_;
};

// ---- Writing -------------------------------------------------------------------------------------------------------

// An object on its way: its data key and the parts written so far.
class Writing {
 public:
  Writing(Services& services, BucketPtr bucket, std::string key)
      : services_(services), bucket_(std::move(bucket)), key_(std::move(key)) {}

  [[nodiscard]] std::size_t parts() const { return parts_.size(); }

  Task<Outcome<Passed>> write_part(Bytes bytes) {
    PayloadRequest request;
    request.may_inline = false;
    CO_TRY(co_await write(std::move(bytes), std::move(request)));
    co_return Passed{};
  }

  // The last bytes, and the object's commit.
  Task<Outcome<ObjectVersion>> finish(Bytes rest) {
    if (parts_.empty() || !rest.empty()) {
      PayloadRequest request;
      request.may_inline = parts_.empty();
      CO_TRY(co_await write(std::move(rest), std::move(request)));
    }
    CO_TRY_ASSIGN(const ObjectVersion object, new_version());
    for (int attempts = 1;; ++attempts) {
      auto stored = co_await try_commit(object);
      // Whether a commit that failed has come through is not always known; then the blobs are left to the collector.
      if (stored.ok() || spelling_of(stored.error().code).status >= 500) parts_.clear();
      const bool again = !stored.ok() && stored.error().code == ErrorCode::operation_aborted;
      if (!again || attempts == attempts_max) co_return stored;
    }
  }

  // Removes what was written for nothing.
  Task<Outcome<Passed>> abandon() {
    for (WrittenPayload& part : parts_) co_await discard_payload(services_, std::move(part));
    parts_.clear();
    co_return Passed{};
  }

 private:
  Task<Outcome<Passed>> write(Bytes bytes, PayloadRequest request) {
    if (parts_.empty()) CO_TRY(co_await make_key());
    request.key = data_key_;
    request.checksums.push_back(codec::ChecksumAlgorithm::crc64nvme);
    MemorySource source(std::move(bytes));
    CO_TRY_ASSIGN(WrittenPayload written, co_await write_payload(services_, source, std::move(request)));
    parts_.push_back(std::move(written));
    co_return Passed{};
  }

  Task<Outcome<Passed>> make_key() {
    if (!bucket_->encryption || bucket_->encryption->kind == SseKind::none) co_return Passed{};
    SseRequest wanted;
    wanted.kind = bucket_->encryption->kind;
    wanted.kms_key = bucket_->encryption->kms_key;
    wanted.bucket_key = bucket_->encryption->bucket_key;
    CO_TRY_ASSIGN(SealedKey sealed, co_await services_.keys.make(wanted, bucket_->account));
    data_key_ = std::move(sealed.key);
    envelope_ = std::move(sealed.envelope);
    co_return Passed{};
  }

  Outcome<ObjectVersion> new_version() {
    ObjectVersion object;
    object.owner = bucket_->owner;
    TRY_ASSIGN(object.headers, content_headers(Fields()));
    const auto now = static_cast<std::int64_t>(services_.store.now().micros());
    TRY_ASSIGN(object.lock, lock_of_new_version(Fields(), *bucket_, now));
    object.encryption = envelope_;
    if (parts_.size() == 1) {
      fill_whole(object);
    } else {
      fill_from_parts(object);
    }
    return object;
  }

  void fill_whole(ObjectVersion& object) {
    const WrittenPayload& written = parts_.front();
    object.bytes = written.bytes;
    object.etag = etag_of(written.md5, envelope_.kind, data_key_);
    object.payload = written.payload;
    object.checksums.push_back({written.checksums.front(), ChecksumType::full_object, 0});
  }

  void fill_from_parts(ObjectVersion& object) {
    codec::Md5 md5;
    std::optional<codec::ChecksumValue> whole;
    std::uint32_t number = 0;
    for (const WrittenPayload& written : parts_) {
      object.bytes += written.bytes;
      md5.update(codec::bytes_of(written.md5));
      const codec::ChecksumValue& checksum = written.checksums.front();
      whole = whole ? codec::combine(*whole, checksum, written.bytes) : checksum;
      PayloadPart part = written.payload.parts.front();
      part.number = ++number;
      part.checksum = checksum;
      if (!hides_md5(envelope_.kind)) part.etag = codec::bytes_of(written.md5);
      object.payload.parts.push_back(std::move(part));
    }
    object.etag = codec::to_hex(codec::bytes_of(md5.finish())) + '-' + std::to_string(number);
    object.checksums.push_back({*whole, ChecksumType::full_object, 0});
    object.multipart = true;
  }

  Task<Outcome<ObjectVersion>> try_commit(ObjectVersion object) {
    CO_TRY_ASSIGN(const auto write, co_await KeyWrite::open(services_, bucket_, key_));
    Bytes inline_bytes = parts_.front().inline_bytes;
    CO_TRY_ASSIGN(const ObjectVersion stored,
                  co_await write->put(std::move(object), std::move(inline_bytes), Naming::made_now));
    FAULT_POINT("bucket_store.before_commit");
    CO_TRY(co_await write->commit());
    FAULT_POINT("bucket_store.after_commit");
    co_return stored;
  }

  Services& services_;
  const BucketPtr bucket_;
  const std::string key_;
  std::optional<DataKey> data_key_;
  Envelope envelope_;
  std::vector<WrittenPayload> parts_;
};

class Writer final : public blob::ObjectWriter {
 public:
  Writer(std::shared_ptr<Executor> executor, Services& services, BucketPtr bucket, std::string key)
      : executor_(std::move(executor)), key_(key), writing_(services, std::move(bucket), std::move(key)) {}
  ~Writer() override {
    if (!committed_) static_cast<void>(wait_for(*executor_, writing_.abandon()).ok());  // what stays is an orphan
  }

  Status append(BytesView bytes) override {
    while (!bytes.empty()) {
      const std::size_t part = writing_.parts() < small_parts ? piece_bytes : large_piece_bytes;
      const BytesView piece = bytes.substr(0, part - buffer_.size());
      buffer_.append(piece);
      bytes.remove_prefix(piece.size());
      if (buffer_.size() < part) continue;
      const auto written = wait_for(*executor_, writing_.write_part(std::exchange(buffer_, Bytes())));
      if (!written.ok()) return status_of(written.error());
    }
    return {};
  }

  Result<blob::ObjectInfo> commit() override {
    const auto stored = wait_for(*executor_, writing_.finish(std::exchange(buffer_, Bytes())));
    if (!stored.ok()) return status_of(stored.error());
    committed_ = true;
    return blob::ObjectInfo{key_, stored->bytes, stored->etag};
  }

 private:
  const std::shared_ptr<Executor> executor_;
  const std::string key_;
  Writing writing_;
  Bytes buffer_;
  bool committed_ = false;
};

// ---- Reading -------------------------------------------------------------------------------------------------------

struct Opened {
  blob::ObjectInfo info;
  std::unique_ptr<ReplyStream> stream;
};

Task<Result<Opened>> open_object(Services& services, BucketPtr bucket, std::string key) {
  auto found = co_await find_newest(services, *bucket, key, std::nullopt);
  if (!found.ok()) co_return status_of(found.error());
  if (!*found || (*found)->version.delete_marker) co_return not_found("there is no object " + key);
  const ObjectVersion& version = (*found)->version;
  std::optional<DataKey> data_key;
  if (version.encryption.kind == SseKind::customer) {
    co_return blob::permission_denied("object " + key + " is encrypted under a key of its owner's");
  }
  if (version.encryption.kind != SseKind::none) {
    auto opened = services.keys.open(version.encryption, SseRequest());
    if (!opened.ok()) co_return status_of(opened.error());
    data_key = std::move(opened).value();
  }
  Opened opened;
  opened.info = {key, version.bytes, version.etag};
  CO_TRY_ASSIGN(opened.stream,
                co_await open_payload(services, bucket, version, std::move(data_key), 0, version.bytes, std::nullopt));
  co_return opened;
}

class Reader final : public blob::ObjectReader {
 public:
  Reader(std::shared_ptr<Executor> executor, Opened opened)
      : executor_(std::move(executor)), opened_(std::move(opened)) {}

  Result<Bytes> read(std::size_t max) override {
    if (at_ == piece_.size()) {
      TRY_ASSIGN(piece_, wait_for(*executor_, opened_.stream->read()));
      at_ = 0;
    }
    Bytes bytes = piece_.substr(at_, max);
    at_ += bytes.size();
    return bytes;
  }
  [[nodiscard]] const blob::ObjectInfo& info() const override { return opened_.info; }

 private:
  const std::shared_ptr<Executor> executor_;
  Opened opened_;
  Bytes piece_;
  std::size_t at_ = 0;
};

// ---- A bucket ------------------------------------------------------------------------------------------------------

Task<Result<std::vector<blob::ObjectInfo>>> list_objects(Services& services, BucketPtr bucket, std::string prefix,
                                                         std::string start_after, std::size_t limit) {
  std::vector<blob::ObjectInfo> objects;
  history::ScanRequest request;
  request.space = bucket->spaces.heads;
  request.range.lower = start_after.empty() ? prefix : std::max(prefix, start_after + '\0');
  request.range.upper = prefix_end(prefix);
  while (objects.size() < limit) {
    request.max_rows = std::min(limit - objects.size(), rows_a_page);
    CO_TRY_ASSIGN(const auto page, co_await services.store.scan(request));
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
      CO_TRY_ASSIGN(const ObjectVersion version, decode_version(page.rows[i].value));
      objects.push_back({std::string(page.rows[i].key), version.bytes, version.etag});
    }
    if (!page.resume_after) break;
    request.range.lower = *page.resume_after + '\0';
  }
  co_return objects;
}

Task<Outcome<Passed>> remove_object(Services& services, BucketPtr bucket, std::string key) {
  for (int attempts = 1;; ++attempts) {
    CO_TRY_ASSIGN(const auto write, co_await KeyWrite::open(services, bucket, key));
    if (write->current() == nullptr) co_return Passed{};
    CO_TRY(co_await write->remove_newest());
    const auto committed = co_await write->commit();
    if (committed.ok()) co_return Passed{};
    const bool again = committed.error().code == ErrorCode::operation_aborted && attempts < attempts_max;
    if (!again) co_return committed.error();
  }
}

class OwnBucket final : public blob::ObjectStore {
 public:
  OwnBucket(std::shared_ptr<Executor> executor, Services& services, BucketPtr bucket)
      : executor_(std::move(executor)), services_(services), bucket_(std::move(bucket)) {}

  Result<std::unique_ptr<blob::ObjectWriter>> create(std::string key) override {
    TRY(check(key));
    TRY_ASSIGN(BucketPtr now, present());
    return std::unique_ptr<blob::ObjectWriter>(
        std::make_unique<Writer>(executor_, services_, std::move(now), std::move(key)));
  }
  Result<std::unique_ptr<blob::ObjectReader>> open(std::string key) override {
    TRY_ASSIGN(BucketPtr now, present());
    TRY_ASSIGN(Opened opened, wait_for(*executor_, open_object(services_, std::move(now), std::move(key))));
    return std::unique_ptr<blob::ObjectReader>(std::make_unique<Reader>(executor_, std::move(opened)));
  }
  Result<std::vector<blob::ObjectInfo>> list(std::string prefix, std::string start_after, std::size_t limit) override {
    TRY_ASSIGN(BucketPtr now, present());
    return wait_for(*executor_,
                    list_objects(services_, std::move(now), std::move(prefix), std::move(start_after), limit));
  }
  Status remove(std::string key) override {
    TRY_ASSIGN(BucketPtr now, present());
    const auto removed = wait_for(*executor_, remove_object(services_, std::move(now), std::move(key)));
    return removed.ok() ? Status() : status_of(removed.error());
  }

 private:
  static Status check(const std::string& key) {
    const Check checked = check_key(key);
    if (!checked.ok()) return invalid(checked.error().message);
    return key.empty() ? invalid("a key has at least one byte") : Status();
  }
  // The bucket with its settings of now.
  [[nodiscard]] Result<BucketPtr> present() const {
    BucketPtr now = services_.buckets.find(bucket_->name);
    if (!now || now->id != bucket_->id) return not_found("bucket " + bucket_->name + " has been deleted");
    return now;
  }

  const std::shared_ptr<Executor> executor_;
  Services& services_;
  const BucketPtr bucket_;
};

class OwnBuckets final : public blob::ObjectStores {
 public:
  OwnBuckets(Services& services, std::shared_ptr<blob::ObjectStores> others)
      : executor_(std::make_shared<ThreadExecutor>(threads)), services_(services), others_(std::move(others)) {}

  Result<std::shared_ptr<blob::ObjectStore>> bucket(std::string account, std::string name) override {
    BucketPtr found = services_.buckets.find(name);
    if (!found && others_) return others_->bucket(std::move(account), std::move(name));
    if (!found) return not_found("there is no bucket " + name);
    if (found->account != account) return blob::permission_denied("bucket " + name + " is another account's");
    return std::shared_ptr<blob::ObjectStore>(std::make_shared<OwnBucket>(executor_, services_, std::move(found)));
  }

 private:
  const std::shared_ptr<Executor> executor_;
  Services& services_;
  const std::shared_ptr<blob::ObjectStores> others_;
};

}  // namespace

std::shared_ptr<blob::ObjectStores> open_own_buckets(Services& services, std::shared_ptr<blob::ObjectStores> others) {
  return std::make_shared<OwnBuckets>(services, std::move(others));
}

}  // namespace reprise::s3
