// The four operations over a store in memory, with a clock that tests move: what takes hours in real life.
#include "dynamo/streams/stream_operations.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/rng.h"
#include "dynamo/ops/table_streams.h"
#include "dynamo/ops/tables_for_tests.h"
#include "dynamo/ops/time_to_live.h"

namespace reprise::dynamo {
namespace {

constexpr std::int64_t second = 1'000'000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
const std::string trimmed = "The data you are trying to access has been trimmed";

// One record, as far as tests care.
struct Record {
  std::string event;
  std::string key;
  std::string old_value;  // of the attribute v; "(none)"
  std::string new_value;
  std::string sequence;
  std::string identity;
};

class Streams : public ::testing::Test {
 protected:
  void SetUp() override { make("table"); }

  void make(const std::string& name, const std::string& view = "NEW_AND_OLD_IMAGES") {
    server.must(create_table, "{'TableName': '" + name +
                                  "', 'BillingMode': 'PAY_PER_REQUEST', 'AttributeDefinitions': [{'AttributeName': "
                                  "'id', 'AttributeType': 'S'}], 'KeySchema': [{'AttributeName': 'id', 'KeyType': "
                                  "'HASH'}], 'StreamSpecification': {'StreamEnabled': true, 'StreamViewType': '" +
                                  view + "'}}");
  }
  void put(const std::string& id, const std::string& value, const std::string& name = "table") {
    server.must(put_item,
                "{'TableName': '" + name + "', 'Item': {'id': {'S': '" + id + "'}, 'v': {'N': '" + value + "'}}}");
  }
  void erase(const std::string& id) {
    server.must(delete_item, "{'TableName': 'table', 'Key': {'id': {'S': '" + id + "'}}}");
  }
  std::string arn(const std::string& name = "table") {
    return stream_arn(*server.table(name), server.table(name)->stream);
  }
  std::string describe(const std::string& more = "") {
    return server.must(describe_stream, "{'StreamArn': '" + arn() + "'" + more + "}");
  }
  std::string shard_id(std::size_t n) {
    return json_at(describe(), "StreamDescription.Shards." + std::to_string(n) + ".ShardId");
  }
  std::string ask(const std::string& shard, const std::string& type, const std::string& more = "") {
    return server.run(get_shard_iterator, "{'StreamArn': '" + arn() + "', 'ShardId': '" + shard +
                                              "', 'ShardIteratorType': '" + type + "'" + more + "}");
  }
  std::string start(std::size_t shard = 0, const std::string& type = "TRIM_HORIZON") {
    return json_at(ask(shard_id(shard), type), "ShardIterator");
  }
  std::string get(const std::string& iterator, const std::string& more = "") {
    return server.run(get_records, "{'ShardIterator': '" + iterator + "'" + more + "}");
  }
  // The records of one page, and the next iterator ("(none)").
  std::vector<Record> page(std::string& iterator, const std::string& more = "") {
    const std::string text = get(iterator, more);
    EXPECT_TRUE(text.starts_with("{")) << text;
    std::vector<Record> records;
    codec::JsonDocument document;
    const auto json = document.parse(text);
    for (auto element = json->find("Records")->first_element(); element; element.advance()) {
      const auto at = [&](std::initializer_list<std::string_view> path) {
        std::optional<codec::JsonValue> value = element.value();
        for (const auto step : path) value = value ? value->find(step) : std::nullopt;
        return value ? std::string(value->string()) : "(none)";
      };
      records.push_back({at({"eventName"}), at({"dynamodb", "Keys", "id", "S"}), at({"dynamodb", "OldImage", "v", "N"}),
                         at({"dynamodb", "NewImage", "v", "N"}), at({"dynamodb", "SequenceNumber"}),
                         at({"userIdentity", "PrincipalId"})});
    }
    iterator = json_at(text, "NextShardIterator");
    return records;
  }
  // That nothing comes any more, and no other iterator.
  void expect_end(std::string iterator) {
    for (int i = 0; i < 5 && iterator != "(none)"; ++i) EXPECT_TRUE(page(iterator).empty());
    EXPECT_EQ(iterator, "(none)");
  }
  // All there is now of the shards that can be read.
  std::vector<Record> read_all(const std::string& more = "") {
    std::vector<Record> all;
    const std::size_t shards = std::stoul(json_at(describe(), "StreamDescription.Shards").substr(5));
    for (std::size_t n = 0; n < shards; ++n) {
      std::string iterator = start(n);
      for (int empty = 0; iterator != "(none)" && empty < 2;) {
        const auto records = page(iterator, more);
        empty = records.empty() ? empty + 1 : 0;
        all.insert(all.end(), records.begin(), records.end());
      }
    }
    return all;
  }

