// PartiQL's bags are DynamoDB's sets, its tuples maps.
#include "dynamo/partiql/values.h"

#include <algorithm>
#include <string>
#include <utility>

#include "dynamo/model/item.h"
#include "dynamo/model/item_json.h"
#include "dynamo/model/limits.h"
#include "dynamo/model/number.h"

namespace reprise::dynamo::partiql {
namespace {

// `depth`: how many lists and maps are around the value. Parameters may bring nesting of their own.
Check check_depth(ValueView value, int depth) {
  if (depth > limits::nesting_max) {
    return validation(
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported "
        "limit");
  }
  if (value.is(AttributeType::list)) {
    for (auto element = value.list().elements(); element; element.advance()) {
      TRY(check_depth(element.value(), depth + 1));
    }
  } else if (value.is(AttributeType::map)) {
    for (auto member = value.map().members(); member; member.advance()) TRY(check_depth(member.value(), depth + 1));
  }
  return Passed{};
}

class ValueMaker {
 public:
  ValueMaker(const std::vector<Bytes>& parameters, Bytes& out) : parameters_(parameters), writer_(out) {}

  Check append(const Expr& expr) {
    switch (expr.kind) {
      case ExprKind::string: writer_.string(expr.text); return Passed{};
      case ExprKind::number: {
        TRY_ASSIGN(const Number number, Number::parse(expr.text));
        writer_.number(number);
        return Passed{};
      }
      case ExprKind::boolean: writer_.boolean(expr.flag); return Passed{};
      case ExprKind::null: writer_.null(); return Passed{};
      case ExprKind::parameter: writer_.copy(ValueView(parameters_[expr.number])); return Passed{};
      case ExprKind::list: {
        writer_.begin_list();
        for (const Expr& element : expr.children) TRY(append(element));
        writer_.end_list();
        return Passed{};
      }
      case ExprKind::bag: return append_set(expr);
      case ExprKind::tuple: return append_map(expr);
      default: return validation("Unsupported data type in a literal");
    }
  }

 private:
  Check append_set(const Expr& bag) {
    if (bag.children.empty()) return validation("Empty bags are not supported");
    std::vector<Bytes> elements;
    const ExprKind kind = bag.children[0].kind;
    for (const Expr& child : bag.children) {
      if (child.kind != ExprKind::string && child.kind != ExprKind::number) {
        return validation("Unsupported data type in Bag");
      }
      if (child.kind != kind) return validation("DynamoDB only supports either numbers or strings in bags");
      if (kind == ExprKind::string) {
        elements.push_back(child.text);
      } else {
        TRY_ASSIGN(const Number number, Number::parse(child.text));
        elements.emplace_back(number.encoded());
      }
    }
    std::sort(elements.begin(), elements.end());
    if (std::adjacent_find(elements.begin(), elements.end()) != elements.end()) {
      return validation("Input collection contains duplicates");
    }
    writer_.begin_set(kind == ExprKind::string ? AttributeType::string_set : AttributeType::number_set);
    for (const Bytes& element : elements) writer_.set_element(element);
    writer_.end_set();
    return Passed{};
  }

  // Members stand in the order of their names in the encoding.
  Check append_map(const Expr& tuple) {
    std::vector<std::pair<std::string_view, const Expr*>> members;
    for (std::size_t i = 0; i < tuple.children.size(); i += 2) {
      const Expr& name = tuple.children[i];
      if (name.kind != ExprKind::string) return validation("Tuple keys must be strings in single quotes");
      if (name.text.empty()) return invalid_parameter("Attribute name must not be empty");
      if (name.text.size() > limits::attribute_name_size_max) {
        return validation("Attribute name is too large, must be less than 65536 bytes");
      }
      members.emplace_back(name.text, &tuple.children[i + 1]);
    }
    std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    writer_.begin_map();
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (i > 0 && members[i].first == members[i - 1].first) {
        return validation("Duplicate attribute name in a tuple: " + std::string(members[i].first));
      }
      writer_.name(members[i].first);
      TRY(append(*members[i].second));
    }
    writer_.end_map();
    return Passed{};
  }

  const std::vector<Bytes>& parameters_;
  ValueWriter writer_;
};

}  // namespace

bool is_value(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::missing:
    case ExprKind::path:
    case ExprKind::call:
    case ExprKind::operation: return false;
    default: return std::all_of(expr.children.begin(), expr.children.end(), is_value);
  }
}

Outcome<Values> Values::parse(std::optional<codec::JsonValue> parameters) {
  Values values;
  if (!parameters) return values;
  for (auto element = parameters->first_element(); element; element.advance()) {
    Bytes encoded;
    TRY(parse_value(element.value(), encoded));
    values.parameters_.push_back(std::move(encoded));
  }
  return values;
}

Check Values::check_count(const Statement& statement) const {
  if (statement.parameters == parameters_.size()) return Passed{};
  return validation("Number of parameters in request and statement don't match.");
}

Outcome<Bytes> Values::of(const Expr& expr) const {
  Bytes encoded;
  TRY(ValueMaker(parameters_, encoded).append(expr));
  TRY(check_depth(ValueView(encoded), 0));
  return encoded;
}

}  // namespace reprise::dynamo::partiql
