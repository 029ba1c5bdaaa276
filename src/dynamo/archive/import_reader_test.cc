// CSV and DynamoDB JSON lines, whole and in pieces; the same for every piece size.
#include "dynamo/archive/import_reader.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "dynamo/archive/import_items.h"
#include "dynamo/model/test_items.h"

namespace reprise::dynamo {
namespace {

TableDefinition table() {
  TableDefinition made;
  made.attributes = {{"pk", AttributeType::string}, {"n", AttributeType::number}, {"b", AttributeType::binary}};
  made.key.hash = {{"pk", AttributeType::string}};
  return made;
}

// Each record as the item it becomes, or "fault: ...".
std::vector<std::string> read(ImportFormat format, std::string_view text, std::size_t piece, CsvOptions csv) {
  auto reader = make_import_reader(format, std::move(csv), table().attributes);
  std::vector<ImportRecord> records;
  for (std::size_t i = 0; i < text.size(); i += piece) reader->feed(text.substr(i, piece), records);
  reader->finish(records);
  std::vector<std::string> found;
  codec::JsonDocument document;
  for (const ImportRecord& record : records) {
    const auto item = imported_item(document, table(), record);
    found.push_back(item.ok() ? test::text_of(item->item) : "fault: " + item.error().message);
  }
  return found;
}

void expect(ImportFormat format, std::string_view text, const std::vector<std::string>& expected, CsvOptions csv = {}) {
  for (const std::size_t piece : {1, 2, 5, 1000}) {
    EXPECT_EQ(read(format, text, piece, csv), expected) << text << "\nby " << piece;
  }
}
void expect_csv(std::string_view text, const std::vector<std::string>& expected, CsvOptions csv = {}) {
  expect(ImportFormat::csv, text, expected, std::move(csv));
}

TEST(CsvImport, ReadsHeaderTypesAndEmptyColumns) {
  expect_csv(
      "pk,n,x,b\na,1,2,aGk=\r\nb,,\"q,\"\"r\"\"\n\",\n",
      {"{'b':{'B':'aGk='},'n':{'N':'1'},'pk':{'S':'a'},'x':{'S':'2'}}", "{'pk':{'S':'b'},'x':{'S':'q,\\'r\\'\\n'}}"});
  expect_csv("\xef\xbb\xbfpk\na", {"{'pk':{'S':'a'}}"});
  expect_csv("", {});
  expect_csv("pk,n\n\n\n", {});
}

TEST(CsvImport, TakesDelimiterAndHeaderFromTheRequest) {
  expect_csv("a;1\nb;2\n", {"{'n':{'N':'1'},'pk':{'S':'a'}}", "{'n':{'N':'2'},'pk':{'S':'b'}}"}, {';', {"pk", "n"}});
  expect_csv("pk\tx\na\tb c\n", {"{'pk':{'S':'a'},'x':{'S':'b c'}}"}, {'\t', {}});
}

TEST(CsvImport, AFaultCostsItsLineAlone) {
  expect_csv("pk,x\na,say \"hi\"\nb,2\n",
             {"fault: CSV: a quote stands in a field that is not quoted", "{'pk':{'S':'b'},'x':{'S':'2'}}"});
  expect_csv("pk,x\na,\"open\nb,2\nc,\"3\"\n", {"fault: CSV: there is something behind a quoted field",
                                                "{'pk':{'S':'b'},'x':{'S':'2'}}", "{'pk':{'S':'c'},'x':{'S':'3'}}"});
  expect_csv("pk,x\na,\"open\nb,2\n", {"fault: CSV: a quote does not end", "{'pk':{'S':'b'},'x':{'S':'2'}}"});
  expect_csv("pk,x\na\nb,2,3\nc,4\n",
             {"fault: CSV: the record has 1 fields, the header 2", "fault: CSV: the record has 3 fields, the header 2",
              "{'pk':{'S':'c'},'x':{'S':'4'}}"});
  expect_csv("pk,n\na,one\n,2\nb,3\n",
             {"fault: The parameter cannot be converted to a numeric value: one",
              "fault: One or more parameter values were invalid: Missing the key pk in the item",
              "{'n':{'N':'3'},'pk':{'S':'b'}}"});
}

TEST(CsvImport, WithoutAHeaderThereIsNothing) {
  expect_csv("pk,pk\na,b\n", {"fault: CSV: the header names a column twice"});
  expect_csv("pk,,x\na,b,c\n", {"fault: CSV: a column has no name in the header"});
  expect_csv("p\"k\na\nb\n", {"fault: CSV: a quote stands in a field that is not quoted"});
}

TEST(JsonImport, ReadsLines) {
  expect(ImportFormat::dynamodb_json, "{\"Item\":{\"pk\":{\"S\":\"a\"}}}\n\n  \r\n{\"Item\":{\"pk\":{\"S\":\"b\"}}}",
         {"{'pk':{'S':'a'}}", "{'pk':{'S':'b'}}"});
}

TEST(JsonImport, AFaultCostsItsLineAlone) {
  const auto found =
      read(ImportFormat::dynamodb_json,
           "{\"Item\":{\"pk\":{\"S\":\"a\"}}}\nrubbish\n{\"pk\":{\"S\":\"b\"}}\n{\"Item\":{\"pk\":{\"N\":\"1\"}}}\n"
           "{\"Item\":{\"pk\":{\"S\":1}}}\n{\"Item\":{\"x\":{\"S\":\"1\"}}}\n{\"Item\":{\"pk\":{\"S\":\"z\"}}}\n",
           1000, {});
  ASSERT_EQ(found.size(), 7U);
  EXPECT_EQ(found[0], "{'pk':{'S':'a'}}");
  EXPECT_TRUE(found[1].starts_with("fault: The record is not valid JSON")) << found[1];
  EXPECT_EQ(found[2], "fault: The record has no Item");
  EXPECT_EQ(found[3],
            "fault: One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N");
  EXPECT_EQ(found[4], "fault: NUMBER_VALUE cannot be converted to String");
  EXPECT_EQ(found[5], "fault: One or more parameter values were invalid: Missing the key pk in the item");
  EXPECT_EQ(found[6], "{'pk':{'S':'z'}}");
}

TEST(JsonImport, ALineHasALongestLength) {
  const std::string text = std::string(import_record_size_max + 10, 'x') + "\n{\"Item\":{\"pk\":{\"S\":\"a\"}}}\n";
  EXPECT_EQ(read(ImportFormat::dynamodb_json, text, 100'000, {}),
            (std::vector<std::string>{"fault: the line is too long", "{'pk':{'S':'a'}}"}));
}

TEST(JsonImport, AnItemIsAtMostFourHundredKilobytes) {
  const auto item = [](std::size_t size) {
    return "{\"Item\":{\"pk\":{\"S\":\"a\"},\"x\":{\"S\":\"" + std::string(size, 'x') + "\"}}}\n";
  };
  const auto found = read(ImportFormat::dynamodb_json, item(400 * 1024) + item(400 * 1024 - 4), 100'000, {});
  EXPECT_EQ(found[0], "fault: Item size has exceeded the maximum allowed size");
  EXPECT_TRUE(found[1].starts_with("{'pk'"));
}

TEST(IonImport, ReadsItems) {
  expect(ImportFormat::ion, "$ion_1_0 {Item:{pk:\"a\",n:1.}}\nrubbish\n$ion_1_0 {Item:{pk:\"b\"}}\n",
         {"{'n':{'N':'1'},'pk':{'S':'a'}}", "fault: Ion: there is something else than an item", "{'pk':{'S':'b'}}"});
}

TEST(ImportReport, ALineIsAsTheServiceWritesIt) {
  EXPECT_EQ(error_line("b", "import-test.csv", 0, "arn:x", "Missing the key pk in the item"),
            "{\"itemS3Pointer\":{\"bucket\":\"b\",\"key\":\"import-test.csv\",\"itemIndex\":0},\"importArn\":\"arn:x\","
            "\"errorMessages\":[\"Missing the key pk in the item\"]}");
}

}  // namespace
}  // namespace reprise::dynamo
