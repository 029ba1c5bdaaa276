#include "server/backup_location.h"

#include <string>
#include <utility>

#include "blob/bucket_folder.h"
#include "blob/directory_store.h"

namespace reprise::server {

namespace {
constexpr std::string_view s3_scheme = "s3://";
// The operator's own buckets, whoever's tables are backed up.
constexpr std::string_view root_account = "000000000000";
}  // namespace

Result<BackupLocation> open_backup_location(const ServeConfig& config, std::shared_ptr<blob::ObjectStores> buckets) {
  if (!config.backup_directory.starts_with(s3_scheme)) {
    auto directory = blob::open_directory_store(config.backup_directory);
    if (!directory.ok()) return directory.error().with_context("--backup-dir");
    return BackupLocation{std::move(directory).value(), false};
  }
  const std::string place = config.backup_directory.substr(s3_scheme.size());
  const std::string bucket = place.substr(0, place.find('/'));
  std::string prefix = bucket.size() < place.size() ? place.substr(bucket.size() + 1) : std::string();
  if (!prefix.empty() && !prefix.ends_with('/')) prefix.push_back('/');
  const bool remote = !config.s3_endpoint.empty();
  return BackupLocation{
      blob::open_bucket_folder(std::move(buckets), std::string(root_account), bucket, std::move(prefix)), remote};
}

}  // namespace reprise::server
