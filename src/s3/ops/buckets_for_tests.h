// For tests: a server of buckets but for HTTP, which can be closed and opened again over the same engine and the same
// directory of blobs, and requests to run against it.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/credentials.h"
#include "auth/key_file.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/rng.h"
#include "base/task.h"
#include "blob/file_store.h"
#include "history/store.h"
#include "kv/engine.h"
#include "kv/memory/engine.h"
#include "recovery/jobs.h"
#include "recovery/root.h"
#include "s3/ops/buckets.h"
#include "s3/ops/key_ring.h"
#include "s3/ops/operation.h"
#include "s3/ops/services.h"

namespace reprise::s3 {

// A wall clock on which time passes only by being looked at, and when told.
class TickingClock final : public WallClock {
 public:
  static constexpr std::uint64_t start = 1'800'000'000'000'000;
  explicit TickingClock(std::uint64_t micros = start) : micros_(micros) {}
  [[nodiscard]] std::uint64_t now_micros() const override { return micros_.fetch_add(7) + 7; }
  void advance(std::uint64_t micros) { micros_.fetch_add(micros); }

 private:
  mutable std::atomic<std::uint64_t> micros_;
};

// The body of a request: a text, handed out in pieces of at most `piece` bytes; when `failure` is set, that comes in
// the place of the end.
class TextSource final : public PayloadSource {
 public:
  explicit TextSource(Bytes text = {}, std::size_t piece = std::size_t{64} << 10)
      : text_(std::move(text)), piece_(piece), length_(text_.size()) {}

  Task<Outcome<Bytes>> read() override {
    if (at_ == text_.size() && failure) co_return *failure;
    Bytes next = text_.substr(at_, piece_);
    at_ += next.size();
    co_return next;
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }
  [[nodiscard]] const Fields& trailers() const override { return trailer_fields; }

  std::optional<S3Error> failure;
  Fields trailer_fields;

 private:
  Bytes text_;
  std::size_t piece_;
  std::size_t at_ = 0;
  std::uint64_t length_;
};

inline auth::IdentityRef test_root() {
  auto identity = std::make_shared<auth::Identity>();
  identity->access_key_id = "AKIAROOT";
  identity->account = auth::root_account;
  identity->arn = "arn:aws:iam::000000000000:root";
  identity->root = true;
  return identity;
}

class BucketServer {
 public:
  // `prepare` is called whenever the server opens, before its jobs run: to add jobs.
  using Prepare = std::function<void(Services&)>;
  // Over a memory engine of its own, or over one that outlives the server.
  explicit BucketServer(Settings settings = {}, Prepare prepare = {}, kv::Engine* engine = nullptr)
      : settings_(std::move(settings)),
        prepare_(std::move(prepare)),
        own_engine_(engine == nullptr ? kv::make_memory_engine() : nullptr),
        engine_(engine == nullptr ? own_engine_.get() : engine),
        directory_(std::filesystem::temp_directory_path() / ("reprise-buckets-" + random_uuid())) {
    std::filesystem::create_directory(directory_);
    open();
  }
  ~BucketServer() {
    close();
    std::filesystem::remove_all(directory_);
  }
  BucketServer(const BucketServer&) = delete;
  BucketServer& operator=(const BucketServer&) = delete;

  void open() {
    disk_ = std::make_unique<ThreadExecutor>(2);
    background_ = std::make_unique<ThreadExecutor>(1);
    auto store = sync_wait(history::Store::open(*engine_, wall_, history::StoreOptions{.lock_stripes = 1}));
    ASSERT_TRUE(store.ok()) << store.error().to_string();
    store_ = std::move(store).value();
    auto roots = sync_wait(recovery::open_root_spaces(*store_));
    ASSERT_TRUE(roots.ok()) << roots.error().to_string();
    auto buckets = sync_wait(Buckets::open(*store_, *roots));
    ASSERT_TRUE(buckets.ok()) << buckets.error().to_string();
    buckets_ = std::move(buckets).value();
    auto jobs = sync_wait(recovery::Jobs::open(*store_, roots->jobs, *background_));
    ASSERT_TRUE(jobs.ok()) << jobs.error().to_string();
    jobs_ = std::move(jobs).value();
    auto blobs = blob::open_file_store((directory_ / "blobs").string());
    ASSERT_TRUE(blobs.ok()) << blobs.error().to_string();
    blobs_ = std::move(blobs).value();
    auto master = auth::MasterKey::of(std::string(32, 'k'));
    auto keys = sync_wait(KeyRing::open(*store_, roots->keys, std::move(master), settings_.region));
    ASSERT_TRUE(keys.ok()) << keys.error().to_string();
    keys_ = std::move(keys).value();
    services_ = std::make_unique<Services>(
        Services{*store_, *buckets_, *jobs_, *blobs_, *keys_, *disk_, wall_, settings_, *roots});
    if (prepare_) prepare_(*services_);
    jobs_->resume();
  }
  void close() {
    if (jobs_) jobs_->stop();
    services_.reset();
    keys_.reset();
    blobs_.reset();
    jobs_.reset();
    buckets_.reset();
    disk_.reset();
    background_.reset();
    store_.reset();
  }
  // As after a crash: nothing is told that the server ends.
  void reopen() {
    close();
    wall_.advance(1'000'000);  // the store waits until its clock has passed what it handed out
    open();
  }

