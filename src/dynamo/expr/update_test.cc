// Proves what updates do to items, what they report as updated, and why they refuse.
#include "dynamo/expr/update.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "base/rng.h"
#include "dynamo/expr/parser.h"
#include "dynamo/expr/test_expressions.h"

namespace reprise::dynamo {
namespace {

using test::item;
using test::message_of;
using test::text_of;

Outcome<Update> bind_update(const std::string& text, Substitutions& s) {
  TRY_ASSIGN(auto ast, parse_expression(ExpressionKind::update, text));
  return Update::bind(ast, s);
}

Outcome<UpdateResult> run_update(const std::string& text, const std::string& old) {
  Substitutions s = test::usual_substitutions();
  s.add_value(":z", ValueView(test::value("{'SS':['y','z']}")));
  s.add_value(":all", ValueView(test::value("{'SS':['x','y']}")));
  s.add_value(":q", ValueView(test::value("{'L':[{'S':'q'}]}")));
  s.add_value(":neg", ValueView(test::value("{'N':'-1'}")));
  s.add_value(":huge", ValueView(test::value("{'N':'1E125'}")));
  TRY_ASSIGN(const Update update, bind_update(text, s));
  return update.apply(ItemView(item(old)), WantUpdated::yes);
}

struct Case {
  std::string text;
  std::string old;
  std::string expected;
};

void expect_items(const std::vector<Case>& cases) {
  for (const auto& [text, old, expected] : cases) {
    const auto result = run_update(text, old);
    ASSERT_TRUE(result.ok()) << text << ": " << message_of(result);
    EXPECT_EQ(text_of(result->item), expected) << text;
    EXPECT_TRUE(is_valid_item(result->item)) << text;
  }
}

TEST(UpdateTest, Set) {
  expect_items({
      {"SET a = :s", "{}", "{'a':{'S':'s'}}"},
      {"SET a = :s", "{'a':{'N':'5'},'b':{'S':'x'}}", "{'a':{'S':'s'},'b':{'S':'x'}}"},
      {"SET c = :s, a = :n", "{'b':{'S':'x'}}", "{'a':{'N':'1'},'b':{'S':'x'},'c':{'S':'s'}}"},
      {"SET a = b", "{'b':{'L':[{'S':'x'}]}}", "{'a':{'L':[{'S':'x'}]},'b':{'L':[{'S':'x'}]}}"},
      {"SET a = b, b = a", "{'a':{'N':'1'},'b':{'N':'2'}}", "{'a':{'N':'2'},'b':{'N':'1'}}"},
      {"SET a = a + :m", "{'a':{'N':'5'}}", "{'a':{'N':'7'}}"},
      {"SET a = :m - a", "{'a':{'N':'5'}}", "{'a':{'N':'-3'}}"},
      {"SET a = (b + :n)", "{'b':{'N':'0.5'}}", "{'a':{'N':'1.5'},'b':{'N':'0.5'}}"},
      {"SET a = if_not_exists(a, :n)", "{}", "{'a':{'N':'1'}}"},
      {"SET a = if_not_exists(a, :n)", "{'a':{'S':'kept'}}", "{'a':{'S':'kept'}}"},
      {"SET a = if_not_exists(a, :n) + :m", "{}", "{'a':{'N':'3'}}"},
      {"SET a = if_not_exists(b.c, d)", "{'d':{'S':'x'}}", "{'a':{'S':'x'},'d':{'S':'x'}}"},
      {"SET a = list_append(a, :l)", "{'a':{'L':[{'S':'x'}]}}", "{'a':{'L':[{'S':'x'},{'N':'1'}]}}"},
      {"SET a = list_append(:l, a)", "{'a':{'L':[{'S':'x'}]}}", "{'a':{'L':[{'N':'1'},{'S':'x'}]}}"},
      {"SET a = list_append(if_not_exists(a, :l), :q)", "{}", "{'a':{'L':[{'N':'1'},{'S':'q'}]}}"},
      {"SET a.b = :n", "{'a':{'M':{'c':{'S':'x'}}}}", "{'a':{'M':{'b':{'N':'1'},'c':{'S':'x'}}}}"},
      {"SET #d = :n", "{'a':{'M':{}}}", "{'a':{'M':{}},'a.b':{'N':'1'}}"},
      {"SET a[0] = :n", "{'a':{'L':[{'S':'x'},{'S':'y'}]}}", "{'a':{'L':[{'N':'1'},{'S':'y'}]}}"},
      {"SET a[5] = :n", "{'a':{'L':[{'S':'x'}]}}", "{'a':{'L':[{'S':'x'},{'N':'1'}]}}"},
      {"SET a[9] = :m, a[7] = :n", "{'a':{'L':[]}}", "{'a':{'L':[{'N':'1'},{'N':'2'}]}}"},
      {"SET a[1].b = :n, a[0] = :s", "{'a':{'L':[{'N':'0'},{'M':{}}]}}",
       "{'a':{'L':[{'S':'s'},{'M':{'b':{'N':'1'}}}]}}"},
      {"SET a.b.c[0].d = a.x", "{'a':{'M':{'b':{'M':{'c':{'L':[{'M':{}}]}}},'x':{'NULL':true}}}}",
       "{'a':{'M':{'b':{'M':{'c':{'L':[{'M':{'d':{'NULL':true}}}]}}},'x':{'NULL':true}}}}"},
  });
}

TEST(UpdateTest, Remove) {
  expect_items({
      {"REMOVE a", "{'a':{'S':'x'},'b':{'S':'y'}}", "{'b':{'S':'y'}}"},
      {"REMOVE a, c", "{'b':{'S':'y'}}", "{'b':{'S':'y'}}"},
      {"REMOVE a.b", "{'a':{'M':{'b':{'S':'x'}}}}", "{'a':{'M':{}}}"},
      {"REMOVE a.b", "{'a':{'M':{'c':{'S':'x'}}}}", "{'a':{'M':{'c':{'S':'x'}}}}"},
      {"REMOVE a[0], a[2]", "{'a':{'L':[{'N':'0'},{'N':'1'},{'N':'2'},{'N':'3'}]}}",
       "{'a':{'L':[{'N':'1'},{'N':'3'}]}}"},
      {"REMOVE a[7]", "{'a':{'L':[{'N':'0'}]}}", "{'a':{'L':[{'N':'0'}]}}"},
      {"REMOVE a[0] SET a[1] = :s", "{'a':{'L':[{'N':'0'},{'N':'1'}]}}", "{'a':{'L':[{'S':'s'}]}}"},
      {"REMOVE a SET b = a", "{'a':{'S':'x'}}", "{'b':{'S':'x'}}"},
  });
}

TEST(UpdateTest, Add) {
  expect_items({
      {"ADD a :n", "{}", "{'a':{'N':'1'}}"},
      {"ADD a :neg", "{'a':{'N':'5'}}", "{'a':{'N':'4'}}"},
      {"ADD a :ss", "{}", "{'a':{'SS':['x','y']}}"},
      {"ADD a :z", "{'a':{'SS':['a','y']}}", "{'a':{'SS':['a','y','z']}}"},
      {"ADD a :ns", "{'a':{'NS':['2','30']}}", "{'a':{'NS':['1','2','30']}}"},
      {"ADD a :bs", "{'a':{'BS':['Ag==']}}", "{'a':{'BS':['AQ==','Ag==']}}"},
      {"ADD a.b :n, c[0] :n", "{'a':{'M':{}},'c':{'L':[{'N':'4'}]}}",
       "{'a':{'M':{'b':{'N':'1'}}},'c':{'L':[{'N':'5'}]}}"},
  });
}

TEST(UpdateTest, Delete) {
  expect_items({
      {"DELETE a :z", "{'a':{'SS':['a','y','z']}}", "{'a':{'SS':['a']}}"},
      {"DELETE a :all", "{'a':{'SS':['x','y']},'b':{'N':'1'}}", "{'b':{'N':'1'}}"},
      {"DELETE a :z", "{'b':{'N':'1'}}", "{'b':{'N':'1'}}"},
      {"DELETE a :z", "{'a':{'SS':['q']}}", "{'a':{'SS':['q']}}"},
      {"DELETE a.b :ns", "{'a':{'M':{'b':{'NS':['1','2']}}}}", "{'a':{'M':{}}}"},
  });
}

TEST(UpdateTest, ReportsWhatWasUpdated) {
  struct Updated {
    std::string text;
    std::string old;
    std::string updated_old;
    std::string updated_new;
  };
  const std::vector<Updated> cases = {
      {"SET a = :n", "{'a':{'S':'x'},'b':{'S':'y'}}", "{'a':{'S':'x'}}", "{'a':{'N':'1'}}"},
      {"SET a = :n", "{'b':{'S':'y'}}", "{}", "{'a':{'N':'1'}}"},
      {"SET a = a", "{'a':{'S':'same'}}", "{'a':{'S':'same'}}", "{'a':{'S':'same'}}"},
      {"SET a.b = :n", "{'a':{'M':{'b':{'S':'x'},'c':{'S':'y'}}}}", "{'a':{'M':{'b':{'S':'x'}}}}",
       "{'a':{'M':{'b':{'N':'1'}}}}"},
      {"SET a[1] = :n", "{'a':{'L':[{'S':'x'},{'S':'y'}]}}", "{'a':{'L':[{'S':'y'}]}}", "{'a':{'L':[{'N':'1'}]}}"},
      {"SET a[9] = :n", "{'a':{'L':[{'S':'x'}]}}", "{}", "{}"},
      {"SET a.x = :n, a.y = :m", "{'a':{'M':{'z':{'S':'z'}}}}", "{}", "{'a':{'M':{'x':{'N':'1'},'y':{'N':'2'}}}}"},
      {"REMOVE a", "{'a':{'S':'x'}}", "{'a':{'S':'x'}}", "{}"},
      {"REMOVE a[0]", "{'a':{'L':[{'S':'x'},{'S':'y'}]}}", "{'a':{'L':[{'S':'x'}]}}", "{}"},
      {"REMOVE a SET b = :n", "{'a':{'S':'x'}}", "{'a':{'S':'x'}}", "{'b':{'N':'1'}}"},
      {"ADD a :n", "{'a':{'N':'5'}}", "{'a':{'N':'5'}}", "{'a':{'N':'6'}}"},
      {"DELETE a :all", "{'a':{'SS':['x']}}", "{'a':{'SS':['x']}}", "{}"},
  };
  for (const auto& [text, old, updated_old, updated_new] : cases) {
    const auto result = run_update(text, old);
    ASSERT_TRUE(result.ok()) << text << message_of(result);
    EXPECT_EQ(text_of(result->updated_old), updated_old) << text;
    EXPECT_EQ(text_of(result->updated_new), updated_new) << text;
  }
}

TEST(UpdateTest, RefusesWhatDoesNotFitTheItem) {
  const std::string missing = "The provided expression refers to an attribute that does not exist in the item";
  const std::string type = "An operand in the update expression has an incorrect data type";
  const std::string path = "The document path provided in the update expression is invalid for update";
  const std::vector<Case> cases = {
      {"SET a = b", "{}", missing},
      {"SET a = a + :n", "{}", missing},
      {"SET a = b.c", "{'b':{'S':'x'}}", missing},
      {"SET a = list_append(a, :l)", "{}", missing},
      {"SET a = a + :n", "{'a':{'S':'5'}}", type},
      {"SET a = :n - b", "{'b':{'L':[]}}", type},
      {"SET a = list_append(a, :l)", "{'a':{'SS':['x']}}", type},
      {"ADD a :n", "{'a':{'S':'5'}}", type},
      {"ADD a :ss", "{'a':{'N':'5'}}", type},
      {"ADD a :ss", "{'a':{'NS':['5']}}", type},
      {"DELETE a :ss", "{'a':{'L':[{'S':'x'}]}}", type},
      {"SET a.b = :n", "{}", path},
      {"SET a.b = :n", "{'a':{'S':'x'}}", path},
      {"SET a.b = :n", "{'a':{'L':[]}}", path},
      {"SET a[0] = :n", "{'a':{'M':{}}}", path},
      {"SET a.b.c = :n", "{'a':{'M':{}}}", path},
      {"SET a[3].b = :n", "{'a':{'L':[]}}", path},
      {"REMOVE a.b", "{}", path},
      {"REMOVE a[0]", "{'a':{'S':'x'}}", path},
      {"ADD a.b :n", "{}", path},
      {"DELETE a.b :ss", "{}", path},
      {"SET a = a + :huge", "{'a':{'N':'9.9999999999999999999999999999999999999E+125'}}",
       "Number overflow. Attempting to store a number with magnitude larger than supported range"},
      {"ADD a :huge", "{'a':{'N':'9.9999999999999999999999999999999999999E+125'}}",
       "Number overflow. Attempting to store a number with magnitude larger than supported range"},
      {"ADD a :n", "{'a':{'N':'1E+50'}}", "Attempting to store more than 38 significant digits in a Number"},
  };
  for (const auto& [text, old, message] : cases)
    EXPECT_EQ(message_of(run_update(text, old)), message) << text << " " << old;
}

TEST(UpdateTest, RefusesWhatNoItemFits) {
  const auto type = [](const std::string& op, const std::string& operand) {
    return "Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: " + op +
           ", operand type: " + operand;
  };
  const auto section = [](const std::string& op, const std::string& operand) {
    return "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: " + op +
           ", operand type: " + operand + ", typeSet: ALLOWED_FOR_" + op + "_OPERAND";
  };
  const auto two = [](const std::string& what, const std::string& one, const std::string& other) {
    return "Invalid UpdateExpression: Two document paths " + what +
           " with each other; must remove or rewrite one of these paths; path one: " + one + ", path two: " + other;
  };
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"SET a = :x",
       "Invalid UpdateExpression: An expression attribute value used in expression is not defined; attribute value: "
       ":x"},
      {"SET #x = :n",
       "Invalid UpdateExpression: An expression attribute name used in the document path is not defined; attribute "
       "name: #x"},
      {"SET a = :s + :n", type("+", "S")},
      {"SET a = a - :l", type("-", "L")},
      {"SET a = if_not_exists(a, :s) + :n", type("+", "S")},
      {"SET a = list_append(a, :n)", type("list_append", "N")},
      {"SET a = list_append(:o, a)", type("list_append", "M")},
      {"SET a = if_not_exists(:n, :n)",
       "Invalid UpdateExpression: Operator or function requires a document path; operator or function: if_not_exists"},
      {"SET a = list_append(a)",
       "Invalid UpdateExpression: Incorrect number of operands for operator or function; operator or function: "
       "list_append, number of operands: 1"},
      {"ADD a :s", section("ADD", "STRING")},
      {"ADD a :l", section("ADD", "LIST")},
      {"ADD a :o", section("ADD", "MAP")},
      {"ADD a :t", section("ADD", "BOOLEAN")},
      {"ADD a :u", section("ADD", "NULL")},
      {"ADD a :b", section("ADD", "BINARY")},
      {"DELETE a :n", section("DELETE", "NUMBER")},
      {"DELETE a :s", section("DELETE", "STRING")},
      {"SET a = :n, #a = :m", two("overlap", "[a]", "[a]")},
      {"SET a = :n REMOVE a.b", two("overlap", "[a]", "[a, b]")},
      {"SET a.b[0] = :n ADD a :n", two("overlap", "[a, b, [0]]", "[a]")},
      {"SET a.b = :n REMOVE a[0]", two("conflict", "[a, b]", "[a, [0]]")},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(message_of(run_update(text, "{}")), message) << text;
}

TEST(UpdateTest, KeysStay) {
  KeySchema schema;
  schema.hash = {{"pk", AttributeType::string}};
  schema.range = {{"sk", AttributeType::string}};
  const auto check = [&schema](const std::string& text) {
    Substitutions s = test::usual_substitutions();
    return message_of(bind_update(text, s)->check_no_key_attribute(schema));
  };
  EXPECT_EQ(check("SET a = pk"), "ok");
  EXPECT_EQ(check("SET a = :n, #pk = :s"),
            "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key");
  EXPECT_EQ(check("REMOVE sk"),
            "One or more parameter values were invalid: Cannot update attribute sk. This attribute is part of the key");
  EXPECT_EQ(check("ADD pk.a :n"),
            "One or more parameter values were invalid: Cannot update attribute pk. This attribute is part of the key");
}

TEST(UpdateTest, DoesNotNestTooDeep) {
  std::string deep = "{'N':'1'}";
  for (int i = 0; i < 31; ++i) deep = "{'L':[" + deep + "]}";
  Substitutions s;
  s.add_value(":v", ValueView(test::value(deep)));
  const Update flat = *bind_update("SET a = :v", s);
  EXPECT_TRUE(flat.apply({}).ok());
  const Update nested = *bind_update("SET a.b = :v", s);
  EXPECT_EQ(message_of(nested.apply(ItemView(item("{'a':{'M':{}}}")))),
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported "
            "limit");
}

TEST(UpdateTest, LimitsAttributeNames) {
  Substitutions s = test::usual_substitutions();
  s.add_name("#long", std::string(65535, 'n'));
  s.add_name("#longer", std::string(65536, 'n'));
  EXPECT_EQ(message_of(bind_update("SET #long = :n", s)), "ok");
  EXPECT_EQ(message_of(bind_update("SET #longer = :n", s)),
            "Attribute name is too large, must be less than 65536 bytes");
}

// Random top-level updates against a map of strings.
TEST(UpdateTest, AgreesWithTheModel) {
  Rng rng(8);
  for (int round = 0; round < 3000; ++round) {
    std::map<std::string, std::string> model;
    for (int i = 0; i < 8; ++i) {
      if (rng.chance(1, 2)) model["k" + std::to_string(i)] = std::to_string(rng.below(10));
    }
    const auto build = [](const std::map<std::string, std::string>& from) {
      ItemBuilder builder;
      for (const auto& [name, text] : from) builder.set_string(name, text);
      return builder.build();
    };
    const Bytes old = build(model);
    std::string set;
    std::string remove;
    for (int i = 0; i < 8; ++i) {
      const std::string name = "k" + std::to_string(i);
      if (rng.chance(1, 3)) {
        set += (set.empty() ? "SET " : ", ") + name + " = :s";
        model[name] = "s";
      } else if (rng.chance(1, 3)) {
        remove += (remove.empty() ? "REMOVE " : ", ") + name;
        model.erase(name);
      }
    }
    if (set.empty() && remove.empty()) continue;
    Substitutions s = test::usual_substitutions();
    const auto update = bind_update(rng.chance(1, 2) ? set + " " + remove : remove + " " + set, s);
    ASSERT_TRUE(update.ok());
    ASSERT_EQ(update->apply(ItemView(old))->item, build(model)) << set << remove;
  }
}

}  // namespace
}  // namespace reprise::dynamo
