// Exports, from the request to the objects in the bucket.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/base64.h"
#include "codec/md5.h"
#include "dynamo/archive/transfers_for_tests.h"

namespace reprise::dynamo {
namespace {

constexpr std::uint64_t second = 1'000'000;
constexpr std::uint64_t minute = 60 * second;

class Exports : public ::testing::Test {
 protected:
  Exports() { server.must(create_table, simple_table("table")); }

  void enable() { server.must(update_continuous_backups, with_recovery("table")); }
  void put(const std::string& pk, const std::string& text) { server.must(put_item, simple_item("table", pk, text)); }
  void erase(const std::string& pk) {
    server.must(delete_item, "{'TableName': 'table', 'Key': {'pk': {'S': '" + pk + "'}}}");
  }
  // Epoch seconds as the API takes them.
  std::string now() {
    const std::uint64_t micros = server.wall().now_micros();
    std::string digits = std::to_string(micros % second);
    return std::to_string(micros / second) + "." + std::string(6 - digits.size(), '0') + digits;
  }
  std::string run(const std::string& more) {
    return server.run(export_table_to_point_in_time, export_of("table", more));
  }
  // The description when it has ended.
  std::string finished(const std::string& more = "") {
    const std::string arn = json_at(run(more), "ExportDescription.ExportArn");
    server.wait_for_jobs();
    return described_export(server, arn);
  }
  std::vector<std::string> lines(const std::string& description) {
    return exported_lines(*places.bucket, json_at(description, "ExportDescription.ExportManifest"));
  }

