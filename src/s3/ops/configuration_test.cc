// The settings of buckets: put, get and delete of each, with S3's texts; what they refuse, and that a refused change
// changes nothing.
#include <gtest/gtest.h>

#include <string>

#include "s3/ops/buckets_for_tests.h"

namespace reprise::s3 {
namespace {

using Headers = std::initializer_list<std::pair<const char*, std::string>>;

constexpr std::string_view name_space = " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"";
const std::string malformed =
    "400 MalformedXML: The XML you provided was not well-formed or did not validate against our published schema";

class ConfigurationTest : public ::testing::Test {
 protected:
  void SetUp() override { server.make_bucket("photos"); }

  // By the operation's name; the method follows from it.
  std::string run(const std::string& operation, const std::string& document = "", Headers headers = {},
                  const std::string& bucket = "photos") {
    const std::string method = operation.starts_with("Get") ? "GET" : operation.starts_with("Put") ? "PUT" : "DELETE";
    Call call = server.call(method, bucket);
    call.document = document;
    BucketServer::set_headers(call, headers);
    return server.text_of(server.run(configuration_operations(), operation, call));
  }
  // The answer without its status, XML declaration and namespace.
  std::string get(const std::string& operation) {
    std::string answer = run(operation);
    EXPECT_TRUE(answer.starts_with("200 <?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<")) << answer;
    answer = answer.substr(answer.find('\n') + 1);
    EXPECT_NE(answer.find(name_space), std::string::npos) << answer;
    return answer.erase(answer.find(name_space), name_space.size());
  }
  BucketPtr bucket() { return server.buckets().find("photos"); }
  void edit(const std::function<void(Bucket&)>& change) { server.edit_bucket("photos", change); }

