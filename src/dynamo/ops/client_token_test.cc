// Fingerprints and notes of client tokens; what they do for a transaction is in transact_test.cc.
#include "dynamo/ops/client_token.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "codec/json.h"

namespace reprise::dynamo {
namespace {

Bytes fingerprint(std::string_view text) {
  codec::JsonDocument document;
  const auto json = document.parse(text);
  EXPECT_TRUE(json.ok()) << text;
  return request_fingerprint(*json, {"Token", "Report"});
}

std::optional<ClientToken> token_of(std::string_view text, std::string_view operation = "TransactWriteItems") {
  codec::JsonDocument document;
  const auto json = document.parse(text);
  EXPECT_TRUE(json.ok()) << text;
  return client_token(OperationRequest{*json, Caller{"000000000000", "AKIA"}, {}}, operation);
}

TEST(RequestFingerprint, DoesNotDependOnTheOrderOfMembers) {
  EXPECT_EQ(fingerprint(R"({"a":1,"b":{"c":[1,2],"d":"x"}})"), fingerprint(R"({"b":{"d":"x","c":[1,2]},"a":1})"));
}

TEST(RequestFingerprint, LeavesOutWhatItIsToldAndWhatIsNull) {
  EXPECT_EQ(fingerprint(R"({"a":1,"Token":"x","Report":true,"n":null})"), fingerprint(R"({"a":1})"));
  // Only at the top.
  EXPECT_NE(fingerprint(R"({"a":{"Token":"x"}})"), fingerprint(R"({"a":{}})"));
}

TEST(RequestFingerprint, TellsEverythingElseApart) {
  const std::string_view texts[] = {
      R"({})",
      R"({"a":1})",
      R"({"a":2})",
      R"({"a":"1"})",
      R"({"a":[1]})",
      R"({"a":true})",
      R"({"a":false})",
      R"({"b":1})",
      R"({"a":1,"b":1})",
      R"({"a":[1,2]})",
      R"({"a":[2,1]})",
      R"({"a":[[1],2]})",
      R"({"a":[1,[2]]})",
      R"({"a":{"b":1}})",
      R"({"a":{},"b":1})",
      R"({"a":"x","b":"y"})",
      R"({"a":"xk1by"})",
      R"({"a":1.5})",
  };
  for (const auto a : texts) {
    for (const auto b : texts) EXPECT_EQ(a == b, fingerprint(a) == fingerprint(b)) << a << " " << b;
  }
}

TEST(ClientTokenTest, IsReadFromTheRequest) {
  EXPECT_FALSE(token_of(R"({"TransactItems":[]})").has_value());
  const auto token = token_of(R"({"ClientRequestToken":"t","TransactItems":[1]})");
  ASSERT_TRUE(token.has_value());
  EXPECT_EQ(token->token, "t");
  EXPECT_EQ(token->account, "000000000000");
  EXPECT_EQ(token->fingerprint.size(), 32u);
  // How to answer is no part of what is asked.
  EXPECT_EQ(
      token->fingerprint,
      token_of(R"({"ReturnConsumedCapacity":"TOTAL","ClientRequestToken":"u","TransactItems":[1]})")->fingerprint);
  EXPECT_NE(token->fingerprint, token_of(R"({"ClientRequestToken":"t","TransactItems":[2]})")->fingerprint);
  EXPECT_NE(token->fingerprint,
            token_of(R"({"ClientRequestToken":"t","TransactItems":[1]})", "ExecuteTransaction")->fingerprint);
}

TEST(TokenNoteTest, ReadsBack) {
  for (const std::vector<std::size_t>& sizes :
       {std::vector<std::size_t>{}, std::vector<std::size_t>{0}, std::vector<std::size_t>{1, 300, 409'600}}) {
    const TokenNote note{1'800'000'000'000'007, Bytes(32, '\xab'), sizes};
    const auto back = decode_token_note(encode_token_note(note));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, note);
  }
}

TEST(TokenNoteTest, DamageIsFound) {
  const Bytes text = encode_token_note({7, Bytes(32, 'f'), {1, 300}});
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_TRUE(decode_token_note(BytesView(text).substr(0, size)).error().is(Code::corruption)) << size;
  }
  EXPECT_TRUE(decode_token_note(text + "x").error().is(Code::corruption));
  Bytes newer = text;
  newer[0] = 2;
  EXPECT_TRUE(decode_token_note(newer).error().is(Code::unsupported));
}

TEST(TokensInProgressTest, OneAtATime) {
  TokensInProgress tokens;
  const ClientToken a{"1", "t", {}};
  const ClientToken other_account{"2", "t", {}};
  {
    const TokensInProgress::Guard first(&tokens, a);
    EXPECT_TRUE(first.mine());
    {
      const TokensInProgress::Guard second(&tokens, a);
      EXPECT_FALSE(second.mine());
    }
    // The one that came too late has taken nothing away.
    EXPECT_FALSE(TokensInProgress::Guard(&tokens, a).mine());
    EXPECT_TRUE(TokensInProgress::Guard(&tokens, other_account).mine());
    EXPECT_TRUE(TokensInProgress::Guard(nullptr, a).mine());
  }
  EXPECT_TRUE(TokensInProgress::Guard(&tokens, a).mine());
}

}  // namespace
}  // namespace reprise::dynamo
