// Evaluating conditions on the item encoding.
//
// Numbers, strings and octets compare as bytes (that is what their encodings are for), values are equal when their
// encodings are, so nothing is decoded but the text that size() counts. The one computed operand, size(), is written
// to the caller's stack.
#include "dynamo/expr/condition.h"

#include <algorithm>
#include <array>

#include "dynamo/expr/operand_check.h"

namespace reprise::dynamo {

namespace {

// Room for an encoded number: tag, length, digits.
struct Scratch {
  std::array<char, Number::encoded_size_max + 2> bytes;
};

ValueView number_value(std::size_t number, Scratch& scratch) {
  const Number value = Number::from_integer(static_cast<std::int64_t>(number));
  const BytesView encoded = value.encoded();
  scratch.bytes[0] = static_cast<char>(AttributeType::number);
  scratch.bytes[1] = static_cast<char>(encoded.size());
  encoded.copy(scratch.bytes.data() + 2, encoded.size());
  return ValueView(BytesView(scratch.bytes.data(), encoded.size() + 2));
}

// Strings are measured in UTF-16 code units, as the service's own implementation language does.
std::size_t utf16_length(BytesView text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

ValueView size_of(ValueView value, Scratch& scratch) {
  if (!value) return {};
  switch (value.type()) {
    case AttributeType::string: return number_value(utf16_length(value.bytes()), scratch);
    case AttributeType::binary: return number_value(value.bytes().size(), scratch);
    case AttributeType::list: return number_value(value.list().count(), scratch);
    case AttributeType::map: return number_value(value.map().count(), scratch);
    case AttributeType::string_set:
    case AttributeType::number_set:
    case AttributeType::binary_set: return number_value(value.set().count(), scratch);
    default: return {};
  }
}

bool is_ordered(AttributeType type) {
  return type == AttributeType::string || type == AttributeType::number || type == AttributeType::binary;
}

// Whether both are there and can be ordered against one another.
bool comparable(ValueView a, ValueView b) { return a && b && a.type() == b.type() && is_ordered(a.type()); }

bool contains(ValueView value, ValueView part) {
  if (!value || !part) return false;
  switch (value.type()) {
    case AttributeType::string:
    case AttributeType::binary:
      return part.type() == value.type() && value.bytes().find(part.bytes()) != BytesView::npos;
    case AttributeType::string_set: return part.is(AttributeType::string) && value.set().contains(part.bytes());
    case AttributeType::number_set: return part.is(AttributeType::number) && value.set().contains(part.bytes());
    case AttributeType::binary_set: return part.is(AttributeType::binary) && value.set().contains(part.bytes());
    case AttributeType::list:
      for (auto element = value.list().elements(); element; element.advance()) {
        if (element.value() == part) return true;
      }
      return false;
    default: return false;
  }
}

bool begins_with(ValueView value, ValueView prefix) {
  if (!value || !prefix || value.type() != prefix.type()) return false;
  if (!value.is(AttributeType::string) && !value.is(AttributeType::binary)) return false;
  return value.bytes().starts_with(prefix.bytes());
}

class Evaluator {
 public:
  Evaluator(const Binding& binding, ItemView item) : binding_(binding), ast_(binding.ast()), item_(item) {}

  bool test(const Node& node) const {
    switch (node.op) {
      case Op::logical_and:
        for (std::size_t i = 0; i < node.count; ++i) {
          if (!test(ast_.child(node, i))) return false;
        }
        return true;
      case Op::logical_or:
        for (std::size_t i = 0; i < node.count; ++i) {
          if (test(ast_.child(node, i))) return true;
        }
        return false;
      case Op::logical_not: return !test(ast_.child(node, 0));
      case Op::between: return between(node);
      case Op::in: return in(node);
      case Op::attribute_exists: return static_cast<bool>(path_of(node));
      case Op::attribute_not_exists: return !path_of(node);
      default: return test_pair(node);
    }
  }

 private:
  bool test_pair(const Node& node) const {
    Scratch left_scratch;
    Scratch right_scratch;
    const ValueView left = operand(ast_.child(node, 0), left_scratch);
    const ValueView right = operand(ast_.child(node, 1), right_scratch);
    switch (node.op) {
      case Op::equal: return left && right && left == right;
      case Op::not_equal: return !left || !right || !(left == right);
      case Op::less: return comparable(left, right) && left.bytes() < right.bytes();
      case Op::less_equal: return comparable(left, right) && left.bytes() <= right.bytes();
      case Op::greater: return comparable(left, right) && left.bytes() > right.bytes();
      case Op::greater_equal: return comparable(left, right) && left.bytes() >= right.bytes();
      case Op::begins_with: return begins_with(left, right);
      case Op::contains: return contains(left, right);
      case Op::attribute_type:
        return left && right.is(AttributeType::string) && type_name(left.type()) == right.bytes();
      default: ASSERT(false); return false;
    }
  }

  bool between(const Node& node) const {
    Scratch scratch[3];
    const ValueView value = operand(ast_.child(node, 0), scratch[0]);
    const ValueView low = operand(ast_.child(node, 1), scratch[1]);
    const ValueView high = operand(ast_.child(node, 2), scratch[2]);
    return comparable(value, low) && comparable(value, high) && low.bytes() <= value.bytes() &&
           value.bytes() <= high.bytes();
  }

  bool in(const Node& node) const {
    Scratch scratch;
    const ValueView value = operand(ast_.child(node, 0), scratch);
    if (!value) return false;
    for (std::size_t i = 1; i < node.count; ++i) {
      Scratch candidate;
      if (operand(ast_.child(node, i), candidate) == value) return true;
    }
    return false;
  }

  ValueView path_of(const Node& node) const { return binding_.resolve(ast_.paths[ast_.child(node, 0).index], item_); }

  // Valid while the item, the binding and `scratch` are.
  ValueView operand(const Node& node, Scratch& scratch) const {
    switch (node.op) {
      case Op::path: return binding_.resolve(ast_.paths[node.index], item_);
      case Op::value: return binding_.value(node.index);
      case Op::size: {
        Scratch inner;
        return size_of(operand(ast_.child(node, 0), inner), scratch);
      }
      default: ASSERT(false); return {};
    }
  }

  const Binding& binding_;
  const Ast& ast_;
  ItemView item_;
};

}  // namespace

Outcome<Condition> Condition::bind(std::shared_ptr<const Ast> ast, Substitutions& substitutions) {
  TRY_ASSIGN(Binding binding, Binding::bind(std::move(ast), substitutions));
  TRY(check_condition_operands(binding));
  return Condition(std::move(binding));
}

bool Condition::matches(ItemView item) const {
  return Evaluator(binding_, item).test(binding_.ast().nodes[binding_.ast().root]);
}

std::vector<std::string> Condition::root_names() const {
  std::vector<std::string> names;
  for (const PathSpan& path : binding_.ast().paths) {
    const std::string_view root = binding_.root_name(path);
    if (std::find(names.begin(), names.end(), root) == names.end()) names.emplace_back(root);
  }
  return names;
}

Check Condition::check_no_key_attribute(const KeySchema& schema) const {
  for (const PathSpan& path : binding_.ast().paths) {
    const std::string_view root = binding_.root_name(path);
    if (schema.find(root) == nullptr) continue;
    return validation((binding_.ast().legacy ? "QueryFilter" : "Filter Expression") +
                      std::string(" can only contain non-primary key attributes: Primary key attribute: ") +
                      std::string(root));
  }
  return Passed{};
}

}  // namespace reprise::dynamo
