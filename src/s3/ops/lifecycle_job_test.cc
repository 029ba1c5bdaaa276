// Lifecycle runs against a plain model: random versions, rules and days; the model says which versions must be gone
// when. And the job: it begins by itself, survives a restart, and waits for a restore.
#include "s3/ops/lifecycle_job.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "s3/ops/buckets_for_tests.h"
#include "s3/ops/expiration.h"
#include "s3/ops/key_write.h"
#include "s3/ops/lifecycle_run.h"
#include "s3/ops/lifecycle_scope.h"

namespace reprise::s3 {
namespace {

constexpr std::int64_t hour = 3'600'000'000;
constexpr std::int64_t day = 24 * hour;

// A key's versions, newest first.
using Versions = std::vector<ObjectVersion>;
using Keys = std::map<std::string, Versions>;

std::vector<history::VersionRows> all_rows(history::Store& store, SpaceId space) {
  std::vector<history::VersionRows> pages;
  history::ScanRequest request;
  request.space = space;
  for (;;) {
    auto page = sync_wait(store.scan(request));
    EXPECT_TRUE(page.ok());
    if (!page.ok()) return pages;
    pages.push_back(std::move(page->rows));
    if (!page->resume_after) return pages;
    request.range.lower = *page->resume_after + '\0';
  }
}

Keys read_all(BucketServer& server, const Bucket& bucket) {
  Keys keys;
  for (const auto& rows : all_rows(server.store(), bucket.spaces.heads)) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      keys[std::string(rows[i].key)].push_back(decode_version(rows[i].value).value());
    }
  }
  for (const auto& rows : all_rows(server.store(), bucket.spaces.versions)) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      keys[parse_versions_key(rows[i].key)->object_key].push_back(decode_version(rows[i].value).value());
    }
  }
  return keys;
}

// What a client does.
class Client {
 public:
  Client(BucketServer& server, std::string bucket) : server_(server), bucket_(std::move(bucket)) {}

  void put(const std::string& key, ObjectVersion version = {}) {
    auto write = open(key);
    ASSERT_TRUE(sync_wait(write->put(std::move(version), Bytes(), Naming::made_now)).ok());
    ASSERT_TRUE(sync_wait(write->commit()).ok());
  }
  void remove(const std::string& key) {
    auto write = open(key);
    ASSERT_TRUE(sync_wait(write->remove_newest()).ok());
    ASSERT_TRUE(sync_wait(write->commit()).ok());
  }
  void remove(const std::string& key, VersionId id) {
    auto write = open(key);
    ASSERT_TRUE(sync_wait(write->remove(id)).ok());
    ASSERT_TRUE(sync_wait(write->commit()).ok());
  }

 private:
  std::unique_ptr<KeyWrite> open(const std::string& key) {
    auto write = sync_wait(KeyWrite::open(server_.services(), server_.buckets().find(bucket_), key));
    EXPECT_TRUE(write.ok());
    return std::move(write).value();
  }

  BucketServer& server_;
  std::string bucket_;
};

// One whole run, `rows` rows a step, its position stored and read back between the steps.
std::uint64_t run_lifecycle(BucketServer& server, const std::string& name, std::size_t rows = 3) {
  RunPosition position;
  position.now_micros = static_cast<std::int64_t>(server.wall().now_micros());
  std::uint64_t acted = 0;
  while (position.phase != RunPhase::done) {
    const auto step = sync_wait(take_lifecycle_step(server.services(), server.buckets().find(name), position, rows));
    EXPECT_TRUE(step.ok()) << step.error().to_string();
    if (!step.ok()) return acted;
    acted += *step;
    const auto again = decode_position(encode_position(position));
    EXPECT_TRUE(again.ok() && *again == position);
    position = *again;
  }
  return acted;
}

// ---- The model -----------------------------------------------------------------------------------------------------

// Written for being read: no code of the product but the filter's match.
class Model {
 public:
  Model(const Bucket& bucket, std::int64_t now) : bucket_(bucket), now_(now) {}

