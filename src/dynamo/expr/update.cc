// Applying updates.
//
// The actions' paths form a tree (path_tree.h) whose children stand in the order of the encoding, so the new item is
// written in one walk over the old one: members and elements that no path touches are copied as they are, the others
// are replaced, dropped or descended into. What each action writes is computed before, from the old item alone.
#include "dynamo/expr/update.h"

#include <algorithm>
#include <optional>

#include "dynamo/expr/operand_check.h"
#include "dynamo/model/limits.h"

namespace reprise::dynamo {

namespace {

constexpr std::string_view missing_attribute =
    "The provided expression refers to an attribute that does not exist in the item";
constexpr std::string_view wrong_type = "An operand in the update expression has an incorrect data type";
constexpr std::string_view legacy_wrong_type = "Type mismatch for attribute to update";
constexpr std::string_view invalid_path = "The document path provided in the update expression is invalid for update";
constexpr std::string_view too_deep =
    "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit";

ApiError failure(std::string_view message) { return validation(std::string(message)); }

int depth_of(ValueView value) {
  int deepest = 0;
  if (value.is(AttributeType::list)) {
    for (auto element = value.list().elements(); element; element.advance()) {
      deepest = std::max(deepest, depth_of(element.value()));
    }
  } else if (value.is(AttributeType::map)) {
    for (auto member = value.map().members(); member; member.advance()) {
      deepest = std::max(deepest, depth_of(member.value()));
    }
  }
  return deepest + 1;
}

// ---- Operands ----

// The value of SET's right side, appended to `out`.
class OperandReader {
 public:
  OperandReader(const Binding& binding, ItemView item) : binding_(binding), ast_(binding.ast()), item_(item) {}

  Check append(const Node& node, Bytes& out) const {
    switch (node.op) {
      case Op::value: out.append(binding_.value(node.index).encoded()); return Passed{};
      case Op::path: {
        const ValueView value = binding_.resolve(ast_.paths[node.index], item_);
        if (!value) return failure(missing_attribute);
        out.append(value.encoded());
        return Passed{};
      }
      case Op::if_not_exists: {
        const ValueView value = binding_.resolve(ast_.paths[ast_.child(node, 0).index], item_);
        if (!value) return append(ast_.child(node, 1), out);
        out.append(value.encoded());
        return Passed{};
      }
      case Op::list_append: return append_lists(node, out);
      default: return append_arithmetic(node, out);
    }
  }

 private:
  // Whether the operand's value is there and of that type; its bytes in `out`.
  Check read(const Node& node, AttributeType type, Bytes& out) const {
    TRY(append(node, out));
    if (!ValueView(out).is(type)) return failure(wrong_type);
    return Passed{};
  }

  Check append_lists(const Node& node, Bytes& out) const {
    Bytes first;
    Bytes second;
    TRY(read(ast_.child(node, 0), AttributeType::list, first));
    TRY(read(ast_.child(node, 1), AttributeType::list, second));
    ValueWriter writer(out);
    writer.begin_list();
    out.append(ValueView(first).list().payload());
    out.append(ValueView(second).list().payload());
    writer.end_list();
    return Passed{};
  }

  Check append_arithmetic(const Node& node, Bytes& out) const {
    Bytes left;
    Bytes right;
    TRY(read(ast_.child(node, 0), AttributeType::number, left));
    TRY(read(ast_.child(node, 1), AttributeType::number, right));
    const Number a = ValueView(left).number();
    const Number b = ValueView(right).number();
    TRY_ASSIGN(const Number result, node.op == Op::plus ? add(a, b) : subtract(a, b));
    ValueWriter(out).number(result);
    return Passed{};
  }