  TableServer server;
};

TEST_F(Streams, ShowWhatChanged) {
  put("a", "1");
  put("a", "2");
  put("a", "2");
  erase("a");
  std::string iterator = start();
  const auto records = page(iterator);
  ASSERT_EQ(records.size(), 3U);
  EXPECT_EQ(records[0].event + records[1].event + records[2].event, "INSERTMODIFYREMOVE");
  EXPECT_EQ(records[1].old_value, "1");
  EXPECT_EQ(records[1].new_value, "2");
  EXPECT_EQ(records[2].new_value, "(none)");
  EXPECT_EQ(records[2].identity, "(none)");
  EXPECT_NE(iterator, "(none)");
}

TEST_F(Streams, GoOnInTheNextShard) {
  put("first", "1");
  server.wall().advance(4 * hour - minute);
  std::string iterator = start();
  EXPECT_EQ(page(iterator).size(), 1U);
  server.wall().advance(minute);
  put("second", "2");
  // The old shard ends, and the new one has what came since.
  expect_end(iterator);
  ASSERT_EQ(json_at(describe(), "StreamDescription.Shards"), "size 2");
  EXPECT_EQ(json_at(describe(), "StreamDescription.Shards.1.ParentShardId"), shard_id(0));
  EXPECT_NE(json_at(describe(), "StreamDescription.Shards.0.SequenceNumberRange.EndingSequenceNumber"), "(none)");
  iterator = start(1);
  const auto records = page(iterator);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, "second");
  // LATEST of a closed shard is its end.
  iterator = start(0, "LATEST");
  EXPECT_TRUE(page(iterator).empty());
  EXPECT_EQ(iterator, "(none)");
  const std::string children = describe(", 'ShardFilter': {'Type': 'CHILD_SHARDS', 'ShardId': '" + shard_id(0) + "'}");
  ASSERT_EQ(json_at(children, "StreamDescription.Shards"), "size 1");
  EXPECT_EQ(json_at(children, "StreamDescription.Shards.0.ShardId"), shard_id(1));
  const std::string limited = describe(", 'Limit': 1");
  EXPECT_EQ(json_at(limited, "StreamDescription.LastEvaluatedShardId"), shard_id(0));
  EXPECT_EQ(json_at(describe(", 'ExclusiveStartShardId': '" + shard_id(0) + "'"), "StreamDescription.Shards.0.ShardId"),
            shard_id(1));
}

TEST_F(Streams, ForgetAfterADay) {
  put("old", "1");
  std::string iterator = start();
  const std::string first = page(iterator)[0].sequence;
  const std::string shard = shard_id(0);
  server.wall().advance(3 * hour);
  put("newer", "2");
  server.wall().advance(22 * hour);
  // The shard is still there, its oldest records are not.
  EXPECT_EQ(shard_id(0), shard);
  EXPECT_EQ(ask(shard, "AT_SEQUENCE_NUMBER", ", 'SequenceNumber': '" + first + "'"),
            "error " + std::to_string(static_cast<int>(ErrorKind::trimmed_data_access)) + ": " + trimmed);
  iterator = start();
  const auto records = page(iterator);
  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records[0].key, "newer");
  server.wall().advance(4 * hour);
  EXPECT_NE(shard_id(0), shard);
  EXPECT_EQ(ask(shard, "TRIM_HORIZON"), "not found: Requested resource not found: Shard does not exist");
}

TEST_F(Streams, AQuietStreamLeavesNoReaderBehind) {
  std::string iterator = start();
  for (int i = 0; i < 30 * 6; ++i) {
    server.wall().advance(10 * minute);
    if (iterator == "(none)")
      iterator = start(std::stoul(json_at(describe(), "StreamDescription.Shards").substr(5)) - 1);
    EXPECT_TRUE(page(iterator).empty());
  }
  put("a", "1");
  EXPECT_EQ(page(iterator).size(), 1U);
}

TEST_F(Streams, IteratorsExpire) {
  const std::string iterator = start();
  server.wall().advance(14 * minute);
  EXPECT_TRUE(get(iterator).starts_with("{"));
  server.wall().advance(2 * minute);
  EXPECT_EQ(get(iterator),
            "error " + std::to_string(static_cast<int>(ErrorKind::expired_iterator)) + ": Shard iterator has expired");
}

TEST_F(Streams, AnIteratorAtTheHorizonLivesItsLife) {
  put("a", "1");
  server.wall().advance(24 * hour - minute);
  std::string iterator = start();
  server.wall().advance(14 * minute);
  EXPECT_EQ(page(iterator).size(), 1U);
}

