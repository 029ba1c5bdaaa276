// Imports, from the request to the table.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "codec/zstd.h"
#include "dynamo/archive/transfers_for_tests.h"
#include "dynamo/model/item_json.h"

namespace reprise::dynamo {
namespace {

class Imports : public ::testing::Test {
 protected:
  std::string run(const std::string& request) { return server.run(import_table, request); }
  // The description when it has ended.
  std::string finished(const std::string& request) {
    const std::string arn = json_at(server.must(import_table, request), "ImportTableDescription.ImportArn");
    server.wait_for_jobs();
    return described_import(server, arn);
  }
  static std::string at(const std::string& description, const std::string& member) {
    return json_at(description, "ImportTableDescription." + member);
  }
  // The table's items as JSON.
  std::set<std::string> items(const std::string& name) {
    std::set<std::string> found;
    const auto table = server.table(name);
    if (!table) return {"no table"};
    for (const auto& [key, item] : all_rows(server.store(), table->space)) {
      Bytes text;
      append_item_json(text, ItemView(item));
      found.insert(text);
    }
    return found;
  }
  static std::string line(const std::string& pk, const std::string& text) {
    return "{\"Item\":{\"pk\":{\"S\":\"" + pk + "\"},\"text\":{\"S\":\"" + text + "\"}}}\n";
  }
  static std::string item(const std::string& pk, const std::string& text) {
    const std::string whole = line(pk, text);
    return whole.substr(8, whole.size() - 10);
  }
  std::string report(const std::string& description) {
    const std::string arn = at(description, "ImportArn");
    return places.reports->bytes(arn.substr(arn.rfind('/') + 1) + "/error");
  }

