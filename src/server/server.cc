// Order of life: what stands above in RunningServer outlives what stands below. The console answers first and last, so
// that readiness tells of a long start and a long stop.
#include "server/server.h"

#include <atomic>
#include <mutex>
#include <utility>

#include "admin/audit.h"
#include "admin/console_handler.h"
#include "admin/metrics.h"
#include "admin/operations.h"
#include "admin/users.h"
#include "auth/credential_source.h"
#include "auth/credentials.h"
#include "auth/sigv4/verifier.h"
#include "base/executor.h"
#include "base/log.h"
#include "blob/directory_store.h"
#include "dynamo/api/handler.h"
#include "dynamo/archive/backup_jobs.h"
#include "dynamo/archive/transfers.h"
#include "dynamo/expr/parser.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/client_token.h"
#include "dynamo/ops/operation.h"
#include "dynamo/ops/table_jobs.h"
#include "dynamo/ops/table_operations.h"
#include "dynamo/ops/throughput_limit.h"
#include "history/store.h"
#include "http/server.h"
#include "kv/rocksdb/engine.h"
#include "recovery/jobs.h"
#include "recovery/root.h"
#include "s3/api/handler.h"
#include "s3/ops/buckets.h"
#include "server/backup_location.h"
#include "server/buckets.h"
#include "server/collectors.h"
#include "server/data_directory.h"
#include "server/front.h"
#include "server/s3_parts.h"

