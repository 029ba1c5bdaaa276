// Flags and file are two spellings of one list of settings: both go through set_*, so that neither knows a setting the
// other does not, and a bad value is refused with the same words.
#include "server/config.h"

#include <toml++/toml.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <filesystem>
#include <functional>
#include <map>
#include <vector>

namespace reprise::server {

namespace {

Status bad_value(std::string_view setting, std::string_view value, std::string_view expected) {
  return invalid("--" + std::string(setting) + ": '" + std::string(value) + "' is not " + std::string(expected));
}

template <class Number>
Status set_number(std::string_view setting, const std::string& text, Number low, Number high, Number& target) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < low || value > high) {
    return bad_value(setting, text, "a number from " + std::to_string(low) + " to " + std::to_string(high));
  }
  target = value;
  return {};
}

Status set_seconds(std::string_view setting, const std::string& text, std::chrono::seconds& target) {
  std::int64_t value = 0;
  TRY(set_number<std::int64_t>(setting, text, 1, 86'400, value));
  target = std::chrono::seconds(value);
  return {};
}

Status set_address(std::string_view setting, const std::string& text, http::ListenAddress& target) {
  auto parsed = http::ListenAddress::parse(text);
  if (!parsed.ok()) return bad_value(setting, text, "HOST:PORT, for instance 127.0.0.1:8000");
  target = std::move(parsed).value();
  return {};
}

Status set_environment(const std::string& text, Environment& target) {
  if (text != "sandbox" && text != "production") return bad_value("environment", text, "sandbox or production");
  target = text == "production" ? Environment::production : Environment::sandbox;
  return {};
}

Status set_region(const std::string& text, std::string& target) {
  const bool right = !text.empty() && text.size() <= 64 &&
                     text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string::npos;
  if (!right) return bad_value("region", text, "a region's name, for instance eu-west-1");
  target = text;
  return {};
}

Status set_engine(const std::string& text, std::string& target) {
  constexpr std::string_view prefix = "rocksdb:";
  if (!text.starts_with(prefix) || text.size() == prefix.size()) {
    return bad_value("engine", text, "an engine this build has; write rocksdb:DIRECTORY");
  }
  target = text.substr(prefix.size());
  return {};
}

Status set_backup_directory(const std::string& text, std::string& target) {
  constexpr std::string_view bucket = "s3://";
  const bool in_bucket = text.starts_with(bucket) && text.size() > bucket.size() && text[bucket.size()] != '/';
  if (text.empty() || (!in_bucket && text.find("://") != std::string::npos)) {
    return bad_value("backup-dir", text, "a directory or s3://BUCKET/PREFIX");
  }
  target = text;
  return {};
}

// A flag given alone has no text.
Status set_flag(std::string_view setting, const std::string& text, bool& target) {
  if (!text.empty() && text != "true" && text != "false") return bad_value(setting, text, "true or false");
  target = text != "false";
  return {};
}

Status set_log_level(const std::string& text, LogLevel& target) {
  static const std::map<std::string, LogLevel, std::less<>> levels{
      {"debug", LogLevel::debug}, {"info", LogLevel::info}, {"warn", LogLevel::warn}, {"error", LogLevel::error}};
  const auto found = levels.find(text);
  if (found == levels.end()) return bad_value("log-level", text, "debug, info, warn or error");
  target = found->second;
  return {};
}

Status set_domain(const std::string& text, std::string& target) {
  const bool right = !text.empty() && text.size() <= 200 && text.front() != '.' && text.back() != '.' &&
                     text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-.") == std::string::npos;
  if (!right) return bad_value("domain", text, "a host name in lower case, for instance s3.example.com");
  target = text;
  return {};
}

struct Setting {
  std::string name;
  std::string value;  // what stands behind it, for --help
  std::string help;
  std::function<Status(const std::string&)> set;
  bool alone = false;  // may be given without a value
};

std::vector<Setting> settings_of(ServeConfig& config) {
  const auto text = [](std::string& target) {
    return [&target](const std::string& value) -> Status {
      target = value;
      return {};
    };
  };
  return {
      {"data", "DIR", "directory of the store; required, made when missing", text(config.data)},
      {"listen", "HOST:PORT", "address of the DynamoDB and S3 APIs (127.0.0.1:8000)",
       [&](auto& v) { return set_address("listen", v, config.listen); }},
      {"console", "HOST:PORT", "address of health and metrics (127.0.0.1:8001)",
       [&](auto& v) { return set_address("console", v, config.console); }},
      {"environment", "NAME", "sandbox: AWS's defaults, or production: new tables and buckets are protected (sandbox)",
       [&](auto& v) { return set_environment(v, config.environment); }},
      {"region", "NAME", "region in ARNs and of new buckets (eu-west-1)",
       [&](auto& v) { return set_region(v, config.region); }},
      {"tls-cert", "FILE", "PEM certificate chain; with --tls-key, the API speaks HTTPS", text(config.tls_cert)},
      {"tls-key", "FILE", "PEM private key", text(config.tls_key)},
      {"domain", "HOST", "hosts below it name a bucket: BUCKET.DOMAIN (path style alone)",
       [&](auto& v) { return set_domain(v, config.domain); }},
      {"key-file", "FILE", "file of the master key, which encrypts keys and secrets (DATA/master.key)",
       text(config.key_file)},
      {"engine", "rocksdb:DIR", "where the records live (rocksdb:DATA/store)",
       [&](auto& v) { return set_engine(v, config.engine_directory); }},
      {"backup-dir", "PLACE", "where backups go: a directory or s3://BUCKET/PREFIX (DATA/backups)",
       [&](auto& v) { return set_backup_directory(v, config.backup_directory); }},
      {"buckets-dir", "DIR", "buckets of exports and imports that S3 here has not, each a folder (DATA/buckets)",
       text(config.buckets_directory)},
      {"s3-endpoint", "URL", "or buckets of an S3 endpoint; keys from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
       text(config.s3_endpoint)},
      {"log-level", "LEVEL", "debug (a line per request), info, warn or error (info)",
       [&](auto& v) { return set_log_level(v, config.log_level); }},
      {"threads", "N", "request threads; 0 is one per core (0)",
       [&](auto& v) { return set_number("threads", v, 0U, 256U, config.threads); }},
      {"cache-mib", "N", "block cache in MiB (64)",
       [&](auto& v) { return set_number<std::uint64_t>("cache-mib", v, 8, 1 << 20, config.cache_mebibytes); }},
      {"recovery-period-days-max", "N", "longest RecoveryPeriodInDays a table may have (35)",
       [&](auto& v) { return set_number("recovery-period-days-max", v, 1, 3650, config.recovery_period_days_max); }},
      {"enforce-throughput", "", "throttle at the tables' provisioned throughput (false)",
       [&](auto& v) { return set_flag("enforce-throughput", v, config.enforce_throughput); }, true},
      {"lifecycle-day-seconds", "N", "how long one day lasts for lifecycle rules (86400; less is for tests)",
       [&](auto& v) { return set_seconds("lifecycle-day-seconds", v, config.lifecycle_day); }},
      {"ttl-interval-seconds", "N", "how often expired items are looked for (60; less is for tests)",
       [&](auto& v) { return set_seconds("ttl-interval-seconds", v, config.ttl_interval); }},
  };
}

// The value of a TOML key as the flag's text.
std::optional<std::string> toml_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return std::nullopt;
}

Status set_ownership(const std::string& text, std::optional<s3::ObjectOwnership>& target) {
  static const std::map<std::string, s3::ObjectOwnership, std::less<>> kinds{
      {"BucketOwnerEnforced", s3::ObjectOwnership::bucket_owner_enforced},
      {"BucketOwnerPreferred", s3::ObjectOwnership::bucket_owner_preferred},
      {"ObjectWriter", s3::ObjectOwnership::object_writer}};
  const auto found = kinds.find(text);
  if (found == kinds.end()) {
    return invalid("object_ownership: '" + text + "' is not BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter");
  }
  target = found->second;
  return {};
}

Status set_truth(const toml::node& node, std::string_view key, std::optional<bool>& target) {
  if (!node.is_boolean()) return invalid(std::string(key) + " must be true or false");
  target = node.as_boolean()->get();
  return {};
}

Status set_days(const toml::node& node, std::string_view key, std::optional<std::int64_t>& target) {
  constexpr std::int64_t days_max = 3650;
  const auto* const days = node.as_integer();
  if (days == nullptr || days->get() < 0 || days->get() > days_max) {
    return invalid(std::string(key) + " must be a number of days from 0 to " + std::to_string(days_max));
  }
  target = days->get();
  return {};
}

Status apply_bucket_setting(const std::string& key, const toml::node& value, BucketDefaults& buckets) {
  if (key == "object_ownership") return set_ownership(value.value_or<std::string>(""), buckets.object_ownership);
  if (key == "public_access_block") return set_truth(value, key, buckets.public_access_block);
  if (key == "versioning") return set_truth(value, key, buckets.versioning);
  if (key == "encryption") return set_truth(value, key, buckets.encryption);
  if (key == "noncurrent_days") return set_days(value, key, buckets.noncurrent_days);
  if (key == "recovery_days") return set_days(value, key, buckets.recovery_days);
  return invalid("there is no setting '" + key + "' in [buckets]");
}

Status apply_buckets(const std::string& path, const toml::node& node, BucketDefaults& buckets) {
  const std::string file = "--config " + path + ":";
  const auto* const table = node.as_table();
  if (table == nullptr) return invalid(file + std::to_string(node.source().begin.line) + ": [buckets] must be a table");
  for (const auto& entry : *table) {
    const std::string key(entry.first.str());
    const toml::node& value = entry.second;
    const Status status = apply_bucket_setting(key, value, buckets);
    if (!status.ok()) return status.with_context(file + std::to_string(value.source().begin.line));
  }
  return {};
}

Status apply_file(const std::string& path, const std::vector<Setting>& settings, BucketDefaults& buckets) {
  toml::table file;
  std::error_code ignored;  // a directory would read as an empty file
  if (std::filesystem::is_directory(path, ignored)) return invalid("--config " + path + ": it is a directory");
  try {
    file = toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    const auto line = error.source().begin.line;
    return invalid("--config " + path + (line > 0 ? ":" + std::to_string(line) : "") + ": " +
                   std::string(error.description()));
  }
  for (const auto& entry : file) {
    const std::string key(entry.first.str());
    const toml::node& node = entry.second;
    if (key == "buckets") {
      TRY(apply_buckets(path, node, buckets));
      continue;
    }
    const std::string where = "--config " + path + ":" + std::to_string(node.source().begin.line);
    const auto found = std::find_if(settings.begin(), settings.end(), [&](const Setting& s) { return s.name == key; });
    if (found == settings.end()) return invalid(where + ": there is no setting '" + key + "'");
    const auto value = toml_text(node);
    if (!value) return invalid(where + ": '" + key + "' must be a string, a number or a truth value");
    if (auto status = found->set(*value); !status.ok()) return status.with_context(where);
  }
  return {};
}

Status check(const ServeConfig& config) {
  if (config.data.empty()) return invalid("--data is required: name the directory of the store");
  if (config.tls_cert.empty() != config.tls_key.empty())
    return invalid("--tls-cert and --tls-key go together; give both or neither");
  if (!config.buckets_directory.empty() && !config.s3_endpoint.empty())
    return invalid("--buckets-dir and --s3-endpoint are two places for the same buckets; give one");
  return {};
}

}  // namespace

