// For tests: a store in memory with everything operations need, called with JSON texts.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/assert.h"
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

// A whole server but for HTTP.
class TestServer {
 public:
  TestServer() : wall_(1'800'000'000'000'000), engine_(kv::make_memory_engine()), executor_(2) {
    auto store = sync_wait(history::Store::open(*engine_, wall_, history::StoreOptions{.lock_stripes = 1}));
    ASSERT(store.ok());
    store_ = std::move(store).value();
    auto roots = sync_wait(recovery::open_root_spaces(*store_));
    ASSERT(roots.ok());
    auto catalog = sync_wait(Catalog::open(*store_, *roots));
    ASSERT(catalog.ok());
    catalog_ = std::move(catalog).value();
    auto jobs = sync_wait(recovery::Jobs::open(*store_, roots->jobs, executor_));
    ASSERT(jobs.ok());
    jobs_ = std::move(jobs).value();
    services_ =
        std::make_unique<Services>(Services{*store_, *catalog_, *jobs_, expressions_, wall_, Settings(), *roots});
    register_table_jobs(*services_);
    jobs_->resume();
  }
  ~TestServer() { jobs_->stop(); }

  // The response's JSON, or "error: MESSAGE"; error() has the rest. In `text`, ' stands for ".
  std::string run(OperationFunction operation, std::string_view text, std::optional<Timestamp> as_of = std::nullopt) {
    std::string body(text);
    std::replace(body.begin(), body.end(), '\'', '"');
    codec::JsonDocument document;
    auto json = document.parse(body);
    ASSERT(json.ok());  // the test's own
    return run(operation, *json, as_of);
  }
  std::string run(OperationFunction operation, codec::JsonValue body, std::optional<Timestamp> as_of = std::nullopt) {
    OperationRequest request{body, Caller{"000000000000", "AKIA"}, as_of};
    auto result = sync_wait(operation(*services_, std::move(request)));
    error_.reset();
    if (result.ok()) return *result;
    error_ = result.error();
    return "error: " + error_->message;
  }
  // The last error, if the last run() had one.
  [[nodiscard]] const std::optional<ApiError>& error() const { return error_; }

  Services& services() { return *services_; }
  history::Store& store() { return *store_; }
  Catalog& catalog() { return *catalog_; }
  ManualClock& wall() { return wall_; }

 private:
  ManualClock wall_;
  std::unique_ptr<kv::Engine> engine_;
  ThreadExecutor executor_;
  std::unique_ptr<history::Store> store_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<recovery::Jobs> jobs_;
  ExpressionCache expressions_;
  std::unique_ptr<Services> services_;
  std::optional<ApiError> error_;
};

}  // namespace reprise::dynamo
