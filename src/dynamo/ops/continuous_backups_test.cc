// Point-in-time recovery on and off, and its window as DescribeContinuousBackups shows it.
#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/tables_for_tests.h"

namespace reprise::dynamo {
namespace {

constexpr std::uint64_t micros_per_second = 1'000'000;
constexpr std::uint64_t micros_per_day = std::uint64_t{24} * 3600 * micros_per_second;
const std::string description = "ContinuousBackupsDescription.PointInTimeRecoveryDescription";

class ContinuousBackups : public ::testing::Test {
 protected:
  void SetUp() override {
    server.must(create_table, R"({'TableName': 'table', 'BillingMode': 'PAY_PER_REQUEST',
        'AttributeDefinitions': [{'AttributeName': 'id', 'AttributeType': 'S'}],
        'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}],
        'GlobalSecondaryIndexes': [{'IndexName': 'index', 'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}],
          'Projection': {'ProjectionType': 'ALL'}}]})");
  }
  static std::string request(const std::string& specification, const std::string& table = "table") {
    return "{'TableName': '" + table + "', 'PointInTimeRecoverySpecification': {" + specification + "}}";
  }
  std::string update(const std::string& specification) {
    return server.must(update_continuous_backups, request(specification));
  }
  std::string enable(const std::string& more = "") { return update("'PointInTimeRecoveryEnabled': true" + more); }
  std::string disable() { return update("'PointInTimeRecoveryEnabled': false"); }
  std::string describe() { return server.must(describe_continuous_backups, "{'TableName': 'table'}"); }
  static double number(const std::string& text, const std::string& member) {
    return std::stod(json_at(text, description + "." + member));
  }
  static double earliest(const std::string& text) { return number(text, "EarliestRestorableDateTime"); }
  static double latest(const std::string& text) { return number(text, "LatestRestorableDateTime"); }
  double now() { return static_cast<double>(server.wall().now_micros()) / 1e6; }

  TableServer server;
};

TEST_F(ContinuousBackups, AreOffAtFirst) {
  const std::string text = describe();
  EXPECT_EQ(text, R"({"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED",)"
                  R"("PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}})");
  EXPECT_EQ(disable(), text);
}

TEST_F(ContinuousBackups, OpenTheirWindowWhenEnabled) {
  const double before = now();
  const std::string text = enable();
  EXPECT_EQ(json_at(text, "ContinuousBackupsDescription.ContinuousBackupsStatus"), "ENABLED");
  EXPECT_EQ(json_at(text, description + ".PointInTimeRecoveryStatus"), "ENABLED");
  EXPECT_EQ(json_at(text, description + ".RecoveryPeriodInDays"), "35");
  EXPECT_GE(earliest(text), std::floor(before));
  EXPECT_LE(earliest(text), latest(text));
  EXPECT_LE(latest(text), now());
  const auto retention = server.store().info(server.table("table")->space)->retention;
  EXPECT_GE(retention, std::chrono::hours(35 * 24));
  EXPECT_LT(retention, std::chrono::hours(36 * 24));
  EXPECT_EQ(server.store().info(server.table("table")->global_indexes[0].space)->retention, retention);

  server.wall().advance(100 * micros_per_second);
  const std::string again = enable();
  EXPECT_EQ(earliest(again), earliest(text));
  EXPECT_GE(latest(again), latest(text) + 100);  // no delay
  server.reopen();
  EXPECT_EQ(earliest(describe()), earliest(text));
}

TEST_F(ContinuousBackups, StartAnewAfterHavingBeenOff) {
  const std::string first = enable();
  server.wall().advance(10 * micros_per_second);
  const std::string off = disable();
  EXPECT_EQ(json_at(off, description + ".RecoveryPeriodInDays"), "(none)");
  EXPECT_EQ(json_at(off, description + ".EarliestRestorableDateTime"), "(none)");
  EXPECT_EQ(json_at(off, description + ".PointInTimeRecoveryStatus"), "DISABLED");
  EXPECT_EQ(server.store().info(server.table("table")->space)->retention.count(), 0);
  const std::string second = enable();
  EXPECT_GE(earliest(second), earliest(first) + 10);
}

TEST_F(ContinuousBackups, KeepTheirPeriodUntilTheyAreOff) {
  EXPECT_EQ(json_at(enable(", 'RecoveryPeriodInDays': 7"), description + ".RecoveryPeriodInDays"), "7");
  EXPECT_EQ(json_at(enable(), description + ".RecoveryPeriodInDays"), "7");
  disable();
  EXPECT_EQ(json_at(enable(), description + ".RecoveryPeriodInDays"), "35");
}

