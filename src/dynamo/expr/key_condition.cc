// Key conditions: the AND of comparisons, each between one key attribute and values.
#include "dynamo/expr/key_condition.h"

#include <algorithm>

#include "dynamo/expr/operand_check.h"
#include "dynamo/model/limits.h"

namespace reprise::dynamo {

namespace {

std::optional<SortOperator> sort_operator(Op op) {
  switch (op) {
    case Op::equal: return SortOperator::equal;
    case Op::less: return SortOperator::less;
    case Op::less_equal: return SortOperator::less_equal;
    case Op::greater: return SortOperator::greater;
    case Op::greater_equal: return SortOperator::greater_equal;
    case Op::between: return SortOperator::between;
    case Op::begins_with: return SortOperator::begins_with;
    default: return std::nullopt;
  }
}

class TermReader {
 public:
  explicit TermReader(const Binding& binding) : binding_(binding), ast_(binding.ast()) {}

  Check read(const Node& node) {
    if (node.op == Op::logical_and) {
      for (std::size_t i = 0; i < node.count; ++i) TRY(read(ast_.child(node, i)));
      return Passed{};
    }
    const auto op = sort_operator(node.op);
    if (!op) return validation("Invalid operator used in KeyConditionExpression: " + std::string(op_name(node.op)));
    return read_term(node, *op);
  }

  std::vector<KeyTerm> take() { return std::move(terms_); }

 private:
  Check read_term(const Node& node, SortOperator op) {
    TRY(check_operands(node, op));
    KeyTerm term;
    term.op = op;
    std::size_t attribute = 0;
    if (ast_.child(node, 0).op == Op::value) {
      attribute = 1;
      term.op = mirrored(op);
    }
    const PathSpan path = ast_.paths[ast_.child(node, attribute).index];
    if (path.count > 1) {
      return binding_.error("KeyConditionExpressions cannot have conditions on nested attributes");
    }
    term.attribute = binding_.root_name(path);
    term.low = binding_.value(ast_.child(node, 1 - attribute).index);
    if (op == SortOperator::between) term.high = binding_.value(ast_.child(node, 2).index);
    for (const KeyTerm& other : terms_) {
      if (other.attribute != term.attribute) continue;
      return binding_.error("KeyConditionExpressions must only contain one condition per key");
    }
    terms_.push_back(std::move(term));
    return Passed{};
  }

  [[nodiscard]] Check check_operands(const Node& node, SortOperator op) const {
    std::size_t paths = 0;
    for (std::size_t i = 0; i < node.count; ++i) {
      const Op operand = ast_.child(node, i).op;
      if (operand == Op::size) return binding_.error("KeyConditionExpressions cannot contain nested operations");
      if (operand == Op::path) ++paths;
    }
    if (paths > 1) {
      return validation("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition");
    }
    const bool ordered = op == SortOperator::between || op == SortOperator::begins_with;
    if (ordered && ast_.child(node, 0).op != Op::path) {
      return validation("Invalid condition in KeyConditionExpression: " + std::string(op_name(node.op)) +
                        " operator must have the key attribute as its first operand");
    }
    if (paths == 0) return validation("Invalid condition in KeyConditionExpression: No key attribute specified");
    return Passed{};
  }

