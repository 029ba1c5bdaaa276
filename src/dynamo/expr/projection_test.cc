// Proves what projections keep of an item, and which paths cannot stand side by side.
#include "dynamo/expr/projection.h"

#include <gtest/gtest.h>

#include <vector>

#include "dynamo/expr/parser.h"
#include "dynamo/expr/test_expressions.h"

namespace reprise::dynamo {
namespace {

using test::item;
using test::message_of;
using test::text_of;

Outcome<Projection> bind_projection(const std::string& text) {
  Substitutions s = test::usual_substitutions();
  TRY_ASSIGN(auto ast, parse_expression(ExpressionKind::projection, text));
  return Projection::bind(ast, s);
}

TEST(ProjectionTest, KeepsPlaces) {
  const Bytes source = item(
      "{'a':{'S':'1'},'a.b':{'S':'dot'},'b':{'M':{'x':{'N':'1'},'y':{'L':[{'S':'p'},{'M':{'c':{'S':'t'},'d':{'S':'u'}}}"
      ",{'S':'r'}]},'z':{'N':'3'}}},'c':{'L':[{'N':'0'},{'N':'1'},{'N':'2'},{'N':'3'}]}}");
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"a", "{'a':{'S':'1'}}"},
      {"#a, #d", "{'a':{'S':'1'},'a.b':{'S':'dot'}}"},
      {"c, a", "{'a':{'S':'1'},'c':{'L':[{'N':'0'},{'N':'1'},{'N':'2'},{'N':'3'}]}}"},
      {"b.x", "{'b':{'M':{'x':{'N':'1'}}}}"},
      {"b.z, b.x", "{'b':{'M':{'x':{'N':'1'},'z':{'N':'3'}}}}"},
      {"b.y[1].c", "{'b':{'M':{'y':{'L':[{'M':{'c':{'S':'t'}}}]}}}}"},
      {"c[3], c[1]", "{'c':{'L':[{'N':'1'},{'N':'3'}]}}"},
      {"b.y[2], b.y[1].d, b.y[0]", "{'b':{'M':{'y':{'L':[{'S':'p'},{'M':{'d':{'S':'u'}}},{'S':'r'}]}}}}"},
      {"absent", "{}"},
      {"b.absent, a.b, a[0], c.x, b[0], c[9]", "{}"},
      {"b.y[1].c.q, a", "{'a':{'S':'1'}}"},
  };
  for (const auto& [text, expected] : cases) {
    const auto projection = bind_projection(text);
    if (text.find("b[0]") != std::string::npos) {
      EXPECT_NE(message_of(projection), "ok");
      continue;
    }
    ASSERT_TRUE(projection.ok()) << text << message_of(projection);
    const Bytes projected = projection->apply(ItemView(source));
    EXPECT_TRUE(is_valid_item(projected)) << text;
    EXPECT_EQ(text_of(projected), expected) << text;
    Bytes again = "rubbish";
    projection->apply_to(ItemView(source), again);
    EXPECT_EQ(again, projected);
  }
  EXPECT_EQ(text_of(bind_projection("a")->apply(ItemView())), "{}");
}

TEST(ProjectionTest, OverlapAndConflict) {
  const auto overlap = [](const std::string& one, const std::string& two) {
    return "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of "
           "these paths; path one: " +
           one + ", path two: " + two;
  };
  const auto conflict = [](const std::string& one, const std::string& two) {
    return "Invalid ProjectionExpression: Two document paths conflict with each other; must remove or rewrite one of "
           "these paths; path one: " +
           one + ", path two: " + two;
  };
  EXPECT_EQ(message_of(bind_projection("a, b, #a")), overlap("[a]", "[a]"));
  EXPECT_EQ(message_of(bind_projection("a, a.b")), overlap("[a]", "[a, b]"));
  EXPECT_EQ(message_of(bind_projection("a.b[1].c, a.b")), overlap("[a, b, [1], c]", "[a, b]"));
  EXPECT_EQ(message_of(bind_projection("c, a.b.x, a.b.y, a")), overlap("[a, b, x]", "[a]"));
  EXPECT_EQ(message_of(bind_projection("a.b, a[1]")), conflict("[a, b]", "[a, [1]]"));
  EXPECT_EQ(message_of(bind_projection("a[0][1], a[0].c")), conflict("[a, [0], [1]]", "[a, [0], c]"));
  EXPECT_EQ(message_of(bind_projection("a.b, a.c, a[1].d")), conflict("[a, b]", "[a, [1], d]"));
  EXPECT_EQ(message_of(bind_projection("a[0], a[1], b.a")), "ok");
}

TEST(ProjectionTest, OfAttributes) {
  const Projection projection = Projection::of_attributes({"c", "a", "c"});
  EXPECT_EQ(text_of(projection.apply(ItemView(item("{'a':{'S':'1'},'b':{'S':'2'},'c':{'S':'3'}}")))),
            "{'a':{'S':'1'},'c':{'S':'3'}}");
  EXPECT_EQ(projection.root_names(), (std::vector<std::string>{"a", "c"}));
}

TEST(ProjectionTest, KeysHaveNoParts) {
  TableDefinition table;
  table.key.hash = {{"pk", AttributeType::string}};
  EXPECT_EQ(message_of(bind_projection("pk, a.pk")->check_key_paths_scalar(table)), "ok");
  EXPECT_EQ(message_of(bind_projection("#pk[0]")->check_key_paths_scalar(table)),
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk");
}

}  // namespace
}  // namespace reprise::dynamo
