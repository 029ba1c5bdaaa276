// Access control lists: what they grant, their canned forms, headers and documents, with S3's texts.
#include "s3/model/acl.h"

#include <gtest/gtest.h>

#include <string>

namespace reprise::s3 {
namespace {

const std::string owner(64, 'a');
const std::string other(64, 'b');

template <class T>
std::string refusal(const Outcome<T>& outcome) {
  if (outcome.ok()) return "ok";
  std::string text = std::string(spelling_of(outcome.error().code).name) + ": " + outcome.error().message;
  for (const auto& [name, value] : outcome.error().details) text += " [" + name + "=" + value + "]";
  return text;
}

std::string grant_of(const std::string& grantee, const std::string& permission) {
  return "<Grant><Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" " + grantee +
         "</Grantee><Permission>" + permission + "</Permission></Grant>";
}
std::string document(const std::string& grants, const std::string& id = owner) {
  return "<AccessControlPolicy xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Owner><ID>" + id +
         "</ID><DisplayName>me</DisplayName></Owner><AccessControlList>" + grants +
         "</AccessControlList></AccessControlPolicy>";
}
std::string user_grantee(const std::string& id) { return "xsi:type=\"CanonicalUser\"><ID>" + id + "</ID>"; }
std::string group_grantee(const std::string& uri) { return "xsi:type=\"Group\"><URI>" + uri + "</URI>"; }

TEST(Acl, GrantsWhatItSaysToWhomItSays) {
  Acl acl = private_acl(owner);
  EXPECT_TRUE(acl.grants_to(owner, Permission::read));
  EXPECT_TRUE(acl.grants_to(owner, Permission::write_acp));
  EXPECT_FALSE(acl.grants_to(other, Permission::read));
  EXPECT_FALSE(acl.grants_to("", Permission::read));
  EXPECT_FALSE(acl.is_public());
  acl.grants.push_back({{Grantee::Kind::canonical_user, other}, Permission::read});
  EXPECT_TRUE(acl.grants_to(other, Permission::read));
  EXPECT_FALSE(acl.grants_to(other, Permission::write));
  EXPECT_FALSE(acl.is_public());
  acl.grants.push_back({{Grantee::Kind::authenticated_users, ""}, Permission::read_acp});
  EXPECT_TRUE(acl.grants_to(other, Permission::read_acp));
  EXPECT_FALSE(acl.grants_to("", Permission::read_acp));
  EXPECT_TRUE(acl.is_public());
  acl.grants.push_back({{Grantee::Kind::all_users, ""}, Permission::write});
  EXPECT_TRUE(acl.grants_to("", Permission::write));
}

TEST(Acl, NobodyIsTheLogDeliverySystem) {
  const auto acl = canned_acl("log-delivery-write", owner, owner);
  ASSERT_TRUE(acl.has_value());
  EXPECT_EQ(acl->grants.size(), 3U);
  EXPECT_FALSE(acl->grants_to(other, Permission::write));
  EXPECT_FALSE(acl->is_public());
}

TEST(Acl, CannedLists) {
  EXPECT_EQ(canned_acl("private", owner, owner), private_acl(owner));
  EXPECT_TRUE(canned_acl("public-read", owner, owner)->grants_to("", Permission::read));
  EXPECT_FALSE(canned_acl("public-read", owner, owner)->grants_to("", Permission::write));
  EXPECT_TRUE(canned_acl("public-read-write", owner, owner)->grants_to("", Permission::write));
  EXPECT_FALSE(canned_acl("authenticated-read", owner, owner)->grants_to("", Permission::read));
  EXPECT_TRUE(canned_acl("authenticated-read", owner, owner)->grants_to(other, Permission::read));
  EXPECT_EQ(canned_acl("aws-exec-read", owner, owner)->grants.size(), 2U);
  EXPECT_FALSE(canned_acl("public", owner, owner).has_value());
  EXPECT_FALSE(canned_acl("", owner, owner).has_value());
}

TEST(Acl, CannedListsForTheOwnerOfTheBucket) {
  EXPECT_TRUE(canned_acl("bucket-owner-read", owner, other)->grants_to(other, Permission::read));
  EXPECT_FALSE(canned_acl("bucket-owner-read", owner, other)->grants_to(other, Permission::read_acp));
  EXPECT_TRUE(canned_acl("bucket-owner-full-control", owner, other)->grants_to(other, Permission::write_acp));
  EXPECT_EQ(canned_acl("bucket-owner-full-control", owner, owner), private_acl(owner));
}

TEST(AclHeaders, CannedOrGrantsOrNothing) {
  Fields headers;
  EXPECT_EQ(*acl_of_headers(headers, owner, owner), std::nullopt);
  headers.add("x-amz-acl", "public-read");
  EXPECT_TRUE((*acl_of_headers(headers, owner, owner))->is_public());
  headers.add("x-amz-grant-read", "id=\"" + other + "\"");
  EXPECT_EQ(refusal(acl_of_headers(headers, owner, owner)),
            "InvalidRequest: Specifying both Canned ACLs and Header Grants is not allowed");
  Fields unknown;
  unknown.add("x-amz-acl", "everyone");
  EXPECT_EQ(refusal(acl_of_headers(unknown, owner, owner)),
            "InvalidArgument:  [ArgumentName=x-amz-acl] [ArgumentValue=everyone]");
}

TEST(AclHeaders, Grants) {
  Fields headers;
  headers.add("x-amz-grant-read",
              "id=\"" + other + "\", uri=\"http://acs.amazonaws.com/groups/global/AllUsers\",id=" + owner);
  headers.add("x-amz-grant-full-control", "id=\"" + owner + "\"");
  const auto acl = acl_of_headers(headers, owner, owner);
  ASSERT_TRUE(acl.ok() && acl->has_value());
  EXPECT_EQ((*acl)->owner, owner);
  ASSERT_EQ((*acl)->grants.size(), 4U);
  EXPECT_TRUE((*acl)->grants_to("", Permission::read));
  EXPECT_TRUE((*acl)->grants_to(owner, Permission::write_acp));
  EXPECT_FALSE((*acl)->grants_to(other, Permission::write));
}

TEST(AclHeaders, Refusals) {
  const auto refused = [](const std::string& value) {
    Fields headers;
    headers.add("x-amz-grant-write", value);
    return refusal(acl_of_headers(headers, owner, owner));
  };
  EXPECT_EQ(refused("id=\"1234\""), "InvalidArgument: Invalid id [ArgumentName=id] [ArgumentValue=1234]");
  EXPECT_EQ(refused("uri=\"http://example.com\""),
            "InvalidArgument: Invalid group uri [ArgumentName=uri] [ArgumentValue=http://example.com]");
  EXPECT_EQ(refused("emailAddress=\"a@b.c\""),
            "MethodNotAllowed: The specified method is not allowed against this resource.");
  EXPECT_EQ(refused("name=\"x\""),
            "InvalidArgument: Argument format not recognized [ArgumentName=x-amz-grant-write] "
            "[ArgumentValue=name=\"x\"]");
  EXPECT_EQ(refused(owner),
            "InvalidArgument: Argument format not recognized [ArgumentName=x-amz-grant-write] "
            "[ArgumentValue=" +
                owner + "]");
}

TEST(AclDocument, RoundTrip) {
  Acl acl = private_acl(owner);
  for (const auto kind : {Grantee::Kind::all_users, Grantee::Kind::authenticated_users, Grantee::Kind::log_delivery}) {
    acl.grants.push_back({{kind, ""}, Permission::write});
  }
  for (const auto permission : {Permission::read, Permission::read_acp, Permission::write_acp}) {
    acl.grants.push_back({{Grantee::Kind::canonical_user, other}, permission});
  }
  const auto parsed = parse_acl(print_acl(acl));
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(*parsed, acl);
}

TEST(AclDocument, PrintsAsS3Does) {
  EXPECT_EQ(print_acl(private_acl(owner)),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<AccessControlPolicy xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Owner><ID>" +
                owner +
                "</ID></Owner><AccessControlList><Grant>"
                "<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"CanonicalUser\"><ID>" +
                owner +
                "</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList>"
                "</AccessControlPolicy>");
}

TEST(AclDocument, Refusals) {
  const auto refused = [](const std::string& grants) { return refusal(parse_acl(document(grants))); };
  const std::string malformed =
      "MalformedACLError: The XML you provided was not well-formed or did not validate against our published schema";
  EXPECT_EQ(refused(grant_of(user_grantee(owner), "READ")), "ok");
  EXPECT_EQ(refused(""), "ok");
  EXPECT_EQ(refused(grant_of(user_grantee(owner), "READALL")), malformed);
  EXPECT_EQ(refused(grant_of("><ID>" + owner + "</ID>", "READ")), malformed);
  EXPECT_EQ(refused(grant_of("xsi:type=\"Robot\"><ID>" + owner + "</ID>", "READ")), malformed);
  EXPECT_EQ(refused("<Grant><Permission>READ</Permission></Grant>"), malformed);
  EXPECT_EQ(refused(grant_of(user_grantee("12"), "READ")),
            "InvalidArgument: Invalid id [ArgumentName=CanonicalUser/ID] [ArgumentValue=12]");
  EXPECT_EQ(refused(grant_of(group_grantee("http://x"), "READ")),
            "InvalidArgument: Invalid group uri [ArgumentName=Group/URI] [ArgumentValue=http://x]");
  EXPECT_EQ(refused(grant_of("xsi:type=\"AmazonCustomerByEmail\"><EmailAddress>a@b.c</EmailAddress>", "READ")),
            "MethodNotAllowed: The specified method is not allowed against this resource.");
  EXPECT_EQ(refusal(parse_acl("<AccessControlPolicy/>")), malformed);
  EXPECT_EQ(refusal(parse_acl("")), malformed);
  EXPECT_EQ(refusal(parse_acl(document("", "short"))),
            "InvalidArgument: Invalid id [ArgumentName=Owner/ID] [ArgumentValue=short]");
}

TEST(AclDocument, AtMostAHundredGrants) {
  std::string grants;
  for (int i = 0; i < 100; ++i) grants += grant_of(user_grantee(owner), "READ");
  EXPECT_EQ(refusal(parse_acl(document(grants))), "ok");
  EXPECT_TRUE(
      refusal(parse_acl(document(grants + grant_of(user_grantee(owner), "READ")))).starts_with("MalformedACLError"));
}

}  // namespace
}  // namespace reprise::s3
