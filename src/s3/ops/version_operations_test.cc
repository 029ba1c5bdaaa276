// DeleteObject, DeleteObjects, and the tags and ACLs of objects, as requests.
#include <gtest/gtest.h>

#include "base/executor.h"
#include "s3/ops/versions_for_tests.h"

namespace reprise::s3 {
namespace {

using Lines = std::vector<std::string>;

struct Sent {
  std::vector<std::pair<std::string, std::string>> query{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string document{};
};

class VersionOperationsTest : public ::testing::Test {
 protected:
  void bucket(Versioning versioning, const std::function<void(Bucket&)>& more = {}) {
    server_.make_bucket("bucket", [&](Bucket& bucket) {
      bucket.versioning = versioning;
      bucket.recovery_days = 1;
      if (more) more(bucket);
    });
  }
  Written put(const std::string& key, const std::string& etag = "e") { return put_small(server_, "bucket", key, etag); }
  Outcome<Reply> send(std::string_view operation, const std::string& key, Sent sent) {
    Call call = server_.call("", "bucket", key);
    for (const auto& [name, value] : sent.query) call.query.add(name, value);
    for (const auto& [name, value] : sent.headers) call.headers.add(name, value);
    call.document = std::move(sent.document);
    return server_.run(version_operations(), operation, call);
  }
  std::string answer(std::string_view operation, const std::string& key, Sent sent = {}) {
    return server_.text_of(send(operation, key, sent));
  }
  // "204 x-amz-version-id=... x-amz-delete-marker=...".
  std::string remove(const std::string& key, Sent sent = {}) {
    const auto reply = send("DeleteObject", key, sent);
    if (!reply.ok()) return server_.text_of(S3Error(reply.error()));
    std::string out = std::to_string(reply->status);
    for (const auto& [name, value] : reply->headers) out += " " + name + "=" + value;
    return out;
  }
  Lines stack() {
    Call call = server_.call("GET", "bucket");
    return listed(document_of(server_.run(list_object_versions, call)));
  }