TEST_F(ContinuousBackups, RollAndDoNotGrowBackwards) {
  const double enabled = earliest(enable());
  server.wall().advance(20 * micros_per_day);
  EXPECT_EQ(earliest(describe()), enabled);
  const std::string shorter = enable(", 'RecoveryPeriodInDays': 5");
  EXPECT_NEAR(earliest(shorter), now() - 5 * 24 * 3600, 1);
  const std::string longer = enable(", 'RecoveryPeriodInDays': 30");
  EXPECT_NEAR(earliest(longer), now() - 5 * 24 * 3600, 1);
  server.wall().advance(10 * micros_per_day);
  EXPECT_NEAR(earliest(describe()), now() - 15 * 24 * 3600, 1);
  server.wall().advance(25 * micros_per_day);
  EXPECT_NEAR(earliest(describe()), now() - 30 * 24 * 3600, 1);
}

TEST_F(ContinuousBackups, RefuseWhatIsWrong) {
  EXPECT_EQ(
      server.run(update_continuous_backups, request("'PointInTimeRecoveryEnabled': true, 'RecoveryPeriodInDays': 36")),
      "validation: 1 validation error detected: Value '36' at 'pointInTimeRecoverySpecification.recoveryPeriodInDays' "
      "failed to satisfy constraint: Member must have value less than or equal to 35");
  EXPECT_EQ(
      server.run(update_continuous_backups, request("'PointInTimeRecoveryEnabled': true, 'RecoveryPeriodInDays': 0")),
      "validation: 1 validation error detected: Value '0' at 'pointInTimeRecoverySpecification.recoveryPeriodInDays' "
      "failed to satisfy constraint: Member must have value greater than or equal to 1");
  EXPECT_EQ(
      server.run(update_continuous_backups, request("'PointInTimeRecoveryEnabled': false, 'RecoveryPeriodInDays': 7")),
      "validation: Invalid Request: Cannot specify RecoveryPeriodInDays when disabling point-in-time recovery.");
  EXPECT_EQ(server.run(update_continuous_backups, request("'PointInTimeRecoveryEnabled': true", "missing")),
            "table not found: Table not found: missing");
  EXPECT_EQ(server.run(describe_continuous_backups, "{'TableName': 'missing'}"),
            "table not found: Table not found: missing");
  EXPECT_EQ(server.run(describe_continuous_backups, "{}"),
            "validation: The parameter 'TableName' is required but was not present in the request");
  EXPECT_EQ(
      server.run(update_continuous_backups, "{'TableName': 'table'}"),
      "validation: 1 validation error detected: Value null at 'pointInTimeRecoverySpecification' failed to satisfy "
      "constraint: Member must not be null");
  EXPECT_EQ(json_at(describe(), description + ".PointInTimeRecoveryStatus"), "DISABLED");
}

TEST(ContinuousBackupsSettings, AllowLongerPeriods) {
  Settings settings;
  settings.recovery_period_days_max = 365;
  TableServer server(settings);
  server.must(create_table, R"({'TableName': 'table', 'BillingMode': 'PAY_PER_REQUEST',
      'AttributeDefinitions': [{'AttributeName': 'id', 'AttributeType': 'S'}],
      'KeySchema': [{'AttributeName': 'id', 'KeyType': 'HASH'}]})");
  const std::string specification =
      "'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': true, 'RecoveryPeriodInDays': ";
  server.must(update_continuous_backups, "{'TableName': 'table', " + specification + "365}}");
  EXPECT_EQ(
      server.run(update_continuous_backups, "{'TableName': 'table', " + specification + "366}}"),
      "validation: 1 validation error detected: Value '366' at 'pointInTimeRecoverySpecification.recoveryPeriodInDays' "
      "failed to satisfy constraint: Member must have value less than or equal to 365");
}

TEST(RecoveryWindow, TakesItsFirstSecondWhole) {
  const RecoveryWindow window{Timestamp::from_micros(10'700'000), Timestamp::from_micros(20'300'000)};
  EXPECT_FALSE(moment_in(window, 9'999'999));
  EXPECT_EQ(moment_in(window, 10'000'000), window.earliest);
  EXPECT_EQ(moment_in(window, 10'700'000), Timestamp::last_of_micros(10'700'000));
  EXPECT_EQ(moment_in(window, 15'000'000), Timestamp::last_of_micros(15'000'000));
  EXPECT_EQ(moment_in(window, 20'300'000), window.latest);
  EXPECT_FALSE(moment_in(window, 20'300'001));
}

}  // namespace
}  // namespace reprise::dynamo