  BucketServer server;
};

// ---- Versioning ----

std::string versioning(const std::string& inside) {
  return "<VersioningConfiguration>" + inside + "</VersioningConfiguration>";
}

TEST_F(ConfigurationTest, VersioningGoesThroughItsStates) {
  EXPECT_EQ(get("GetBucketVersioning"), "<VersioningConfiguration></VersioningConfiguration>");
  EXPECT_EQ(run("PutBucketVersioning", versioning("<Status>Enabled</Status>")), "200 ");
  EXPECT_EQ(get("GetBucketVersioning"), versioning("<Status>Enabled</Status>"));
  EXPECT_EQ(run("PutBucketVersioning", versioning("<MfaDelete>Disabled</MfaDelete><Status>Suspended</Status>")),
            "200 ");
  EXPECT_EQ(get("GetBucketVersioning"), versioning("<Status>Suspended</Status>"));
}

TEST_F(ConfigurationTest, VersioningRefusals) {
  EXPECT_EQ(run("PutBucketVersioning", versioning("")),
            "400 IllegalVersioningConfigurationException: The Versioning element must be specified");
  EXPECT_EQ(run("PutBucketVersioning", versioning("<Status>enabled</Status>")), malformed);
  EXPECT_EQ(run("PutBucketVersioning", versioning("<Status>Enabled</Status><Other/>")), malformed);
  EXPECT_EQ(run("PutBucketVersioning", ""), "400 MissingRequestBodyError: Request Body is empty");
  EXPECT_EQ(run("PutBucketVersioning", versioning("<Status>Enabled</Status><MfaDelete>Enabled</MfaDelete>")),
            "501 NotImplemented: Reprise does not support MFA delete; see docs/compatibility.md");
  EXPECT_EQ(bucket()->versioning, Versioning::never);
}

TEST_F(ConfigurationTest, ObjectLockKeepsVersioningOn) {
  edit([](Bucket& it) {
    it.object_lock_enabled = true;
    it.versioning = Versioning::enabled;
  });
  EXPECT_EQ(run("PutBucketVersioning", versioning("<Status>Suspended</Status>")),
            "409 InvalidBucketState: An Object Lock configuration is present on this bucket, so the versioning state "
            "cannot be changed.");
  EXPECT_EQ(run("PutBucketVersioning", versioning("<Status>Enabled</Status>")), "200 ");
}

// ---- Documents ----

TEST_F(ConfigurationTest, Tagging) {
  EXPECT_EQ(run("GetBucketTagging"), "404 NoSuchTagSet: The TagSet does not exist");
  const std::string tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>";
  EXPECT_EQ(run("PutBucketTagging", tags), "204 ");
  EXPECT_EQ(get("GetBucketTagging"), tags);
  EXPECT_TRUE(run("PutBucketTagging", "<Tagging><TagSet><Tag><Key>aws:a</Key><Value/></Tag></TagSet></Tagging>")
                  .starts_with("400 InvalidTag"));
  EXPECT_EQ(get("GetBucketTagging"), tags);
  EXPECT_EQ(run("DeleteBucketTagging"), "204 ");
  EXPECT_EQ(run("DeleteBucketTagging"), "204 ");
  EXPECT_EQ(run("GetBucketTagging"), "404 NoSuchTagSet: The TagSet does not exist");
}

TEST_F(ConfigurationTest, Cors) {
  EXPECT_EQ(run("GetBucketCors"), "404 NoSuchCORSConfiguration: The CORS configuration does not exist");
  const std::string rules =
      "<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>"
      "</CORSConfiguration>";
  EXPECT_EQ(run("PutBucketCors", rules), "200 ");
  EXPECT_EQ(get("GetBucketCors"), rules);
  EXPECT_EQ(run("PutBucketCors", "<CORSConfiguration/>"), malformed);
  EXPECT_EQ(get("GetBucketCors"), rules);
  EXPECT_EQ(run("DeleteBucketCors"), "204 ");
  EXPECT_EQ(run("GetBucketCors"), "404 NoSuchCORSConfiguration: The CORS configuration does not exist");
}

TEST_F(ConfigurationTest, EncryptionFallsBackToThatOfANewBucket) {
  edit([](Bucket& it) { it.encryption.reset(); });
  EXPECT_EQ(run("GetBucketEncryption"),
            "404 ServerSideEncryptionConfigurationNotFoundError: The server side encryption configuration was not "
            "found");
  const std::string kms =
      "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms"
      "</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>";
  EXPECT_EQ(run("PutBucketEncryption", kms), "200 ");
  EXPECT_EQ(bucket()->encryption->kind, SseKind::kms);
  EXPECT_EQ(run("DeleteBucketEncryption"), "204 ");
  EXPECT_EQ(bucket()->encryption, BucketEncryption{});
  EXPECT_NE(get("GetBucketEncryption").find("<SSEAlgorithm>AES256</SSEAlgorithm>"), std::string::npos);
}

// ---- Policy ----

std::string policy(const std::string& principal) {
  return "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Principal\": " + principal +
         ", \"Action\": \"s3:GetObject\", \"Resource\": \"arn:aws:s3:::photos/*\"}]}";
}

TEST_F(ConfigurationTest, PolicyIsKeptAsItWasPut) {
  const std::string text = policy("{\"AWS\": \"arn:aws:iam::111111111111:root\"}");
  EXPECT_EQ(run("GetBucketPolicy"), "404 NoSuchBucketPolicy: The bucket policy does not exist");
  EXPECT_EQ(run("GetBucketPolicyStatus"), "404 NoSuchBucketPolicy: The bucket policy does not exist");
  EXPECT_EQ(run("PutBucketPolicy", text), "204 ");
  EXPECT_EQ(run("GetBucketPolicy"), "200 " + text);
  EXPECT_EQ(get("GetBucketPolicyStatus"), "<PolicyStatus><IsPublic>false</IsPublic></PolicyStatus>");
  EXPECT_EQ(run("DeleteBucketPolicy"), "204 ");
  EXPECT_EQ(run("DeleteBucketPolicy"), "204 ");
  EXPECT_EQ(run("GetBucketPolicy"), "404 NoSuchBucketPolicy: The bucket policy does not exist");
}

TEST_F(ConfigurationTest, PublicPoliciesAreBlocked) {
  EXPECT_TRUE(run("PutBucketPolicy", policy("\"*\"")).starts_with("403 AccessDenied: "));
  EXPECT_TRUE(bucket()->policy.empty());
  edit([](Bucket& it) { it.public_access_block->block_public_policy = false; });
  EXPECT_EQ(run("PutBucketPolicy", policy("\"*\"")), "204 ");
  EXPECT_EQ(get("GetBucketPolicyStatus"), "<PolicyStatus><IsPublic>true</IsPublic></PolicyStatus>");
}

TEST_F(ConfigurationTest, MalformedPolicies) {
  for (const std::string bad : {"", "{", "[]", "{}", "text", "{\"Version\": \"2012-10-17\", \"Statement\": [{}]}"}) {
    EXPECT_TRUE(run("PutBucketPolicy", bad).starts_with("400 MalformedPolicy: ")) << bad;
  }
  EXPECT_TRUE(bucket()->policy.empty());
}

// ---- Access ----

TEST_F(ConfigurationTest, WithTheOwnerEnforcedThereAreNoAcls) {
  EXPECT_EQ(run("PutBucketAcl", "", {{"x-amz-acl", "private"}}),
            "400 AccessControlListNotSupported: The bucket does not allow ACLs");
  EXPECT_NE(get("GetBucketAcl").find("<Permission>FULL_CONTROL</Permission>"), std::string::npos);
}

TEST_F(ConfigurationTest, Acl) {
  edit([](Bucket& it) { it.ownership = ObjectOwnership::object_writer; });
  EXPECT_TRUE(run("PutBucketAcl", "", {{"x-amz-acl", "public-read"}}).starts_with("403 AccessDenied: "));
  EXPECT_EQ(run("DeletePublicAccessBlock"), "204 ");
  EXPECT_EQ(run("PutBucketAcl", "", {{"x-amz-acl", "public-read"}}), "200 ");
  EXPECT_TRUE(bucket()->acl.is_public());
  const std::string other(64, 'b');
  Acl acl = private_acl(bucket()->owner);
  acl.grants.push_back({{Grantee::Kind::canonical_user, other}, Permission::read_acp});
  EXPECT_EQ(run("PutBucketAcl", print_acl(acl)), "200 ");
  EXPECT_EQ(bucket()->acl, acl);
  EXPECT_EQ("200 " + print_acl(acl), run("GetBucketAcl"));
  EXPECT_EQ(run("PutBucketAcl", "", {{"x-amz-grant-write", "id=" + other}}), "200 ");
  EXPECT_EQ(bucket()->acl.grants.size(), 1U);
}

TEST_F(ConfigurationTest, AclRefusals) {
  edit([](Bucket& it) { it.ownership = ObjectOwnership::bucket_owner_preferred; });
  const Acl before = bucket()->acl;
  EXPECT_EQ(run("PutBucketAcl"), "400 MissingSecurityHeader: Your request was missing a required header");
  EXPECT_EQ(run("PutBucketAcl", print_acl(before), {{"x-amz-acl", "private"}}),
            "400 UnexpectedContent: This request does not support content");
  EXPECT_EQ(run("PutBucketAcl", print_acl(private_acl(std::string(64, 'b')))), "403 AccessDenied: Access Denied");
  EXPECT_TRUE(run("PutBucketAcl", "<AccessControlPolicy/>").starts_with("400 MalformedACLError"));
  EXPECT_EQ(bucket()->acl, before);
}

std::string controls(const std::string& ownership) {
  return "<OwnershipControls><Rule><ObjectOwnership>" + ownership + "</ObjectOwnership></Rule></OwnershipControls>";
}

TEST_F(ConfigurationTest, OwnershipControls) {
  EXPECT_EQ(get("GetBucketOwnershipControls"), controls("BucketOwnerEnforced"));
  EXPECT_EQ(run("PutBucketOwnershipControls", controls("ObjectWriter")), "200 ");
  EXPECT_EQ(get("GetBucketOwnershipControls"), controls("ObjectWriter"));
  EXPECT_EQ(run("PutBucketAcl", "", {{"x-amz-acl", "log-delivery-write"}}), "200 ");
  EXPECT_EQ(run("PutBucketOwnershipControls", controls("BucketOwnerEnforced")),
            "400 InvalidBucketAclWithObjectOwnership: Bucket cannot have ACLs set with ObjectOwnership's "
            "BucketOwnerEnforced setting");
  EXPECT_EQ(run("PutBucketAcl", "", {{"x-amz-acl", "private"}}), "200 ");
  EXPECT_EQ(run("PutBucketOwnershipControls", controls("BucketOwnerEnforced")), "200 ");
  EXPECT_EQ(run("PutBucketOwnershipControls", controls("Mine")), malformed);
  EXPECT_EQ(run("PutBucketOwnershipControls", "<OwnershipControls/>"), malformed);
  EXPECT_EQ(run("DeleteBucketOwnershipControls"), "204 ");
  EXPECT_EQ(run("GetBucketOwnershipControls"),
            "404 OwnershipControlsNotFoundError: The bucket ownership controls were not found");
  EXPECT_EQ(bucket()->ownership, ObjectOwnership::object_writer);
}

std::string block(const std::string& inside) {
  return "<PublicAccessBlockConfiguration>" + inside + "</PublicAccessBlockConfiguration>";
}

TEST_F(ConfigurationTest, PublicAccessBlock) {
  EXPECT_EQ(get("GetPublicAccessBlock"),
            block("<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"
                  "<BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>"));
  EXPECT_EQ(run("PutPublicAccessBlock", block("<IgnorePublicAcls>true</IgnorePublicAcls>")), "200 ");
  EXPECT_EQ(get("GetPublicAccessBlock"),
            block("<BlockPublicAcls>false</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>"
                  "<BlockPublicPolicy>false</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets>"));
  EXPECT_EQ(run("PutPublicAccessBlock", block("")), "400 InvalidRequest: Must specify at least one configuration.");
  EXPECT_EQ(run("PutPublicAccessBlock", block("<IgnorePublicAcls>yes</IgnorePublicAcls>")), malformed);
  EXPECT_EQ(run("PutPublicAccessBlock", block("<Other>true</Other>")), malformed);
  EXPECT_EQ(run("DeletePublicAccessBlock"), "204 ");
  EXPECT_EQ(run("GetPublicAccessBlock"),
            "404 NoSuchPublicAccessBlockConfiguration: The public access block configuration was not found");
}

// ---- Kept and answered ----

TEST_F(ConfigurationTest, RequestPayment) {
  const auto payment = [](const std::string& payer) {
    return "<RequestPaymentConfiguration><Payer>" + payer + "</Payer></RequestPaymentConfiguration>";
  };
  EXPECT_EQ(get("GetBucketRequestPayment"), payment("BucketOwner"));
  EXPECT_EQ(run("PutBucketRequestPayment", payment("Requester")), "200 ");
  EXPECT_EQ(get("GetBucketRequestPayment"), payment("Requester"));
  EXPECT_EQ(run("PutBucketRequestPayment", payment("Nobody")), malformed);
  EXPECT_TRUE(bucket()->requester_pays);
}

TEST_F(ConfigurationTest, Acceleration) {
  const auto acceleration = [](const std::string& status) {
    return "<AccelerateConfiguration><Status>" + status + "</Status></AccelerateConfiguration>";
  };
  EXPECT_EQ(get("GetBucketAccelerateConfiguration"), "<AccelerateConfiguration></AccelerateConfiguration>");
  EXPECT_EQ(run("PutBucketAccelerateConfiguration", acceleration("Enabled")), "200 ");
  EXPECT_EQ(get("GetBucketAccelerateConfiguration"), acceleration("Enabled"));
  EXPECT_EQ(run("PutBucketAccelerateConfiguration", acceleration("On")), malformed);
  server.make_bucket("with.period");
  EXPECT_EQ(
      run("PutBucketAccelerateConfiguration", acceleration("Enabled"), {}, "with.period"),
      "400 InvalidRequest: S3 Transfer Acceleration is not supported for buckets with periods (.) in their names");
}

TEST_F(ConfigurationTest, Logging) {
  const auto logging = [](const std::string& target) {
    return "<BucketLoggingStatus><LoggingEnabled><TargetBucket>" + target +
           "</TargetBucket><TargetPrefix>logs/</TargetPrefix></LoggingEnabled></BucketLoggingStatus>";
  };
  EXPECT_EQ(get("GetBucketLogging"), "<BucketLoggingStatus></BucketLoggingStatus>");
  EXPECT_EQ(run("PutBucketLogging", logging("nowhere")),
            "400 InvalidTargetBucketForLogging: The target bucket for logging does not exist");
  server.make_bucket("others", [](Bucket& it) { it.account = "111111111111"; });
  EXPECT_TRUE(run("PutBucketLogging", logging("others")).starts_with("400 InvalidTargetBucketForLogging: The owner"));
  EXPECT_EQ(run("PutBucketLogging", "<BucketLoggingStatus><LoggingEnabled/></BucketLoggingStatus>"), malformed);
  EXPECT_EQ(run("PutBucketLogging", logging("photos")), "200 ");
  EXPECT_EQ(get("GetBucketLogging"), logging("photos"));
  EXPECT_EQ(run("PutBucketLogging", "<BucketLoggingStatus/>"), "200 ");
  EXPECT_EQ(get("GetBucketLogging"), "<BucketLoggingStatus></BucketLoggingStatus>");
}

std::string notification(const std::string& inside) {
  return "<NotificationConfiguration>" + inside + "</NotificationConfiguration>";
}
std::string queue(const std::string& arn, const std::string& event, const std::string& id = "<Id>one</Id>") {
  return "<QueueConfiguration>" + id + "<Queue>" + arn + "</Queue><Event>" + event + "</Event></QueueConfiguration>";
}
const std::string queue_arn = "arn:aws:sqs:eu-west-1:000000000000:queue";

TEST_F(ConfigurationTest, NotificationsNeedADestinationThatCanBeReached) {
  EXPECT_EQ(get("GetBucketNotificationConfiguration"), notification(""));
  EXPECT_EQ(run("PutBucketNotificationConfiguration", notification("")), "200 ");
  EXPECT_EQ(run("PutBucketNotificationConfiguration", notification(queue(queue_arn, "s3:ObjectCreated:*"))),
            "400 InvalidArgument: Unable to validate the following destination configurations");
  EXPECT_EQ(get("GetBucketNotificationConfiguration"), notification(""));
}

TEST_F(ConfigurationTest, NotificationsThatAreNotToBeValidatedAreKept) {
  const Headers skip{{"x-amz-skip-destination-validation", "true"}};
  const std::string kept = notification(queue(queue_arn, "s3:ObjectRemoved:Delete"));
  EXPECT_EQ(run("PutBucketNotificationConfiguration", kept, skip), "200 ");
  EXPECT_EQ(get("GetBucketNotificationConfiguration"), kept);
  EXPECT_EQ(run("PutBucketNotificationConfiguration", notification(queue(queue_arn, "s3:ObjectCreated:*", "")), skip),
            "200 ");
  const std::string with_id = get("GetBucketNotificationConfiguration");
  EXPECT_NE(with_id.find("<QueueConfiguration><Id>"), std::string::npos) << with_id;
  EXPECT_EQ(run("PutBucketNotificationConfiguration", notification("<EventBridgeConfiguration/>")), "200 ");
  EXPECT_EQ(get("GetBucketNotificationConfiguration"),
            notification("<EventBridgeConfiguration></EventBridgeConfiguration>"));
  EXPECT_EQ(run("PutBucketNotificationConfiguration", notification("")), "200 ");
  EXPECT_EQ(get("GetBucketNotificationConfiguration"), notification(""));
}

TEST_F(ConfigurationTest, NotificationRefusals) {
  const auto refused = [&](const std::string& inside) {
    return run("PutBucketNotificationConfiguration", notification(inside),
               {{"x-amz-skip-destination-validation", "true"}});
  };
  EXPECT_EQ(refused(queue(queue_arn, "s3:Something")),
            "400 InvalidArgument: The event is not supported for notifications");
  EXPECT_EQ(refused(queue("queue", "s3:ObjectCreated:*")), "400 InvalidArgument: The ARN could not be parsed");
  EXPECT_EQ(refused(queue("arn:aws:sns:eu-west-1:000000000000:topic", "s3:ObjectCreated:*")),
            "400 InvalidArgument: The ARN is not well formed");
  const std::string one = queue(queue_arn, "s3:ObjectCreated:*");
  EXPECT_EQ(refused(one + one), "400 InvalidArgument: Same ID used for multiple configurations");
  EXPECT_EQ(refused("<PigeonConfiguration/>"), malformed);
  EXPECT_EQ(refused("<QueueConfiguration><Queue>" + queue_arn + "</Queue></QueueConfiguration>"), malformed);
}

// ---- Never there ----

TEST_F(ConfigurationTest, WhatNoBucketHas) {
  for (const std::string kind : {"Analytics", "Inventory", "Metrics", "IntelligentTiering"}) {
    const std::string operation = "GetBucket" + kind + "Configuration";
    EXPECT_NE(get(operation).find("<IsTruncated>false</IsTruncated>"), std::string::npos);
    Call one = server.call("GET", "photos");
    BucketServer::set_query(one, {{"id", "x"}});
    EXPECT_EQ(server.text_of(server.run(configuration_operations(), operation, one)),
              "404 NoSuchConfiguration: The specified configuration does not exist.");
    EXPECT_EQ(run("DeleteBucket" + kind + "Configuration"),
              "404 NoSuchConfiguration: The specified configuration does not exist.");
  }
  EXPECT_EQ(run("GetBucketWebsite"),
            "404 NoSuchWebsiteConfiguration: The specified bucket does not have a website configuration");
  EXPECT_EQ(run("DeleteBucketWebsite"), "204 ");
  EXPECT_EQ(run("GetBucketReplication"),
            "404 ReplicationConfigurationNotFoundError: The replication configuration was not found");
  EXPECT_EQ(run("DeleteBucketReplication"), "204 ");
}

TEST_F(ConfigurationTest, EverySettingIsThereAfterARestart) {
  EXPECT_EQ(run("PutBucketVersioning", versioning("<Status>Enabled</Status>")), "200 ");
  EXPECT_EQ(run("PutBucketOwnershipControls", controls("BucketOwnerPreferred")), "200 ");
  EXPECT_EQ(run("PutBucketPolicy", policy("{\"AWS\": \"111111111111\"}")), "204 ");
  const std::string acl = run("GetBucketAcl");
  server.reopen();
  EXPECT_EQ(get("GetBucketVersioning"), versioning("<Status>Enabled</Status>"));
  EXPECT_EQ(get("GetBucketOwnershipControls"), controls("BucketOwnerPreferred"));
  EXPECT_EQ(run("GetBucketPolicy"), "200 " + policy("{\"AWS\": \"111111111111\"}"));
  EXPECT_EQ(run("GetBucketAcl"), acl);
}

TEST_F(ConfigurationTest, EveryRowIsComplete) {
  for (const Operation& operation : configuration_operations()) {
    EXPECT_EQ(operation.level, Level::bucket) << operation.name;
    EXPECT_FALSE(operation.subresource.empty()) << operation.name;
    EXPECT_TRUE(operation.action.starts_with("s3:")) << operation.name;
    EXPECT_NE(operation.run, nullptr) << operation.name;
    EXPECT_EQ(operation.document_bytes_max > 0, operation.method == "PUT") << operation.name;
  }
}

}  // namespace
}  // namespace reprise::s3