  Places places;
  std::unique_ptr<kv::Engine> engine = kv::make_memory_engine();
  TableServer server{*engine, TickingClock::start, places.prepare()};
};

TEST_F(Imports, ReadsEveryObjectOfThePrefix) {
  places.bucket->put("in/1", line("a", "1") + line("b", "1"));
  places.bucket->put("in/2", line("c", "1"));
  places.bucket->put("other", line("d", "1"));
  const std::string started = server.must(import_table, import_of("in/", "made"));
  EXPECT_EQ(at(started, "ImportStatus"), "IN_PROGRESS");
  EXPECT_EQ(at(started, "InputCompressionType"), "NONE");
  EXPECT_EQ(at(started, "S3BucketSource.S3BucketOwner"), "000000000000");
  EXPECT_EQ(at(started, "InputFormatOptions"), "(none)");
  EXPECT_EQ(at(started, "CloudWatchLogGroupArn"),
            "arn:aws:logs:eu-west-1:000000000000:log-group:/aws-dynamodb/imports:*");
  EXPECT_EQ(at(started, "TableCreationParameters.TableName"), "made");
  EXPECT_EQ(at(started, "ProcessedSizeBytes"), "(none)");
  server.wait_for_jobs();
  const std::string ended = described_import(server, at(started, "ImportArn"));
  EXPECT_EQ(at(ended, "ImportStatus"), "COMPLETED") << ended;
  EXPECT_EQ(at(ended, "ProcessedItemCount"), "3");
  EXPECT_EQ(at(ended, "ImportedItemCount"), "3");
  EXPECT_EQ(at(ended, "ErrorCount"), "0");
  EXPECT_EQ(at(ended, "ProcessedSizeBytes"), std::to_string(3 * line("a", "1").size()));
  EXPECT_EQ(at(ended, "TableId"), server.table("made")->id);
  EXPECT_EQ(server.table("made")->status, TableStatus::active);
  EXPECT_EQ(items("made"), (std::set<std::string>{item("a", "1"), item("b", "1"), item("c", "1")}));
  EXPECT_EQ(report(ended), "");
}

TEST_F(Imports, OfItemsWithOneKeyTheLastOneStays) {
  places.bucket->put("in", line("a", "1") + line("a", "2") + line("a", "3"));
  const std::string ended = finished(import_of("in", "made"));
  EXPECT_EQ(at(ended, "ImportStatus"), "COMPLETED");
  EXPECT_EQ(at(ended, "ImportedItemCount"), "3");
  EXPECT_EQ(items("made"), (std::set<std::string>{item("a", "3")}));
}

TEST_F(Imports, WhatIsWrongIsReportedAndTheRestImported) {
  places.bucket->put("in", line("a", "1") + "rubbish\n" + "{\"Item\":{\"x\":{\"S\":\"1\"}}}\n" + line("b", "1"));
  const std::string ended = finished(import_of("in", "made"));
  EXPECT_EQ(at(ended, "ImportStatus"), "FAILED");
  EXPECT_EQ(at(ended, "FailureCode"), "ItemValidationError");
  EXPECT_EQ(at(ended, "FailureMessage"),
            "Some of the items failed validation checks and were not imported. Please check CloudWatch error logs for "
            "more details.");
  EXPECT_EQ(at(ended, "ProcessedItemCount"), "4");
  EXPECT_EQ(at(ended, "ImportedItemCount"), "2");
  EXPECT_EQ(at(ended, "ErrorCount"), "2");
  EXPECT_EQ(items("made"), (std::set<std::string>{item("a", "1"), item("b", "1")}));
  EXPECT_EQ(server.table("made")->status, TableStatus::active);
  const std::string lines = report(ended);
  const std::string second = lines.substr(lines.find('\n') + 1);
  EXPECT_EQ(json_at(lines.substr(0, lines.find('\n')), "itemS3Pointer.itemIndex"), "1");
  EXPECT_EQ(second, "{\"itemS3Pointer\":{\"bucket\":\"bucket\",\"key\":\"in\",\"itemIndex\":2},\"importArn\":\"" +
                        at(ended, "ImportArn") +
                        "\",\"errorMessages\":[\"One or more parameter values were invalid: Missing the key pk in the "
                        "item\"]}\n");
}

TEST_F(Imports, ReadsCompressedObjects) {
  Bytes text;
  for (int i = 0; i < 5000; ++i) text += line("k" + std::to_string(i), std::string(20, 'x'));
  places.bucket->put("gz", codec::gzip(text.substr(0, 1000)) + codec::gzip(text.substr(1000)));
  places.bucket->put("zst", codec::zstd(text));
  for (const auto& [prefix, type] : {std::pair{"gz", "GZIP"}, std::pair{"zst", "ZSTD"}}) {
    const std::string ended = finished(import_of(prefix, prefix + std::string("-table"), "DYNAMODB_JSON",
                                                 std::string(", 'InputCompressionType': '") + type + "'"));
    EXPECT_EQ(at(ended, "ImportStatus"), "COMPLETED") << ended;
    EXPECT_EQ(at(ended, "ImportedItemCount"), "5000");
    EXPECT_EQ(at(ended, "ProcessedSizeBytes"), std::to_string(text.size()));
  }
}

TEST_F(Imports, WrongCompressionIsOneErrorOfTheObject) {
  places.bucket->put("plain", line("a", "1"));
  places.bucket->put("gz", codec::gzip(line("a", "1")));
  places.bucket->put("cut", codec::gzip(line("a", "1")).substr(0, 20));
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"plain", "GZIP"}, {"gz", "NONE"}, {"plain", "ZSTD"}, {"cut", "GZIP"}};
  int n = 0;
  for (const auto& [prefix, type] : cases) {
    const std::string table = "made" + std::to_string(n++);
    const std::string ended =
        finished(import_of(prefix, table, "DYNAMODB_JSON", ", 'InputCompressionType': '" + type + "'"));
    EXPECT_EQ(at(ended, "FailureCode"), "ItemValidationError") << prefix << type;
    EXPECT_EQ(at(ended, "ErrorCount"), "1") << prefix << type;
    EXPECT_EQ(at(ended, "ProcessedItemCount"), "1") << prefix << type;
    EXPECT_TRUE(items(table).empty());
  }
}

TEST_F(Imports, ReadsCsvAndIon) {
  places.bucket->put("csv", "a;1\nb;2\n");
  const std::string csv = finished(import_of(
      "csv", "from-csv", "CSV", ", 'InputFormatOptions': {'Csv': {'Delimiter': ';', 'HeaderList': ['pk', 'text']}}"));
  EXPECT_EQ(at(csv, "ImportStatus"), "COMPLETED") << csv;
  EXPECT_EQ(at(csv, "InputFormatOptions.Csv.Delimiter"), ";");
  EXPECT_EQ(at(csv, "InputFormatOptions.Csv.HeaderList.1"), "text");
  EXPECT_EQ(items("from-csv"), (std::set<std::string>{item("a", "1"), item("b", "2")}));
  places.bucket->put("ion", "$ion_1_0 {Item:{pk:\"a\",text:\"1\"}}\n");
  EXPECT_EQ(at(finished(import_of("ion", "from-ion", "ION")), "ImportStatus"), "COMPLETED");
  EXPECT_EQ(items("from-ion"), (std::set<std::string>{item("a", "1")}));
}

