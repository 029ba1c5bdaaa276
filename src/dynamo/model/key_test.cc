// Proves that storage keys order like DynamoDB's keys, read back, give the right ranges, and that wrong keys get
// AWS's answers.
#include "dynamo/model/key.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "base/rng.h"
#include "codec/hash64.h"
#include "codec/hex.h"
#include "dynamo/model/test_items.h"

namespace reprise::dynamo {
namespace {

using test::item;
using test::text_of;
using test::value;

KeySchema schema(AttributeType hash, std::optional<AttributeType> range = std::nullopt) {
  KeySchema result;
  result.hash = {{"pk", hash}};
  if (range) result.range = {{"sk", *range}};
  return result;
}

const KeySchema string_string = schema(AttributeType::string, AttributeType::string);
const KeySchema string_number = schema(AttributeType::string, AttributeType::number);

std::string error_of(const Outcome<Bytes>& result) { return result.ok() ? "ok" : result.error().message; }
std::string error_of(const Check& result) { return result.ok() ? "ok" : result.error().message; }

TEST(KeyTest, ItemKeysReadBack) {
  for (const std::string text :
       {"{'pk':{'S':'a'},'sk':{'S':'b'}}", "{'pk':{'S':'a\\u0000\\u0001'},'sk':{'S':'\\u0000'}}"}) {
    const Bytes source = item(text);
    const Bytes key = *item_key(string_string, ItemView(source));
    EXPECT_EQ(key_attributes(string_string, key), source);
    EXPECT_EQ(*request_key(string_string, ItemView(source)), key);
    EXPECT_EQ(*start_key(string_string, ItemView(source)), key);
  }
  const KeySchema numbers = schema(AttributeType::number, AttributeType::binary);
  const Bytes source = item("{'pk':{'N':'-1.5'},'sk':{'B':'AAH/'}}");
  EXPECT_EQ(key_attributes(numbers, *item_key(numbers, ItemView(source))), source);
}

// The form is on disks: these bytes never change.
TEST(KeyTest, TheEncodingIsFrozen) {
  const Bytes key = *item_key(string_number, ItemView(item("{'pk':{'S':'a\\u0000b'},'sk':{'N':'1'}}")));
  EXPECT_EQ(codec::to_hex(key).substr(16),
            "6100ff620001"
            "c102");
  EXPECT_EQ(key_hash(key), codec::hash64(BytesView("a\0\xff"
                                                   "b\0\1",
                                                   6)));
}

TEST(KeyTest, OtherAttributesDoNotMatter) {
  const Bytes with = item("{'a':{'N':'1'},'pk':{'S':'p'},'sk':{'N':'2'},'z':{'S':''}}");
  const Bytes without = item("{'pk':{'S':'p'},'sk':{'N':'2'}}");
  EXPECT_EQ(*item_key(string_number, ItemView(with)), *item_key(string_number, ItemView(without)));
  EXPECT_EQ(key_of_item(string_number, ItemView(with)), without);
}

TEST(KeyTest, ItemKeyErrors) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{'sk':{'S':'b'}}", "One or more parameter values were invalid: Missing the key pk in the item"},
      {"{'pk':{'S':'b'}}", "One or more parameter values were invalid: Missing the key sk in the item"},
      {"{'pk':{'N':'1'},'sk':{'S':'b'}}",
       "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N"},
      {"{'pk':{'NULL':true},'sk':{'S':'b'}}",
       "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: NULL"},
      {"{'pk':{'S':''},'sk':{'S':'b'}}",
       "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
       "string value. Key: pk"},
      {"{'pk':{'S':'a'},'sk':{'S':''}}",
       "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
       "string value. Key: sk"},
      {"{'pk':{'S':'" + std::string(2049, 'a') + "'},'sk':{'S':'b'}}",
       "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"},
      {"{'pk':{'S':'a'},'sk':{'S':'" + std::string(1025, 'b') + "'}}",
       "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of "
       "1024 bytes"},
      {"{'pk':{'S':'" + std::string(2048, 'a') + "'},'sk':{'S':'" + std::string(1024, 'b') + "'}}", "ok"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(error_of(item_key(string_string, ItemView(item(text)))), message);
  const KeySchema binary = schema(AttributeType::binary);
  EXPECT_EQ(
      error_of(item_key(binary, ItemView(item("{'pk':{'B':''}}")))),
      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty "
      "binary value. Key: pk");
}

TEST(KeyTest, RequestKeyErrors) {
  constexpr std::string_view mismatch = "The provided key element does not match the schema";
  for (const std::string text : {"{}", "{'pk':{'S':'a'}}", "{'pk':{'S':'a'},'x':{'S':'b'}}",
                                 "{'pk':{'S':'a'},'sk':{'N':'1'}}", "{'pk':{'S':'a'},'sk':{'S':'b'},'x':{'S':'c'}}"}) {
    EXPECT_EQ(error_of(request_key(string_string, ItemView(item(text)))), mismatch) << text;
  }
}

TableDefinition table_with_indexes() {
  TableDefinition table;
  table.key = string_string;
  GlobalIndex global;
  global.name = "gsi";
  global.key.hash = {{"gpk", AttributeType::string}};
  global.key.range = {{"gsk", AttributeType::number}};
  table.global_indexes.push_back(global);
  LocalIndex local;
  local.name = "lsi";
  local.key.hash = {{"pk", AttributeType::string}};
  local.key.range = {{"lsk", AttributeType::binary}};
  table.local_indexes.push_back(local);
  return table;
}

TEST(KeyTest, IndexKeyErrors) {
  const TableDefinition table = table_with_indexes();
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{'pk':{'S':'a'}}", "ok"},
      {"{'pk':{'S':'a'},'gpk':{'S':'g'},'gsk':{'N':'1'},'lsk':{'B':'AQ=='}}", "ok"},
      {"{'gpk':{'N':'1'}}",
       "One or more parameter values were invalid: Type mismatch for Index Key gpk Expected: S Actual: N IndexName: "
       "gsi"},
      {"{'gsk':{'L':[]}}",
       "One or more parameter values were invalid: Type mismatch for Index Key gsk Expected: N Actual: L IndexName: "
       "gsi"},
      {"{'gpk':{'S':''}}",
       "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The "
       "AttributeValue for a key attribute cannot contain an empty string value. IndexName: gsi, IndexKey: gpk"},
      {"{'lsk':{'B':''}}",
       "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The "
       "AttributeValue for a key attribute cannot contain an empty binary value. IndexName: lsi, IndexKey: lsk"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(error_of(check_index_keys(table, ItemView(item(text)))), message);
}

TEST(KeyTest, IndexKeysCarryTheTablesKey) {
  const TableDefinition table = table_with_indexes();
  const KeySchema& index = table.global_indexes[0].key;
  const Bytes full = item("{'gpk':{'S':'g'},'gsk':{'N':'7'},'pk':{'S':'p'},'sk':{'S':'s'},'x':{'S':'y'}}");
  const auto key = index_key(index, table.key, ItemView(full));
  ASSERT_TRUE(key);
  EXPECT_EQ(text_of(index_key_attributes(index, table.key, *key)),
            "{'gpk':{'S':'g'},'gsk':{'N':'7'},'pk':{'S':'p'},'sk':{'S':'s'}}");
  EXPECT_EQ(*index_start_key(index, table.key, ItemView(index_key_attributes(index, table.key, *key))), *key);
  EXPECT_FALSE(index_key(index, table.key, ItemView(item("{'gpk':{'S':'g'},'pk':{'S':'p'},'sk':{'S':'s'}}"))));
  EXPECT_FALSE(
      index_key(index, table.key, ItemView(item("{'gpk':{'S':'g'},'gsk':{'S':'7'},'pk':{'S':'p'},'sk':{'S':'s'}}"))));
  // A local index shares the table's partition key.
  const auto local = index_key(table.local_indexes[0].key, table.key,
                               ItemView(item("{'lsk':{'B':'AQ=='},'pk':{'S':'p'},'sk':{'S':'s'}}")));
  ASSERT_TRUE(local);
  EXPECT_EQ(text_of(index_key_attributes(table.local_indexes[0].key, table.key, *local)),
            "{'lsk':{'B':'AQ=='},'pk':{'S':'p'},'sk':{'S':'s'}}");
}

TEST(KeyTest, StartKeyErrors) {
  const TableDefinition table = table_with_indexes();
  const Bytes wrong = item("{'pk':{'S':'p'}}");
  EXPECT_EQ(error_of(start_key(table.key, ItemView(wrong), StartOf::query)), "The provided starting key is invalid");
  EXPECT_EQ(error_of(start_key(table.key, ItemView(wrong), StartOf::scan)),
            "The provided starting key is invalid: The provided key element does not match the schema");
  const Bytes empty = item("{'pk':{'S':'p'},'sk':{'S':''}}");
  EXPECT_EQ(
      error_of(start_key(table.key, ItemView(empty), StartOf::scan)),
      "The provided starting key is invalid: One or more parameter values are not valid. The AttributeValue for a "
      "key attribute cannot contain an empty string value. Key: sk");
  EXPECT_TRUE(start_key(table.key, ItemView(empty), StartOf::query).ok());
  const Bytes table_only = item("{'pk':{'S':'p'},'sk':{'S':'s'}}");
  EXPECT_TRUE(start_key(table.key, ItemView(table_only)).ok());
  EXPECT_FALSE(index_start_key(table.global_indexes[0].key, table.key, ItemView(table_only)).ok());
}

// ---- Ranges against a model ----

Bytes key_of(const KeySchema& schema, const std::string& pk, const Bytes& sk) {
  ItemBuilder builder;
  builder.set_string("pk", pk).set("sk", ValueView(sk));
  return *item_key(schema, ItemView(builder.build()));
}

Bytes random_sort_value(Rng& rng, bool numeric) {
  if (numeric) {
    Bytes out;
    ValueWriter(out).number(*Number::parse(std::to_string(static_cast<int>(rng.below(41)) - 20) + "E" +
                                           std::to_string(static_cast<int>(rng.below(5)) - 2)));
    return out;
  }
  std::string text;
  const auto size = 1 + rng.below(4);
  for (std::uint64_t i = 0; i < size; ++i)
    text.push_back(
        "\0\1\xfe\xff"
        "ab"[rng.below(6)]);
  Bytes out;
  ValueWriter(out).string(text);
  return out;
}

bool holds(SortOperator op, ValueView value, ValueView low, ValueView high) {
  const BytesView v = value.bytes();
  switch (op) {
    case SortOperator::none: return true;
    case SortOperator::equal: return v == low.bytes();
    case SortOperator::less: return v < low.bytes();
    case SortOperator::less_equal: return v <= low.bytes();
    case SortOperator::greater: return v > low.bytes();
    case SortOperator::greater_equal: return v >= low.bytes();
    case SortOperator::between: return low.bytes() <= v && v <= high.bytes();
    case SortOperator::begins_with: return v.starts_with(low.bytes());
  }
  return false;
}

TEST(KeyTest, RangesHoldExactlyWhatTheConditionSays) {
  Rng rng(12);
  for (int round = 0; round < 4000; ++round) {
    const bool numeric = rng.chance(1, 2);
    const KeySchema& schema = numeric ? string_number : string_string;
    const auto op = static_cast<SortOperator>(rng.below(numeric ? 7 : 8));
    Bytes low = random_sort_value(rng, numeric);
    Bytes high = random_sort_value(rng, numeric);
    if (ValueView(high).bytes() < ValueView(low).bytes()) std::swap(low, high);
    Bytes pk;
    ValueWriter(pk).string("p");
    KeyCondition condition;
    condition.hash = {ValueView(pk)};
    condition.op = op;
    if (op != SortOperator::none) condition.low = ValueView(low);
    if (op == SortOperator::between) condition.high = ValueView(high);
    const KeyRange range = query_range(schema, condition);
    for (int i = 0; i < 20; ++i) {
      const Bytes sort = random_sort_value(rng, numeric);
      ASSERT_EQ(range.contains(key_of(schema, "p", sort)), holds(op, ValueView(sort), ValueView(low), ValueView(high)))
          << static_cast<int>(op);
      ASSERT_FALSE(range.contains(key_of(schema, "q", sort)));
    }
  }
}

TEST(KeyTest, SortKeysOrderWithinAPartition) {
  Rng rng(5);
  for (int round = 0; round < 3000; ++round) {
    const bool numeric = rng.chance(1, 2);
    const KeySchema& schema = numeric ? string_number : string_string;
    const Bytes a = random_sort_value(rng, numeric);
    const Bytes b = random_sort_value(rng, numeric);
    ASSERT_EQ(key_of(schema, "p", a) < key_of(schema, "p", b), ValueView(a).bytes() < ValueView(b).bytes());
  }
}

TEST(KeyTest, SegmentsCoverEveryHashOnce) {
  for (const std::uint32_t total : {1U, 2U, 3U, 7U, 1000U, 1'000'000U}) {
    Bytes previous;
    for (std::uint32_t segment = 0; segment < std::min(total, 50U); ++segment) {
      const KeyRange range = segment_range(segment, total);
      EXPECT_EQ(range.lower, previous);
      previous = range.upper;
    }
    EXPECT_EQ(segment_range(total - 1, total).upper, "");
    EXPECT_EQ(segment_range(0, total).lower, "");
  }
  Rng rng(3);
  for (int i = 0; i < 1000; ++i) {
    const Bytes key = key_of(string_string, std::to_string(rng.next()), value("{'S':'x'}"));
    int found = 0;
    for (std::uint32_t segment = 0; segment < 7; ++segment) found += segment_range(segment, 7).contains(key) ? 1 : 0;
    EXPECT_EQ(found, 1);
    EXPECT_TRUE(whole_range().contains(key));
  }
}

TEST(KeyTest, SeveralAttributesOnEachSide) {
  KeySchema index;
  index.hash = {{"h1", AttributeType::string}, {"h2", AttributeType::number}};
  index.range = {{"r1", AttributeType::string}, {"r2", AttributeType::number}};
  const KeySchema table = schema(AttributeType::string);
  const Bytes full = item("{'h1':{'S':'a'},'h2':{'N':'1'},'pk':{'S':'p'},'r1':{'S':'x'},'r2':{'N':'5'}}");
  const Bytes key = *index_key(index, table, ItemView(full));
  EXPECT_EQ(index_key_attributes(index, table, key), full);
  const Bytes h1 = value("{'S':'a'}");
  const Bytes h2 = value("{'N':'1'}");
  const Bytes r1 = value("{'S':'x'}");
  const Bytes r2 = value("{'N':'4'}");
  KeyCondition condition;
  condition.hash = {ValueView(h1), ValueView(h2)};
  condition.range_equal = {ValueView(r1)};
  condition.op = SortOperator::greater;
  condition.low = ValueView(r2);
  EXPECT_TRUE(query_range(index, condition).contains(key));
  condition.op = SortOperator::less;
  EXPECT_FALSE(query_range(index, condition).contains(key));
}

}  // namespace
}  // namespace reprise::dynamo
