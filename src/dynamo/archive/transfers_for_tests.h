// For tests: a server whose buckets are in memory, and what is in them.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "blob/memory_store_for_tests.h"
#include "codec/gzip.h"
#include "dynamo/archive/backups_for_tests.h"
#include "dynamo/archive/export_operations.h"
#include "dynamo/archive/import_operations.h"
#include "dynamo/archive/transfers.h"

namespace reprise::dynamo {

// One bucket called "bucket".
class OneBucket final : public blob::ObjectStores {
 public:
  explicit OneBucket(std::shared_ptr<blob::ObjectStore> bucket) : bucket_(std::move(bucket)) {}
  Result<std::shared_ptr<blob::ObjectStore>> bucket(std::string /*account*/, std::string name) override {
    if (name != "bucket") return not_found("no bucket " + name);
    return bucket_;
  }

 private:
  std::shared_ptr<blob::ObjectStore> bucket_;
};

struct Places {
  std::shared_ptr<blob::MemoryStore> bucket = std::make_shared<blob::MemoryStore>();
  std::shared_ptr<blob::MemoryStore> reports = std::make_shared<blob::MemoryStore>();
  OneBucket buckets{bucket};

  TableServer::Prepare prepare() {
    return [this](Services& services) {
      services.buckets = &buckets;
      register_transfer_jobs(services, reports);
    };
  }
};

inline Bytes object_text(blob::ObjectStore& store, const std::string& key) {
  auto reader = store.open(key);
  if (!reader.ok()) return "(" + reader.error().to_string() + ")";
  Bytes text;
  for (;;) {
    auto piece = (*reader)->read(1 << 16);
    if (!piece.ok() || piece->empty()) return text;
    text += *piece;
  }
}

inline void put_object(blob::ObjectStore& store, const std::string& key, BytesView text) {
  auto writer = store.create(key);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->append(text).ok());
  ASSERT_TRUE((*writer)->commit().ok());
}

inline std::vector<std::string> object_keys(blob::ObjectStore& store, const std::string& prefix = "") {
  std::vector<std::string> keys;
  auto listed = store.list(prefix, "", 10'000);
  EXPECT_TRUE(listed.ok());
  if (listed.ok()) {
    for (const auto& info : *listed) keys.push_back(info.key);
  }
  return keys;
}

// Every line of the data files that the export's manifest names.
inline std::vector<std::string> exported_lines(blob::ObjectStore& store, const std::string& manifest_key) {
  std::vector<std::string> lines;
  const std::string files = object_text(store, json_at(object_text(store, manifest_key), "manifestFilesS3Key"));
  for (std::size_t start = 0; start < files.size();) {
    const std::size_t end = files.find('\n', start);
    const std::string line = files.substr(start, end - start);
    start = end + 1;
    auto text = codec::gunzip(object_text(store, json_at(line, "dataFileS3Key")), 1 << 26);
    EXPECT_TRUE(text.ok()) << line;
    if (!text.ok()) continue;
    std::size_t count = 0;
    for (std::size_t at = 0; at < text->size();) {
      const std::size_t stop = text->find('\n', at);
      lines.push_back(text->substr(at, stop - at));
      at = stop + 1;
      ++count;
    }
    EXPECT_EQ(json_at(line, "itemCount"), std::to_string(count));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

inline std::string described_export(TableServer& server, const std::string& arn) {
  return server.must(describe_export, "{'ExportArn': '" + arn + "'}");
}
inline std::string described_import(TableServer& server, const std::string& arn) {
  return server.must(describe_import, "{'ImportArn': '" + arn + "'}");
}

inline std::string simple_table(const std::string& name) {
  return "{'TableName': '" + name +
         "', 'BillingMode': 'PAY_PER_REQUEST', 'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}],"
         " 'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}]}";
}
inline std::string simple_item(const std::string& table, const std::string& pk, const std::string& text) {
  return "{'TableName': '" + table + "', 'Item': {'pk': {'S': '" + pk + "'}, 'text': {'S': '" + text + "'}}}";
}
inline std::string export_of(const std::string& table, const std::string& more = "") {
  return "{'TableArn': 'arn:aws:dynamodb:eu-west-1:000000000000:table/" + table + "', 'S3Bucket': 'bucket'" + more +
         "}";
}
inline std::string import_of(const std::string& prefix, const std::string& table,
                             const std::string& format = "DYNAMODB_JSON", const std::string& more = "") {
  return "{'S3BucketSource': {'S3Bucket': 'bucket', 'S3KeyPrefix': '" + prefix + "'}, 'InputFormat': '" + format +
         "', 'TableCreationParameters': " + simple_table(table) + more + "}";
}

}  // namespace reprise::dynamo
