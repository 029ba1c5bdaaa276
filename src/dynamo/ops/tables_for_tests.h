// For tests: a server but for HTTP that can be closed and opened again over the same engine, with its background jobs.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "base/clock.h"
#include "base/executor.h"
#include "base/task.h"
#include "codec/json.h"
#include "dynamo/expr/parser.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/item_operations.h"
#include "dynamo/ops/operation.h"
#include "dynamo/ops/table_operations.h"
#include "history/store.h"
#include "kv/engine.h"
#include "kv/memory/engine.h"
#include "recovery/jobs.h"
#include "recovery/root.h"

namespace reprise::dynamo {

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

class TableServer {
 public:
  explicit TableServer(Settings settings = {})
      : settings_(std::move(settings)), own_engine_(kv::make_memory_engine()), engine_(own_engine_.get()) {
    open();
  }
  // Over an engine that outlives the server, at that time. `prepare` is called whenever the server opens, before its
  // jobs run: to add jobs, and what the services lack.
  using Prepare = std::function<void(Services&)>;
  TableServer(kv::Engine& engine, std::uint64_t now_micros, Prepare prepare = {})
      : prepare_(std::move(prepare)), wall_(now_micros), engine_(&engine) {
    open();
  }
  ~TableServer() { close(); }

  void open(bool with_jobs = true) {
    executor_ = std::make_unique<ThreadExecutor>(2);
    auto store = sync_wait(history::Store::open(*engine_, wall_, history::StoreOptions{.lock_stripes = 1}));
    ASSERT_TRUE(store.ok()) << store.error().to_string();
    store_ = std::move(store).value();
    auto roots = sync_wait(recovery::open_root_spaces(*store_));
    ASSERT_TRUE(roots.ok()) << roots.error().to_string();
    auto catalog = sync_wait(Catalog::open(*store_, *roots));
    ASSERT_TRUE(catalog.ok()) << catalog.error().to_string();
    catalog_ = std::move(catalog).value();
    auto jobs = sync_wait(recovery::Jobs::open(*store_, roots->jobs, *executor_));
    ASSERT_TRUE(jobs.ok()) << jobs.error().to_string();
    jobs_ = std::move(jobs).value();
    services_ =
        std::make_unique<Services>(Services{*store_, *catalog_, *jobs_, expressions_, wall_, settings_, *roots});
    register_table_jobs(*services_);
    if (prepare_) prepare_(*services_);
    if (with_jobs) jobs_->resume();
  }
  void close() {
    if (jobs_) jobs_->stop();
    services_.reset();
    jobs_.reset();
    catalog_.reset();
    executor_.reset();
    store_.reset();
  }
  void reopen(bool with_jobs = true) {
    close();
    wall_.advance(1'000'000);  // the store waits until its clock has passed what it handed out
    open(with_jobs);
  }

  // The response's JSON, or "KIND: MESSAGE" of the error. In `text`, ' stands for ".
  std::string run(OperationFunction operation, std::string_view text) {
    std::string body(text);
    std::replace(body.begin(), body.end(), '\'', '"');
    codec::JsonDocument document;
    auto json = document.parse(body);
    if (!json.ok()) {
      ADD_FAILURE() << "the test's own JSON is wrong: " << body;
      return "";
    }
    auto result = sync_wait(operation(*services_, OperationRequest{*json, Caller{"000000000000", "AKIA"}, {}}));
    if (result.ok()) return *result;
    return kind_name(result.error().kind) + ": " + result.error().message;
  }
  // The same, of a request that must succeed.
  std::string must(OperationFunction operation, std::string_view text) {
    auto answer = run(operation, text);
    EXPECT_TRUE(answer.starts_with("{")) << text << "\n" << answer;
    return answer;
  }

  TablePtr table(std::string_view name) { return catalog_->find("000000000000", name); }
  // Until no job of that server is running.
  void wait_for_jobs() {
    for (;;) {
      const auto jobs = jobs_->list();
      const bool idle = std::none_of(jobs.begin(), jobs.end(),
                                     [](const auto& job) { return job.state == recovery::JobState::running; });
      if (idle) return;
      std::this_thread::yield();
    }
  }

  Services& services() { return *services_; }
  history::Store& store() { return *store_; }
  Catalog& catalog() { return *catalog_; }
  recovery::Jobs& jobs() { return *jobs_; }
  TickingClock& wall() { return wall_; }

 private:
  static std::string kind_name(ErrorKind kind) {
    switch (kind) {
      case ErrorKind::validation: return "validation";
      case ErrorKind::serialization: return "serialization";
      case ErrorKind::resource_in_use: return "in use";
      case ErrorKind::resource_not_found: return "not found";
      case ErrorKind::limit_exceeded: return "limit";
      case ErrorKind::table_not_found: return "table not found";
      case ErrorKind::table_already_exists: return "table exists";
      case ErrorKind::point_in_time_recovery_unavailable: return "no recovery";
      case ErrorKind::invalid_restore_time: return "restore time";
      case ErrorKind::table_in_use: return "table in use";
      case ErrorKind::backup_not_found: return "backup not found";
      case ErrorKind::backup_in_use: return "backup in use";
      case ErrorKind::access_denied: return "denied";
      case ErrorKind::policy_not_found: return "policy not found";
      case ErrorKind::global_table_not_found: return "global table not found";
      default: return "error " + std::to_string(static_cast<int>(kind));
    }
  }

  Settings settings_;
  Prepare prepare_;
  TickingClock wall_;
  std::unique_ptr<kv::Engine> own_engine_;
  kv::Engine* engine_;
  std::unique_ptr<ThreadExecutor> executor_;
  std::unique_ptr<history::Store> store_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<recovery::Jobs> jobs_;
  ExpressionCache expressions_;
  std::unique_ptr<Services> services_;
};

// The member at a dotted path ("Table.GlobalSecondaryIndexes.0.IndexStatus") of a JSON text, as text: strings plain,
// true, false, numbers as integers when they are whole; "(none)" when it is not there.
inline std::string json_at(std::string_view text, std::string_view path) {
  codec::JsonDocument document;
  auto parsed = document.parse(text);
  if (!parsed.ok()) return "(no JSON)";
  std::optional<codec::JsonValue> value = *parsed;
  while (!path.empty() && value) {
    const auto dot = path.find('.');
    const std::string_view step = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    if (value->is(codec::JsonType::array)) {
      std::size_t index = std::stoul(std::string(step));
      std::optional<codec::JsonValue> found;
      for (auto element = value->first_element(); element; element.advance()) {
        if (index-- == 0) found = element.value();
      }
      value = found;
    } else {
      value = value->find(step);
    }
  }
  if (!value) return "(none)";
  switch (value->type()) {
    case codec::JsonType::string: return std::string(value->string());
    case codec::JsonType::boolean: return value->boolean() ? "true" : "false";
    case codec::JsonType::number:
      return value->integer() ? std::to_string(*value->integer()) : std::to_string(value->number());
    case codec::JsonType::array:
    case codec::JsonType::object: return "size " + std::to_string(value->size());
    case codec::JsonType::null: return "null";
  }
  return "";
}

}  // namespace reprise::dynamo