  // What a run leaves of a key's versions; a delete marker that it makes has sequence 0.
  [[nodiscard]] Versions after(const std::string& key, const Versions& versions) const {
    Versions left;
    const ObjectVersion& newest = versions.front();
    if (newest.delete_marker) {
      if (versions.size() > 1 || !marker_goes(key, newest)) left.push_back(newest);
    } else if (!expires(key, newest)) {
      left.push_back(newest);
    } else if (bucket_.versioning != Versioning::never) {
      ObjectVersion marker;
      marker.delete_marker = true;
      left.push_back(marker);
      if (bucket_.versioning == Versioning::enabled || !newest.id.is_null()) left.push_back(newest);
    }
    const bool null_goes = bucket_.versioning == Versioning::suspended && !left.empty() && left[0].sequence == 0;
    int kept = 0;
    for (std::size_t i = 1; i < versions.size(); ++i) {
      if (goes(key, versions[i], kept)) continue;
      if (!versions[i].delete_marker) ++kept;
      if (!(null_goes && versions[i].id.is_null())) left.push_back(versions[i]);
    }
    return left;
  }

 private:
  [[nodiscard]] static std::int64_t midnight_after(std::int64_t base, std::int64_t days) {
    std::int64_t midnight = 0;
    for (midnight = base / day * day; midnight < base + days * day;) midnight += day;
    return midnight;
  }
  [[nodiscard]] bool expires(const std::string& key, const ObjectVersion& version) const {
    return std::ranges::any_of(bucket_.lifecycle->rules, [&](const LifecycleRule& rule) {
      if (!rule.enabled || !rule.filter.matches(key, version.tags, version.bytes)) return false;
      if (rule.expiration_date_micros) return *rule.expiration_date_micros <= now_;
      return rule.expiration_days && midnight_after(version.modified_micros, *rule.expiration_days) <= now_;
    });
  }
  [[nodiscard]] bool marker_goes(const std::string& key, const ObjectVersion& marker) const {
    if (expires(key, marker)) return true;
    return std::ranges::any_of(bucket_.lifecycle->rules, [&](const LifecycleRule& rule) {
      return rule.enabled && rule.expired_object_delete_marker && rule.filter.matches(key, {}, 0);
    });
  }
  [[nodiscard]] bool goes(const std::string& key, const ObjectVersion& version, int kept) const {
    if (version.lock.legal_hold.value_or(false) || version.lock.retain_until_micros > now_) return false;
    return std::ranges::any_of(bucket_.lifecycle->rules, [&](const LifecycleRule& rule) {
      return rule.enabled && rule.noncurrent_days && rule.filter.matches(key, version.tags, version.bytes) &&
             kept >= rule.newer_noncurrent_versions.value_or(0) &&
             midnight_after(version.noncurrent_since_micros, *rule.noncurrent_days) <= now_;
    });
  }

  const Bucket& bucket_;
  const std::int64_t now_;
};

bool has_more_than_a_prefix(const LifecycleFilter& filter) {
  return !filter.tags.empty() || filter.size_greater_than || filter.size_less_than;
}

void settle_form(LifecycleFilter& filter) {
  using Form = LifecycleFilter::Form;
  if (filter.size_greater_than && filter.size_less_than) {
    filter.size_less_than = std::max(*filter.size_less_than, *filter.size_greater_than + 1);
  }
  const std::size_t predicates = std::size_t{filter.prefix.has_value()} + filter.tags.size() +
                                 std::size_t{filter.size_greater_than.has_value()} +
                                 std::size_t{filter.size_less_than.has_value()};
  filter.form = predicates > 1             ? Form::both
                : filter.prefix            ? Form::prefix
                : !filter.tags.empty()     ? Form::tag
                : filter.size_greater_than ? Form::greater
                : filter.size_less_than    ? Form::less
                                           : Form::empty;
}

