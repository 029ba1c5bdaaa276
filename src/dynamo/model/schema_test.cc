// Proves that a table definition survives the catalogue's form, and that damaged or newer texts are told apart.
#include "dynamo/model/schema.h"

#include <gtest/gtest.h>

namespace reprise::dynamo {
namespace {

TableDefinition full_table() {
  TableDefinition table;
  table.account = "000000000000";
  table.name = "Sound-abc-NONE";
  table.id = "3f1c9c1e-0000-4000-8000-000000000001";
  table.arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/Sound-abc-NONE";
  table.space = SpaceId(17);
  table.status = TableStatus::updating;
  table.creation_micros = 1'760'000'000'123'456;
  table.attributes = {{"pk", AttributeType::string}, {"sk", AttributeType::number}, {"g", AttributeType::binary}};
  table.key.hash = {{"pk", AttributeType::string}};
  table.key.range = {{"sk", AttributeType::number}};
  LocalIndex local;
  local.name = "lsi";
  local.space = SpaceId(18);
  local.key.hash = table.key.hash;
  local.key.range = {{"g", AttributeType::binary}};
  local.projection = {ProjectionType::include, {"a \"b\"", "c"}};
  table.local_indexes.push_back(local);
  GlobalIndex global;
  global.name = "gsi";
  global.space = SpaceId(19);
  global.key.hash = {{"g", AttributeType::binary}};
  global.projection = {ProjectionType::keys_only, {}};
  global.throughput = {5, 6, 7, 8, 9};
  global.on_demand = OnDemandThroughput{100, -1};
  global.status = IndexStatus::creating;
  global.backfilling = true;
  table.global_indexes.push_back(global);
  table.billing = BillingMode::pay_per_request;
  table.pay_per_request_since_micros = 5;
  table.throughput = {1, 2, 3, 4, 5};
  table.on_demand = OnDemandThroughput{};
  table.table_class = TableClass::standard_infrequent_access;
  table.table_class_since_micros = 6;
  table.deletion_protection = true;
  table.recovery = {true, 11, 12, 7};
  table.restore = RestoreSummary{"arn:source", "arn:backup", 13, true};
  table.encryption = EncryptionSettings{true, "arn:key"};
  table.stream = {true, "NEW_IMAGE", "2026-01-01T00:00:00.000", 17, 0};
  table.past_streams = {{false, "KEYS_ONLY", "2025-01-01T00:00:00.000", 3, 5}};
  table.ttl = {true, "expires", 99};
  table.warm = WarmThroughput{12000, 4000};
  table.policy = ResourcePolicy{"{}", "1"};
  table.stream_policy = ResourcePolicy{"{ }", "2"};
  table.insights = {{"", "THROTTLED_KEYS", true, 4}, {"by-type", "", false, 5}};
  table.deleted_micros = 14;
  return table;
}

TEST(SchemaTest, DefinitionsSurviveTheCatalogue) {
  const TableDefinition table = full_table();
  const auto decoded = decode_table(encode_table(table));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, table);
  TableDefinition plain;
  plain.key.hash = {{"id", AttributeType::string}};
  const auto again = decode_table(encode_table(plain));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, plain);
}

TEST(SchemaTest, UnknownMembersAreSkipped) {
  Bytes text = encode_table(full_table());
  text.insert(text.size() - 1, R"(,"of_the_future":{"a":[1,2]})");
  const auto decoded = decode_table(text);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, full_table());
}

TEST(SchemaTest, DamageIsReported) {
  const Bytes text = encode_table(full_table());
  const auto code_of = [](BytesView damaged) {
    const auto decoded = decode_table(damaged);
    return decoded.ok() ? Code::ok : decoded.error().code();
  };
  EXPECT_EQ(code_of(""), Code::corruption);
  EXPECT_EQ(code_of("[]"), Code::corruption);
  EXPECT_EQ(code_of("{}"), Code::corruption);
  EXPECT_EQ(code_of(BytesView(text).substr(0, text.size() - 1)), Code::corruption);
  Bytes newer = text;
  newer.replace(newer.find("\"version\":1"), 11, "\"version\":2");
  EXPECT_EQ(code_of(newer), Code::unsupported);
  Bytes wrong = text;
  wrong.replace(wrong.find("PAY_PER_REQUEST"), 15, "pay_per_request");
  EXPECT_EQ(code_of(wrong), Code::corruption);
}

TEST(SchemaTest, FindsKeysAndIndexes) {
  const TableDefinition table = full_table();
  ASSERT_NE(table.key.find("sk"), nullptr);
  EXPECT_EQ(table.key.find("sk")->type, AttributeType::number);
  EXPECT_EQ(table.key.find("g"), nullptr);
  EXPECT_NE(table.global_index("gsi"), nullptr);
  EXPECT_EQ(table.global_index("lsi"), nullptr);
  EXPECT_NE(table.local_index("lsi"), nullptr);
}

TEST(SchemaTest, WireNamesReadBack) {
  for (const auto type : {ProjectionType::all, ProjectionType::keys_only, ProjectionType::include}) {
    EXPECT_EQ(projection_type(wire_name(type)), type);
  }
  for (const auto mode : {BillingMode::provisioned, BillingMode::pay_per_request}) {
    EXPECT_EQ(billing_mode(wire_name(mode)), mode);
  }
  EXPECT_EQ(table_class("STANDARD_INFREQUENT_ACCESS"), TableClass::standard_infrequent_access);
  EXPECT_FALSE(table_class("standard"));
  EXPECT_EQ(key_type("N"), AttributeType::number);
  EXPECT_FALSE(key_type("BOOL"));
}

}  // namespace
}  // namespace reprise::dynamo