  Places places;
  std::unique_ptr<kv::Engine> engine = kv::make_memory_engine();
  TableServer server{*engine, TickingClock::start, places.prepare()};
};

TEST_F(Exports, AFullExportHasTheDocumentedLayout) {
  enable();
  for (int i = 0; i < 20; ++i) put("k" + std::to_string(i), "x");
  const std::string started = run(", 'S3Prefix': 'a/b'");
  EXPECT_EQ(json_at(started, "ExportDescription.ExportStatus"), "IN_PROGRESS");
  EXPECT_EQ(json_at(started, "ExportDescription.ItemCount"), "(none)");
  EXPECT_EQ(json_at(started, "ExportDescription.ExportType"), "(none)");
  EXPECT_EQ(json_at(started, "ExportDescription.ExportFormat"), "DYNAMODB_JSON");
  EXPECT_EQ(json_at(started, "ExportDescription.S3SseAlgorithm"), "AES256");
  const std::string arn = json_at(started, "ExportDescription.ExportArn");
  server.wait_for_jobs();
  const std::string ended = described_export(server, arn);
  EXPECT_EQ(json_at(ended, "ExportDescription.ExportStatus"), "COMPLETED");
  EXPECT_EQ(json_at(ended, "ExportDescription.ItemCount"), "20");

  const std::string id = arn.substr(arn.rfind('/') + 1);
  const std::string root = "a/b/AWSDynamoDB/" + id + "/";
  EXPECT_EQ(json_at(ended, "ExportDescription.ExportManifest"), root + "manifest-summary.json");
  std::vector<std::string> fixed;
  std::size_t data = 0;
  for (const std::string& key : object_keys(*places.bucket)) {
    ASSERT_TRUE(key.starts_with(root)) << key;
    const std::string name = key.substr(root.size());
    if (name.starts_with("data/")) {
      ++data;
      EXPECT_EQ(name.size(), 5 + 26 + 8) << name;
      EXPECT_TRUE(name.ends_with(".json.gz")) << name;
    } else {
      fixed.push_back(name);
    }
  }
  EXPECT_EQ(data, 4U);
  EXPECT_EQ(fixed, (std::vector<std::string>{"_started", "manifest-files.json", "manifest-files.md5",
                                             "manifest-summary.json", "manifest-summary.md5"}));
  for (const auto* name : {"manifest-files", "manifest-summary"}) {
    const Bytes text = object_text(*places.bucket, root + name + ".json");
    EXPECT_EQ(object_text(*places.bucket, root + name + ".md5"), codec::to_base64(codec::bytes_of(codec::md5(text))));
  }
  const Bytes summary = object_text(*places.bucket, root + "manifest-summary.json");
  EXPECT_EQ(json_at(summary, "version"), "2020-06-30");
  EXPECT_EQ(json_at(summary, "exportArn"), arn);
  EXPECT_EQ(json_at(summary, "s3Prefix"), "a/b");
  EXPECT_EQ(json_at(summary, "s3SseKmsKeyId"), "null");
  EXPECT_EQ(json_at(summary, "itemCount"), "20");
  EXPECT_EQ(json_at(summary, "outputFormat"), "DYNAMODB_JSON");
  EXPECT_EQ(lines(ended).size(), 20U);
  EXPECT_EQ(lines(ended)[0], "{\"Item\":{\"pk\":{\"S\":\"k0\"},\"text\":{\"S\":\"x\"}}}");
}

TEST_F(Exports, ShowsTheTableAsOfItsTime) {
  enable();
  put("a", "first");
  put("b", "first");
  const std::string then = now();
  put("a", "second");
  erase("b");
  put("c", "second");
  const auto past = lines(finished(", 'ExportTime': " + then));
  EXPECT_EQ(past, (std::vector<std::string>{"{\"Item\":{\"pk\":{\"S\":\"a\"},\"text\":{\"S\":\"first\"}}}",
                                            "{\"Item\":{\"pk\":{\"S\":\"b\"},\"text\":{\"S\":\"first\"}}}"}));
  const auto present = lines(finished(", 'ExportFormat': 'ION'"));
  EXPECT_EQ(present, (std::vector<std::string>{"$ion_1_0 {Item:{pk:\"a\",text:\"second\"}}",
                                               "$ion_1_0 {Item:{pk:\"c\",text:\"second\"}}"}));
}

TEST_F(Exports, AnIncrementalExportHasTheLastStateOfEachItemThatChanged) {
  enable();
  put("same", "0");
  put("updated", "0");
  put("deleted", "0");
  put("back", "0");
  server.wall().advance(minute);
  const std::string from = now();
  put("updated", "1");
  put("updated", "2");
  erase("deleted");
  put("new", "1");
  put("gone", "1");
  erase("gone");
  erase("back");
  put("back", "1");
  server.wall().advance(16 * minute);
  const std::string to = now();
  put("late", "1");
  put("updated", "3");
  const std::string window = "'ExportFromTime': " + from + ", 'ExportToTime': " + to;
  const std::string both =
      finished(", 'ExportType': 'INCREMENTAL_EXPORT', 'IncrementalExportSpecification': {" + window + "}");
  EXPECT_EQ(json_at(both, "ExportDescription.ExportStatus"), "COMPLETED") << both;
  EXPECT_EQ(json_at(both, "ExportDescription.ExportTime"), "(none)");
  EXPECT_EQ(json_at(both, "ExportDescription.IncrementalExportSpecification.ExportViewType"), "NEW_AND_OLD_IMAGES");
  EXPECT_EQ(json_at(both, "ExportDescription.ItemCount"), "4");
  EXPECT_EQ(json_at(both, "ExportDescription.BilledSizeBytes"), "10000000");
  std::vector<std::string> changes;
  for (const std::string& line : lines(both)) {
    EXPECT_NE(json_at(line, "Metadata.WriteTimestampMicros.N"), "(none)") << line;
    changes.push_back(line.substr(line.find("\"Keys\"")));
  }
  std::sort(changes.begin(), changes.end());
  const auto image = [](const std::string& pk, const std::string& text) {
    return "{\"pk\":{\"S\":\"" + pk + "\"},\"text\":{\"S\":\"" + text + "\"}}";
  };
  const auto keys = [](const std::string& pk) { return "\"Keys\":{\"pk\":{\"S\":\"" + pk + "\"}}"; };
  EXPECT_EQ(changes, (std::vector<std::string>{keys("back") + ",\"NewImage\":" + image("back", "1") +
                                                   ",\"OldImage\":" + image("back", "0") + "}",
                                               keys("deleted") + ",\"OldImage\":" + image("deleted", "0") + "}",
                                               keys("new") + ",\"NewImage\":" + image("new", "1") + "}",
                                               keys("updated") + ",\"NewImage\":" + image("updated", "2") +
                                                   ",\"OldImage\":" + image("updated", "0") + "}"}));
  const Bytes summary = object_text(*places.bucket, json_at(both, "ExportDescription.ExportManifest"));
  EXPECT_EQ(json_at(summary, "version"), "2023-08-01");
  EXPECT_EQ(json_at(summary, "outputView"), "NEW_AND_OLD_IMAGES");
  EXPECT_EQ(json_at(summary, "exportType"), "INCREMENTAL_EXPORT");
  EXPECT_EQ(object_keys(*places.bucket, "AWSDynamoDB/data/").size(), 1U);

  const auto fresh =
      lines(finished(", 'ExportFormat': 'ION', 'ExportType': 'INCREMENTAL_EXPORT', "
                     "'IncrementalExportSpecification': {'ExportViewType': 'NEW_IMAGE', " +
                     window + "}"));
  ASSERT_EQ(fresh.size(), 4U);
  EXPECT_TRUE(fresh[1].starts_with("$ion_1_0 {Record:{Keys:{pk:\"deleted\"},Metadata:{WriteTimestampMicros:"))
      << fresh[1];
  for (const std::string& line : fresh) EXPECT_EQ(line.find("OldImage"), std::string::npos) << line;
}

TEST_F(Exports, AnIncrementalExportTakesMorePagesThanOne) {
  enable();
  server.wall().advance(minute);
  const std::string from = now();
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 400; ++i) put("k" + std::to_string(i), std::to_string(round));
  }
  server.wall().advance(16 * minute);
  const auto all =
      lines(finished(", 'ExportType': 'INCREMENTAL_EXPORT', 'IncrementalExportSpecification': "
                     "{'ExportFromTime': " +
                     from + "}"));
  ASSERT_EQ(all.size(), 400U);
  for (const std::string& line : all) EXPECT_EQ(json_at(line, "NewImage.text.S"), "2") << line;
}

