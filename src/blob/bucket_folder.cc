// Nothing but the prefix is added on the way in and taken off on the way out.
#include "blob/bucket_folder.h"

#include <mutex>
#include <utility>

namespace reprise::blob {

namespace {

ObjectInfo without_prefix(ObjectInfo info, std::size_t prefix_bytes) {
  info.key.erase(0, prefix_bytes);
  return info;
}

class FolderWriter final : public ObjectWriter {
 public:
  FolderWriter(std::unique_ptr<ObjectWriter> inner, std::size_t prefix_bytes)
      : inner_(std::move(inner)), prefix_bytes_(prefix_bytes) {}
  Status append(BytesView bytes) override { return inner_->append(bytes); }
  Result<ObjectInfo> commit() override {
    TRY_ASSIGN(ObjectInfo info, inner_->commit());
    return without_prefix(std::move(info), prefix_bytes_);
  }

 private:
  const std::unique_ptr<ObjectWriter> inner_;
  const std::size_t prefix_bytes_;
};

class FolderReader final : public ObjectReader {
 public:
  FolderReader(std::unique_ptr<ObjectReader> inner, std::size_t prefix_bytes)
      : inner_(std::move(inner)), info_(without_prefix(inner_->info(), prefix_bytes)) {}
  Result<Bytes> read(std::size_t max) override { return inner_->read(max); }
  [[nodiscard]] const ObjectInfo& info() const override { return info_; }

 private:
  const std::unique_ptr<ObjectReader> inner_;
  const ObjectInfo info_;
};

class BucketFolder final : public ObjectStore {
 public:
  BucketFolder(std::shared_ptr<ObjectStores> buckets, std::string account, std::string bucket, std::string prefix)
      : buckets_(std::move(buckets)),
        account_(std::move(account)),
        bucket_(std::move(bucket)),
        prefix_(std::move(prefix)) {}

  Result<std::unique_ptr<ObjectWriter>> create(std::string key) override {
    TRY_ASSIGN(const auto store, opened());
    TRY_ASSIGN(auto writer, store->create(prefix_ + key));
    return std::unique_ptr<ObjectWriter>(std::make_unique<FolderWriter>(std::move(writer), prefix_.size()));
  }

  Result<std::unique_ptr<ObjectReader>> open(std::string key) override {
    TRY_ASSIGN(const auto store, opened());
    TRY_ASSIGN(auto reader, store->open(prefix_ + key));
    return std::unique_ptr<ObjectReader>(std::make_unique<FolderReader>(std::move(reader), prefix_.size()));
  }

  Result<std::vector<ObjectInfo>> list(std::string prefix, std::string start_after, std::size_t limit) override {
    TRY_ASSIGN(const auto store, opened());
    std::string after = start_after.empty() ? std::string() : prefix_ + start_after;
    TRY_ASSIGN(auto found, store->list(prefix_ + prefix, std::move(after), limit));
    for (ObjectInfo& info : found) info = without_prefix(std::move(info), prefix_.size());
    return found;
  }

  Status remove(std::string key) override {
    TRY_ASSIGN(const auto store, opened());
    return store->remove(prefix_ + key);
  }

 private:
  // A bucket that is not there is an operator's mistake that he may put right: no caller may take it for an absent key.
  Result<std::shared_ptr<ObjectStore>> opened() {
    const std::lock_guard lock(mutex_);
    if (store_) return store_;
    auto found = buckets_->bucket(account_, bucket_);
    if (!found.ok()) return unavailable(std::string(found.error().message()));
    store_ = std::move(found).value();
    return store_;
  }

  const std::shared_ptr<ObjectStores> buckets_;
  const std::string account_;
  const std::string bucket_;
  const std::string prefix_;
  std::mutex mutex_;
  std::shared_ptr<ObjectStore> store_;
};

}  // namespace

std::shared_ptr<ObjectStore> open_bucket_folder(std::shared_ptr<ObjectStores> buckets, std::string account,
                                                std::string bucket, std::string prefix) {
  return std::make_shared<BucketFolder>(std::move(buckets), std::move(account), std::move(bucket), std::move(prefix));
}

}  // namespace reprise::blob
