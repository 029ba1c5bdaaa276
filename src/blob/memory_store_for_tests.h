// For tests: an ObjectStore in memory whose objects can be looked at, damaged and taken away, and whose writes can be
// made to fail.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "blob/object_store.h"

namespace reprise::blob {

class MemoryStore final : public ObjectStore {
 public:
  Result<std::unique_ptr<ObjectWriter>> create(std::string key) override {
    return std::unique_ptr<ObjectWriter>(std::make_unique<Writer>(*this, std::move(key)));
  }
  Result<std::unique_ptr<ObjectReader>> open(std::string key) override {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return not_found("there is no " + key);
    return std::unique_ptr<ObjectReader>(std::make_unique<Reader>(key, found->second));
  }
  Result<std::vector<ObjectInfo>> list(std::string prefix, std::string start_after, std::size_t limit) override {
    const std::lock_guard lock(mutex_);
    if (unreachable_) return unavailable("the location is not reachable");
    std::vector<ObjectInfo> found;
    for (const auto& [key, bytes] : objects_) {
      if (key.starts_with(prefix) && key > start_after && found.size() < limit)
        found.push_back({key, bytes.size(), ""});
    }
    return found;
  }
  Status remove(std::string key) override {
    const std::lock_guard lock(mutex_);
    if (!take_write().ok()) return write_error_;
    objects_.erase(key);
    return {};
  }

  [[nodiscard]] std::vector<std::string> keys() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> keys;
    for (const auto& [key, bytes] : objects_) keys.push_back(key);
    return keys;
  }
  [[nodiscard]] Bytes bytes(const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = objects_.find(key);
    return found == objects_.end() ? Bytes() : found->second;
  }
  void put(const std::string& key, Bytes bytes) {
    const std::lock_guard lock(mutex_);
    objects_[key] = std::move(bytes);
  }
  void take_away(const std::string& key) {
    const std::lock_guard lock(mutex_);
    objects_.erase(key);
  }
  // Writes (commits and removals) fail from the n-th from now on, or never again (0).
  void fail_writes_from(std::size_t n, Status error = unavailable("the location refuses writes")) {
    const std::lock_guard lock(mutex_);
    writes_left_ = n;
    write_error_ = std::move(error);
    write_error_.ignore();  // it waits to be given out, perhaps never
  }
  void set_unreachable(bool unreachable) {
    const std::lock_guard lock(mutex_);
    unreachable_ = unreachable;
  }
  [[nodiscard]] std::size_t refused() const {
    const std::lock_guard lock(mutex_);
    return refused_;
  }

 private:
  class Writer final : public ObjectWriter {
   public:
    Writer(MemoryStore& store, std::string key) : store_(store), key_(std::move(key)) {}
    Status append(BytesView bytes) override {
      bytes_.append(bytes);
      return {};
    }
    Result<ObjectInfo> commit() override {
      const std::lock_guard lock(store_.mutex_);
      if (!store_.take_write().ok()) return store_.write_error_;
      ObjectInfo info{key_, bytes_.size(), ""};
      store_.objects_[key_] = std::move(bytes_);
      return info;
    }

   private:
    MemoryStore& store_;
    const std::string key_;
    Bytes bytes_;
  };
  class Reader final : public ObjectReader {
   public:
    Reader(std::string key, Bytes bytes) : info_{std::move(key), bytes.size(), ""}, bytes_(std::move(bytes)) {}
    Result<Bytes> read(std::size_t max) override {
      Bytes piece = bytes_.substr(at_, max);
      at_ += piece.size();
      return piece;
    }
    [[nodiscard]] const ObjectInfo& info() const override { return info_; }

   private:
    const ObjectInfo info_;
    const Bytes bytes_;
    std::size_t at_ = 0;
  };

  Status take_write() {
    if (writes_left_ == 0) return {};
    if (writes_left_ > 1) {
      --writes_left_;
      return {};
    }
    ++refused_;
    return write_error_;
  }

  mutable std::mutex mutex_;
  std::map<std::string, Bytes> objects_;
  std::size_t writes_left_ = 0;
  std::size_t refused_ = 0;
  bool unreachable_ = false;
  Status write_error_;
};

}  // namespace reprise::blob