  const Binding& binding_;
  const Ast& ast_;
  ItemView item_;
};

// The union (ADD) or difference (DELETE) of two sets of one type; empty bytes when nothing is left.
Bytes combine_sets(ValueView left, ValueView right, bool unite) {
  Bytes out;
  ValueWriter writer(out);
  writer.begin_set(left.type());
  bool any = false;
  const auto keep = [&](BytesView element) {
    writer.set_element(element);
    any = true;
  };
  auto b = right.set().elements();
  for (auto a = left.set().elements(); a; a.advance()) {
    for (; b && b.bytes() < a.bytes(); b.advance()) {
      if (unite) keep(b.bytes());
    }
    const bool in_both = b && b.bytes() == a.bytes();
    if (in_both) b.advance();
    if (unite || !in_both) keep(a.bytes());
  }
  for (; unite && b; b.advance()) keep(b.bytes());
  writer.end_set();
  return any ? out : Bytes();
}

// What becomes of the place an action names.
struct Change {
  enum class Kind : std::uint8_t { keep, put, drop };
  Kind kind = Kind::keep;
  Bytes value;  // of put
};

Outcome<Change> change_of_add(ValueView present, ValueView operand) {
  if (!present) return Change{Change::Kind::put, Bytes(operand.encoded())};
  if (present.type() != operand.type()) return failure(wrong_type);
  if (operand.type() == AttributeType::number) {
    TRY_ASSIGN(const Number sum, add(present.number(), operand.number()));
    Change change{Change::Kind::put, {}};
    ValueWriter(change.value).number(sum);
    return change;
  }
  return Change{Change::Kind::put, combine_sets(present, operand, true)};
}

Outcome<Change> change_of_delete(ValueView present, ValueView operand) {
  if (!present) return Change{};
  if (present.type() != operand.type()) return failure(wrong_type);
  Bytes rest = combine_sets(present, operand, false);
  if (rest.empty()) return Change{Change::Kind::drop, {}};
  return Change{Change::Kind::put, std::move(rest)};
}

Outcome<Change> change_of(const Binding& binding, const UpdateAction& action, ItemView item) {
  const Ast& ast = binding.ast();
  const PathSpan path = ast.paths[action.path];
  switch (action.section) {
    case UpdateSection::remove: return Change{Change::Kind::drop, {}};
    case UpdateSection::add:
      return change_of_add(binding.resolve(path, item), binding.value(ast.nodes[action.node].index));
    case UpdateSection::remove_from_set:
      return change_of_delete(binding.resolve(path, item), binding.value(ast.nodes[action.node].index));
    case UpdateSection::set: break;
  }
  Change change{Change::Kind::put, {}};
  TRY(OperandReader(binding, item).append(ast.nodes[action.node], change.value));
  if (path.count + depth_of(ValueView(change.value)) - 1 > limits::nesting_max) return failure(too_deep);
  return change;
}

// ---- Writing the new item ----

class Rewriter {
 public:
  Rewriter(const PathTree& tree, const std::vector<Change>& changes) : tree_(tree), changes_(changes) {}

  Check members(const PathTree::Node& node, MapView old, Bytes& out) const {
    ValueWriter writer(out);
    auto member = old.members();
    for (const std::uint32_t index : node.children) {
      const PathTree::Node& child = tree_.node(index);
      for (; member && member.name() < child.step.name; member.advance()) out.append(member.encoded());
      const bool found = member && member.name() == child.step.name;
      const ValueView value = found ? member.value() : ValueView();
      const std::size_t start = out.size();
      writer.name(child.step.name);
      const std::size_t empty = out.size();
      TRY(place(child, value, out));
      if (out.size() == empty) out.resize(start);
      if (found) member.advance();
    }
    for (; member; member.advance()) out.append(member.encoded());
    return Passed{};
  }

 private:
  // Appends what stands at `node` now; nothing when there is nothing any more.
  Check place(const PathTree::Node& node, ValueView old, Bytes& out) const {
    if (node.children.empty()) {
      const Change& change = changes_[node.path];
      if (change.kind == Change::Kind::put) out.append(change.value);
      if (change.kind == Change::Kind::keep) out.append(old.encoded());
      return Passed{};
    }
    const bool wants_list = tree_.node(node.children.front()).step.is_index;
    if (!old.is(wants_list ? AttributeType::list : AttributeType::map)) return failure(invalid_path);
    ValueWriter writer(out);
    if (wants_list) {
      writer.begin_list();
      TRY(elements(node, old.list(), out));
      writer.end_list();
    } else {
      writer.begin_map();
      TRY(members(node, old.map(), out));
      writer.end_map();
    }
    return Passed{};
  }

