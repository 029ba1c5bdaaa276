#include "server/config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <vector>

namespace reprise::server {
namespace {

Result<std::optional<ServeConfig>> parse(std::vector<const char*> words) {
  words.insert(words.begin(), "reprise serve");
  return parse_serve_config(static_cast<int>(words.size()), words.data());
}

std::string error_of(std::vector<const char*> words) {
  const auto parsed = parse(std::move(words));
  return parsed.ok() ? "(no error)" : std::string(parsed.error().message());
}

class ConfigFile {
 public:
  explicit ConfigFile(const std::string& text)
      : path_(testing::TempDir() + "reprise-config-" + std::to_string(::getpid()) + ".toml") {
    std::ofstream(path_) << text;
  }
  ~ConfigFile() { ::unlink(path_.c_str()); }
  [[nodiscard]] const char* path() const { return path_.c_str(); }

 private:
  std::string path_;
};

TEST(Config, DefaultsAreTheDesigns) {
  const auto config = parse({"--data", "d"}).value().value();
  EXPECT_EQ(config.listen.host, "127.0.0.1");
  EXPECT_EQ(config.listen.port, 8000);
  EXPECT_EQ(config.console.port, 8001);
  EXPECT_EQ(config.environment, Environment::sandbox);
  EXPECT_EQ(config.region, "eu-west-1");
  EXPECT_EQ(config.engine_directory, "d/store");
  EXPECT_EQ(config.backup_directory, "d/backups");
  EXPECT_EQ(config.buckets_directory, "d/buckets");
  EXPECT_EQ(config.recovery_period_days_max, 35);
  EXPECT_FALSE(config.enforce_throughput);
}

TEST(Config, AFlagStandsAloneOrTakesItsValue) {
  EXPECT_TRUE(parse({"--enforce-throughput", "--data", "d"}).value().value().enforce_throughput);
  EXPECT_TRUE(parse({"--data", "d", "--enforce-throughput", "true"}).value().value().enforce_throughput);
  EXPECT_FALSE(parse({"--data", "d", "--enforce-throughput=false"}).value().value().enforce_throughput);
  EXPECT_EQ(error_of({"--data", "d", "--enforce-throughput", "yes"}),
            "--enforce-throughput: 'yes' is not true or false");
  const ConfigFile file("data = \"d\"\nenforce-throughput = true\n");
  EXPECT_TRUE(parse({"--config", file.path()}).value().value().enforce_throughput);
  EXPECT_FALSE(parse({"--config", file.path(), "--enforce-throughput=false"}).value().value().enforce_throughput);
}

TEST(Config, EveryFlagIsRead) {
  const auto config = parse({"--data",
                             "d",
                             "--listen",
                             "127.0.0.1:1",
                             "--console",
                             "[::1]:2",
                             "--environment",
                             "production",
                             "--region",
                             "us-east-1",
                             "--tls-cert",
                             "c",
                             "--tls-key",
                             "k",
                             "--engine",
                             "rocksdb:e",
                             "--backup-dir",
                             "s3://b/backups",
                             "--buckets-dir",
                             "buckets",
                             "--log-level",
                             "debug",
                             "--threads",
                             "3",
                             "--cache-mib",
                             "16",
                             "--recovery-period-days-max",
                             "90",
                             "--enforce-throughput",
                             "--lifecycle-day-seconds",
                             "5",
                             "--ttl-interval-seconds",
                             "1"})
                          .value()
                          .value();
  EXPECT_EQ(config.listen.port, 1);
  EXPECT_EQ(config.console.host, "::1");
  EXPECT_EQ(config.environment, Environment::production);
  EXPECT_EQ(config.region, "us-east-1");
  EXPECT_EQ(config.tls_cert, "c");
  EXPECT_EQ(config.tls_key, "k");
  EXPECT_EQ(config.engine_directory, "e");
  EXPECT_EQ(config.backup_directory, "s3://b/backups");
  EXPECT_EQ(config.buckets_directory, "buckets");
  EXPECT_EQ(config.log_level, LogLevel::debug);
  EXPECT_EQ(config.threads, 3U);
  EXPECT_EQ(config.cache_mebibytes, 16U);
  EXPECT_EQ(config.recovery_period_days_max, 90);
  EXPECT_TRUE(config.enforce_throughput);
  EXPECT_EQ(config.lifecycle_day.count(), 5);
  EXPECT_EQ(config.ttl_interval.count(), 1);
}

TEST(Config, BadFlagsAreNamedInOneLine) {
  EXPECT_EQ(error_of({}), "--data is required: name the directory of the store");
  EXPECT_EQ(error_of({"--data", "d", "--environment", "prod"}), "--environment: 'prod' is not sandbox or production");
  EXPECT_EQ(error_of({"--data", "d", "--listen", "8000"}),
            "--listen: '8000' is not HOST:PORT, for instance 127.0.0.1:8000");
  EXPECT_EQ(error_of({"--data", "d", "--listen", "h:99999"}),
            "--listen: 'h:99999' is not HOST:PORT, for instance 127.0.0.1:8000");
  EXPECT_EQ(error_of({"--data", "d", "--threads", "x"}), "--threads: 'x' is not a number from 0 to 256");
  EXPECT_EQ(error_of({"--data", "d", "--tls-cert", "c"}), "--tls-cert and --tls-key go together; give both or neither");
  EXPECT_EQ(error_of({"--data", "d", "--buckets-dir", "b", "--s3-endpoint", "http://x"}),
            "--buckets-dir and --s3-endpoint are two places for the same buckets; give one");
  EXPECT_EQ(error_of({"--data", "d", "--backup-dir", "http://h/b"}),
            "--backup-dir: 'http://h/b' is not a directory or s3://BUCKET/PREFIX");
  EXPECT_EQ(error_of({"--data", "d", "--backup-dir", "s3:///b"}),
            "--backup-dir: 's3:///b' is not a directory or s3://BUCKET/PREFIX");
  EXPECT_EQ(error_of({"--data", "d", "--engine", "rados:pool"}),
            "--engine: 'rados:pool' is not an engine this build has; write rocksdb:DIRECTORY");
  const auto unknown = error_of({"--data", "d", "--frobnicate"});
  EXPECT_NE(unknown.find("--frobnicate"), std::string::npos) << unknown;
  EXPECT_EQ(unknown.find('\n'), std::string::npos) << unknown;
}

TEST(Config, BucketsMayBeAnEndpoints) {
  const auto config = parse({"--data", "d", "--s3-endpoint", "http://127.0.0.1:9000"}).value().value();
  EXPECT_EQ(config.s3_endpoint, "http://127.0.0.1:9000");
}

TEST(Config, FlagsWinOverTheFile) {
  const ConfigFile file("region = \"eu-north-1\"\nthreads = 4\ndata = \"from-file\"\n");
  const auto config = parse({"--config", file.path(), "--region", "eu-west-3"}).value().value();
  EXPECT_EQ(config.region, "eu-west-3");
  EXPECT_EQ(config.threads, 4U);
  EXPECT_EQ(config.data, "from-file");
}

TEST(Config, BadFilesAreNamedWithTheirLine) {
  const ConfigFile unknown("data = \"d\"\nregoin = \"x\"\n");
  EXPECT_EQ(error_of({"--config", unknown.path()}),
            std::string("--config ") + unknown.path() + ":2: there is no setting 'regoin'");
  const ConfigFile broken("data = \n");
  EXPECT_NE(error_of({"--config", broken.path()}).find(std::string(broken.path()) + ":1: "), std::string::npos);
  EXPECT_NE(error_of({"--config", "/nonexistent.toml"}).find("/nonexistent.toml"), std::string::npos);
}

TEST(Config, BucketsOfASandboxStartAsOnAws) {
  const s3::Settings settings = bucket_settings(parse({"--data", "d"}).value().value());
  EXPECT_EQ(settings.region, "eu-west-1");
  EXPECT_EQ(settings.ownership, s3::ObjectOwnership::bucket_owner_enforced);
  EXPECT_TRUE(settings.public_access_block);
  EXPECT_TRUE(settings.encryption);
  EXPECT_FALSE(settings.versioning);
  EXPECT_EQ(settings.noncurrent_days, 0);
  EXPECT_EQ(settings.recovery_days, 0);
  EXPECT_EQ(settings.lifecycle_day, std::chrono::seconds(86'400));
}

TEST(Config, BucketsOfProductionKeepTheirPast) {
  const auto config = parse({"--data", "d", "--environment", "production", "--lifecycle-day-seconds", "3"});
  const s3::Settings settings = bucket_settings(config.value().value());
  EXPECT_TRUE(settings.versioning);
  EXPECT_EQ(settings.noncurrent_days, 90);
  EXPECT_EQ(settings.recovery_days, 35);
  EXPECT_EQ(settings.lifecycle_day, std::chrono::seconds(3));
}

TEST(Config, TheFileSaysWhatNewBucketsStartWith) {
  const ConfigFile file(
      "data = \"d\"\nenvironment = \"production\"\n[buckets]\nobject_ownership = \"ObjectWriter\"\n"
      "public_access_block = false\nversioning = false\nencryption = false\nnoncurrent_days = 0\nrecovery_days = 7\n");
  const s3::Settings settings = bucket_settings(parse({"--config", file.path()}).value().value());
  EXPECT_EQ(settings.ownership, s3::ObjectOwnership::object_writer);
  EXPECT_FALSE(settings.public_access_block);
  EXPECT_FALSE(settings.versioning);
  EXPECT_FALSE(settings.encryption);
  EXPECT_EQ(settings.noncurrent_days, 0);
  EXPECT_EQ(settings.recovery_days, 7);
}

TEST(Config, ABadBucketSettingIsNamedWithItsLine) {
  const std::pair<const char*, const char*> cases[] = {
      {"object_ownership = \"mine\"",
       "object_ownership: 'mine' is not BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter"},
      {"versioning = \"yes\"", "versioning must be true or false"},
      {"noncurrent_days = -1", "noncurrent_days must be a number of days from 0 to 3650"},
      {"recovery_days = 1.5", "recovery_days must be a number of days from 0 to 3650"},
      {"color = 1", "there is no setting 'color' in [buckets]"},
  };
  for (const auto& [line, message] : cases) {
    const ConfigFile file("data = \"d\"\n[buckets]\n" + std::string(line) + "\n");
    EXPECT_EQ(error_of({"--config", file.path()}), "--config " + std::string(file.path()) + ":3: " + message);
  }
  const ConfigFile file("data = \"d\"\nbuckets = 1\n");
  EXPECT_EQ(error_of({"--config", file.path()}),
            "--config " + std::string(file.path()) + ":2: [buckets] must be a table");
}

TEST(Config, TheDomainAndTheKeyFile) {
  const auto config = parse({"--data", "d", "--domain", "s3.example.com", "--key-file", "k"}).value().value();
  EXPECT_EQ(config.domain, "s3.example.com");
  EXPECT_EQ(config.key_file, "k");
  EXPECT_EQ(parse({"--data", "d"}).value().value().key_file, "d/master.key");
  EXPECT_EQ(error_of({"--data", "d", "--domain", ".S3"}),
            "--domain: '.S3' is not a host name in lower case, for instance s3.example.com");
}

}  // namespace
}  // namespace reprise::server