namespace reprise::server {

namespace {

using std::chrono::milliseconds;

constexpr std::size_t background_threads = 2;
constexpr milliseconds drain_patience{10'000};
constexpr milliseconds collect_interval{10'000};
constexpr milliseconds recount_interval{200};
constexpr std::size_t recount_rows = 2'000;  // a step; keeps the background's share of a core small

// S3's uploads may be of any size as far as HTTP goes: the API itself refuses what is too long, in its own words.
constexpr std::uint64_t request_bytes_max = std::uint64_t{1} << 50;

// Counts requests under the names the server knows; what a client made up is "unknown".
class RequestMetrics final : public dynamo::RequestObserver, public s3::RequestObserver {
 public:
  explicit RequestMetrics(admin::Metrics& metrics) : metrics_(metrics) {}
  void on_request(std::string_view operation, int status, std::string_view /*error_code*/,
                  std::chrono::nanoseconds latency) override {
    const bool known = !operation.empty() && dynamo::is_dynamodb_operation(operation);
    metrics_.observe_request(known ? operation : "unknown", status, latency);
  }
  // Its operations' names come from the tables.
  void on_s3_request(std::string_view operation, int status, std::string_view /*error_code*/,
                     std::chrono::nanoseconds latency) override {
    metrics_.observe_request(operation.empty() ? "unknown" : operation, status, latency);
  }

 private:
  admin::Metrics& metrics_;
};

// What readiness answers, changed by the life of the server.
class Readiness {
 public:
  void set(std::string not_ready_because) {
    const std::lock_guard lock(mutex_);
    reason_ = std::move(not_ready_because);
  }
  [[nodiscard]] admin::Health get(const std::unique_ptr<kv::Engine>& engine) const {
    {
      const std::lock_guard lock(mutex_);
      if (!reason_.empty()) return {false, reason_};
    }
    const auto stats = engine->stats();
    if (stats.writes_stopped) return {false, stats.writes_stopped_reason};
    return {};
  }

 private:
  mutable std::mutex mutex_;
  std::string reason_ = "starting";
};

class RunningServer final : public Server {
 public:
  explicit RunningServer(ServeConfig config, DataDirectory directory)
      : config_(std::move(config)), directory_(std::move(directory)) {}
  ~RunningServer() override { stop().ignore(); }

  Status run() {
    TRY(open_console());
    TRY(open_store());
    TRY(open_tables());
    TRY(open_api());
    start_housekeeping();
    add_collectors();
    readiness_.set("");
    return {};
  }

  [[nodiscard]] std::string banner() const override {
    const std::string scheme = config_.tls_cert.empty() ? "http://" : "https://";
    const bool production = config_.environment == Environment::production;
    std::string text = "Reprise " REPRISE_VERSION "\n";
    text += "  DynamoDB API  " + scheme + api_->address() + "  (region " + config_.region + ", " +
            (production ? "production" : "sandbox") + ")\n";
    text += "  S3 API        " + scheme + api_->address() + "  (" +
            (config_.domain.empty() ? "path style" : "path style, and BUCKET." + config_.domain) + ")\n";
    text += "  Health        http://" + console_->address() + "/-/ready  and /-/metrics\n";
    text += "  Data          " + config_.data + "\n";
    text += "  Credentials   " +
            (credentials_file_.empty() ? "from the environment" : credentials_file_ + " (profile default)") + "\n";
    if (new_credentials_)
      text += "                made just now; use them with AWS_SHARED_CREDENTIALS_FILE=" + credentials_file_ + "\n";
    return text;
  }

  Status stop() override {
    if (std::exchange(stopped_, true)) return {};
    readiness_.set("stopping");
    if (api_) {
      api_->begin_drain();
      if (!api_->drain(drain_patience))
        REPRISE_LOG(LogLevel::warn, "server", "some requests were still under way and were cut off");
    }
    if (jobs_) jobs_->stop();
    Status status;
    if (store_) status = sync_wait(store_->close());
    if (status.is(Code::exhausted)) {
      // All that was acknowledged is there; the next start counts the keys again.
      REPRISE_LOG(LogLevel::warn, "server", "stopped without the last notes", log_field("reason", status.to_string()));
      status = Status();
    }
    if (engine_) {
      auto closed = engine_->close();
      if (status.ok()) status = std::move(closed);
    }
    if (console_) console_->drain(milliseconds(200));
    return status;
  }

 private:
  Status open_console() {
    TRY_ASSIGN(pool_, http::IoPool::start({.threads = config_.threads}));
    http::ServerOptions options;
    options.listen = config_.console;
    options.listen_flag = "--console";
    auto handler = admin::make_console_handler(metrics_, [this] { return readiness_.get(engine_); });
    TRY_ASSIGN(console_, http::Server::start(*pool_, std::move(options), std::move(handler)));
    return {};
  }

  Status open_store() {
    kv::RocksDbOptions options;
    options.directory = config_.engine_directory;
    options.block_cache_bytes = config_.cache_mebibytes << 20;
    TRY_ASSIGN(engine_, kv::open_rocksdb_engine(options));
    background_ = std::make_unique<ThreadExecutor>(background_threads);
    TRY_ASSIGN(store_, sync_wait(history::Store::open(*engine_, wall_, {})));
    return {};
  }

  Status open_tables() {
    TRY_ASSIGN(const auto root, sync_wait(recovery::open_root_spaces(*store_)));
    TRY_ASSIGN(jobs_, sync_wait(recovery::Jobs::open(*store_, root.jobs, *background_)));
    // Buckets first: tables drop every space that nobody names.
    TRY_ASSIGN(auto buckets, sync_wait(s3::Buckets::open(*store_, root)));
    TRY_ASSIGN(catalog_, sync_wait(dynamo::Catalog::open(*store_, root, buckets->spaces())));
    TRY_ASSIGN(s3_, S3Parts::open(config_, directory_.path(), *store_, *jobs_, std::move(buckets), root, wall_));
    dynamo::Settings settings;
    settings.region = config_.region;
    settings.protect_new_tables = config_.environment == Environment::production;
    settings.recovery_period_days_max = config_.recovery_period_days_max;
    settings.enforce_throughput = config_.enforce_throughput;
    settings.ttl_interval = config_.ttl_interval;
    services_.reset(new dynamo::Services{*store_, *catalog_, *jobs_, expressions_, wall_, std::move(settings), root});
    TRY_ASSIGN(buckets_, open_buckets(config_, s3_->services()));
    services_->buckets = buckets_.get();
    TRY_ASSIGN(backups_, open_backup_location(config_, buckets_));
    services_->backups = backups_.store.get();
    TRY_ASSIGN(auto import_reports, blob::open_directory_store(directory_.path() + "/imports"));
    services_->tokens_in_progress = &tokens_in_progress_;
    if (config_.enforce_throughput) services_->throughput = &throughput_;
    dynamo::register_table_jobs(*services_);
    dynamo::register_backup_jobs(*services_);
    dynamo::register_transfer_jobs(*services_, std::move(import_reports));
    jobs_->resume();
    TRY(sync_wait(dynamo::start_missing_jobs(*services_)));
    const auto discovery = backups_.remote ? dynamo::Discovery::later : dynamo::Discovery::at_once;
    return sync_wait(dynamo::open_backups(*services_, discovery));
  }

  Status open_api() {
    TRY_ASSIGN(auto root, auth::load_root_credentials(directory_.path()));
    credentials_file_ = root.file;
    new_credentials_ = root.source == auth::RootSource::generated;
    auto keys = std::make_shared<const auth::CredentialStore>(std::vector<auth::AccessKey>{root.key});
    credentials_ = std::make_shared<auth::CredentialSource>(std::move(keys));
    TRY_ASSIGN(users_, sync_wait(admin::Users::open(*store_, services_->root.users, s3_->master(), std::move(root.key),
                                                    credentials_)));
    TRY_ASSIGN(audit_, admin::AuditLog::open(directory_.path() + "/audit.log", wall_));
    http::ServerOptions options;
    options.listen = config_.listen;
    options.tls_certificate_file = config_.tls_cert;
    options.tls_key_file = config_.tls_key;
    options.limits.body_bytes_max = request_bytes_max;
    options.refusal_answer = make_refusal_answer(config_.domain, options.limits);
    auto front = make_front(s3_handler(), dynamo_handler(), config_.domain);
    TRY_ASSIGN(api_, http::Server::start(*pool_, std::move(options), std::move(front)));
    return {};
  }

  http::Handler dynamo_handler() {
    auth::sigv4::VerifierOptions verifier;
    verifier.region = config_.region;
    dynamo::ApiOptions api;
    api.observer = &request_metrics_;
    api.audit = audit_.get();
    api.extra = admin::make_extra_operations({s3_->services(), *credentials_, users_.get()});
    return dynamo::make_handler(
        *services_, std::make_shared<const auth::sigv4::Verifier>(std::move(verifier), credentials_, wall_), api);
  }

  http::Handler s3_handler() {
    s3::Authentication authentication;
    authentication.verifier = std::make_shared<const auth::sigv4::Verifier>(
        auth::sigv4::s3_verifier_options(config_.region), credentials_, wall_);
    authentication.credentials = credentials_;
    s3::ApiOptions api;
    api.domain = config_.domain;
    api.observer = &request_metrics_;
    api.audit = audit_.get();
    return s3::make_handler(s3_->services(), std::move(authentication), std::move(api));
  }

  void start_housekeeping() {
    jobs_->every(collect_interval, "collect the past behind the horizons", [this] { return store_->collect(); });
    jobs_->every(recount_interval, "count keys after an unclean stop", [this] { return recount(); });
  }

  Task<Status> recount() {
    if (counted_) co_return Status();
    CO_TRY_ASSIGN(const bool finished, co_await store_->recount(recount_rows));
    counted_ = finished;
    co_return Status();
  }

  void add_collectors() {
    metrics_.add_collector(collect_engine(*engine_));
    metrics_.add_collector(collect_store(*store_, wall_));
    metrics_.add_collector(collect_jobs(*jobs_));
    metrics_.add_collector(collect_http(*api_, *console_));
    metrics_.add_collector(collect_process(wall_.now_micros()));
  }

  ServeConfig config_;
  DataDirectory directory_;
  WallClock& wall_ = WallClock::system();
  Readiness readiness_;
  admin::Metrics metrics_;
  RequestMetrics request_metrics_{metrics_};
  dynamo::ExpressionCache expressions_;
  dynamo::TokensInProgress tokens_in_progress_;
  dynamo::ThroughputLimits throughput_{wall_};
  std::string credentials_file_;
  bool new_credentials_ = false;
  bool stopped_ = false;
  bool counted_ = false;  // touched by the recount step alone
  std::unique_ptr<http::IoPool> pool_;
  std::unique_ptr<kv::Engine> engine_;
  std::unique_ptr<ThreadExecutor> background_;
  std::unique_ptr<history::Store> store_;
  BackupLocation backups_;
  std::shared_ptr<blob::ObjectStores> buckets_;
  std::unique_ptr<recovery::Jobs> jobs_;
  std::unique_ptr<dynamo::Catalog> catalog_;
  std::unique_ptr<dynamo::Services> services_;
  std::unique_ptr<S3Parts> s3_;
  std::shared_ptr<auth::CredentialSource> credentials_;  // of both APIs
  std::unique_ptr<admin::Users> users_;
  std::unique_ptr<admin::AuditLog> audit_;
  std::unique_ptr<http::Server> console_;
  std::unique_ptr<http::Server> api_;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::start(ServeConfig config) {
  TRY_ASSIGN(auto directory, DataDirectory::open(config.data));
  auto server = std::make_unique<RunningServer>(std::move(config), std::move(directory));
  TRY(server->run());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace reprise::server
