// Proves what the parser accepts and the exact text of what it refuses, and that the cache gives one tree per text.
#include "dynamo/expr/parser.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "dynamo/expr/reserved_words.h"
#include "dynamo/expr/test_expressions.h"

namespace reprise::dynamo {
namespace {

using test::message_of;

struct Case {
  std::string text;
  std::string message;  // behind "Invalid ...Expression: "; "ok" when it parses
};

std::string syntax(const std::string& token, const std::string& near) {
  return "Syntax error; token: \"" + token + "\", near: \"" + near + "\"";
}

void expect_all(ExpressionKind kind, const std::vector<Case>& cases) {
  for (const auto& [text, message] : cases) {
    const std::string full =
        message == "ok" ? message : "Invalid " + std::string(parameter_name(kind)) + ": " + message;
    EXPECT_EQ(message_of(parse_expression(kind, text)), full) << text;
  }
}

TEST(ParserTest, AcceptsConditions) {
  for (const std::string text : {
           "a = :v",
           "a.b[0].#c <> :v",
           "a=:v",
           "\t a\r\n= :v ",
           ":v = a",
           ":v < :w",
           "a < b AND b <= c OR c > d AND d >= e",
           "NOT a = :v",
           "not NOT a = :v",
           "a BETWEEN :x AND :y AND b between :x and :y",
           "a IN (:x)",
           "a In (:x, b, size(c))",
           "(a = :v)",
           "((a = :v) AND b = :w)",
           "(a = :v) AND (b = :w OR (NOT (c = :x)))",
           "attribute_exists(a)",
           "attribute_not_exists(#a.b)",
           "attribute_type(a, :t)",
           "begins_with ( a , :v )",
           "contains(a, :v) AND size(a) > :n",
           "( ( ( size ( #ATTR5 )) < #ATTR3.Maximum ) AND ( #ATTR6 > :val1 ) )",
           "(a) = (:v)",
           "a = :v and attribute_exists(b)",
           "a1_b = :v_1",
           "a[0][1] = :v",
       }) {
    EXPECT_EQ(message_of(parse_expression(ExpressionKind::condition, text)), "ok") << text;
    EXPECT_EQ(message_of(parse_expression(ExpressionKind::filter, text)), "ok") << text;
  }
}

TEST(ParserTest, SyntaxErrorsNameTheTokenAndItsNeighbours) {
  expect_all(ExpressionKind::condition, {
                                            {"a-b", syntax("-", "a-b")},
                                            {"a x b", syntax("x", "a x b")},
                                            {"#articleId attribute_not_exists :ckpst",
                                             syntax("attribute_not_exists", "#articleId attribute_not_exists :ckpst")},
                                            {"tenantAgent:abc123-x", syntax(":abc123", "tenantAgent:abc123-")},
                                            {"attribute_exists(car_id) AND NOT #has", syntax("<EOF>", "#has")},
                                            {"a = ", syntax("<EOF>", "=")},
                                            {"a", syntax("<EOF>", "a")},
                                            {"pk IN ()", syntax(")", "()")},
                                            {"a = :v)", syntax(")", ":v)")},
                                            {"(a = :v", syntax("<EOF>", ":v")},
                                            {"= :v", syntax("=", "= :v")},
                                            {"a == :v", syntax("=", "== :v")},
                                            {"a != :v", syntax("!", "a !=")},
                                            {"a = 5", syntax("5", "= 5")},
                                            {"a = 'x'", syntax("'", "= 'x")},
                                            {"_a = :v", syntax("_", "_a")},
                                            {"a.1 = :v", syntax("1", ".1 =")},
                                            {"a[x] = :v", syntax("x", "[x]")},
                                            {"a[-1] = :v", syntax("-", "[-1")},
                                            {"a[:v] = :v", syntax(":v", "[:v]")},
                                            {"a. = :v", syntax("=", ". = :v")},
                                            {"a = :v b = :w", syntax("b", ":v b =")},
                                            {"a = :v AND", syntax("<EOF>", "AND")},
                                            {"AND a = :v", syntax("AND", "AND a")},
                                            {"a BETWEEN :x OR :y", syntax("OR", ":x OR :y")},
                                            {"a IN :x", syntax(":x", "IN :x")},
                                            {"# = :v", syntax("#", "# =")},
                                            {"a = :", syntax(":", "= :")},
                                            {"(a AND b = :v)", syntax("AND", "a AND b")},
                                            {"(a)", syntax("<EOF>", ")")},
                                            {"(a = :v) = :w", syntax("=", ") = :w")},
                                            {"a = (b = :v)", syntax("<EOF>", ")")},
                                            {"é = :v", syntax("é", "é =")},
                                            {"not(a)", syntax("<EOF>", ")")},
                                        });
}

TEST(ParserTest, EmptyAndTooLong) {
  for (const auto kind : {ExpressionKind::condition, ExpressionKind::filter, ExpressionKind::key_condition,
                          ExpressionKind::projection, ExpressionKind::update}) {
    expect_all(kind, {{"", "The expression can not be empty;"}, {"  \t", "The expression can not be empty;"}});
  }
  const std::string longest = "a = :v" + std::string(4090, ' ');
  expect_all(ExpressionKind::filter,
             {{longest, "ok"}, {longest + " ", "Expression size has exceeded the maximum allowed size;"}});
}

TEST(ParserTest, RedundantParentheses) {
  const std::string message = "The expression has redundant parentheses;";
  expect_all(ExpressionKind::condition, {
                                            {"((a = :v))", message},
                                            {"((a = :v)) AND b = :w", message},
                                            {"a = :v AND ((b = :w) )", message},
                                            {"(((a)) = :v)", message},
                                            {"((size(a))) > :v", message},
                                            {"NOT ((a = :v))", message},
                                            {"((a = :v)) AND", syntax("<EOF>", "AND")},
                                            {"((foo(a)))", message},
                                        });
  expect_all(ExpressionKind::update, {{"SET a = ((:v))", message}, {"SET a = (b + :v)", "ok"}});
}

TEST(ParserTest, FunctionsHaveTheirPlaces) {
  expect_all(
      ExpressionKind::condition,
      {
          {"foo(a)", "Invalid function name; function: foo"},
          {"Attribute_Exists(a)", "Invalid function name; function: Attribute_Exists"},
          {"a = foo(b)", "Invalid function name; function: foo"},
          {"size(a)", "The function is not allowed to be used this way in an expression; function: size"},
          {"a = :v AND size(b)", "The function is not allowed to be used this way in an expression; function: size"},
          {"NOT size(b)", "The function is not allowed to be used this way in an expression; function: size"},
          {"attribute_exists(a) = :v",
           "The function is not allowed to be used this way in an expression; function: attribute_exists"},
          {"a IN (contains(a, :v))",
           "The function is not allowed to be used this way in an expression; function: contains"},
          {"size(size(a)) > :v", "ok"},
          {"if_not_exists(a, :v) = :v",
           "The function is not allowed in a condition expression; function: if_not_exists"},
      });
  expect_all(ExpressionKind::update,
             {
                 {"SET a = foo(b)", "Invalid function name; function: foo"},
                 {"SET a = size(b)", "The function is not allowed in an update expression; function: size"},
                 {"SET a = attribute_exists(b)",
                  "The function is not allowed in an update expression; function: attribute_exists"},
             });
}

TEST(ParserTest, ReservedWordsAreNoNames) {
  const auto reserved = [](const std::string& word) {
    return "Attribute name is a reserved keyword; reserved keyword: " + word;
  };
  expect_all(ExpressionKind::condition, {
                                            {"name = :v", reserved("name")},
                                            {"a.Status = :v", reserved("Status")},
                                            {"attribute_exists(SIZE)", reserved("SIZE")},
                                            {"set = :v", reserved("set")},
                                            {"#name = :v", "ok"},
                                            {"names1 = :v", "ok"},
                                        });
  expect_all(ExpressionKind::projection, {{"a, comment", reserved("comment")}, {"and", reserved("and")}});
  expect_all(ExpressionKind::update, {{"SET status = :v", reserved("status")}, {"REMOVE a.ttl", reserved("ttl")}});
  EXPECT_TRUE(is_reserved_word("ABORT"));
  EXPECT_TRUE(is_reserved_word("zone"));
  EXPECT_FALSE(is_reserved_word(""));
  EXPECT_FALSE(is_reserved_word("pk"));
  EXPECT_FALSE(is_reserved_word("averyveryverylongword"));
}

TEST(ParserTest, TooManyOperators) {
  std::string text = "a=:v";
  for (int i = 1; i < 150; ++i) text += " OR a=:v";
  expect_all(ExpressionKind::filter,
             {{text + " OR attribute_exists(b)", "The expression contains too many operators; operator count: 301"},
              {"NOT " + text, "ok"}});
}

TEST(ParserTest, ListIndexesHaveARange) {
  expect_all(ExpressionKind::condition,
             {{"a[4294967294] = :v", "ok"},
              {"a[4294967295] = :v", "List index is not within the allowable range; index: [4294967295]"},
              {"a[99999999999999999999] = :v",
               "List index is not within the allowable range; index: [99999999999999999999]"}});
}

TEST(ParserTest, Updates) {
  expect_all(
      ExpressionKind::update,
      {
          {"SET a = :v", "ok"},
          {"set a = :v remove b add c :n delete d :s", "ok"},
          {"SET a.b[1] = if_not_exists(a.b[1], :v) + :n, c = list_append(c, :l), d = e - f", "ok"},
          {"REMOVE a, b[0], #c.d", "ok"},
          {"ADD a :n, b :s DELETE c :s", "ok"},
          {"SET a = list_append(if_not_exists(b, :l), :m)", "ok"},
          {"INVALID SYNTAX HERE", syntax("INVALID", "INVALID SYNTAX")},
          {"ADD hits : incr", syntax(":", "hits : incr")},
          {"a-b", syntax("a", "a-")},
          {"SET a = ", syntax("<EOF>", "=")},
          {"SET", syntax("<EOF>", "SET")},
          {"SET a", syntax("<EOF>", "a")},
          {"SET a = :v,", syntax("<EOF>", ",")},
          {"SET a = :v, REMOVE b", syntax("REMOVE", ", REMOVE b")},
          {"SET #as, #Lambda", syntax(",", "#as, #Lambda")},
          {"SET a = b + c + d", syntax("+", "c + d")},
          {"SET a = b * c", syntax("*", "b * c")},
          {"SET :v = a", syntax(":v", "SET :v =")},
          {"ADD a b", syntax("b", "a b")},
          {"ADD a", syntax("<EOF>", "a")},
          {"DELETE a", syntax("<EOF>", "a")},
          {"REMOVE a b", syntax("b", "a b")},
          {"REMOVE :v", syntax(":v", "REMOVE :v")},
          {"SET a = 1", syntax("1", "= 1")},
          {"SET a = :v SET b = :w", "The \"SET\" section can only be used once in an update expression;"},
          {"remove a add b :n remove c", "The \"REMOVE\" section can only be used once in an update expression;"},
          {"ADD a :n ADD b :n", "The \"ADD\" section can only be used once in an update expression;"},
          {"DELETE a :n DELETE b :n", "The \"DELETE\" section can only be used once in an update expression;"},
      });
}

TEST(ParserTest, Projections) {
  expect_all(ExpressionKind::projection, {
                                             {"a", "ok"},
                                             {"a, b.c[0], #d", "ok"},
                                             {"a,", syntax("<EOF>", ",")},
                                             {"a b", syntax("b", "a b")},
                                             {", a", syntax(",", ", a")},
                                             {"a, :v", syntax(":v", ", :v")},
                                             {"a, _id", syntax("_", ", _id")},
                                             {"size(a)", syntax("(", "size(a")},
                                         });
}

TEST(ParserTest, DeepNestingIsRefusedNotFollowed) {
  EXPECT_NE(message_of(parse_expression(ExpressionKind::condition, std::string(4000, '('))), "ok");
  std::string nots;
  for (int i = 0; i < 1000; ++i) nots += "NOT ";
  EXPECT_EQ(message_of(parse_expression(ExpressionKind::condition, nots + "a = :v")),
            "Invalid ConditionExpression: The expression contains too many operators; operator count: 1001");
}

TEST(ExpressionCacheTest, ParsesEachTextOnce) {
  ExpressionCache cache(32);
  const auto first = *cache.get(ExpressionKind::condition, "a = :v");
  EXPECT_EQ(*cache.get(ExpressionKind::condition, "a = :v"), first);
  EXPECT_NE(*cache.get(ExpressionKind::filter, "a = :v"), first);
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_FALSE(cache.get(ExpressionKind::condition, "a =").ok());
  EXPECT_EQ(cache.size(), 2U);
}

TEST(ExpressionCacheTest, KeepsToItsBound) {
  ExpressionCache cache(64);
  for (int i = 0; i < 5000; ++i)
    ASSERT_TRUE(cache.get(ExpressionKind::condition, "a" + std::to_string(i) + " = :v").ok());
  EXPECT_LE(cache.size(), 64U);
  EXPECT_GT(cache.size(), 32U);
}

TEST(ExpressionCacheTest, ServesManyThreads) {
  ExpressionCache cache(48);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&cache, t] {
      for (int i = 0; i < 2000; ++i) {
        const std::string name = "a" + std::to_string((i * (t + 1)) % 100);
        const auto ast = cache.get(ExpressionKind::condition, name + " = :v");
        ASSERT_TRUE(ast.ok());
        ASSERT_EQ((*ast)->names.at(0).text, name);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(cache.size(), 48U);
}

}  // namespace
}  // namespace reprise::dynamo