// One that a client could have put: every predicate in its place, and something to do.
LifecycleRule random_rule(Rng& rng, int number) {
  LifecycleRule rule;
  rule.id = "rule " + std::to_string(number);
  rule.enabled = rng.chance(9, 10);
  if (rng.chance(1, 2)) rule.filter.prefix = rng.chance(1, 2) ? "a" : "b/1";
  if (rng.chance(1, 4)) rule.filter.tags = {{"t", std::to_string(rng.below(2))}};
  if (rng.chance(1, 4)) rule.filter.size_greater_than = rng.below(100);
  if (rng.chance(1, 6)) rule.filter.size_less_than = 50 + rng.below(100);
  settle_form(rule.filter);
  switch (rng.below(4)) {
    case 0: rule.expiration_days = 1 + static_cast<std::int64_t>(rng.below(5)); break;
    case 1: rule.expired_object_delete_marker = !has_more_than_a_prefix(rule.filter); break;
    default: break;
  }
  if (rng.chance(1, 2)) rule.noncurrent_days = 1 + static_cast<std::int64_t>(rng.below(4));
  if (rule.noncurrent_days && rng.chance(1, 2)) {
    rule.newer_noncurrent_versions = 1 + static_cast<std::int64_t>(rng.below(3));
  }
  if (!rule.expiration_days && !rule.expired_object_delete_marker && !rule.noncurrent_days) rule.noncurrent_days = 2;
  return rule;
}

class Scenario {
 public:
  explicit Scenario(std::uint64_t seed) : rng_(seed), client_(server_, "photos") {
    server_.wall().advance(rng_.below(day));
    locks_ = rng_.chance(1, 3);
    start_ = static_cast<std::int64_t>(server_.wall().now_micros());
    server_.make_bucket("photos", [&](Bucket& bucket) {
      bucket.versioning = locks_ ? Versioning::enabled : Versioning::never;
      bucket.object_lock_enabled = locks_;
    });
    new_rules();
  }

  // How many actions its runs took.
  std::uint64_t play() {
    for (int round = 0; round < 12 && !testing::Test::HasFailure(); ++round) {
      if (!locks_ && rng_.chance(1, 4)) {
        server_.edit_bucket("photos", [&](Bucket& bucket) {
          bucket.versioning = rng_.chance(2, 3) ? Versioning::enabled : Versioning::suspended;
        });
      }
      if (rng_.chance(1, 5)) new_rules();
      for (std::uint64_t i = rng_.below(20); i > 0; --i) act();
      server_.wall().advance(rng_.below(2 * day));
      check_run();
    }
    return acted_;
  }

 private:
  void new_rules() {
    Lifecycle lifecycle;
    for (int i = 0; i < 1 + static_cast<int>(rng_.below(3)); ++i) lifecycle.rules.push_back(random_rule(rng_, i));
    if (rng_.chance(1, 4)) {
      lifecycle.rules[0].expiration_days.reset();
      lifecycle.rules[0].expired_object_delete_marker = false;
      lifecycle.rules[0].expiration_date_micros = (start_ / day + static_cast<std::int64_t>(rng_.below(15))) * day;
    }
    server_.edit_bucket(
        "photos", [&](Bucket& bucket) { bucket.lifecycle = std::make_shared<const Lifecycle>(std::move(lifecycle)); });
  }

  void act() {
    server_.wall().advance(rng_.below(6 * hour));
    const char* const names[] = {"a", "a/1", "b", "b/1", "b/1/x", "c"};
    const std::string key = names[rng_.below(6)];
    const std::uint64_t choice = rng_.below(10);
    if (choice < 7) {
      ObjectVersion version;
      version.bytes = rng_.below(200);
      if (rng_.chance(1, 2)) version.tags = {{"t", std::to_string(rng_.below(2))}};
      if (locks_ && rng_.chance(1, 4)) version.lock.legal_hold = true;
      if (locks_ && rng_.chance(1, 4)) {
        version.lock.mode = LockMode::governance;
        version.lock.retain_until_micros = static_cast<std::int64_t>(server_.wall().now_micros() + rng_.below(4 * day));
      }
      client_.put(key, std::move(version));
    } else if (choice < 9) {
      client_.remove(key);
    } else {
      const Keys keys = read_all(server_, *server_.buckets().find("photos"));
      const auto found = keys.find(key);
      if (found != keys.end()) client_.remove(key, found->second[rng_.below(found->second.size())].id);
    }
  }

