// Fuzzes expressions: the first byte picks the parameter, the rest is its text. Oracles: a tree prints to a text that
// parses to a tree that prints the same; both give the same answer on an item; an update leaves a valid item.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "dynamo/expr/condition.h"
#include "dynamo/expr/key_condition.h"
#include "dynamo/expr/parser.h"
#include "dynamo/expr/projection.h"
#include "dynamo/expr/update.h"
#include "dynamo/model/test_items.h"

namespace reprise::dynamo {
namespace {

class Printer {
 public:
  explicit Printer(const Ast& ast) : ast_(ast) {}

  std::string print() {
    switch (ast_.kind) {
      case ExpressionKind::projection:
        for (const std::uint16_t index : ast_.projection) {
          if (!out_.empty()) out_ += ", ";
          path(index);
        }
        break;
      case ExpressionKind::update: update(); break;
      default: node(ast_.nodes[ast_.root]);
    }
    return out_;
  }

 private:
  void path(std::uint16_t index) {
    const PathSpan span = ast_.paths[index];
    for (std::size_t i = 0; i < span.count; ++i) {
      const PathStep& step = ast_.steps[span.first + i];
      if (step.is_index) {
        out_ += "[" + std::to_string(step.value) + "]";
      } else {
        if (i > 0) out_ += ".";
        out_ += ast_.names[step.value].text;
      }
    }
  }

  void update() {
    static constexpr std::string_view sections[] = {"SET ", "REMOVE ", "ADD ", "DELETE "};
    const UpdateAction* previous = nullptr;
    for (const UpdateAction& action : ast_.actions) {
      if (previous != nullptr && previous->section == action.section) {
        out_ += ", ";
      } else {
        out_ += " ";
        out_ += sections[static_cast<std::size_t>(action.section)];
      }
      path(action.path);
      out_ += action.section == UpdateSection::set ? " = " : " ";
      if (action.section != UpdateSection::remove) node(ast_.nodes[action.node]);
      previous = &action;
    }
  }

  void node(const Node& node) {
    switch (node.op) {
      case Op::path: path(node.index); break;
      case Op::value: out_ += ast_.values[node.index]; break;
      case Op::plus:
      case Op::minus:
      case Op::equal:
      case Op::not_equal:
      case Op::less:
      case Op::less_equal:
      case Op::greater:
      case Op::greater_equal: joined(node, " " + std::string(op_name(node.op)) + " "); break;
      case Op::logical_and: joined(node, " AND "); break;
      case Op::logical_or: joined(node, " OR "); break;
      case Op::logical_not:
        out_ += "NOT ";
        child(node, 0);
        break;
      case Op::between:
        child(node, 0);
        out_ += " BETWEEN ";
        child(node, 1);
        out_ += " AND ";
        child(node, 2);
        break;
      case Op::in:
        child(node, 0);
        out_ += " IN (";
        list(node, 1);
        break;
      default:
        out_ += op_name(node.op);
        out_ += "(";
        list(node, 0);
    }
  }

  void list(const Node& node, std::size_t from) {
    for (std::size_t i = from; i < node.count; ++i) {
      if (i > from) out_ += ", ";
      child(node, i);
    }
    out_ += ")";
  }

  void joined(const Node& node, const std::string& separator) {
    for (std::size_t i = 0; i < node.count; ++i) {
      if (i > 0) out_ += separator;
      child(node, i);
    }
  }

  // Parentheses around everything that could be taken apart otherwise.
  void child(const Node& parent, std::size_t i) {
    const Node& node = ast_.child(parent, i);
    const bool parentheses = node.op == Op::logical_and || node.op == Op::logical_or || node.op == Op::logical_not ||
                             node.op == Op::plus || node.op == Op::minus;
    if (parentheses) out_ += "(";
    this->node(node);
    if (parentheses) out_ += ")";
  }

  const Ast& ast_;
  std::string out_;
};

const Bytes& sample_item() {
  static const Bytes bytes = test::item(
      "{'pk':{'S':'p'},'sk':{'N':'5'},'a':{'N':'1'},'b':{'S':'s'},'c':{'L':[{'N':'1'},{'M':{'x':{'S':'y'}}}]},"
      "'d':{'M':{'a':{'L':[]},'b':{'SS':['x']}}},'e':{'SS':['x','y']}}");
  return bytes;
}

// Every reference of the tree stands for something: names for themselves, values for one of a few.
Substitutions substitutions_for(const Ast& ast) {
  static const Bytes values[] = {test::value("{'N':'1'}"), test::value("{'S':'s'}"),     test::value("{'SS':['x']}"),
                                 test::value("{'L':[]}"),  test::value("{'BOOL':true}"), test::value("{'S':'p'}")};
  Substitutions substitutions;
  for (const NameReference& name : ast.names) {
    if (name.placeholder) substitutions.add_name(name.text, name.text.substr(1));
  }
  for (const std::string& value : ast.values) {
    const std::size_t choice = value.size() > 1 ? static_cast<unsigned char>(value[1]) % std::size(values) : 0;
    substitutions.add_value(value, ValueView(values[choice]));
  }
  return substitutions;
}

// The answer of an expression on the sample, or its error.
std::string answer(const std::shared_ptr<const Ast>& ast) {
  Substitutions substitutions = substitutions_for(*ast);
  switch (ast->kind) {
    case ExpressionKind::projection: {
      const auto projection = Projection::bind(ast, substitutions);
      if (!projection.ok()) return projection.error().message;
      const Bytes projected = projection->apply(ItemView(sample_item()));
      ASSERT(is_valid_item(projected));
      return projected;
    }
    case ExpressionKind::update: {
      const auto update = Update::bind(ast, substitutions);
      if (!update.ok()) return update.error().message;
      const auto result = update->apply(ItemView(sample_item()), WantUpdated::yes);
      if (!result.ok()) return result.error().message;
      ASSERT(is_valid_item(result->item) && is_valid_item(result->updated_old) && is_valid_item(result->updated_new));
      return result->item;
    }
    case ExpressionKind::key_condition: {
      const auto bound = BoundKeyCondition::bind(ast, substitutions);
      if (!bound.ok()) return bound.error().message;
      KeySchema schema;
      schema.hash = {{"pk", AttributeType::string}};
      schema.range = {{"sk", AttributeType::number}};
      const auto condition = bound->resolve(schema);
      if (!condition.ok()) return condition.error().message;
      return query_range(schema, *condition).lower;
    }
    default: {
      const auto condition = Condition::bind(ast, substitutions);
      if (!condition.ok()) return condition.error().message;
      return condition->matches(ItemView(sample_item())) ? "true" : "false";
    }
  }
}

}  // namespace
}  // namespace reprise::dynamo

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reprise::dynamo;
  if (size == 0) return 0;
  const auto kind = static_cast<ExpressionKind>(data[0] % 5);
  const auto ast = parse_expression(kind, {reinterpret_cast<const char*>(data) + 1, size - 1});
  if (!ast.ok()) return 0;
  const std::string printed = Printer(**ast).print();
  const std::string first = answer(*ast);
  if (printed.size() > 4096) return 0;  // blanks and parentheses of ours have made it too long
  const auto again = parse_expression(kind, printed);
  ASSERT(again.ok());
  ASSERT(Printer(**again).print() == printed);
  ASSERT(answer(*again) == first);
  return 0;
}