  BucketServer server_;
};

TEST_F(VersionOperationsTest, DeletesWithoutVersioning) {
  bucket(Versioning::never);
  put("k");
  EXPECT_EQ(remove("k"), "204");
  EXPECT_EQ(remove("k"), "204") << "what is not there is deleted";
  put("k");
  EXPECT_EQ(remove("k", {.query = {{"versionId", VersionId::make(1).text()}}}).substr(0, 3), "204");
  EXPECT_EQ(stack(), Lines{"k@null*"});
  EXPECT_EQ(remove("k", {.query = {{"versionId", "null"}}}), "204 x-amz-version-id=null");
  EXPECT_EQ(stack(), Lines{});
}

TEST_F(VersionOperationsTest, DeletesWithMarkersAndVersions) {
  bucket(Versioning::enabled);
  const std::string one = put("k").version.id.text();
  const std::string answered = remove("k");
  ASSERT_TRUE(answered.starts_with("204 x-amz-version-id=")) << answered;
  const std::string marker = answered.substr(21, 32);
  EXPECT_EQ(answered, "204 x-amz-version-id=" + marker + " x-amz-delete-marker=true");
  EXPECT_EQ(stack(), (Lines{"k@" + marker + "!*", "k@" + one}));
  EXPECT_EQ(remove("k", {.query = {{"versionId", marker}}}),
            "204 x-amz-version-id=" + marker + " x-amz-delete-marker=true");
  EXPECT_EQ(remove("k", {.query = {{"versionId", one}}}), "204 x-amz-version-id=" + one);
  EXPECT_EQ(stack(), Lines{});
  EXPECT_EQ(remove("k", {.query = {{"versionId", "nonsense"}}}), "400 InvalidArgument: Invalid version id specified");
  EXPECT_EQ(remove("k", {.query = {{"versionId", ""}}}), "400 InvalidArgument: Version id cannot be the empty string");
}

// Measured on the service: facts about conditional deletes.
TEST_F(VersionOperationsTest, DeletesOnCondition) {
  bucket(Versioning::enabled);
  EXPECT_EQ(remove("k", {.headers = {{"if-match", "*"}}}).substr(0, 14), "404 NoSuchKey:");
  EXPECT_EQ(remove("k", {.headers = {{"if-match", "\"e\""}}}).substr(0, 14), "404 NoSuchKey:");
  put("k", "right");
  EXPECT_EQ(remove("k", {.headers = {{"if-match", "\"wrong\""}}}),
            "412 PreconditionFailed: At least one of the pre-conditions you specified did not hold");
  EXPECT_EQ(remove("k", {.headers = {{"if-match", "\"right\""}}}).substr(0, 3), "204");
  EXPECT_EQ(remove("k", {.headers = {{"if-match", "*"}}}).substr(0, 14), "404 NoSuchKey:") << "a marker is on top";
  EXPECT_EQ(remove("k", {.headers = {{"x-amz-if-match-size", "1"}}}).substr(0, 3), "501");
  EXPECT_EQ(stack().size(), 2U);
}

TEST_F(VersionOperationsTest, LocksHold) {
  bucket(Versioning::enabled, [](Bucket& made) { made.object_lock_enabled = true; });
  const auto write = open_key(server_, "bucket", "k");
  ObjectVersion object = small_object("e");
  object.lock.legal_hold = true;
  const auto stored = sync_wait(write->put(object, "e", Naming::made_now));
  ASSERT_TRUE(stored.ok() && sync_wait(write->commit()).ok());
  EXPECT_EQ(remove("k", {.query = {{"versionId", stored->id.text()}}}).substr(0, 17), "403 AccessDenied:");
  EXPECT_EQ(remove("k").substr(0, 3), "204") << "a marker hides, and destroys nothing";
  const auto document = document_of(send(
      "DeleteObjects", "",
      {.document = "<Delete><Object><Key>k</Key><VersionId>" + stored->id.text() + "</VersionId></Object></Delete>"}));
  ASSERT_NE(document.child("Error"), nullptr);
  EXPECT_EQ(document.child("Error")->text_of("Code"), "AccessDenied");
  EXPECT_EQ(stack().size(), 2U);
}

TEST_F(VersionOperationsTest, BypassBelongsToBucketsWithLocks) {
  bucket(Versioning::enabled);
  EXPECT_EQ(remove("k", {.headers = {{"x-amz-bypass-governance-retention", "true"}}}).substr(0, 20),
            "400 InvalidArgument:");
}

TEST_F(VersionOperationsTest, DeletesMany) {
  bucket(Versioning::enabled);
  const auto one = put("one").version;
  const auto two = put("two & <three>", "tag").version;
  const auto marker = remove_current(server_, "bucket", "gone");
  const std::string text =
      "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>one</Key></Object>"
      "<Object><Key>two &amp; &lt;three&gt;</Key><VersionId>" +
      two.id.text() +
      "</VersionId></Object>"
      "<Object><Key>gone</Key><VersionId>" +
      marker->id.text() +
      "</VersionId></Object>"
      "<Object><Key>one</Key><VersionId>nonsense</VersionId></Object>"
      "<Object><Key>never</Key><ETag>\"x\"</ETag></Object></Delete>";
  const auto document = document_of(send("DeleteObjects", "", {.document = text}));
  ASSERT_EQ(document.children.size(), 5U);
  const auto& first = document.children[0];
  EXPECT_EQ(first.name + first.text_of("Key").data(), std::string("Deleted") + "one");
  EXPECT_EQ(first.text_of("DeleteMarker"), "true");
  EXPECT_EQ(first.child("VersionId"), nullptr);
  EXPECT_EQ(first.text_of("DeleteMarkerVersionId").size(), 32U);
  EXPECT_EQ(document.children[1].text_of("VersionId"), two.id.text());
  EXPECT_EQ(document.children[1].child("DeleteMarker"), nullptr);
  EXPECT_EQ(document.children[2].text_of("DeleteMarkerVersionId"), marker->id.text());
  EXPECT_EQ(document.children[3].text_of("Code"), "NoSuchVersion");
  EXPECT_EQ(document.children[4].text_of("Code"), "NoSuchKey");
  EXPECT_EQ(stack(),
            (Lines{"one@" + std::string(first.text_of("DeleteMarkerVersionId")) + "!*", "one@" + one.id.text()}));
}

TEST_F(VersionOperationsTest, DeletesManyQuietly) {
  bucket(Versioning::never);
  put("a");
  EXPECT_EQ(
      answer("DeleteObjects", "", {.document = "<Delete><Quiet>true</Quiet><Object><Key>a</Key></Object></Delete>"}),
      "200 <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<DeleteResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"></DeleteResult>");
  EXPECT_EQ(stack(), Lines{});
}

TEST_F(VersionOperationsTest, DeletesManyAtATime) {
  bucket(Versioning::never);
  std::string text = "<Delete>";
  for (int i = 0; i < 1000; ++i) {
    put("k" + std::to_string(i));
    text += "<Object><Key>k" + std::to_string(i) + "</Key></Object>";
  }
  text += "</Delete>";
  ThreadExecutor executor(2);
  Call call = server_.call("POST", "bucket");
  call.document = text;
  const auto reply = sync_wait([](Executor& where, BucketServer& server, Call& asked) -> Task<Outcome<Reply>> {
    co_await ResumeOn{where};
    co_return co_await delete_objects(server.services(), asked);
  }(executor, server_, call));
  const auto document = document_of(reply);
  ASSERT_EQ(document.children.size(), 1000U);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(document.children[static_cast<std::size_t>(i)].text_of("Key"), "k" + std::to_string(i));
  }
  EXPECT_EQ(stack(), Lines{});
}

TEST_F(VersionOperationsTest, RefusesDocumentsThatAreNone) {
  bucket(Versioning::never);
  put("a");
  std::string many = "<Delete>";
  for (int i = 0; i < 1001; ++i) many += "<Object><Key>a</Key></Object>";
  for (const std::string& bad :
       {std::string(" "), std::string("<Delete/>"), std::string("<Delete><Object/></Delete>"), many + "</Delete>",
        std::string("<Delete><Object><Key></Key></Object></Delete>"), std::string("<Other/>"),
        std::string("<Delete><Object><Key>a</Key><Key>b</Key></Object></Delete>")}) {
    EXPECT_EQ(answer("DeleteObjects", "", {.document = bad}).substr(0, 17), "400 MalformedXML:") << bad.substr(0, 80);
  }
  EXPECT_EQ(stack(), Lines{"a@null*"});
}

// ---- Tags ----------------------------------------------------------------------------------------------------------

std::string tagging(const std::string& key, const std::string& value) {
  return "<Tagging><TagSet><Tag><Key>" + key + "</Key><Value>" + value + "</Value></Tag></TagSet></Tagging>";
}

TEST_F(VersionOperationsTest, TagsBelongToAVersion) {
  bucket(Versioning::enabled);
  const auto one = put("k").version;
  const auto two = put("k").version;
  EXPECT_EQ(answer("PutObjectTagging", "k", {.document = tagging("a", "1")}), "200 ");
  EXPECT_EQ(answer("PutObjectTagging", "k", {.query = {{"versionId", one.id.text()}}, .document = tagging("b", "2")}),
            "200 ");
  auto reply = send("GetObjectTagging", "k", {});
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->headers.get("x-amz-version-id"), two.id.text());
  EXPECT_NE(reply->body.find("<Key>a</Key><Value>1</Value>"), std::string::npos) << reply->body;
  const Timestamp tagged = server_.store().now();
  reply = send("DeleteObjectTagging", "k", {.query = {{"versionId", one.id.text()}}});
  ASSERT_TRUE(reply.ok());
  EXPECT_EQ(reply->status, 204);
  EXPECT_EQ(answer("GetObjectTagging", "k", {.query = {{"versionId", one.id.text()}}}).find("<Tag>"),
            std::string::npos);
  EXPECT_EQ(stack().size(), 2U) << "tags make no versions";

