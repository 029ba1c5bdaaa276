#include "server/buckets.h"

#include <cstdlib>
#include <utility>

#include "blob/directory_store.h"
#include "blob/s3/store.h"
#include "s3/ops/bucket_store.h"

namespace reprise::server {

namespace {

std::string environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// Those of the configuration.
Result<std::shared_ptr<blob::ObjectStores>> open_other_buckets(const ServeConfig& config) {
  if (config.s3_endpoint.empty()) {
    auto buckets = blob::open_directory_buckets(config.buckets_directory);
    if (!buckets.ok()) return buckets.error().with_context("--buckets-dir");
    return buckets;
  }
  blob::S3Options options;
  options.endpoint = config.s3_endpoint;
  options.access_key_id = environment("AWS_ACCESS_KEY_ID");
  options.secret_access_key = environment("AWS_SECRET_ACCESS_KEY");
  options.session_token = environment("AWS_SESSION_TOKEN");
  options.region = environment("AWS_REGION");
  if (options.region.empty()) options.region = config.region;
  auto client = blob::S3Client::make(std::move(options));
  if (!client.ok()) return client.error().with_context("--s3-endpoint");
  return blob::make_s3_buckets(std::move(client).value());
}

}  // namespace

Result<std::shared_ptr<blob::ObjectStores>> open_buckets(const ServeConfig& config, s3::Services& services) {
  TRY_ASSIGN(auto others, open_other_buckets(config));
  return s3::open_own_buckets(services, std::move(others));
}

}  // namespace reprise::server