TEST_F(Exports, OutlivesItsTable) {
  enable();
  put("a", "1");
  const std::string arn = json_at(run(""), "ExportDescription.ExportArn");
  server.must(delete_table, "{'TableName': 'table'}");
  server.wait_for_jobs();
  const std::string ended = described_export(server, arn);
  EXPECT_EQ(json_at(ended, "ExportDescription.ExportStatus"), "COMPLETED") << ended;
  EXPECT_EQ(lines(ended).size(), 1U);
  const std::string of_table = "{'TableArn': 'arn:aws:dynamodb:eu-west-1:000000000000:table/table'}";
  EXPECT_EQ(json_at(server.must(list_exports, of_table), "ExportSummaries"), "size 0");
  EXPECT_EQ(json_at(server.must(list_exports, "{}"), "ExportSummaries"), "size 1");
}

TEST_F(Exports, LetsThePastGoWhenItHasEnded) {
  enable();
  put("a", "1");
  finished();
  server.must(delete_table, "{'TableName': 'table'}");
  server.wall().advance(40 * 24 * 60 * minute);
  ASSERT_TRUE(sync_wait(server.catalog().purge_deleted()).ok());
  ASSERT_TRUE(sync_wait(server.store().collect()).ok());
  for (const auto& space : server.store().spaces()) EXPECT_FALSE(space.dropped) << space.id.value();
}

TEST_F(Exports, FaultsOfTheBucketEndIt) {
  enable();
  const std::string missing = described_export(
      server,
      json_at(
          server.must(export_table_to_point_in_time,
                      "{'TableArn': 'arn:aws:dynamodb:eu-west-1:000000000000:table/table', 'S3Bucket': 'no-bucket'}"),
          "ExportDescription.ExportArn"));
  server.wait_for_jobs();
  const std::string arn = json_at(missing, "ExportDescription.ExportArn");
  const std::string ended = described_export(server, arn);
  EXPECT_EQ(json_at(ended, "ExportDescription.ExportStatus"), "FAILED");
  EXPECT_EQ(json_at(ended, "ExportDescription.FailureCode"), "S3NoSuchBucket");
  EXPECT_TRUE(json_at(ended, "ExportDescription.FailureMessage").starts_with("The specified bucket does not exist"));
  EXPECT_EQ(json_at(ended, "ExportDescription.ItemCount"), "(none)");
  const std::string foreign = finished(", 'S3BucketOwner': '123456789012'");
  EXPECT_EQ(json_at(foreign, "ExportDescription.FailureCode"), "S3AccessDenied");
}