  Call call = server_.call("GET", "bucket", "k");
  server_.set_as_of(call, tagged);
  call.query.add("versionId", one.id.text());
  EXPECT_NE(server_.text_of(server_.run(get_object_tagging, call)).find("<Key>b</Key>"), std::string::npos)
      << "tags have a past";
}

TEST_F(VersionOperationsTest, TagsOfWhatIsNotThere) {
  bucket(Versioning::enabled);
  EXPECT_EQ(answer("GetObjectTagging", "k").substr(0, 14), "404 NoSuchKey:");
  EXPECT_EQ(answer("PutObjectTagging", "k", {.document = tagging("a", "1")}).substr(0, 14), "404 NoSuchKey:");
  EXPECT_EQ(answer("DeleteObjectTagging", "k").substr(0, 14), "404 NoSuchKey:");
  const auto marker = remove_current(server_, "bucket", "k");
  const auto hidden = send("GetObjectTagging", "k", {});
  ASSERT_FALSE(hidden.ok());
  EXPECT_EQ(hidden.error().headers, (std::vector<std::pair<std::string, std::string>>{
                                        {"x-amz-delete-marker", "true"}, {"x-amz-version-id", marker->id.text()}}));
  EXPECT_EQ(
      answer("PutObjectTagging", "k", {.query = {{"versionId", marker->id.text()}}, .document = tagging("a", "1")})
          .substr(0, 21),
      "405 MethodNotAllowed:");
  EXPECT_EQ(answer("GetObjectTagging", "k", {.query = {{"versionId", VersionId::make(9).text()}}}),
            "404 NoSuchVersion: The specified version does not exist.");
}

// ---- ACLs ----------------------------------------------------------------------------------------------------------

TEST_F(VersionOperationsTest, WithoutAclsTheOwnerHasAll) {
  bucket(Versioning::never);
  put("k");
  EXPECT_NE(answer("GetObjectAcl", "k").find("FULL_CONTROL"), std::string::npos);
  EXPECT_EQ(answer("PutObjectAcl", "k", {.headers = {{"x-amz-acl", "private"}}}).substr(0, 36),
            "400 AccessControlListNotSupported: T");
}

TEST_F(VersionOperationsTest, AclsBelongToAVersion) {
  bucket(Versioning::enabled, [](Bucket& made) {
    made.ownership = ObjectOwnership::object_writer;
    made.public_access_block.reset();
  });
  const auto one = put("k").version;
  put("k");
  EXPECT_EQ(
      answer("PutObjectAcl", "k", {.query = {{"versionId", one.id.text()}}, .headers = {{"x-amz-acl", "public-read"}}}),
      "200 ");
  EXPECT_EQ(answer("GetObjectAcl", "k").find("AllUsers"), std::string::npos);
  const std::string first = answer("GetObjectAcl", "k", {.query = {{"versionId", one.id.text()}}});
  EXPECT_NE(first.find("AllUsers"), std::string::npos);
  EXPECT_EQ(answer("PutObjectAcl", "k", {.document = first.substr(4)}), "200 ") << "what it prints, it takes";
  EXPECT_NE(answer("GetObjectAcl", "k").find("AllUsers"), std::string::npos);
  EXPECT_EQ(answer("PutObjectAcl", "k").substr(0, 26), "400 MissingSecurityHeader:");
  EXPECT_EQ(
      answer("PutObjectAcl", "k", {.headers = {{"x-amz-acl", "private"}}, .document = first.substr(4)}).substr(0, 22),
      "400 UnexpectedContent:");
  server_.edit_bucket("bucket", [](Bucket& changed) { changed.public_access_block = PublicAccessBlock{}; });
  EXPECT_EQ(answer("PutObjectAcl", "k", {.headers = {{"x-amz-acl", "public-read"}}}).substr(0, 17),
            "403 AccessDenied:");
}

}  // namespace
}  // namespace reprise::s3