TEST_F(Imports, FillsTheIndexes) {
  Bytes text;
  for (int i = 0; i < 500; ++i) text += line("k" + std::to_string(i), "t" + std::to_string(i % 7));
  places.bucket->put("in", text);
  const std::string ended = finished(
      "{'S3BucketSource': {'S3Bucket': 'bucket'}, 'InputFormat': 'DYNAMODB_JSON', 'TableCreationParameters': "
      "{'TableName': "
      "'made', 'BillingMode': 'PAY_PER_REQUEST', 'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': "
      "'S'}, "
      "{'AttributeName': 'text', 'AttributeType': 'S'}], 'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}], "
      "'GlobalSecondaryIndexes': [{'IndexName': 'by-text', 'Projection': {'ProjectionType': 'ALL'}, 'KeySchema': "
      "[{'AttributeName': 'text', 'KeyType': 'HASH'}]}]}}");
  EXPECT_EQ(at(ended, "ImportStatus"), "COMPLETED") << ended;
  EXPECT_EQ(at(ended, "S3BucketSource.S3KeyPrefix"), "(none)");
  expect_indexes_right(server.store(), *server.table("made"));
  EXPECT_EQ(items("made").size(), 500U);
}

TEST_F(Imports, ABucketThatIsNotThereLeavesNoTable) {
  const std::string ended = finished(
      "{'S3BucketSource': {'S3Bucket': 'no-bucket'}, 'InputFormat': 'CSV', "
      "'TableCreationParameters': " +
      simple_table("made") + "}");
  EXPECT_EQ(at(ended, "ImportStatus"), "FAILED");
  EXPECT_EQ(at(ended, "FailureCode"), "S3NoSuchBucket");
  EXPECT_EQ(at(ended, "ProcessedSizeBytes"), "0");
  EXPECT_NE(at(ended, "TableId"), "(none)");
  EXPECT_EQ(server.table("made"), nullptr);
}

TEST_F(Imports, AnEmptyPrefixMakesAnEmptyTable) {
  EXPECT_EQ(at(finished(import_of("nothing", "made")), "ImportStatus"), "COMPLETED");
  EXPECT_TRUE(items("made").empty());
}

TEST_F(Imports, ATableInTheWayRefusesIt) {
  server.must(create_table, simple_table("made"));
  EXPECT_EQ(run(import_of("in", "made")), "in use: Table already exists: made");
}

TEST_F(Imports, TheSecondOfTwoIntoOneNameFails) {
  places.bucket->put("in", line("a", "1"));
  const std::string first = server.must(import_table, import_of("in", "made"));
  // The name is not taken before the table is there; the second may come early enough to be accepted.
  const std::string second = run(import_of("in", "made"));
  server.wait_for_jobs();
  if (second.starts_with("{")) {
    const std::string a = at(described_import(server, at(first, "ImportArn")), "ImportStatus");
    const std::string loser = described_import(server, at(a == "FAILED" ? first : second, "ImportArn"));
    EXPECT_EQ(at(loser, "FailureCode"), "TableAlreadyExists");
  } else {
    EXPECT_EQ(second, "in use: Table already exists: made");
  }
  EXPECT_EQ(items("made").size(), 1U);
}

TEST_F(Imports, ATokenGivesTheSameImport) {
  const std::string request = import_of("in", "made", "DYNAMODB_JSON", ", 'ClientToken': 't'");
  const std::string first = server.must(import_table, request);
  server.wait_for_jobs();
  EXPECT_EQ(run(request), "in use: Table already exists: made");
  EXPECT_TRUE(run(import_of("in", "other", "DYNAMODB_JSON", ", 'ClientToken': 't'"))
                  .ends_with("Import conflict: Duplicate request detected with conflicting parameters"));
  server.must(delete_table, "{'TableName': 'made'}");
  EXPECT_EQ(at(run(request), "ImportArn"), at(first, "ImportArn"));
  EXPECT_EQ(server.table("made"), nullptr);
}

