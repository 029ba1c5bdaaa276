// Names of the parts of an Ast, and the builder.
#include "dynamo/expr/ast.h"

#include "base/assert.h"

namespace reprise::dynamo {

std::string_view parameter_name(ExpressionKind kind) noexcept {
  switch (kind) {
    case ExpressionKind::condition: return "ConditionExpression";
    case ExpressionKind::filter: return "FilterExpression";
    case ExpressionKind::key_condition: return "KeyConditionExpression";
    case ExpressionKind::projection: return "ProjectionExpression";
    case ExpressionKind::update: return "UpdateExpression";
  }
  return "";
}

std::string_view op_name(Op op) noexcept {
  switch (op) {
    case Op::path:
    case Op::value: return "";
    case Op::size: return "size";
    case Op::if_not_exists: return "if_not_exists";
    case Op::list_append: return "list_append";
    case Op::plus: return "+";
    case Op::minus: return "-";
    case Op::equal: return "=";
    case Op::not_equal: return "<>";
    case Op::less: return "<";
    case Op::less_equal: return "<=";
    case Op::greater: return ">";
    case Op::greater_equal: return ">=";
    case Op::between: return "BETWEEN";
    case Op::in: return "IN";
    case Op::attribute_exists: return "attribute_exists";
    case Op::attribute_not_exists: return "attribute_not_exists";
    case Op::attribute_type: return "attribute_type";
    case Op::begins_with: return "begins_with";
    case Op::contains: return "contains";
    case Op::logical_and: return "AND";
    case Op::logical_or: return "OR";
    case Op::logical_not: return "NOT";
  }
  return "";
}

namespace {

std::uint16_t to_index(std::size_t size) {
  ASSERT(size < 0x10000);
  return static_cast<std::uint16_t>(size);
}

}  // namespace

std::uint16_t AstBuilder::begin_path() {
  ast_.paths.push_back({to_index(ast_.steps.size()), 0});
  return to_index(ast_.paths.size() - 1);
}

void AstBuilder::add_name(std::string_view text, bool placeholder) {
  std::size_t name = 0;
  while (name < ast_.names.size() && (ast_.names[name].placeholder != placeholder || ast_.names[name].text != text)) {
    ++name;
  }
  if (name == ast_.names.size()) ast_.names.push_back({std::string(text), placeholder});
  ast_.steps.push_back({false, static_cast<std::uint32_t>(name)});
  ast_.references.push_back({false, to_index(name)});
  ++ast_.paths.back().count;
}

void AstBuilder::add_index(std::uint32_t index) {
  ast_.steps.push_back({true, index});
  ++ast_.paths.back().count;
}

std::uint16_t AstBuilder::attribute(std::string_view name) {
  const std::uint16_t path = begin_path();
  add_name(name, false);
  return path;
}

std::uint16_t AstBuilder::path_node(std::uint16_t path) {
  ast_.nodes.push_back({Op::path, path, 0, 0});
  return to_index(ast_.nodes.size() - 1);
}

std::uint16_t AstBuilder::value_node(std::string_view placeholder) {
  std::size_t value = 0;
  while (value < ast_.values.size() && ast_.values[value] != placeholder) ++value;
  if (value == ast_.values.size()) ast_.values.emplace_back(placeholder);
  ast_.references.push_back({true, to_index(value)});
  ast_.nodes.push_back({Op::value, to_index(value), 0, 0});
  return to_index(ast_.nodes.size() - 1);
}

std::uint16_t AstBuilder::new_attribute(std::string_view name) {
  const std::uint16_t path = begin_path();
  ast_.names.push_back({std::string(name), false});
  const std::uint16_t index = to_index(ast_.names.size() - 1);
  ast_.steps.push_back({false, index});
  ast_.references.push_back({false, index});
  ++ast_.paths.back().count;
  return path;
}

std::uint16_t AstBuilder::new_value_node(std::string_view placeholder) {
  ast_.values.emplace_back(placeholder);
  const std::uint16_t index = to_index(ast_.values.size() - 1);
  ast_.references.push_back({true, index});
  ast_.nodes.push_back({Op::value, index, 0, 0});
  return to_index(ast_.nodes.size() - 1);
}

std::uint16_t AstBuilder::node(Op op, const std::vector<std::uint16_t>& children) {
  ast_.nodes.push_back({op, 0, to_index(ast_.arguments.size()), to_index(children.size())});
  ast_.arguments.insert(ast_.arguments.end(), children.begin(), children.end());
  return to_index(ast_.nodes.size() - 1);
}

}  // namespace reprise::dynamo
