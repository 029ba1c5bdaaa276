// Invariants: an object that is read in pieces is one version of it (If-Match); an upload of several parts that is not
// committed is aborted, so that nothing of it is charged or seen.
#include "blob/s3/store.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/log.h"
#include "codec/xml.h"

namespace reprise::blob {

namespace {

std::string unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

std::uint64_t number_of(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string header_of(const S3Response& response, const std::string& name) {
  const auto found = response.headers.find(name);
  return found == response.headers.end() ? std::string() : found->second;
}

S3Request request_for(std::string method, const std::string& bucket, std::string key) {
  S3Request request;
  request.method = std::move(method);
  request.bucket = bucket;
  request.key = std::move(key);
  return request;
}

class S3Reader final : public ObjectReader {
 public:
  S3Reader(std::shared_ptr<S3Client> client, std::string bucket, ObjectInfo info, std::size_t part_bytes)
      : client_(std::move(client)), bucket_(std::move(bucket)), info_(std::move(info)), part_bytes_(part_bytes) {}

  Result<Bytes> read(std::size_t max) override {
    if (position_ == piece_.size()) TRY(next_piece());
    const std::size_t size = std::min(max, piece_.size() - position_);
    Bytes bytes = piece_.substr(position_, size);
    position_ += size;
    return bytes;
  }

  [[nodiscard]] const ObjectInfo& info() const override { return info_; }

 private:
  Status next_piece() {
    piece_.clear();
    position_ = 0;
    if (read_ >= info_.bytes) return {};
    const std::uint64_t last = std::min<std::uint64_t>(read_ + part_bytes_, info_.bytes) - 1;
    S3Request request = request_for("GET", bucket_, info_.key);
    request.headers.emplace_back("Range", "bytes=" + std::to_string(read_) + "-" + std::to_string(last));
    request.headers.emplace_back("If-Match", "\"" + info_.etag + "\"");
    auto response = client_->send(request);
    if (!response.ok() && response.error().is(Code::conflict)) {
      return io_error("the object " + info_.key + " was replaced while it was read");
    }
    if (!response.ok()) return response.error();
    piece_ = std::move(response->body);
    if (piece_.size() != last - read_ + 1) return io_error("the endpoint did not send the part that was asked for");
    read_ = last + 1;
    return {};
  }

  std::shared_ptr<S3Client> client_;
  const std::string bucket_;
  const ObjectInfo info_;
  const std::size_t part_bytes_;
  std::uint64_t read_ = 0;
  Bytes piece_;
  std::size_t position_ = 0;
};

class S3Writer final : public ObjectWriter {
 public:
  S3Writer(std::shared_ptr<S3Client> client, std::string bucket, std::string key, std::size_t part_bytes)
      : client_(std::move(client)), bucket_(std::move(bucket)), key_(std::move(key)), part_bytes_(part_bytes) {}
  ~S3Writer() override {
    if (upload_id_.empty() || committed_) return;
    S3Request request = request_for("DELETE", bucket_, key_);
    request.query.emplace_back("uploadId", upload_id_);
    const auto aborted = client_->send(request);
    if (!aborted.ok()) {
      log_line(LogLevel::warn, "blob", "an upload that was given up could not be aborted",
               log_field("key", key_) + log_field("error", aborted.error().to_string()));
    }
  }
  S3Writer(const S3Writer&) = delete;
  S3Writer& operator=(const S3Writer&) = delete;

  Status append(BytesView bytes) override {
    while (!bytes.empty()) {
      // A part goes when there is more behind it: an object of one part is put whole.
      if (part_.size() == part_bytes_) TRY(upload_part());
      const std::size_t size = std::min(bytes.size(), part_bytes_ - part_.size());
      part_.append(bytes.substr(0, size));
      bytes.remove_prefix(size);
      written_ += size;
    }
    return {};
  }

  Result<ObjectInfo> commit() override {
    if (!upload_id_.empty()) return complete();
    S3Request request = request_for("PUT", bucket_, key_);
    request.body = std::move(part_);
    TRY_ASSIGN(const S3Response response, client_->send(request));
    committed_ = true;
    return ObjectInfo{key_, written_, unquoted(header_of(response, "etag"))};
  }

 private:
  Status begin() {
    S3Request request = request_for("POST", bucket_, key_);
    request.query.emplace_back("uploads", "");
    TRY_ASSIGN(const S3Response response, client_->send(request));
    TRY_ASSIGN(const auto root, codec::parse_xml(response.body));
    upload_id_ = root.text_of("UploadId");
    if (upload_id_.empty()) return io_error("the endpoint began an upload without an UploadId");
    return {};
  }

  Status upload_part() {
    if (upload_id_.empty()) TRY(begin());
    S3Request request = request_for("PUT", bucket_, key_);
    request.query.emplace_back("partNumber", std::to_string(etags_.size() + 1));
    request.query.emplace_back("uploadId", upload_id_);
    request.body = std::exchange(part_, Bytes());
    TRY_ASSIGN(const S3Response response, client_->send(request));
    etags_.push_back(header_of(response, "etag"));
    return {};
  }

  Result<ObjectInfo> complete() {
    if (!part_.empty()) TRY(upload_part());
    S3Request request = request_for("POST", bucket_, key_);
    request.query.emplace_back("uploadId", upload_id_);
    request.body = "<CompleteMultipartUpload>";
    for (std::size_t i = 0; i < etags_.size(); ++i) {
      request.body.append("<Part><PartNumber>").append(std::to_string(i + 1)).append("</PartNumber><ETag>");
      codec::append_xml_text(request.body, etags_[i]);
      request.body.append("</ETag></Part>");
    }
    request.body.append("</CompleteMultipartUpload>");
    TRY_ASSIGN(const S3Response response, client_->send(request));
    // S3 may answer 200 and then find that it failed.
    TRY_ASSIGN(const auto root, codec::parse_xml(response.body));
    if (root.name == "Error") {
      return unavailable(std::string(root.text_of("Code")).append(": ").append(root.text_of("Message")));
    }
    committed_ = true;
    return ObjectInfo{key_, written_, unquoted(root.text_of("ETag"))};
  }

  std::shared_ptr<S3Client> client_;
  const std::string bucket_;
  const std::string key_;
  const std::size_t part_bytes_;
  Bytes part_;
  std::uint64_t written_ = 0;
  std::string upload_id_;
  std::vector<std::string> etags_;
  bool committed_ = false;
};

class S3Bucket final : public ObjectStore {
 public:
  S3Bucket(std::shared_ptr<S3Client> client, std::string name, S3StoreOptions options)
      : client_(std::move(client)), name_(std::move(name)), options_(options) {}

  Result<std::unique_ptr<ObjectWriter>> create(std::string key) override {
    TRY(check_key(key));
    return std::unique_ptr<ObjectWriter>(
        std::make_unique<S3Writer>(client_, name_, std::move(key), options_.part_bytes));
  }

  Result<std::unique_ptr<ObjectReader>> open(std::string key) override {
    TRY(check_key(key));
    TRY_ASSIGN(const S3Response head, client_->send(request_for("HEAD", name_, key)));
    ObjectInfo info{std::move(key), number_of(header_of(head, "content-length")), unquoted(header_of(head, "etag"))};
    return std::unique_ptr<ObjectReader>(
        std::make_unique<S3Reader>(client_, name_, std::move(info), options_.part_bytes));
  }

  Result<std::vector<ObjectInfo>> list(std::string prefix, std::string start_after, std::size_t limit) override {
    std::vector<ObjectInfo> objects;
    std::string token;
    while (objects.size() < limit) {
      constexpr std::size_t page_max = 1000;
      S3Request request = request_for("GET", name_, "");
      if (!token.empty()) request.query.emplace_back("continuation-token", token);
      request.query.emplace_back("list-type", "2");
      request.query.emplace_back("max-keys", std::to_string(std::min(limit - objects.size(), page_max)));
      request.query.emplace_back("prefix", prefix);
      if (token.empty() && !start_after.empty()) request.query.emplace_back("start-after", start_after);
      TRY_ASSIGN(const S3Response response, client_->send(request));
      TRY_ASSIGN(const auto root, codec::parse_xml(response.body));
      for (const auto& element : root.children) {
        if (element.name != "Contents") continue;
        objects.push_back({std::string(element.text_of("Key")), number_of(element.text_of("Size")),
                           unquoted(element.text_of("ETag"))});
      }
      token = root.text_of("NextContinuationToken");
      if (root.text_of("IsTruncated") != "true" || token.empty()) break;
    }
    return objects;
  }

  Status remove(std::string key) override {
    TRY(check_key(key));
    const auto removed = client_->send(request_for("DELETE", name_, std::move(key)));
    if (!removed.ok() && !removed.error().is(Code::not_found)) return removed.error();
    return {};
  }

 private:
  static Status check_key(std::string_view key) {
    constexpr std::size_t key_size_max = 1024;
    if (key.empty() || key.size() > key_size_max) return invalid("a key has 1 to 1024 bytes");
    return {};
  }

  std::shared_ptr<S3Client> client_;
  const std::string name_;
  const S3StoreOptions options_;
};

class S3Buckets final : public ObjectStores {
 public:
  S3Buckets(std::shared_ptr<S3Client> client, S3StoreOptions options) : client_(std::move(client)), options_(options) {}

  Result<std::shared_ptr<ObjectStore>> bucket(std::string /*account*/, std::string name) override {
    const auto head = client_->send(request_for("HEAD", name, ""));
    if (!head.ok()) return head.error();
    return std::shared_ptr<ObjectStore>(std::make_shared<S3Bucket>(client_, std::move(name), options_));
  }

 private:
  std::shared_ptr<S3Client> client_;
  const S3StoreOptions options_;
};

}  // namespace

std::shared_ptr<ObjectStores> make_s3_buckets(std::shared_ptr<S3Client> client, S3StoreOptions options) {
  return std::make_shared<S3Buckets>(std::move(client), options);
}

}  // namespace reprise::blob
