// The grammar: what is understood, what is refused and in which words, and that printing loses nothing.
#include "dynamo/partiql/parser.h"

#include <gtest/gtest.h>

#include <string>

namespace reprise::dynamo::partiql {
namespace {

std::string error_of(std::string_view text) {
  const auto parsed = parse(text);
  if (parsed.ok()) return "parsed: " + print(*parsed);
  EXPECT_EQ(parsed.error().kind, ErrorKind::validation);
  constexpr std::string_view prefix = "Statement wasn't well formed, can't be processed: ";
  const std::string& message = parsed.error().message;
  return message.starts_with(prefix) ? "~ " + message.substr(prefix.size()) : message;
}

// The statement as it prints; it must print to a text that parses to an equal tree.
std::string printed(std::string_view text) {
  const auto parsed = parse(text);
  if (!parsed.ok()) return "error: " + parsed.error().message;
  std::string once = print(*parsed);
  const auto again = parse(once);
  EXPECT_TRUE(again.ok() && *again == *parsed) << text << "\n" << once;
  return once;
}

TEST(PartiqlParser, Select) {
  EXPECT_EQ(printed("SELECT * FROM Music"), R"(SELECT * FROM "Music")");
  EXPECT_EQ(printed("select a, b.c[0].\"d e\" from \"Music\".\"by_g\" where a = 'it''s' order by pk desc, sk"),
            R"(SELECT "a", "b"."c"[0]."d e" FROM "Music"."by_g" WHERE ("a" = 'it''s') ORDER BY "pk" DESC, "sk" ASC)");
  EXPECT_EQ(printed("-- note\nSELECT a /* b */ FROM t;"), R"(SELECT "a" FROM "t")");
  EXPECT_EQ(printed(R"(SELECT "q""uote" FROM T)"), R"(SELECT "q""uote" FROM "T")");
  EXPECT_EQ(printed("EXISTS(SELECT * FROM T WHERE a = ?)"), R"(EXISTS(SELECT * FROM "T" WHERE ("a" = ?)))");
}

TEST(PartiqlParser, Precedence) {
  const auto where = [](std::string_view condition) {
    const std::string text = printed("SELECT * FROM T WHERE " + std::string(condition));
    constexpr std::string_view start = "SELECT * FROM \"T\" WHERE ";
    return text.starts_with(start) ? text.substr(start.size()) : text;
  };
  EXPECT_EQ(where("a=1 OR b=2 AND c=3"), R"((("a" = 1) OR (("b" = 2) AND ("c" = 3))))");
  EXPECT_EQ(where("a=1 AND (b=2 AND c=3) AND d=4"), R"((("a" = 1) AND ("b" = 2) AND ("c" = 3) AND ("d" = 4)))");
  EXPECT_EQ(where("NOT a = 1 AND b = 2"), R"(((NOT ("a" = 1)) AND ("b" = 2)))");
  EXPECT_EQ(where("a BETWEEN 1 AND 2 AND b = 3"), R"((("a" BETWEEN 1 AND 2) AND ("b" = 3)))");
  EXPECT_EQ(where("a NOT IN (1, 2)"), R"((NOT ("a" IN [1, 2])))");
  EXPECT_EQ(where("a IN [-1, 'x', ?]"), R"(("a" IN [-1, 'x', ?]))");
  EXPECT_EQ(where("a IS NOT MISSING OR b is null"), R"(((NOT ("a" IS missing)) OR ("b" IS null)))");
  EXPECT_EQ(where("a != 1"), R"(("a" <> 1))");
  EXPECT_EQ(where("a = b + 1 - -2.5e3"), R"(("a" = (("b" + 1) - -2.5e3)))");
  EXPECT_EQ(where("Begins_With(a, 'x') AND size(b) > 3"), R"(("begins_with"("a", 'x') AND ("size"("b") > 3)))");
  EXPECT_EQ(where("a LIKE 'x'"), R"(("a" like 'x'))");
  EXPECT_EQ(where("a = {'k': [1, <<2>>], 'l': TRUE}"), R"(("a" = {'k': [1, <<2>>], 'l': TRUE}))");
}

TEST(PartiqlParser, Writes) {
  EXPECT_EQ(printed("INSERT INTO T VALUE {'a': ?, 'b': null}"), R"(INSERT INTO "T" VALUE {'a': ?, 'b': NULL})");
  EXPECT_EQ(printed("UPDATE T SET a = 1, b.c[2] = b.c[1] SET s = set_add(s, <<'x'>>) REMOVE d WHERE pk = 'p' "
                    "RETURNING MODIFIED NEW *"),
            R"(UPDATE "T" SET "a" = 1 SET "b"."c"[2] = "b"."c"[1] SET "s" = "set_add"("s", <<'x'>>) REMOVE "d")"
            R"( WHERE ("pk" = 'p') RETURNING MODIFIED NEW *)");
  EXPECT_EQ(printed("delete from T where pk = 'p' returning all old *"),
            R"(DELETE FROM "T" WHERE ("pk" = 'p') RETURNING ALL OLD *)");
}

TEST(PartiqlParser, CountsParameters) {
  EXPECT_EQ(parse("SELECT * FROM T WHERE a = ? AND b IN [?, ?] AND c = '?' AND \"?\" = 1 -- ?")->parameters, 3U);
}

TEST(PartiqlParser, Refusals) {
  EXPECT_EQ(error_of("CREATE TABLE T"), "~ Expected data manipulation");
  EXPECT_EQ(error_of("UPDATE Payment-table SET a = 1"), "~ Expected data manipulation");
  EXPECT_EQ(error_of("SELECT * FROM T WHERE date = 1"), "~ Unexpected keyword");
  EXPECT_EQ(error_of("INSERT INTO urls (key, b) VALUES (?, ?)"), "~ Unexpected keyword");
  EXPECT_EQ(error_of("INSERT INTO urls (a, b) VALUES (?, ?)"), "~ Unexpected token after expression");
  EXPECT_EQ(error_of("SELECT payload.size FROM T"), "~ Invalid path dot component");
  EXPECT_EQ(error_of("SELECT * FROM (SELECT a FROM T)"), "~ Unexpected term");
  EXPECT_EQ(error_of("SELECT * FROM T WHERE (a = 1"), "~ Expected RIGHT_PAREN");
  EXPECT_EQ(error_of("SELECT * FROM T WHERE a ="), "~ Missing right-hand side expression of infix operator");
  EXPECT_EQ(error_of("SELECT * FROM T garbage"), "Aliasing is not supported");
  EXPECT_EQ(error_of("SELECT a AS b FROM T"), "Aliasing is not supported");
  EXPECT_EQ(error_of("SELECT *, a FROM T"),
            "~ Other expressions may not be present in the select list when '*' is used without dot notation.");
  EXPECT_EQ(error_of("SELECT a"), "~ Expected FROM after SELECT list");
  EXPECT_EQ(error_of("SELECT * FROM T, U"), "Only select from a single table or index is supported.");
  EXPECT_EQ(error_of("SELECT id FROM dbimp_page LIMIT 5"), "Unsupported clause: LIMIT at 1:33:1");
  EXPECT_EQ(error_of("SELECT id\nFROM t\nLIMIT 100"), "Unsupported clause: LIMIT at 3:7:3");
  EXPECT_EQ(error_of("SELECT a FROM T; SELECT b FROM T"),
            "~ Unexpected token after semicolon. (Only one query is allowed.)");
  EXPECT_EQ(error_of("DELETE FROM T WHERE a = 1 b"), "~ Unexpected token after expression");
  EXPECT_EQ(error_of("DELETE T"), "~ Expected FROM after DELETE");
  EXPECT_EQ(error_of("DELETE FROM T WHERE a = 1 RETURNING OLD *"),
            "~ Expected ( MODIFIED | ALL ) ( NEW | OLD ) in each returning element.");
  EXPECT_EQ(error_of("UPDATE 'T' SET a = 1"), "~ Expected identifier for simple path");
  EXPECT_EQ(error_of("UPDATE T SET a[b] = 1"), "~ Invalid path component for simple path");
  EXPECT_EQ(error_of("SELECT * FROM T WHERE a BETWEEN 1 AND"), "~ Expected expression after AND");
  EXPECT_EQ(error_of("SELECT * FROM T WHERE a = 'open"), "~ Unterminated quoted text");
}

TEST(PartiqlParser, DepthIsBounded) {
  const auto nested = [](std::string_view open, std::string_view close, int times) {
    std::string text = "SELECT * FROM T WHERE a = ";
    for (int i = 0; i < times; ++i) text.append(open);
    text.append("1");
    for (int i = 0; i < times; ++i) text.append(close);
    return text;
  };
  EXPECT_TRUE(parse(nested("[", "]", 50)).ok());
  for (const auto& [open, close] :
       {std::pair("[", "]"), std::pair("(", ")"), std::pair("- ", ""), std::pair("1 + ", ""), std::pair("NOT ", ""),
        std::pair("{'a':", "}"), std::pair("<<", ">>")}) {
    EXPECT_EQ(error_of(nested(open, close, 4000)), "~ The statement is nested too deeply") << open;
  }
  // A long AND is not a deep one.
  std::string text = "SELECT * FROM T WHERE a = 1";
  for (int i = 0; i < 1000; ++i) text.append(" AND a=1");
  ASSERT_TRUE(parse(text).ok());
  EXPECT_EQ(parse(text)->select.where->children.size(), 1001U);
}

}  // namespace
}  // namespace reprise::dynamo::partiql