  const Binding& binding_;
  const Ast& ast_;
  std::vector<KeyTerm> terms_;
};

ApiError missed(const KeyAttribute& attribute) {
  return validation("Query condition missed key schema element: " + attribute.name);
}

ApiError not_supported() { return validation("Query key condition not supported"); }

const KeyTerm* find_term(const std::vector<KeyTerm>& terms, const KeyAttribute& attribute) {
  const auto it =
      std::find_if(terms.begin(), terms.end(), [&](const KeyTerm& t) { return t.attribute == attribute.name; });
  return it == terms.end() ? nullptr : &*it;
}

Check check_value(const KeyAttribute& attribute, ValueView value, std::size_t size_max, std::string_view too_large) {
  if (!value.is(attribute.type)) return invalid_parameter("Condition parameter type does not match schema type");
  if (attribute.type != AttributeType::number && value.bytes().empty()) {
    return validation(
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty " +
        std::string(attribute.type == AttributeType::binary ? "binary" : "string") + " value. Key: " + attribute.name);
  }
  if (value.bytes().size() > size_max) return invalid_parameter(too_large);
  return Passed{};
}

Check check_hash_value(const KeyAttribute& attribute, ValueView value) {
  return check_value(attribute, value, limits::partition_key_size_max,
                     "Size of hashkey has exceeded the maximum size limit of2048 bytes");
}

Check check_range_term(const KeyAttribute& attribute, const KeyTerm& term) {
  constexpr std::string_view too_large = "Aggregated size of all range keys has exceeded the size limit of 1024 bytes";
  TRY(check_value(attribute, term.low, limits::sort_key_size_max, too_large));
  if (term.op == SortOperator::begins_with && attribute.type == AttributeType::number) return not_supported();
  if (term.op != SortOperator::between) return Passed{};
  TRY(check_value(attribute, term.high, limits::sort_key_size_max, too_large));
  if (term.low.bytes() > term.high.bytes()) {
    return validation(
        "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound");
  }
  return Passed{};
}

// Every term names a key attribute, and no range attribute is skipped.
Check check_coverage(const std::vector<KeyTerm>& terms, const KeySchema& schema) {
  if (schema.count() <= 2 && terms.size() > 2) return validation("Conditions can be of length 1 or 2 only");
  for (const KeyAttribute& attribute : schema.hash) {
    if (find_term(terms, attribute) == nullptr) return missed(attribute);
  }
  std::size_t used = schema.hash.size();
  for (const KeyAttribute& attribute : schema.range) {
    if (used == terms.size()) return Passed{};
    if (find_term(terms, attribute) == nullptr) return missed(attribute);
    ++used;
  }
  return used == terms.size() ? Check(Passed{}) : Check(not_supported());
}

}  // namespace

SortOperator mirrored(SortOperator op) {
  switch (op) {
    case SortOperator::less: return SortOperator::greater;
    case SortOperator::less_equal: return SortOperator::greater_equal;
    case SortOperator::greater: return SortOperator::less;
    case SortOperator::greater_equal: return SortOperator::less_equal;
    default: return op;
  }
}

Outcome<KeyCondition> resolve_key_terms(const std::vector<KeyTerm>& terms, const KeySchema& schema) {
  TRY(check_coverage(terms, schema));
  KeyCondition condition;
  for (const KeyAttribute& attribute : schema.hash) {
    const KeyTerm& term = *find_term(terms, attribute);
    TRY(check_hash_value(attribute, term.low));
    if (term.op != SortOperator::equal) return not_supported();
    condition.hash.push_back(term.low);
  }
  for (const KeyAttribute& attribute : schema.range) {
    const KeyTerm* term = find_term(terms, attribute);
    if (term == nullptr) break;
    TRY(check_range_term(attribute, *term));
    // Only the last one may be anything but an equality.
    if (condition.op != SortOperator::none) {
      if (condition.op != SortOperator::equal) return not_supported();
      condition.range_equal.push_back(condition.low);
    }
    condition.op = term->op;
    condition.low = term->low;
    condition.high = term->high;
  }
  return condition;
}

Outcome<BoundKeyCondition> BoundKeyCondition::bind(std::shared_ptr<const Ast> ast, Substitutions& substitutions) {
  TRY_ASSIGN(const Binding binding, Binding::bind(std::move(ast), substitutions));
  TRY(check_condition_operands(binding));
  TermReader reader(binding);
  TRY(reader.read(binding.ast().nodes[binding.ast().root]));
  BoundKeyCondition condition;
  condition.terms_ = reader.take();
  return condition;
}

}  // namespace reprise::dynamo