TEST_F(Imports, RefusesWhatCannotBe) {
  EXPECT_EQ(run(import_of("in", "made", "DYNAMODB_JSON", ", 'InputFormatOptions': {'Csv': {'Delimiter': ';'}}")),
            "validation: Invalid Request: Unsupported InputFormatOptions for the given input format: DYNAMODB_JSON.");
  EXPECT_EQ(
      run(import_of("in", "made", "CSV", ", 'InputFormatOptions': {'Csv': {'Delimiter': ';;'}}")),
      "validation: 2 validation errors detected: Value ';;' at 'inputFormatOptions.csv.delimiter' failed to satisfy "
      "constraint: Member must satisfy regular expression pattern: [,;:|\\t ]; Value ';;' at "
      "'inputFormatOptions.csv.delimiter' failed to satisfy constraint: Member must have length less than or equal "
      "to 1");
  EXPECT_EQ(run(import_of("in", "made", "CSV", ", 'InputCompressionType': 'BZIP2'")),
            "validation: 1 validation error detected: Value 'BZIP2' at 'inputCompressionType' failed to satisfy "
            "constraint: Member must satisfy enum value set: [ZSTD, NONE, GZIP]");
  EXPECT_EQ(
      run("{'S3BucketSource': {'S3Bucket': 'b'}, 'InputFormat': 'CSV', 'TableCreationParameters': {'TableName': "
          "'made', 'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}], 'KeySchema': "
          "[{'AttributeName': 'pk', 'KeyType': 'HASH'}]}}"),
      "validation: 1 validation error detected: Value 'b' at 's3BucketSource.s3Bucket' failed to satisfy constraint: "
      "Member must satisfy regular expression pattern: ^[a-z0-9A-Z]+[\\.\\-\\w]*[a-z0-9A-Z]+$");
  EXPECT_EQ(
      run("{'S3BucketSource': {'S3Bucket': 'bucket'}, 'InputFormat': 'CSV', 'TableCreationParameters': {'TableName': "
          "'made', 'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}], 'KeySchema': "
          "[{'AttributeName': 'pk', 'KeyType': 'HASH'}]}}"),
      "validation: One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be "
      "specified when BillingMode is PROVISIONED");
  EXPECT_EQ(server.run(describe_import, "{'ImportArn': 'arn:aws:dynamodb:eu-west-1:000000000000:table/made'}"),
            "validation: Invalid Import ARN");
}

TEST_F(Imports, ListsThemNewestFirst) {
  std::vector<std::string> arns;
  for (int i = 0; i < 3; ++i) {
    arns.push_back(at(finished(import_of("in", "made" + std::to_string(i))), "ImportArn"));
    server.wall().advance(1'000'000);
  }
  const std::string page = server.must(list_imports, "{'PageSize': 2}");
  EXPECT_EQ(json_at(page, "ImportSummaryList.0.ImportArn"), arns[2]);
  EXPECT_EQ(json_at(page, "ImportSummaryList.1.ImportArn"), arns[1]);
  const std::string token = json_at(page, "NextToken");
  EXPECT_GE(token.size(), 112U);
  EXPECT_EQ(token.size() % 16, 0U);
  const std::string rest = server.must(list_imports, "{'NextToken': '" + token + "'}");
  EXPECT_EQ(json_at(rest, "ImportSummaryList.0.ImportArn"), arns[0]);
  EXPECT_EQ(json_at(rest, "NextToken"), "(none)");
  const std::string one =
      server.must(list_imports, "{'TableArn': 'arn:aws:dynamodb:eu-west-1:000000000000:table/made1'}");
  EXPECT_EQ(json_at(one, "ImportSummaryList"), "size 1");
}

TEST_F(Imports, AnExportComesBackInEveryFormat) {
  server.must(create_table, simple_table("source"));
  server.must(update_continuous_backups, with_recovery("source"));
  for (int i = 0; i < 50; ++i) {
    server.must(put_item,
                "{'TableName': 'source', 'Item': {'pk': {'S': 'k" + std::to_string(i) + "'}, 'n': {'N': '" +
                    std::to_string(i * 100) +
                    ".5'}, 'l': {'L': [{'BOOL': true}, {'NULL': true}, {'B': 'AAE='}]}, 'm': {'M': {'a b': {'NS': "
                    "['1', '-2']}}}, 's': {'SS': ['x', 'y\\n']}}}");
  }
  for (const std::string format : {"DYNAMODB_JSON", "ION"}) {
    const std::string arn =
        json_at(server.must(export_table_to_point_in_time, export_of("source", ", 'ExportFormat': '" + format + "'")),
                "ExportDescription.ExportArn");
    server.wait_for_jobs();
    const std::string data = "AWSDynamoDB/" + arn.substr(arn.rfind('/') + 1) + "/data/";
    const std::string ended = finished(import_of(data, "from" + format, format, ", 'InputCompressionType': 'GZIP'"));
    EXPECT_EQ(at(ended, "ImportStatus"), "COMPLETED") << ended;
    EXPECT_EQ(items("from" + format), items("source"));
  }
}

}  // namespace
}  // namespace reprise::dynamo