  // A bucket of the root account, plain unless `settings` says otherwise.
  BucketPtr make_bucket(const std::string& name, const std::function<void(Bucket&)>& settings = {}) {
    Bucket bucket;
    bucket.name = name;
    bucket.account = auth::root_account;
    bucket.owner = canonical_id_of(auth::root_account);
    bucket.region = settings_.region;
    bucket.acl = private_acl(bucket.owner);
    if (settings) settings(bucket);
    auto made = sync_wait(buckets_->add(std::move(bucket)));
    EXPECT_TRUE(made.ok()) << made.error().to_string();
    return made.ok() ? *made : nullptr;
  }
  void edit_bucket(const std::string& name, const std::function<void(Bucket&)>& change) {
    auto edited = sync_wait(buckets_->edit(buckets_->find(name), [&](Bucket& bucket) -> Check {
      change(bucket);
      return Passed{};
    }));
    EXPECT_TRUE(edited.ok()) << edited.error().message;
  }

  // A request of root's, with the bucket looked up as s3/api does it.
  Call call(std::string method, std::string bucket, std::string key = "") {
    Call made;
    made.method = std::move(method);
    made.bucket = std::move(bucket);
    made.key = std::move(key);
    made.caller.identity = test_root();
    made.caller.canonical_id = canonical_id_of(auth::root_account);
    made.peer = "127.0.0.1";
    made.secure = true;
    made.request_id = "REQUEST";
    made.resource = "/" + made.bucket + (made.key.empty() ? "" : "/" + made.key);
    made.bucket_info = buckets_->find(made.bucket);
    made.body = std::make_unique<TextSource>();
    return made;
  }
  static void set_query(Call& call, std::initializer_list<std::pair<const char*, std::string>> fields) {
    for (const auto& [name, value] : fields) call.query.add(name, value);
  }
  static void set_headers(Call& call, std::initializer_list<std::pair<const char*, std::string>> fields) {
    for (const auto& [name, value] : fields) call.headers.add(name, value);
  }
  void set_as_of(Call& call, Timestamp at) {
    call.as_of = at;
    auto then = sync_wait(buckets_->find_as_of(call.bucket, at));
    EXPECT_TRUE(then.ok());
    call.bucket_info = then.ok() ? *then : nullptr;
  }

  Outcome<Reply> run(OperationFunction operation, Call& call) { return sync_wait(operation(*services_, call)); }
  // By name, out of its family's table.
  Outcome<Reply> run(std::span<const Operation> family, std::string_view name, Call& call) {
    for (const Operation& operation : family) {
      if (operation.name == name) return run(operation.run, call);
    }
    ADD_FAILURE() << "no operation " << name;
    return s3_error(ErrorCode::not_implemented);
  }
  // "200 BODY", or "404 NoSuchKey: MESSAGE".
  std::string text_of(Outcome<Reply> outcome) {
    if (!outcome.ok()) {
      const auto& spelling = spelling_of(outcome.error().code);
      return std::to_string(spelling.status) + " " + std::string(spelling.name) + ": " + outcome.error().message;
    }
    const int status = outcome->status;
    return std::to_string(status) + " " + body_of(std::move(outcome).value());
  }
  // The whole body, streamed or not.
  static Bytes body_of(Reply reply) {
    Bytes body = std::move(reply.body);
    while (reply.stream != nullptr) {
      auto piece = sync_wait(reply.stream->read());
      if (!piece.ok()) return "(failed: " + piece.error().to_string() + ")";
      if (piece->empty()) break;
      body += *piece;
    }
    return body;
  }

  Services& services() { return *services_; }
  history::Store& store() { return *store_; }
  Buckets& buckets() { return *buckets_; }
  recovery::Jobs& jobs() { return *jobs_; }
  blob::BlobStore& blobs() { return *blobs_; }
  KeyRing& keys() { return *keys_; }
  TickingClock& wall() { return wall_; }
  // Where the blobs are: DIRECTORY/blobs.
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  Settings settings_;
  Prepare prepare_;
  TickingClock wall_;
  std::unique_ptr<kv::Engine> own_engine_;
  kv::Engine* engine_;
  std::filesystem::path directory_;
  std::unique_ptr<ThreadExecutor> disk_;
  std::unique_ptr<ThreadExecutor> background_;
  std::unique_ptr<history::Store> store_;
  std::unique_ptr<Buckets> buckets_;
  std::unique_ptr<recovery::Jobs> jobs_;
  std::shared_ptr<blob::BlobStore> blobs_;
  std::unique_ptr<KeyRing> keys_;
  std::unique_ptr<Services> services_;
};

}  // namespace reprise::s3