  Check elements(const PathTree::Node& node, ListView old, Bytes& out) const {
    auto element = old.elements();
    std::uint32_t position = 0;
    for (const std::uint32_t index : node.children) {
      const PathTree::Node& child = tree_.node(index);
      for (; element && position < child.step.index; ++position, element.advance()) {
        out.append(element.value().encoded());
      }
      TRY(place(child, element ? element.value() : ValueView(), out));
      if (element) {
        element.advance();
        ++position;
      }
    }
    for (; element; element.advance()) out.append(element.value().encoded());
    return Passed{};
  }

  const PathTree& tree_;
  const std::vector<Change>& changes_;
};

}  // namespace

Outcome<Update> Update::bind(std::shared_ptr<const Ast> ast, Substitutions& substitutions) {
  TRY_ASSIGN(Binding binding, Binding::bind(std::move(ast), substitutions));
  TRY(check_update_operands(binding));
  Update update(std::move(binding));
  const Binding& bound = update.binding_;
  for (std::size_t i = 0; i < bound.name_count(); ++i) {
    if (bound.name(i).size() > limits::attribute_name_size_max) {
      return validation("Attribute name is too large, must be less than 65536 bytes");
    }
  }
  const std::vector<UpdateAction>& actions = bound.ast().actions;
  for (std::uint32_t i = 0; i < actions.size(); ++i) {
    const PathSpan path = bound.ast().paths[actions[i].path];
    const std::vector<PathTree::Step> steps = steps_of(bound, path);
    const PathTree::Insertion insertion = update.tree_.insert(steps, i);
    if (insertion.refusal != PathTree::Refusal::none) {
      const PathSpan other = bound.ast().paths[actions[insertion.other].path];
      return bound.error(refusal_message(bound, insertion.refusal, other, path));
    }
    if (actions[i].section != UpdateSection::remove) update.updated_.insert(steps, i);
  }
  return update;
}

Check Update::check_no_key_attribute(const KeySchema& schema) const {
  for (const UpdateAction& action : binding_.ast().actions) {
    const std::string_view root = binding_.root_name(binding_.ast().paths[action.path]);
    if (schema.find(root) == nullptr) continue;
    return invalid_parameter("Cannot update attribute " + std::string(root) + ". This attribute is part of the key");
  }
  return Passed{};
}

std::optional<AttributeType> Update::written_type(std::string_view attribute) const {
  const Ast& ast = binding_.ast();
  for (const UpdateAction& action : ast.actions) {
    const PathSpan path = ast.paths[action.path];
    if (path.count != 1 || binding_.root_name(path) != attribute) continue;
    if (action.section == UpdateSection::remove) return std::nullopt;
    const Node& node = ast.nodes[action.node];
    return node.op == Op::if_not_exists ? std::nullopt : operand_type(binding_, node);
  }
  return std::nullopt;
}

std::size_t Update::charged_size() const {
  constexpr std::size_t of_update = 3;
  constexpr std::size_t of_written_value = 19;
  constexpr std::size_t of_removal = 2;
  std::size_t size = of_update;
  for (const UpdateAction& action : binding_.ast().actions) {
    size += action.section == UpdateSection::remove ? of_removal : of_written_value;
  }
  return size;
}

bool Update::makes_item() const {
  const auto& actions = binding_.ast().actions;
  return std::any_of(actions.begin(), actions.end(), [](const UpdateAction& action) {
    return action.section == UpdateSection::set || action.section == UpdateSection::add;
  });
}

Outcome<UpdateResult> Update::apply(ItemView old, WantUpdated want) const {
  std::vector<Change> changes;
  changes.reserve(binding_.ast().actions.size());
  for (const UpdateAction& action : binding_.ast().actions) {
    auto change = change_of(binding_, action, old);
    if (!change.ok() && binding_.ast().legacy && change.error().message == wrong_type) {
      return failure(legacy_wrong_type);
    }
    TRY(change);
    changes.push_back(std::move(change).value());
  }
  UpdateResult result;
  result.item.reserve(old.encoded().size() + 64);
  result.item.push_back(ItemView::format_version);
  TRY(Rewriter(tree_, changes).members(tree_.root(), old.map(), result.item));
  if (want == WantUpdated::yes) {
    tree_.project(old, result.updated_old);
    updated_.project(ItemView(result.item), result.updated_new);
  }
  return result;
}

}  // namespace reprise::dynamo