s3::Settings bucket_settings(const ServeConfig& config) {
  constexpr std::int64_t production_noncurrent_days = 90;
  constexpr std::int64_t production_recovery_days = 35;
  const bool production = config.environment == Environment::production;
  const BucketDefaults& buckets = config.buckets;
  s3::Settings settings;
  settings.region = config.region;
  settings.ownership = buckets.object_ownership.value_or(settings.ownership);
  settings.public_access_block = buckets.public_access_block.value_or(settings.public_access_block);
  settings.versioning = buckets.versioning.value_or(production);
  settings.encryption = buckets.encryption.value_or(settings.encryption);
  settings.noncurrent_days = buckets.noncurrent_days.value_or(production ? production_noncurrent_days : 0);
  settings.recovery_days = buckets.recovery_days.value_or(production ? production_recovery_days : 0);
  settings.lifecycle_day = config.lifecycle_day;
  return settings;
}

Result<std::optional<ServeConfig>> parse_serve_config(int argc, const char* const* argv) {
  ServeConfig config;
  const auto settings = settings_of(config);
  CLI::App app("Runs the server.", "reprise serve");
  app.get_formatter()->column_width(36);
  std::string file;
  app.add_option("--config", file, "TOML file with any of these settings; flags win")->type_name("FILE");
  std::vector<std::string> values(settings.size());
  std::vector<CLI::Option*> options;
  for (std::size_t i = 0; i < settings.size(); ++i) {
    options.push_back(app.add_option("--" + settings[i].name, values[i], settings[i].help));
    options.back()->type_name(settings[i].value);
    if (settings[i].alone) options.back()->expected(0, 1);
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return std::optional<ServeConfig>();
  } catch (const CLI::ParseError& error) {
    return invalid(std::string(error.what()) + "; see 'reprise serve --help'");
  }
  if (!file.empty()) TRY(apply_file(file, settings, config.buckets));
  for (std::size_t i = 0; i < settings.size(); ++i) {
    if (options[i]->count() > 0) TRY(settings[i].set(values[i]));
  }
  TRY(check(config));
  if (config.engine_directory.empty()) config.engine_directory = config.data + "/store";
  if (config.key_file.empty()) config.key_file = config.data + "/master.key";
  if (config.backup_directory.empty()) config.backup_directory = config.data + "/backups";
  if (config.buckets_directory.empty()) config.buckets_directory = config.data + "/buckets";
  return std::optional<ServeConfig>(std::move(config));
}

}  // namespace reprise::server
