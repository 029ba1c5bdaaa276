// Proves what conditions mean, on items that hold every type, and what is wrong with operands before any item is seen.
#include "dynamo/expr/condition.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/rng.h"
#include "dynamo/expr/parser.h"
#include "dynamo/expr/test_expressions.h"

namespace reprise::dynamo {
namespace {

using test::item;
using test::message_of;
using test::usual_substitutions;

const Bytes& sample() {
  static const Bytes bytes = item(
      "{'pk':{'S':'p'},'a':{'N':'1'},'b':{'S':'hello'},'bin':{'B':'AAEC'},'t':{'BOOL':true},'f':{'BOOL':false},"
      "'nul':{'NULL':true},'l':{'L':[{'N':'1'},{'S':'s'},{'M':{'x':{'N':'7'}}}]},"
      "'m':{'M':{'k':{'S':'v'},'deep':{'M':{'er':{'L':[{'S':'end'}]}}},'a.b':{'N':'5'}}},'ss':{'SS':['x','y','s']},"
      "'ns':{'NS':['1','20']},'bs':{'BS':['AQ==','Ag==']},'two':{'N':'2'},'uni':{'S':'é𝄞'},'nothing':{'S':''}}");
  return bytes;
}

bool matches(const std::string& text, const Bytes& on = sample()) {
  Substitutions s = usual_substitutions();
  s.add_value(":one", ValueView(test::value("{'N':'1.0'}")));
  s.add_value(":hello", ValueView(test::value("{'S':'hello'}")));
  s.add_value(":he", ValueView(test::value("{'S':'he'}")));
  s.add_value(":ell", ValueView(test::value("{'S':'ell'}")));
  s.add_value(":none", ValueView(test::value("{'S':''}")));
  s.add_value(":bin", ValueView(test::value("{'B':'AAE='}")));
  s.add_value(":three", ValueView(test::value("{'N':'3'}")));
  s.add_value(":six", ValueView(test::value("{'N':'6'}")));
  s.add_value(":N", ValueView(test::value("{'S':'N'}")));
  s.add_value(":SS", ValueView(test::value("{'S':'SS'}")));
  s.add_value(":BOOL", ValueView(test::value("{'S':'BOOL'}")));
  s.add_value(":five", ValueView(test::value("{'N':'5'}")));
  s.add_name("#t", "t");
  const auto ast = parse_expression(ExpressionKind::condition, text);
  EXPECT_TRUE(ast.ok()) << text << ": " << message_of(ast);
  if (!ast.ok()) return false;
  const auto condition = Condition::bind(*ast, s);
  EXPECT_TRUE(condition.ok()) << text << ": " << message_of(condition);
  return condition.ok() && condition->matches(ItemView(on));
}

TEST(ConditionTest, ComparisonsTrueOfTheSample) {
  for (const std::string text : {
           "a = :one",
           ":one = a",
           "a <> :m",
           "a < :m",
           "a <= :one",
           ":m > a",
           "a >= :one",
           "a < two",
           "b = :hello",
           "b > :he",
           "bin > :bin",
           "absent <> :n",
           "a <> :s",
           "NOT absent = :n",
           "NOT a = :m",
           "NOT (a = :m)",
           "a = :one AND b = :hello",
           "a = :m OR b = :hello",
           "a = :m OR a = :one AND b = :hello",
           "NOT a = :m AND b = :hello",
           "a BETWEEN :n AND :m",
           "a between a1 and :m OR a = :n",
           "b BETWEEN :he AND :s",
           "two BETWEEN a AND :three",
           "a IN (:m, :one)",
           "a IN (two, :s, :n)",
           "l IN (l2, :l) OR a = :n",
       }) {
    EXPECT_TRUE(matches(text)) << text;
  }
}

TEST(ConditionTest, FunctionsTrueOfTheSample) {
  for (const std::string text : {
           "attribute_exists(a)",
           "attribute_exists(nul)",
           "attribute_exists(m.deep.er[0])",
           "attribute_exists(l[2].x)",
           "attribute_not_exists(absent)",
           "attribute_not_exists(m.nothing)",
           "attribute_not_exists(l[3])",
           "attribute_not_exists(a.b)",
           "attribute_not_exists(a[0])",
           "attribute_not_exists(l.x)",
           "attribute_type(a, :N)",
           "attribute_type(ss, :SS)",
           "attribute_type(f, :BOOL)",
           "begins_with(b, :he)",
           "begins_with(b, :none)",
           "begins_with(bin, :bin)",
           "contains(b, :ell)",
           "contains(ss, :s)",
           "contains(ns, :one)",
           "contains(bs, :b)",
           "contains(l, :one)",
           "contains(l, :s)",
           "contains(l[1], :s)",
           "contains(bin, :b)",
           "size(b) > :three",
           "size(bin) = :three",
           "size(l) = :three",
           "size(m) = :three",
           "size(ss) = :three",
           "size(ns) = :m",
           "size(uni) = :three",
           "size(nothing) < :n",
           "size(l) = size(ss)",
           ":three = size(l)",
           "size(b) BETWEEN :five AND :six",
           "size(ns) IN (:m, :three)",
           "m.k <> :s",
           "m.#d = :five",
           "l[0] = a",
           "l[2].x > :six",
           "#t = :t",
           "f <> :t",
           "nul = :u",
           ":n = :n",
       }) {
    EXPECT_TRUE(matches(text)) << text;
  }
}

TEST(ConditionTest, FalseOfTheSample) {
  for (const std::string text : {
           "a = :m",
           "a = :s",
           "absent = :n",
           "absent < :n",
           "absent >= :n",
           "absent = absent2",
           "a <> :one",
           "a < :s",
           "a > :s",
           "b < a",
           "t < a",
           "NOT a = :n",
           "a = :n AND b = :s",
           "a = :m OR b = :s",
           "a BETWEEN :m AND :three",
           "b BETWEEN :n AND :m",
           "absent BETWEEN :n AND :m",
           "a IN (:m, :s)",
           "absent IN (:n)",
           "absent IN (absent2)",
           "attribute_exists(absent)",
           "attribute_exists(b.x)",
           "attribute_not_exists(m.deep.er)",
           "attribute_type(a, :SS)",
           "attribute_type(absent, :N)",
           "begins_with(b, :ell)",
           "begins_with(a, :he)",
           "begins_with(absent, :he)",
           "begins_with(b, :bin)",
           "contains(b, :one)",
           "contains(a, :one)",
           "contains(ss, :one)",
           "contains(ns, :s)",
           "contains(m, :s)",
           "contains(absent, :s)",
           "contains(l, :m)",
           "size(a) = :n",
           "size(a) <> :three AND size(a) = :three",
           "size(t) > :n",
           "size(nul) > :n",
           "size(absent) > :n",
           "l[0] = l[1]",
           "m = :o",
       }) {
    EXPECT_FALSE(matches(text)) << text;
  }
}

TEST(ConditionTest, AnAbsentItemHasNoAttributes) {
  EXPECT_TRUE(matches("attribute_not_exists(pk)", {}));
  EXPECT_FALSE(matches("attribute_exists(pk)", {}));
  EXPECT_FALSE(matches("a = :n", {}));
  EXPECT_TRUE(matches("a <> :n", {}));
}

struct Case {
  std::string text;
  std::string message;
};

std::string type_error(const std::string& op, const std::string& operand) {
  return "Incorrect operand type for operator or function; operator or function: " + op + ", operand type: " + operand;
}

void expect_bindings(const std::vector<Case>& cases) {
  for (const auto& [text, message] : cases) {
    Substitutions s = usual_substitutions();
    const auto ast = parse_expression(ExpressionKind::condition, text);
    ASSERT_TRUE(ast.ok()) << text << message_of(ast);
    EXPECT_EQ(message_of(Condition::bind(*ast, s)),
              message == "ok" ? message : "Invalid ConditionExpression: " + message)
        << text;
  }
}

TEST(ConditionTest, OperandsOfTheWrongType) {
  expect_bindings({
      {"begins_with(a, :n)", type_error("begins_with", "N")},
      {"begins_with(a, :t)", type_error("begins_with", "BOOL")},
      {"begins_with(a, :u)", type_error("begins_with", "NULL")},
      {"begins_with(a, :l)", type_error("begins_with", "L")},
      {"begins_with(a, :o)", type_error("begins_with", "M")},
      {"begins_with(a, :ss)", type_error("begins_with", "SS")},
      {"begins_with(a, :ns)", type_error("begins_with", "NS")},
      {"begins_with(a, :bs)", type_error("begins_with", "BS")},
      {"begins_with(:n, a)", type_error("begins_with", "N")},
      {"begins_with(a, :s) AND begins_with(b, :b)", "ok"},
      {"begins_with(size(a), :s)", type_error("begins_with", "N")},
      {"a < :t", type_error("<", "BOOL")},
      {"a <= :u", type_error("<=", "NULL")},
      {":l > a", type_error(">", "L")},
      {"a >= :ss", type_error(">=", "SS")},
      {"a = :t AND a <> :l AND a IN (:o, :ss)", "ok"},
      {"a BETWEEN :t AND :t", type_error("BETWEEN", "BOOL")},
      {"a BETWEEN :n AND :u", type_error("BETWEEN", "NULL")},
      {"size(:n) > :n", type_error("size", "N")},
      {"size(:s) > :n", "ok"},
      {"size(size(a)) > :n", type_error("size", "N")},
      {"contains(:n, a)", type_error("contains", "N")},
      {"attribute_type(a, :n)", type_error("attribute_type", "N")},
      {"attribute_type(a, :s)",
       "Invalid attribute type name found; type: s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"},
  });
}

TEST(ConditionTest, OperandsThatDoNotFitTheirOperator) {
  const auto count = [](const std::string& op, int operands) {
    return "Incorrect number of operands for operator or function; operator or function: " + op +
           ", number of operands: " + std::to_string(operands);
  };
  const auto path = [](const std::string& op) {
    return "Operator or function requires a document path; operator or function: " + op;
  };
  const auto distinct = [](const std::string& op, const std::string& operand) {
    return "The first operand must be distinct from the remaining operands for this operator or function; operator: " +
           op + ", first operand: " + operand;
  };
  expect_bindings({
      {"attribute_exists(:n)", path("attribute_exists")},
      {"attribute_not_exists(size(a))", path("attribute_not_exists")},
      {"attribute_exists()", count("attribute_exists", 0)},
      {"attribute_exists(a, b)", count("attribute_exists", 2)},
      {"size(a, b) > :n", count("size", 2)},
      {"begins_with(a)", count("begins_with", 1)},
      {"contains(a, b, c)", count("contains", 3)},
      {"a = a", distinct("=", "[a]")},
      {"#a <> a", distinct("<>", "[a]")},
      {"a.b[1].c < a.b[1].#c", distinct("<", "[a, b, [1], c]")},
      {"contains(#a, #a)", distinct("contains", "[a]")},
      {"begins_with(a, a)", distinct("begins_with", "[a]")},
      {"a BETWEEN b AND a", distinct("BETWEEN", "[a]")},
      {"a IN (b, a)", distinct("IN", "[a]")},
      {"a = b AND b = a", "ok"},
      {"a = a AND begins_with(b, :n)", type_error("begins_with", "N")},
      {"a BETWEEN :m AND :n",
       "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: "
       "AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}"},
      {"a BETWEEN :n AND :n", "ok"},
      {"a BETWEEN :s AND :n",
       "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: "
       "{S:s}, upper bound operand: AttributeValue: {N:1}"},
      {"a BETWEEN :s AND b", "ok"},
      {"a[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0] = :n", "ok"},
      {"a[0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0][0] = :n",
       "The document path has too many nesting levels; nesting levels: 33"},
  });
}

TEST(ConditionTest, InTakesAHundredOperands) {
  const auto bind = [](int count) {
    std::string text = "a IN (:n";
    for (int i = 1; i < count; ++i) text += ",:n";
    Substitutions s = usual_substitutions();
    return message_of(Condition::bind(*parse_expression(ExpressionKind::filter, text + ")"), s));
  };
  EXPECT_EQ(bind(100), "ok");
  EXPECT_EQ(bind(101),
            "Invalid FilterExpression: The IN operator is provided with too many operands; number of operands: 101");
}

TEST(ConditionTest, FiltersOfQueriesKeepOffTheKey) {
  KeySchema schema;
  schema.hash = {{"pk", AttributeType::string}};
  schema.range = {{"sk", AttributeType::string}};
  TableDefinition table;
  table.key = schema;
  GlobalIndex index;
  index.key.hash = {{"g", AttributeType::string}};
  table.global_indexes.push_back(index);
  const auto bind = [](const std::string& text) {
    static Substitutions s = usual_substitutions();
    return *Condition::bind(*parse_expression(ExpressionKind::filter, text), s);
  };
  EXPECT_EQ(message_of(bind("a = :n").check_no_key_attribute(schema)), "ok");
  EXPECT_EQ(message_of(bind("a = :n AND attribute_exists(#pk)").check_no_key_attribute(schema)),
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: pk");
  EXPECT_EQ(message_of(bind("a.pk = :n AND b > a[0]").check_no_key_attribute(schema)), "ok");
  EXPECT_EQ(message_of(bind("pk.a = :n").check_key_paths_scalar(table)),
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk");
  EXPECT_EQ(message_of(bind("g[0] = :n").check_key_paths_scalar(table)),
            "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: g");
  EXPECT_EQ(message_of(bind("pk = :n").check_key_paths_scalar(table)), "ok");
}

TEST(ConditionTest, TreesCanBeMadeByCode) {
  AstBuilder builder(ExpressionKind::filter);
  const auto path = builder.path_node(builder.attribute("name with spaces"));
  const auto equal = builder.node(Op::equal, {path, builder.value_node(":0")});
  const auto other = builder.path_node(builder.attribute("status"));
  builder.set_root(builder.node(Op::logical_and, {equal, builder.node(Op::attribute_not_exists, {other})}));
  Substitutions s;
  s.add_value(":0", ValueView(test::value("{'S':'x'}")));
  const auto condition = Condition::bind(builder.build(), s);
  ASSERT_TRUE(condition.ok());
  EXPECT_TRUE(condition->matches(ItemView(item("{'name with spaces':{'S':'x'}}"))));
  EXPECT_FALSE(condition->matches(ItemView(item("{'name with spaces':{'S':'x'},'status':{'S':'x'}}"))));
}

// Random boolean expressions over attributes that are there or not, against a direct evaluation.
struct RandomExpression {
  std::string text;
  bool value = false;
};

RandomExpression random_expression(Rng& rng, unsigned present, int depth) {
  if (depth == 0 || rng.chance(1, 3)) {
    const auto attribute = rng.below(6);
    const bool there = (present >> attribute & 1) != 0;
    const std::string name = "x" + std::to_string(attribute);
    switch (rng.below(3)) {
      case 0: return {"attribute_exists(" + name + ")", there};
      case 1: return {name + " = :n", there};
      default: return {name + " <> :n", !there};
    }
  }
  const RandomExpression left = random_expression(rng, present, depth - 1);
  const RandomExpression right = random_expression(rng, present, depth - 1);
  switch (rng.below(3)) {
    case 0: return {"(" + left.text + " AND " + right.text + ")", left.value && right.value};
    case 1: return {"(" + left.text + " OR " + right.text + ")", left.value || right.value};
    default: return {"NOT " + left.text, !left.value};
  }
}

TEST(ConditionTest, LogicAgreesWithTheModel) {
  Rng rng(31);
  for (int round = 0; round < 3000; ++round) {
    const auto present = static_cast<unsigned>(rng.below(64));
    ItemBuilder builder;
    for (unsigned i = 0; i < 6; ++i) {
      if ((present >> i & 1) != 0) builder.set_number("x" + std::to_string(i), Number::from_integer(1));
    }
    const RandomExpression expression = random_expression(rng, present, 4);
    ASSERT_EQ(matches(expression.text, builder.build()), expression.value) << expression.text << " on " << present;
  }
}

}  // namespace
}  // namespace reprise::dynamo
