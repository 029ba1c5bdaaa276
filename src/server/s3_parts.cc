// Order of life: what stands above in Parts outlives what stands below.
#include "server/s3_parts.h"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "auth/private_file.h"
#include "base/executor.h"
#include "base/log.h"
#include "blob/file_store.h"
#include "recovery/jobs.h"
#include "s3/ops/buckets.h"
#include "s3/ops/garbage.h"
#include "s3/ops/key_ring.h"
#include "s3/ops/lifecycle_job.h"
#include "s3/ops/verify.h"

namespace reprise::server {
namespace {

// Reading ahead and writing behind for as many transfers at a time; each computes hashes as well.
constexpr std::size_t disk_threads = 4;
constexpr std::chrono::milliseconds purge_interval{30'000};
constexpr const char* owner_file = "/blobs/STORE";  // below the data directory

Result<auth::MasterKey> open_master_key(const ServeConfig& config, bool may_create) {
  auto key = auth::MasterKey::open(config.key_file, may_create);
  if (key.ok()) return key;
  if (key.error().is(Code::not_found)) {
    return invalid("--key-file: " + config.key_file +
                   " is missing, and the store has secrets that only it can open; put it back");
  }
  return key.error().with_context("--key-file");
}

// For a store and a folder without any payload. If the store names some nevertheless, the folder is not the one that
// they were put into (its disk is not mounted). New ones would land below the mount, and be gone with the next start.
Status check_none_is_named(history::Store& store, SpaceId names, const std::string& mark, const std::string& data) {
  history::ScanRequest request;
  request.space = names;
  request.max_rows = 1;
  TRY_ASSIGN(const auto page, sync_wait(store.scan(std::move(request))));
  if (page.rows.empty()) return {};
  return invalid("--data: " + data + "/blobs is empty, and the store names payloads; put the folder back, or mount it" +
                 " (to serve what there is without them, write " + mark + " to " + data + owner_file + ")");
}

// Payloads belong to the store whose mark (KeyRing::mark_of) stands in blobs/STORE. Beside any other store (its disk is
// not mounted, --engine was forgotten) the collector would take them all for nobody's. A store without a mark is new;
// if another one is noted nevertheless, with payloads or none, its tables and buckets would seem to be gone.
Status check_payloads(blob::BlobStore& blobs, history::Store& store, const recovery::RootSpaces& root,
                      const std::optional<std::string>& mark, const ServeConfig& config, const std::string& data) {
  TRY_ASSIGN(const auto noted, auth::read_private_file(data + owner_file));
  if (mark && noted == mark) return {};
  TRY_ASSIGN(const auto collection, blobs.collect());
  TRY_ASSIGN(const auto first, collection->list(std::nullopt, 1));
  if (mark && !noted) return first.empty() ? check_none_is_named(store, root.blobs, *mark, data) : Status();
  if (first.empty() && !mark && noted) {
    return invalid("--engine: the store in " + config.engine_directory + " is new, and " + data +
                   " has been used with another one; name that other one with --engine, put it back, or remove " +
                   data + owner_file + " to begin anew");
  }
  if (first.empty()) return {};
  return invalid("--engine: " + data + "/blobs has the payloads of another store than the one in " +
                 config.engine_directory + (mark ? "" : ", which is new") +
                 "; name that other one with --engine, or put it back");
}

// What cannot be noted now, on a full disk, is noted by another start.
Status note_owner(history::Store& store, SpaceId keys, const std::string& data) {
  TRY_ASSIGN(const auto mark, sync_wait(s3::KeyRing::mark_of(store, keys)));
  TRY_ASSIGN(const auto noted, auth::read_private_file(data + owner_file));
  if (noted == mark) return {};
  const Status written = auth::write_private_file(data + owner_file, *mark);
  if (!written.ok()) {
    log_line(LogLevel::warn, "server", "the payloads could not be marked as this store's",
             log_field("error", written.to_string()));
  }
  return {};
}

class Parts final : public S3Parts {
 public:
  Parts(auth::MasterKey master, std::shared_ptr<blob::BlobStore> blobs, std::unique_ptr<s3::Buckets> buckets,
        std::unique_ptr<s3::KeyRing> keys)
      : master_(std::move(master)),
        blobs_(std::move(blobs)),
        buckets_(std::move(buckets)),
        keys_(std::move(keys)),
        disk_(disk_threads) {}

  void start(const ServeConfig& config, history::Store& store, recovery::Jobs& jobs, recovery::RootSpaces root,
             WallClock& wall) {
    services_.reset(
        new s3::Services{store, *buckets_, jobs, *blobs_, *keys_, disk_, wall, bucket_settings(config), root});
    s3::register_garbage_collection(*services_);
    s3::register_lifecycle(*services_);
    s3::register_verification(*services_);
    jobs.every(purge_interval, "forget deleted buckets", [this] { return buckets_->purge_deleted(); });
  }
  [[nodiscard]] s3::Services& services() override { return *services_; }
  [[nodiscard]] const auth::MasterKey& master() const override { return master_; }

 private:
  auth::MasterKey master_;
  std::shared_ptr<blob::BlobStore> blobs_;
  std::unique_ptr<s3::Buckets> buckets_;
  std::unique_ptr<s3::KeyRing> keys_;
  ThreadExecutor disk_;
  std::unique_ptr<s3::Services> services_;
};

}  // namespace

Result<std::unique_ptr<S3Parts>> S3Parts::open(const ServeConfig& config, const std::string& data,
                                               history::Store& store, recovery::Jobs& jobs,
                                               std::unique_ptr<s3::Buckets> buckets, recovery::RootSpaces root,
                                               WallClock& wall) {
  TRY_ASSIGN(auto blobs, blob::open_file_store(data + "/blobs"));
  TRY_ASSIGN(const auto mark, sync_wait(s3::KeyRing::mark_of(store, root.keys)));
  TRY(check_payloads(*blobs, store, root, mark, config, data));
  TRY_ASSIGN(auto master, open_master_key(config, !mark));
  auto ring = sync_wait(s3::KeyRing::open(store, root.keys, master, config.region));
  if (!ring.ok()) return ring.error().with_context("--key-file");
  TRY(note_owner(store, root.keys, data));
  auto parts =
      std::make_unique<Parts>(std::move(master), std::move(blobs), std::move(buckets), std::move(ring).value());
  parts->start(config, store, jobs, root, wall);
  return std::unique_ptr<S3Parts>(std::move(parts));
}

}  // namespace reprise::server