  void check_run() {
    const BucketPtr bucket = server_.buckets().find("photos");
    const Keys before = read_all(server_, *bucket);
    const Model model(*bucket, static_cast<std::int64_t>(server_.wall().now_micros()));
    acted_ += run_lifecycle(server_, "photos", 1 + rng_.below(5));
    const Keys after = read_all(server_, *bucket);
    for (const auto& [key, versions] : before) {
      const Versions expected = model.after(key, versions);
      const auto found = after.find(key);
      check_key(key, expected, found == after.end() ? Versions() : found->second);
    }
    EXPECT_LE(after.size(), before.size());
  }

  static void check_key(const std::string& key, const Versions& expected, const Versions& found) {
    ASSERT_EQ(found.size(), expected.size()) << key;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(found[i].delete_marker, expected[i].delete_marker) << key;
      if (expected[i].sequence == 0) continue;
      EXPECT_EQ(found[i].sequence, expected[i].sequence) << key;
      const bool hidden_now = i == 1 && expected[0].sequence == 0;
      EXPECT_EQ(found[i].noncurrent_since_micros, hidden_now && expected[1].noncurrent_since_micros == 0
                                                      ? found[0].modified_micros
                                                      : expected[i].noncurrent_since_micros)
          << key;
    }
  }

  Rng rng_;
  BucketServer server_;
  Client client_;
  bool locks_ = false;
  std::int64_t start_ = 0;
  std::uint64_t acted_ = 0;
};