TEST_F(Exports, RefusesWhatCannotBe) {
  EXPECT_EQ(run(""), "no recovery: Point in time recovery is not enabled for table 'table'");
  EXPECT_EQ(server.run(export_table_to_point_in_time, "{'TableArn': 'table', 'S3Bucket': 'bucket'}"),
            "validation: One or more parameter values were invalid: tableArn is not a valid ARN");
  EXPECT_EQ(server.run(export_table_to_point_in_time, export_of("none")),
            "table not found: Table not found: arn:aws:dynamodb:eu-west-1:000000000000:table/none");
  EXPECT_EQ(server.run(export_table_to_point_in_time, export_of("table/index/i")),
            "validation: Invalid Request: Table ARN is invalid.");
  EXPECT_EQ(server.run(export_table_to_point_in_time,
                       "{'TableArn': 'arn:aws:dynamodb:us-east-1:000000000000:table/table', 'S3Bucket': 'bucket'}"),
            "table not found: Table not found: arn:aws:dynamodb:us-east-1:000000000000:table/table");
  EXPECT_EQ(server.run(export_table_to_point_in_time,
                       "{'TableArn': 'arn:aws:dynamodb:eu-west-1:111111111111:table/table', 'S3Bucket': 'bucket'}"),
            "denied: Access is denied");
  EXPECT_EQ(
      run(", 'ExportFormat': 'CSV'"),
      "validation: 1 validation error detected: Value 'CSV' at 'exportFormat' failed to satisfy constraint: Member "
      "must satisfy enum value set: [ION, DYNAMODB_JSON]");
  EXPECT_EQ(
      run(", 'S3BucketOwner': 'me', 'ClientToken': 'a$b'"),
      "validation: 2 validation errors detected: Value 'a$b' at 'clientToken' failed to satisfy constraint: Member "
      "must satisfy regular expression pattern: ^[^\\$]+$; Value 'me' at 's3BucketOwner' failed to satisfy "
      "constraint: Member must satisfy regular expression pattern: [0-9]{12}");
  EXPECT_EQ(run(", 'S3SseKmsKeyId': 'k'"),
            "validation: Invalid Request: KMS Key Id is not supported for this encryption type");
  EXPECT_EQ(run(", 'IncrementalExportSpecification': {'ExportFromTime': 1}"),
            "validation: Invalid Request: Export Type expected to be Incremental Export when incremental export "
            "specification is provided");
  EXPECT_EQ(run(", 'ExportType': 'INCREMENTAL_EXPORT'"),
            "validation: Invalid Request: Incremental Export Specification expected when export type is set as "
            "Incremental Export");
  EXPECT_EQ(run(", 'ExportType': 'INCREMENTAL_EXPORT', 'IncrementalExportSpecification': {}"),
            "validation: Invalid Request: ExportFromTime must be provided in IncrementalExportSpecification");
}

TEST_F(Exports, RefusesTimesOutsideTheWindow) {
  enable();
  EXPECT_NE(run(", 'ExportTime': 1"), "");
  const auto refused = [&](const std::string& more) { return run(more).substr(run(more).find(": ") + 2); };
  EXPECT_EQ(refused(", 'ExportTime': 1"), "Export Time is invalid");
  EXPECT_EQ(refused(", 'ExportTime': 4000000000"), "Export Time is invalid");
  const auto window = [&](const std::string& times) {
    return refused(", 'ExportType': 'INCREMENTAL_EXPORT', 'IncrementalExportSpecification': {" + times + "}");
  };
  EXPECT_EQ(window("'ExportFromTime': 1"),
            "Incremental export period from time cannot be less than the table creation time : 1970-01-01T00:00:01Z");
  EXPECT_EQ(window("'ExportFromTime': " + now()),
            "Difference between export period from time and export period to time is less than 15 minutes");
  EXPECT_EQ(window("'ExportFromTime': " + now() + ", 'ExportToTime': 4000000000"),
            "Incremental export period to time cannot be greater than the current time : 2096-10-02T07:06:40Z");
  const std::string early = now();
  server.wall().advance(25 * 60 * minute);
  EXPECT_EQ(window("'ExportFromTime': " + early),
            "Difference between export period from time and export period to time is greater than 24 hours");
}