TEST_F(Streams, EndWithADayForReaders) {
  put("a", "1");
  server.must(update_table, "{'TableName': 'table', 'StreamSpecification': {'StreamEnabled': false}}");
  put("b", "2");
  EXPECT_EQ(json_at(describe(), "StreamDescription.StreamStatus"), "DISABLED");
  EXPECT_EQ(read_all().size(), 1U);
  server.wall().advance(23 * hour);
  ASSERT_TRUE(sync_wait(forget_old_streams(server.services())).ok());
  EXPECT_EQ(read_all().size(), 1U);
  server.wall().advance(1 * hour);
  ASSERT_TRUE(sync_wait(forget_old_streams(server.services())).ok());
  EXPECT_EQ(server.run(describe_stream, "{'StreamArn': '" + arn() + "'}"),
            "not found: Requested resource not found: Stream: " + arn() + " not found");
  EXPECT_EQ(json_at(server.must(list_streams, "{}"), "Streams"), "size 0");
}

TEST_F(Streams, OfDeletedTablesStayForADay) {
  put("a", "1");
  erase("a");
  const std::string gone = arn();
  std::string iterator = start();
  server.must(delete_table, "{'TableName': 'table'}");
  server.reopen();
  server.wall().advance(minute);
  ASSERT_TRUE(sync_wait(server.store().collect()).ok());
  EXPECT_EQ(json_at(server.must(list_streams, "{'TableName': 'table'}"), "Streams.0.StreamArn"), gone);
  const auto records = page(iterator);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_EQ(records[1].old_value, "1");
  expect_end(iterator);
  server.wall().advance(24 * hour);
  EXPECT_EQ(server.run(describe_stream, "{'StreamArn': '" + gone + "'}"),
            "not found: Requested resource not found: Stream: " + gone + " not found");
}

TEST_F(Streams, OfOtherAccountsAreClosed) {
  std::string other = arn();
  other.replace(other.find("000000000000"), 12, "111111111111");
  EXPECT_EQ(server.run(describe_stream, "{'StreamArn': '" + other + "'}"),
            "denied: User is not authorized to access a stream of another account");
  const std::string iterator = start();
  EXPECT_EQ(get(other + iterator.substr(other.size())),
            "denied: User is not authorized to access a stream of another account");
  EXPECT_EQ(get("arn" + iterator), "validation: Invalid ShardIterator");
}

// Random writes, expiries, pauses and restarts: the records of all shards, followed from where the reader stood,
// rebuild the table after each of them.
TEST_F(Streams, RebuildTheTable) {
  server.must(update_time_to_live,
              "{'TableName': 'table', 'TimeToLiveSpecification': {'Enabled': true, 'AttributeName': 'ttl'}}");
  std::size_t expired = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Rng rng(seed);
    std::map<std::string, std::string> model;
    for (const auto& record : read_all()) {
      if (record.event == "REMOVE") model.erase(record.key);
      if (record.event != "REMOVE") model[record.key] = record.new_value;
    }
    std::size_t writes = 0;
    const auto before = read_all().size();
    for (int i = 0; i < 200; ++i) {
      const std::string id = "k" + std::to_string(rng.below(12));
      const auto choice = rng.below(20);
      if (choice < 11) {
        const std::string value = std::to_string(rng.below(3));
        if (model[id] != value) ++writes;
        model[id] = value;
        put(id, value);
      } else if (choice < 17) {
        writes += model.erase(id);
        erase(id);
      } else if (choice == 17) {
        server.wall().advance(rng.below(20) * minute);
      } else if (choice == 18 && rng.chance(1, 3)) {
        server.reopen();
      } else if (choice == 19) {
        server.must(put_item, "{'TableName': 'table', 'Item': {'id': {'S': '" + id +
                                  "'}, 'v': {'N': '7'}, 'ttl': {'N': '1799999999'}}}");
        ASSERT_TRUE(sync_wait(make_expiry_sweep(server.services(), 1000)()).ok());
        model.erase(id);
        writes += 2;
        ++expired;
      }
    }
    const auto records = read_all(rng.chance(1, 2) ? ", 'Limit': 3" : "");
    ASSERT_GE(records.size(), before);
    std::map<std::string, std::string> replayed;
    std::string last;
    std::size_t by_service = 0;
    for (const auto& record : records) {
      EXPECT_LT(last, record.sequence);
      by_service += record.identity == "dynamodb.amazonaws.com" ? 1 : 0;
      last = record.sequence;
      const auto known = replayed.find(record.key);
      EXPECT_EQ(record.old_value, known == replayed.end() ? "(none)" : known->second);
      if (record.event == "REMOVE") {
        replayed.erase(record.key);
      } else {
        replayed[record.key] = record.new_value;
      }
    }
    EXPECT_EQ(records.size(), before + writes) << seed;
    EXPECT_EQ(replayed, model) << seed;
    EXPECT_EQ(by_service, expired) << seed;
  }
}

}  // namespace
}  // namespace reprise::dynamo
