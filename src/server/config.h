// What `reprise serve` is told: flags over the configuration file over the defaults below (design.md section 7).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/log.h"
#include "base/status.h"
#include "http/server.h"
#include "s3/ops/services.h"

namespace reprise::server {

enum class Environment : unsigned char {
  sandbox,     // AWS's own defaults
  production,  // new tables get PITR and deletion protection, new buckets versioning and a past, unless told otherwise
};

// What new buckets start with: the table [buckets] of the configuration file, with these keys. What is not set follows
// the environment (bucket_settings).
struct BucketDefaults {
  std::optional<s3::ObjectOwnership> object_ownership;  // "BucketOwnerEnforced", ...
  std::optional<bool> public_access_block;
  std::optional<bool> versioning;
  std::optional<bool> encryption;               // SSE-S3
  std::optional<std::int64_t> noncurrent_days;  // 0: noncurrent versions stay
  std::optional<std::int64_t> recovery_days;    // 0: no past
};

// Each field names its flag; its key in the TOML file is the same without the dashes in front.
struct ServeConfig {
  std::string data;                                // --data: created when missing
  http::ListenAddress listen{"127.0.0.1", 8000};   // --listen: DynamoDB and S3
  http::ListenAddress console{"127.0.0.1", 8001};  // --console: health and metrics
  Environment environment = Environment::sandbox;  // --environment
  std::string region = "eu-west-1";                // --region: in ARNs and signatures
  std::string tls_cert;                            // --tls-cert: PEM chain; with --tls-key
  std::string tls_key;                             // --tls-key: PEM
  std::string domain;                              // --domain: hosts below it name a bucket; empty: path style alone
  std::string key_file;                            // --key-file: the master key; default: DATA/master.key
  std::string engine_directory;                    // --engine rocksdb:DIR; default: DATA/store
  std::string backup_directory;                    // --backup-dir: of on-demand backups; default: DATA/backups
  // Where the buckets are that exports and imports name: folders of a directory, or an S3 endpoint.
  std::string buckets_directory;               // --buckets-dir; default: DATA/buckets
  std::string s3_endpoint;                     // --s3-endpoint: URL; keys from AWS_ACCESS_KEY_ID and its like
  LogLevel log_level = LogLevel::info;         // --log-level
  unsigned threads = 0;                        // --threads: 0 is one per core
  std::uint64_t cache_mebibytes = 64;          // --cache-mib: RocksDB's block cache
  int recovery_period_days_max = 35;           // --recovery-period-days-max: beyond AWS's 35, disk permitting
  bool enforce_throughput = false;             // --enforce-throughput: provisioned throughput is a limit
  std::chrono::seconds lifecycle_day{86'400};  // --lifecycle-day-seconds: for tests of lifecycle rules
  std::chrono::seconds ttl_interval{60};       // --ttl-interval-seconds: how often expired items are looked for
  BucketDefaults buckets;
};

// S3's settings: [buckets], or AWS's defaults of today in a sandbox; in production versioning, expiry of noncurrent
// versions after 90 days and a past of 35 days.
[[nodiscard]] s3::Settings bucket_settings(const ServeConfig& config);

// Parses the words behind `reprise serve`. Nothing when they asked for help, which has been printed. Fails with
// Code::invalid and one line that names the flag (or file, line and key).
Result<std::optional<ServeConfig>> parse_serve_config(int argc, const char* const* argv);

}  // namespace reprise::server