TEST_F(Exports, ATokenGivesTheSameExport) {
  enable();
  const std::string first = run(", 'ClientToken': 't'");
  EXPECT_EQ(json_at(run(", 'ClientToken': 't'"), "ExportDescription.ExportArn"),
            json_at(first, "ExportDescription.ExportArn"));
  server.wait_for_jobs();
  EXPECT_EQ(json_at(run(", 'ClientToken': 't'"), "ExportDescription.ExportStatus"), "COMPLETED");
  const std::string changed = run(", 'ClientToken': 't', 'S3Prefix': 'x'");
  EXPECT_TRUE(changed.ends_with("Export conflict: Duplicate request detected with conflicting parameters")) << changed;
  EXPECT_NE(json_at(run(""), "ExportDescription.ExportArn"), json_at(run(""), "ExportDescription.ExportArn"));
  server.wall().advance(9 * 60 * minute);
  EXPECT_NE(json_at(run(", 'ClientToken': 't'"), "ExportDescription.ExportArn"),
            json_at(first, "ExportDescription.ExportArn"));
}

TEST_F(Exports, ListsPageByPageNewestFirst) {
  enable();
  std::vector<std::string> arns;
  for (int i = 0; i < 12; ++i) {
    arns.insert(arns.begin(), json_at(run(""), "ExportDescription.ExportArn"));
    server.wall().advance(second);
  }
  const std::string first = server.must(list_exports, "{}");
  EXPECT_EQ(json_at(first, "ExportSummaries"), "size 10");
  EXPECT_EQ(json_at(first, "ExportSummaries.0.ExportArn"), arns[0]);
  EXPECT_EQ(json_at(first, "ExportSummaries.0.ExportType"), "FULL_EXPORT");
  const std::string token = json_at(first, "NextToken");
  const std::string second_page = server.must(list_exports, "{'NextToken': '" + token + "'}");
  EXPECT_EQ(json_at(second_page, "ExportSummaries"), "size 2");
  EXPECT_EQ(json_at(second_page, "ExportSummaries.1.ExportArn"), arns[11]);
  EXPECT_EQ(json_at(second_page, "NextToken"), "(none)");
  EXPECT_EQ(server.run(list_exports, "{'NextToken': 'xyz'}"),
            "validation: Invalid Request: Provided nextToken is invalid: xyz");
  EXPECT_EQ(server.run(list_imports, "{'NextToken': '" + token + "'}"),
            "validation: Invalid Request: Provided nextToken is invalid: " + token);
}

TEST_F(Exports, DescribeTellsWhatIsWrongWithAnArn) {
  const auto describe = [&](const std::string& arn) {
    const std::string text = server.run(describe_export, "{'ExportArn': '" + arn + "'}");
    return text.substr(text.find(": ") + 2);
  };
  const std::string table = "arn:aws:dynamodb:eu-west-1:000000000000:table/table";
  EXPECT_EQ(describe(table), "Invalid Export ARN");
  EXPECT_EQ(describe(table + "/import/01791506414432-3f2e5aa4"), "Invalid Export ARN");
  EXPECT_EQ(describe(std::string(40, 'x')), "Invalid Export ARN");
  EXPECT_EQ(describe(table + "/export/01791506414432-3f2e5aa4"),
            "Export not found: Export not found: " + table + "/export/01791506414432-3f2e5aa4");
  EXPECT_EQ(describe("arn:aws:dynamodb:us-east-1:000000000000:table/table/export/0"),
            "Export not found: Invalid export arn");
  EXPECT_EQ(describe("arn:aws:dynamodb:eu-west-1:111111111111:table/table/export/0"), "Access is denied");
}

}  // namespace
}  // namespace reprise::dynamo
