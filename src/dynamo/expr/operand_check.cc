// The rules on operands, by operator. Types first, over the whole expression, then what must differ from one another:
// that is the order in which DynamoDB reports them.
#include "dynamo/expr/operand_check.h"

#include "dynamo/model/item_json.h"

namespace reprise::dynamo {

namespace {

bool is_ordered(AttributeType type) {
  return type == AttributeType::string || type == AttributeType::number || type == AttributeType::binary;
}
bool is_text(AttributeType type) { return type == AttributeType::string || type == AttributeType::binary; }
bool is_set(AttributeType type) {
  return type == AttributeType::string_set || type == AttributeType::number_set || type == AttributeType::binary_set;
}
bool has_size(AttributeType type) {
  return type != AttributeType::number && type != AttributeType::boolean && type != AttributeType::null;
}
bool can_contain(AttributeType type) { return is_text(type) || is_set(type) || type == AttributeType::list; }

using TypeRule = bool (*)(AttributeType);

// Every operand from `first` up to `last` that has a type must pass the rule.
Check check_types(const Binding& binding, const Node& node, std::size_t first, std::size_t last, TypeRule rule) {
  for (std::size_t i = first; i < last; ++i) {
    const auto type = operand_type(binding, binding.ast().child(node, i));
    if (type && !rule(*type)) return operand_type_error(binding, node.op, *type);
  }
  return Passed{};
}

Check check_between(const Binding& binding, const Node& node) {
  TRY(check_types(binding, node, 0, 3, is_ordered));
  const Node& low = binding.ast().child(node, 1);
  const Node& high = binding.ast().child(node, 2);
  if (low.op != Op::value || high.op != Op::value) return Passed{};
  const ValueView lower = binding.value(low.index);
  const ValueView upper = binding.value(high.index);
  const std::string bounds = "; lower bound operand: AttributeValue: " + describe_value(lower) +
                             ", upper bound operand: AttributeValue: " + describe_value(upper);
  if (lower.type() != upper.type()) {
    return binding.error("The BETWEEN operator requires same data type for lower and upper bounds" + bounds);
  }
  if (lower.bytes() > upper.bytes()) {
    return binding.error("The BETWEEN operator requires upper bound to be greater than or equal to lower bound" +
                         bounds);
  }
  return Passed{};
}

Check check_attribute_type(const Binding& binding, const Node& node) {
  const Node& wanted = binding.ast().child(node, 1);
  const auto type = operand_type(binding, wanted);
  if (!type) return Passed{};
  if (*type != AttributeType::string) return operand_type_error(binding, node.op, *type);
  const std::string_view name = binding.value(wanted.index).bytes();
  for (int i = 1; i <= 10; ++i) {
    if (type_name(static_cast<AttributeType>(i)) == name) return Passed{};
  }
  return binding.error("Invalid attribute type name found; type: " + std::string(name) +
                       ", valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}");
}

Check check_condition_types(const Binding& binding, const Node& node) {
  switch (node.op) {
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal: return check_types(binding, node, 0, 2, is_ordered);
    case Op::between: return check_between(binding, node);
    case Op::begins_with: return check_types(binding, node, 0, 2, is_text);
    case Op::contains: return check_types(binding, node, 0, 1, can_contain);
    case Op::size: return check_types(binding, node, 0, 1, has_size);
    case Op::attribute_type: return check_attribute_type(binding, node);
    default: return Passed{};
  }
}

bool needs_distinct_operands(Op op) {
  switch (op) {
    case Op::equal:
    case Op::not_equal:
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
    case Op::between:
    case Op::in:
    case Op::begins_with:
    case Op::contains:
    case Op::attribute_type: return true;
    default: return false;
  }
}

Check check_distinct(const Binding& binding, const Node& node) {
  const Ast& ast = binding.ast();
  const Node& first = ast.child(node, 0);
  if (first.op != Op::path) return Passed{};
  for (std::size_t i = 1; i < node.count; ++i) {
    const Node& other = ast.child(node, i);
    if (other.op != Op::path || !binding.same_path(ast.paths[first.index], ast.paths[other.index])) continue;
    return binding.error(
        "The first operand must be distinct from the remaining operands for this operator or function; operator: " +
        std::string(op_name(node.op)) + ", first operand: " + binding.describe_path(ast.paths[first.index]));
  }
  return Passed{};
}

// ADD and DELETE spell types out.
std::string_view long_type_name(AttributeType type) {
  switch (type) {
    case AttributeType::string: return "STRING";
    case AttributeType::number: return "NUMBER";
    case AttributeType::binary: return "BINARY";
    case AttributeType::boolean: return "BOOLEAN";
    case AttributeType::null: return "NULL";
    case AttributeType::list: return "LIST";
    case AttributeType::map: return "MAP";
    case AttributeType::string_set: return "STRING_SET";
    case AttributeType::number_set: return "NUMBER_SET";
    case AttributeType::binary_set: return "BINARY_SET";
  }
  return "";
}

Check check_set_section(const Binding& binding, const UpdateAction& action) {
  const AttributeType type = binding.value(binding.ast().nodes[action.node].index).type();
  const bool add = action.section == UpdateSection::add;
  if (is_set(type) || (add && type == AttributeType::number)) return Passed{};
  const std::string name = add ? "ADD" : "DELETE";
  return binding.error("Incorrect operand type for operator or function; operator: " + name + ", operand type: " +
                       std::string(long_type_name(type)) + ", typeSet: ALLOWED_FOR_" + name + "_OPERAND");
}

}  // namespace

std::optional<AttributeType> operand_type(const Binding& binding, const Node& node) {
  switch (node.op) {
    case Op::value: return binding.value(node.index).type();
    case Op::size:
    case Op::plus:
    case Op::minus: return AttributeType::number;
    case Op::list_append: return AttributeType::list;
    case Op::if_not_exists: return operand_type(binding, binding.ast().child(node, 1));
    default: return std::nullopt;
  }
}

ApiError operand_type_error(const Binding& binding, Op op, AttributeType type) {
  return binding.error("Incorrect operand type for operator or function; operator or function: " +
                       std::string(op_name(op)) + ", operand type: " + std::string(type_name(type)));
}

Check check_condition_operands(const Binding& binding) {
  for (const Node& node : binding.ast().nodes) TRY(check_condition_types(binding, node));
  for (const Node& node : binding.ast().nodes) {
    if (needs_distinct_operands(node.op)) TRY(check_distinct(binding, node));
  }
  return Passed{};
}

Check check_update_operands(const Binding& binding) {
  for (const Node& node : binding.ast().nodes) {
    if (node.op == Op::plus || node.op == Op::minus) {
      TRY(check_types(binding, node, 0, 2, [](AttributeType type) { return type == AttributeType::number; }));
    } else if (node.op == Op::list_append) {
      TRY(check_types(binding, node, 0, 2, [](AttributeType type) { return type == AttributeType::list; }));
    }
  }
  for (const UpdateAction& action : binding.ast().actions) {
    if (action.section == UpdateSection::add || action.section == UpdateSection::remove_from_set) {
      TRY(check_set_section(binding, action));
    }
  }
  return Passed{};
}

}  // namespace reprise::dynamo
