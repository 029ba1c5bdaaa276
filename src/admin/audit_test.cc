// The audit log: whole lines in order, on disk when record() is done; rotation; what a crash leaves.
#include "admin/audit.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "base/rng.h"
#include "codec/json.h"

namespace reprise::admin {
namespace {

class AuditTest : public testing::Test {
 protected:
  AuditTest() { std::filesystem::create_directory(folder_); }
  ~AuditTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path() const { return (folder_ / "audit.log").string(); }
  std::unique_ptr<AuditLog> open(AuditOptions options = {}) {
    auto log = AuditLog::open(path(), wall_, options);
    EXPECT_TRUE(log.ok()) << log.error().to_string();
    return log.ok() ? std::move(log).value() : nullptr;
  }
  static auth::AuditEvent event(std::string action, std::string resource = "*") {
    auth::AuditEvent made;
    made.who = auth::root_access_key("ROOT", "secret").identity;
    made.from = "127.0.0.1";
    made.request_id = "R";
    made.action = std::move(action);
    made.resource = std::move(resource);
    made.outcome = "ok";
    return made;
  }
  // The Action of every line of a file, which are all whole.
  static std::vector<std::string> actions(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    std::vector<std::string> found;
    for (std::string line; std::getline(in, line);) {
      codec::JsonDocument document;
      const auto json = document.parse(line);
      EXPECT_TRUE(json.ok()) << line;
      if (json.ok()) found.emplace_back(json->find("Action")->string());
    }
    return found;
  }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("reprise-audit-" + random_uuid());
  ManualClock wall_{1'800'000'000'000'000};
};

TEST_F(AuditTest, ALineIsThereWhenItIsRecorded) {
  const auto log = open();
  sync_wait(log->record(event("s3:CreateBucket", "arn:aws:s3:::notes")));
  std::ifstream in(path());
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(
      text,
      R"({"Time":"2027-01-15T08:00:00.000Z","Who":"arn:aws:iam::000000000000:root","AccessKeyId":"ROOT",)"
      R"("From":"127.0.0.1","RequestId":"R","Action":"s3:CreateBucket","Resource":"arn:aws:s3:::notes","Outcome":"ok"})"
      "\n");
  EXPECT_EQ(std::filesystem::status(path()).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(AuditTest, GoesOnBehindWhatIsThere) {
  sync_wait(open()->record(event("a")));
  sync_wait(open()->record(event("b")));
  EXPECT_EQ(actions(path()), (std::vector<std::string>{"a", "b"}));
}

TEST_F(AuditTest, EndsALineThatACrashCutOff) {
  std::ofstream(path()) << R"({"Action":"a"})";
  sync_wait(open()->record(event("b")));
  EXPECT_EQ(actions(path()), (std::vector<std::string>{"a", "b"}));
}

TEST_F(AuditTest, ManyThreadsWriteWholeLines) {
  constexpr int each = 200;
  {
    const auto log = open();
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < each; ++i) sync_wait(log->record(event("x", std::string(100, '"'))));
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(log->missing(), 0u);
  }
  EXPECT_EQ(actions(path()).size(), 4u * each);
}

TEST_F(AuditTest, FullFilesMoveOnAndTheOldestGoes) {
  AuditOptions options;
  options.bytes_max = 400;  // two lines
  options.files_max = 3;
  const auto log = open(options);
  for (int i = 0; i < 12; ++i) sync_wait(log->record(event("a" + std::to_string(i))));
  std::vector<std::string> all = actions(path() + ".2");
  for (const std::string& name : {path() + ".1", path()}) {
    const auto more = actions(name);
    all.insert(all.end(), more.begin(), more.end());
  }
  EXPECT_FALSE(std::filesystem::exists(path() + ".3"));
  ASSERT_GE(all.size(), 4u);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], "a" + std::to_string(12 - all.size() + i));
}

TEST_F(AuditTest, ReadsOfThePastAreOneLineInAWhile) {
  {
    const auto log = open();
    for (int i = 0; i < 5; ++i) log->note_past_read(event("dynamodb:GetItem", "one"));
    log->note_past_read(event("dynamodb:Query", "two"));
    wall_.advance(61'000'000);
    log->note_past_read(event("dynamodb:Scan", "one"));
  }
  EXPECT_EQ(actions(path()), (std::vector<std::string>{"dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"}));
}

TEST_F(AuditTest, ARefusedReadOfThePastDoesNotHideTheNext) {
  auth::AuditEvent refused = event("s3:GetObject", "one");
  refused.outcome = "AccessDenied";
  {
    const auto log = open();
    log->note_past_read(refused);
    log->note_past_read(event("s3:GetObject", "one"));
  }
  EXPECT_EQ(actions(path()).size(), 2u);
}

// Limits of the process, for as long as this lives.
class Limited {
 public:
  Limited(decltype(RLIMIT_FSIZE) what, rlim_t most) : what_(what) {
    ::getrlimit(what_, &kept_);
    rlimit limit = kept_;
    limit.rlim_cur = most;
    ::setrlimit(what_, &limit);
  }
  ~Limited() { ::setrlimit(what_, &kept_); }