TEST(LifecycleRunTest, LeavesWhatTheModelLeaves) {
  std::uint64_t acted = 0;
  for (std::uint64_t seed = 1; seed <= 150 && !HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    acted += Scenario(seed).play();
  }
  EXPECT_GT(acted, 1'000U);
}

// ---- Runs by hand --------------------------------------------------------------------------------------------------

LifecycleRule rule_of(const std::function<void(LifecycleRule&)>& set) {
  LifecycleRule rule;
  rule.id = "r";
  rule.enabled = true;
  set(rule);
  return rule;
}
void set_rules(BucketServer& server, const std::string& bucket, std::vector<LifecycleRule> rules) {
  Lifecycle lifecycle;
  lifecycle.rules = std::move(rules);
  server.edit_bucket(bucket, [&](Bucket& edited) { edited.lifecycle = std::make_shared<const Lifecycle>(lifecycle); });
}

TEST(LifecycleRunTest, KeepsTheNewestNoncurrentVersions) {
  BucketServer server;
  server.make_bucket("b", [](Bucket& bucket) { bucket.versioning = Versioning::enabled; });
  Client client(server, "b");
  for (int i = 0; i < 10; ++i) client.put("k");
  set_rules(server, "b", {rule_of([](LifecycleRule& rule) {
              rule.noncurrent_days = 1;
              rule.newer_noncurrent_versions = 5;
            })});
  EXPECT_EQ(run_lifecycle(server, "b"), 0U);  // not a day old
  server.wall().advance(2 * day);
  EXPECT_EQ(run_lifecycle(server, "b"), 4U);
  EXPECT_EQ(read_all(server, *server.buckets().find("b"))["k"].size(), 6U);  // the current one and five
  EXPECT_EQ(run_lifecycle(server, "b"), 0U);
}

TEST(LifecycleRunTest, ReadsOnlyThePrefixesOfItsRules) {
  BucketServer server;
  const BucketPtr bucket = server.make_bucket("b", [](Bucket& edited) {
    Lifecycle lifecycle;
    for (const char* prefix : {"b", "a/", "a/x", "\xff"}) {
      lifecycle.rules.push_back(rule_of([&](LifecycleRule& rule) {
        rule.expiration_days = 1;
        rule.filter.prefix = prefix;
      }));
    }
    edited.lifecycle = std::make_shared<const Lifecycle>(lifecycle);
  });
  const LifecycleScope scope = LifecycleScope::of_heads(*bucket);
  const auto text = [&](std::string_view from) {
    const auto range = scope.range_from(from);
    return range ? range->lower + " to " + range->upper : "none";
  };
  EXPECT_EQ(text(""), "a/ to a0");
  EXPECT_EQ(text("a/b"), "a/b to a0");
  EXPECT_EQ(text("a0"), "b to c");
  EXPECT_EQ(text("c"), "\xff to ");
  EXPECT_EQ(text("\xff\xff"), "\xff\xff to ");
}

TEST(LifecycleRunTest, EndsWhereTheBucketIsGone) {
  BucketServer server;
  server.make_bucket("b");
  Client client(server, "b");
  client.put("k");
  set_rules(server, "b", {rule_of([](LifecycleRule& rule) { rule.expiration_days = 1; })});
  const BucketPtr before = server.buckets().find("b");
  client.remove("k");
  ASSERT_TRUE(sync_wait(server.buckets().remove(before)).ok());
  RunPosition position;
  position.now_micros = static_cast<std::int64_t>(server.wall().now_micros() + 3 * day);
  while (position.phase != RunPhase::done) {
    const auto step = sync_wait(take_lifecycle_step(server.services(), before, position));
    if (!step.ok()) {
      EXPECT_TRUE(step.error().is(Code::not_found)) << step.error().to_string();
      break;
    }
  }
}

TEST(LifecycleRunTest, DamagedPositionsAreRefused) {
  RunPosition position;
  position.now_micros = 77;
  position.phase = RunPhase::current;
  position.from = "from";
  position.key = "key";
  position.kept = 3;
  const Bytes stored = encode_position(position);
  EXPECT_EQ(decode_position(stored).value(), position);
  for (std::size_t length = 0; length < stored.size(); ++length) {
    EXPECT_FALSE(decode_position(BytesView(stored).substr(0, length)).ok());
  }
  EXPECT_FALSE(decode_position(stored + "x").ok());
}

// ---- The job -------------------------------------------------------------------------------------------------------

template <class Done>
bool wait_until(Done done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!done()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

Settings one_second_days() {
  Settings settings;
  settings.lifecycle_day = std::chrono::seconds(1);
  return settings;
}

std::size_t count_versions(BucketServer& server) {
  std::size_t count = 0;
  for (const auto& [key, versions] : read_all(server, *server.buckets().find("b"))) count += versions.size();
  return count;
}

TEST(LifecycleJobTest, BeginsByItselfAndEveryDay) {
  BucketServer server(one_second_days(), register_lifecycle);
  server.make_bucket("b", [](Bucket& bucket) { bucket.versioning = Versioning::enabled; });
  Client client(server, "b");
  for (int i = 0; i < 3; ++i) client.put("k");
  set_rules(server, "b", {rule_of([](LifecycleRule& rule) { rule.noncurrent_days = 1; })});
  server.wall().advance(3'000'000);
  ASSERT_TRUE(wait_until([&] { return count_versions(server) == 1; }));
  client.put("k");
  server.wall().advance(3'000'000);
  ASSERT_TRUE(wait_until([&] { return count_versions(server) == 1; }));
}

TEST(LifecycleJobTest, GoesOnAfterARestart) {
  BucketServer server(one_second_days(), register_lifecycle);
  server.make_bucket("b", [](Bucket& bucket) { bucket.versioning = Versioning::enabled; });
  Client client(server, "b");
  for (int i = 0; i < 4; ++i) client.put("k" + std::to_string(i));
  set_rules(server, "b", {rule_of([](LifecycleRule& rule) {
              rule.expiration_days = 1;
              rule.noncurrent_days = 1;
            })});
  server.reopen();
  // Each goes in three days: hidden, removed for good, and its marker with it.
  ASSERT_TRUE(wait_until([&] {
    server.wall().advance(200'000);
    return count_versions(server) == 0;
  }));
}

TEST(LifecycleJobTest, WaitsForARestore) {
  std::mutex mutex;
  bool finish = false;
  std::atomic<bool> restoring{false};
  const auto prepare = [&](Services& services) {
    register_lifecycle(services);
    services.jobs.handle("restore/test", [&](recovery::Job& job) -> Task<Status> {
      restoring = true;
      const std::lock_guard lock(mutex);
      if (!finish) return Task<Status>(unavailable("the restore is not done"));
      job.state = recovery::JobState::done;
      return Task<Status>(Status());
    });
  };
  BucketServer server(one_second_days(), prepare);
  const BucketPtr bucket = server.make_bucket("b");
  Client client(server, "b");
  client.put("k");
  ASSERT_TRUE(sync_wait(server.jobs().start("restore/test", restore_subject(*bucket), Bytes())).ok());
  EXPECT_TRUE(restore_under_way(server.services(), *bucket));
  set_rules(server, "b", {rule_of([](LifecycleRule& rule) { rule.expiration_days = 1; })});
  server.make_bucket("other");
  server.edit_bucket("other", [&](Bucket& other) { other.lifecycle = server.buckets().find("b")->lifecycle; });
  Client(server, "other").put("k");
  server.wall().advance(5'000'000);
  // Lifecycle is at work, but not here.
  ASSERT_TRUE(wait_until([&] { return read_all(server, *server.buckets().find("other")).empty(); }));
  EXPECT_TRUE(restoring);
  EXPECT_EQ(count_versions(server), 1U);
  {
    const std::lock_guard lock(mutex);
    finish = true;
  }
  ASSERT_TRUE(wait_until([&] { return count_versions(server) == 0; }));
  EXPECT_FALSE(restore_under_way(server.services(), *bucket));
}

// ---- Headers -------------------------------------------------------------------------------------------------------

TEST(ExpirationTest, DueTimesAreRoundedUpToMidnight) {
  constexpr std::chrono::seconds real_day{86'400};
  const std::int64_t january_15 = 1'736'899'200'000'000;  // 2025-01-15
  EXPECT_EQ(due_micros(january_15 + 10 * hour + hour / 2, 3, real_day), january_15 + 4 * day);
  EXPECT_EQ(due_micros(january_15, 3, real_day), january_15 + 3 * day);
  EXPECT_EQ(due_micros(january_15 + 1, 3, real_day), january_15 + 4 * day);
  EXPECT_EQ(due_micros(1'500'000, 2, std::chrono::seconds(1)), 4'000'000);
  EXPECT_GT(due_micros(january_15, 2'147'483'647, real_day), january_15);
}

TEST(ExpirationTest, TheHeaderNamesTheFirstRule) {
  Bucket bucket;
  Lifecycle lifecycle;
  const auto add = [&](const std::string& id, std::int64_t days, const std::string& prefix) {
    lifecycle.rules.push_back(rule_of([&](LifecycleRule& rule) {
      rule.id = id;
      rule.expiration_days = days;
      rule.filter.prefix = prefix;
    }));
  };
  add("later", 30, "");
  add("Delete after 14 days", 14, "");
  add("as soon", 14, "logs/");
  add("ev\"il\r\n\xc3\xa9", 1, "evil");
  bucket.lifecycle = std::make_shared<const Lifecycle>(lifecycle);
  ObjectVersion version;
  version.modified_micros = 1'539'950'400'000'000 + hour;  // 2018-10-19, one in the morning
  constexpr std::chrono::seconds real_day{86'400};
  EXPECT_EQ(expiration_header(bucket, "logs/x", version, real_day),
            "expiry-date=\"Sat, 03 Nov 2018 00:00:00 GMT\", rule-id=\"Delete after 14 days\"");
  EXPECT_EQ(expiration_header(bucket, "evil", version, real_day),
            "expiry-date=\"Sun, 21 Oct 2018 00:00:00 GMT\", rule-id=\"ev%22il%0D%0A%C3%A9\"");
  bucket.lifecycle = nullptr;
  EXPECT_EQ(expiration_header(bucket, "logs/x", version, real_day), std::nullopt);
}

TEST(ExpirationTest, UploadsAreAbortedByPrefix) {
  Bucket bucket;
  Lifecycle lifecycle;
  lifecycle.rules.push_back(rule_of([](LifecycleRule& rule) {
    rule.abort_multipart_days = 7;
    rule.filter.prefix = "up/";
  }));
  bucket.lifecycle = std::make_shared<const Lifecycle>(lifecycle);
  constexpr std::chrono::seconds real_day{86'400};
  const std::int64_t initiated = 1'754'956'800'000'000 + hour;  // 2025-08-12
  const auto headers = abort_headers(bucket, "up/x", initiated, real_day);
  ASSERT_TRUE(headers.has_value());
  EXPECT_EQ(headers->date, "Wed, 20 Aug 2025 00:00:00 GMT");
  EXPECT_EQ(headers->rule_id, "r");
  EXPECT_FALSE(abort_headers(bucket, "down/x", initiated, real_day).has_value());
}

// Jobs that are noted and never run.
class NotedJobs final : public recovery::Jobs {
 public:
  void handle(std::string, recovery::JobStep) override {}
  void resume() override {}
  Task<Result<std::string>> start(std::string kind, std::string subject, Bytes arguments) override {
    recovery::Job job;
    job.id = std::to_string(noted.size());
    job.kind = std::move(kind);
    job.subject = std::move(subject);
    job.arguments = std::move(arguments);
    noted.push_back(job);
    co_return job.id;
  }
  Task<Status> cancel(std::string) override { co_return Status(); }
  [[nodiscard]] std::optional<recovery::Job> find(std::string_view) const override { return std::nullopt; }
  [[nodiscard]] std::vector<recovery::Job> list() const override {
    ++lists;
    return noted;
  }
  void every(std::chrono::milliseconds, std::string, std::function<Task<Status>()> step) override {
    look = std::move(step);
  }
  void stop() override {}

  std::vector<recovery::Job> noted;
  mutable int lists = 0;
  std::function<Task<Status>()> look;
};

// There are as many running jobs as buckets with rules when a day begins, so nobody may go through them for each.
TEST(LifecycleStart, TheJobsAreLookedThroughOnceForAllBuckets) {
  BucketServer server;
  for (int i = 0; i < 30; ++i) {
    server.make_bucket("bucket-" + std::to_string(i), [](Bucket& bucket) {
      Lifecycle lifecycle;
      lifecycle.rules.emplace_back();
      lifecycle.rules.back().enabled = true;
      lifecycle.rules.back().noncurrent_days = 1;
      bucket.lifecycle = std::make_shared<const Lifecycle>(std::move(lifecycle));
    });
  }
  NotedJobs jobs;
  Services& own = server.services();
  Services services{own.store, own.buckets, jobs, own.blobs, own.keys, own.disk, own.wall, own.settings, own.root};
  register_lifecycle(services);
  ASSERT_TRUE(sync_wait(jobs.look()).ok());
  EXPECT_EQ(jobs.noted.size(), 30U);
  EXPECT_LE(jobs.lists, 1);
  ASSERT_TRUE(sync_wait(jobs.look()).ok());
  EXPECT_EQ(jobs.noted.size(), 30U) << "once a day";
  EXPECT_LE(jobs.lists, 1) << "nobody has to be looked for";
}

}  // namespace
}  // namespace reprise::s3
