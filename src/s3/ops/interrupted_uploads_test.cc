// What is left when writes fail in the middle of uploads, copies, deletes and the collector's rounds: for every n the
// n-th durable step fails, in each of the ways that the engine's contract allows, and the server goes on over what is
// there. Afterwards every object that was answered reads back, none is half there, and a sweep leaves exactly the blobs
// that have names.
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "base/log.h"
#include "kv/faulty/engine.h"
#include "kv/memory/engine.h"
#include "s3/ops/garbage.h"
#include "s3/ops/payloads_for_tests.h"
#include "s3/ops/uploads.h"

namespace reprise::s3 {
namespace {

using kv::Fault;

std::string etag_in(const std::string& text) {
  const auto at = text.find("<ETag>&quot;");
  return at == std::string::npos ? "" : text.substr(at + 12, 32);
}

// What a client was told: the bodies that each key may have, "" for none.
class Client {
 public:
  explicit Client(BucketServer& server) : server_(server) {}

  void put(const std::string& key, char fill) {
    const Bytes body(blob_sized, fill);
    told(key, body, put_object(server_, "bucket", key, body));
  }
  void copy(const std::string& key, const std::string& source) {
    const std::string there = get_object(server_, "bucket", source);
    if (there.starts_with("200 ")) told(key, there.substr(4), copy_object(server_, "bucket", source, key));
  }
  void remove(const std::string& key) { told(key, "", delete_object(server_, "bucket", key)); }

  void upload(const std::string& key, char fill) {
    const std::string id = begin_upload(server_, "bucket", key);
    put_part(server_, "bucket", key, id, 1, "replaced");
    put_part(server_, "bucket", key, id, 1, Bytes(blob_sized, fill));
    put_part(server_, "bucket", key, id, 2, "unused");
    Call list = server_.call("GET", "bucket", key);
    BucketServer::set_query(list, {{"uploadId", id}, {"max-parts", "1"}});
    const std::string etag = etag_in(server_.text_of(server_.run(multipart_operations(), "ListParts", list)));
    Call call = server_.call("POST", "bucket", key);
    BucketServer::set_query(call, {{"uploadId", id}});
    call.document = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag +
                    "</ETag></Part></CompleteMultipartUpload>";
    const std::string text = server_.text_of(server_.run(multipart_operations(), "CompleteMultipartUpload", call));
    // Had the second part 1 failed, the first one is what is completed.
    allowed_[key].insert("replaced");
    told(key, Bytes(blob_sized, fill), text, text.starts_with("200") ? std::optional<Bytes>("replaced") : std::nullopt);
  }
  void abort(const std::string& key) {
    const std::string id = begin_upload(server_, "bucket", key);
    put_part(server_, "bucket", key, id, 1, "aborted");
    Call call = server_.call("DELETE", "bucket", key);
    BucketServer::set_query(call, {{"uploadId", id}});
    server_.text_of(server_.run(multipart_operations(), "AbortMultipartUpload", call));
  }

  void check() {
    for (const auto& [key, bodies] : allowed_) {
      const std::string text = get_object(server_, "bucket", key);
      const Bytes body = text.starts_with("404 NoSuchKey") ? Bytes() : text.substr(4);
      EXPECT_TRUE(text.starts_with("404 NoSuchKey") || text.starts_with("200 ")) << key << ": " << text.substr(0, 200);
      EXPECT_TRUE(bodies.contains(body)) << key << " holds " << body.substr(0, 20);
    }
  }

 private:
  // Until it is answered with success, what was there before is as good.
  void told(const std::string& key, const Bytes& body, const std::string& text,
            const std::optional<Bytes>& as_good = std::nullopt) {
    auto& bodies = allowed_[key];
    if (text.starts_with("2")) {
      bodies.clear();
    } else if (bodies.empty()) {
      bodies.insert("");
    }
    bodies.insert(body);
    if (as_good) bodies.insert(*as_good);
  }

  BucketServer& server_;
  std::map<std::string, std::set<Bytes>> allowed_;
};

void sweep(BucketServer& server, std::initializer_list<int> rounds) {
  GarbageOptions options;
  options.grace = std::chrono::microseconds(0);
  GarbageCollector collector(server.services(), options);
  for ([[maybe_unused]] const int round : rounds) static_cast<void>(sync_wait(collector.sweep()).ok());
}

void tell(Client& client, BucketServer& server) {
  client.put("a", 'a');
  client.put("a", 'b');
  client.copy("b", "a");
  client.upload("c", 'c');
  client.upload("c", 'd');
  client.abort("d");
  sweep(server, {1});
  client.remove("a");
  client.copy("d", "b");
  client.remove("c");
  sweep(server, {1});
  client.put("e", 'e');
}

void end_uploads(BucketServer& server) {
  const BucketPtr bucket = server.buckets().find("bucket");
  const auto page = sync_wait(scan_uploads(server.services(), *bucket, "", Bytes(), 100));
  ASSERT_TRUE(page.ok());
  for (const FoundUpload& upload : page->uploads) {
    EXPECT_TRUE(sync_wait(abort_upload(server.services(), bucket, upload.key, upload.id)).ok());
  }
}

class InterruptedUploads : public ::testing::TestWithParam<Fault> {};

TEST_P(InterruptedUploads, AtEveryWrite) {
  set_log_level(LogLevel::error);
  std::uint64_t n = 1;
  for (;; ++n) {
    SCOPED_TRACE("write " + std::to_string(n));
    const auto memory = kv::make_memory_engine();
    kv::FaultyEngine engine(*memory);
    BucketServer server({}, {}, &engine);
    server.make_bucket("bucket");
    engine.plan_write(n, GetParam());
    Client client(server);
    tell(client, server);
    const bool happened = engine.faults() > 0;
    engine.clear();
    server.reopen();
    client.check();
    end_uploads(server);
    sweep(server, {1, 2});
    client.check();
    EXPECT_EQ(blobs_on_disk(server), blobs_named(server));
    EXPECT_EQ(rows_in(server, server.buckets().find("bucket")->spaces.releases), 0u);
    if (!happened || ::testing::Test::HasFailure()) break;
  }
  EXPECT_GT(n, 20u);
  set_log_level(LogLevel::info);
}

INSTANTIATE_TEST_SUITE_P(Faults, InterruptedUploads,
                         ::testing::Values(Fault{Fault::Effect::stop_writes, Code::unavailable},
                                           Fault{Fault::Effect::fail, Code::io_error},
                                           Fault{Fault::Effect::tear, Code::io_error},
                                           Fault{Fault::Effect::lose_answer, Code::io_error}));

}  // namespace
}  // namespace reprise::s3