 private:
  decltype(RLIMIT_FSIZE) what_;
  rlimit kept_{};
};

TEST_F(AuditTest, AFullDiskLeavesNoHalfLineAndIsToldOfLater) {
  const auto before = std::signal(SIGXFSZ, SIG_IGN);
  const auto log = open();
  sync_wait(log->record(event("a")));
  {
    const Limited disk(RLIMIT_FSIZE, std::filesystem::file_size(path()) + 20);
    sync_wait(log->record(event("lost")));
  }
  std::signal(SIGXFSZ, before);
  EXPECT_EQ(log->missing(), 1u);
  sync_wait(log->record(event("b")));
  std::ifstream in(path(), std::ios::binary);
  Bytes lines;
  for (std::string line; std::getline(in, line);) {
    codec::JsonDocument document;
    const auto json = document.parse(line);
    ASSERT_TRUE(json.ok()) << line;
    const auto missing = json->find("MissingLines");
    lines +=
        missing ? "-" + std::to_string(missing->integer().value_or(0)) : std::string(json->find("Action")->string());
  }
  EXPECT_EQ(lines, "a-1b");
}

TEST_F(AuditTest, AFileThatCannotMoveOnGrows) {
  AuditOptions options;
  options.bytes_max = 400;  // two lines
  options.files_max = 2;
  std::filesystem::create_directories(path() + ".1/in the way");
  const auto log = open(options);
  for (const char* name : {"a", "b", "c", "d"}) sync_wait(log->record(event(name)));
  EXPECT_EQ(actions(path()), (std::vector<std::string>{"a", "b", "c", "d"}));
  EXPECT_EQ(log->missing(), 0u);
}

TEST_F(AuditTest, GoesOnAfterARotationThatFoundNoDescriptor) {
  AuditOptions options;
  options.bytes_max = 400;  // two lines
  const auto log = open(options);
  for (const char* name : {"a", "b"}) sync_wait(log->record(event(name)));
  {
    const Limited descriptors(RLIMIT_NOFILE, 0);
    sync_wait(log->record(event("lost")));
  }
  EXPECT_EQ(log->missing(), 1u);
  sync_wait(log->record(event("c")));
  EXPECT_EQ(actions(path() + ".1"), (std::vector<std::string>{"a", "b"}));
  std::ifstream in(path(), std::ios::binary);
  std::string first, second;
  std::getline(in, first);
  std::getline(in, second);
  EXPECT_NE(first.find(R"("MissingLines":1)"), std::string::npos) << first;
  EXPECT_NE(second.find(R"("Action":"c")"), std::string::npos) << second;
}

TEST_F(AuditTest, WhereItCannotBeItIsNotOpened) {
  EXPECT_TRUE(AuditLog::open((folder_ / "no" / "audit.log").string(), wall_).error().is(Code::io_error));
}

}  // namespace
}  // namespace reprise::admin
