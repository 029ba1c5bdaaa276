// Each attribute's entry is read into a Term, checked, and then added to the tree.
//
// Invariant: a tree made here binds without an error: everything that binding refuses has been refused before, in the
// words of the older parameters.
#include "dynamo/ops/legacy_conditions.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "dynamo/model/item_json.h"

namespace reprise::dynamo {
namespace {

using codec::JsonType;
using codec::JsonValue;

// Trees refer to their parts by 16 bits; a request of 16 MB could hold more. The service's own bound is not known.
constexpr std::size_t terms_and_values_max = 12'000;

using TypeRule = bool (*)(AttributeType);
bool any_type(AttributeType) { return true; }
bool ordered(AttributeType type) {
  return type == AttributeType::string || type == AttributeType::number || type == AttributeType::binary;
}
bool text(AttributeType type) { return type == AttributeType::string || type == AttributeType::binary; }
bool scalar(AttributeType type) {
  return ordered(type) || type == AttributeType::boolean || type == AttributeType::null;
}

struct Comparison {
  std::string_view name;
  Op op;
  std::size_t arguments_min;
  std::size_t arguments_max;
  TypeRule rule;
};

constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();
constexpr std::array<Comparison, 13> comparisons = {{
    {"EQ", Op::equal, 1, 1, any_type},
    {"NE", Op::not_equal, 1, 1, any_type},
    {"LE", Op::less_equal, 1, 1, ordered},
    {"LT", Op::less, 1, 1, ordered},
    {"GE", Op::greater_equal, 1, 1, ordered},
    {"GT", Op::greater, 1, 1, ordered},
    {"NULL", Op::attribute_not_exists, 0, 0, any_type},
    {"NOT_NULL", Op::attribute_exists, 0, 0, any_type},
    {"CONTAINS", Op::contains, 1, 1, scalar},
    {"NOT_CONTAINS", Op::logical_not, 1, 1, scalar},
    {"BEGINS_WITH", Op::begins_with, 1, 1, text},
    {"IN", Op::in, 1, unlimited, ordered},
    {"BETWEEN", Op::between, 2, 2, ordered},
}};

// `name` is one of them: the shape has seen to that.
const Comparison& find_comparison(std::string_view name) {
  return *std::find_if(comparisons.begin(), comparisons.end(), [name](const Comparison& c) { return c.name == name; });
}

struct Term {
  std::string_view attribute;
  const Comparison* comparison = nullptr;
  std::vector<Bytes> values;
};

Outcome<Bytes> read_value(const JsonValue& json) {
  Bytes value;
  TRY(parse_value(json, value));
  return value;
}

Check read_values(const Fields& entry, std::vector<Bytes>& values) {
  const auto list = entry.value("AttributeValueList");
  if (!list) return Passed{};
  for (auto element = list->first_element(); element; element.advance()) {
    TRY_ASSIGN(auto value, read_value(element.value()));
    values.push_back(std::move(value));
  }
  return Passed{};
}

// Argument count, one type for all, a type the operator knows, bounds in their order.
Check check_arguments(const Term& term) {
  const Comparison& comparison = *term.comparison;
  if (term.values.size() < comparison.arguments_min || term.values.size() > comparison.arguments_max) {
    return invalid_parameter("Invalid number of argument(s) for the " + std::string(comparison.name) +
                             " ComparisonOperator");
  }
  if (term.values.empty()) return Passed{};
  const AttributeType type = ValueView(term.values.front()).type();
  for (const Bytes& value : term.values) {
    if (ValueView(value).type() != type) {
      return invalid_parameter("AttributeValues inside AttributeValueList must be of same type");
    }
  }
  if (!comparison.rule(type)) {
    return invalid_parameter("ComparisonOperator " + std::string(comparison.name) + " is not valid for " +
                             std::string(type_name(type)) + " AttributeValue type");
  }
  if (comparison.op == Op::between && ValueView(term.values[0]).bytes() > ValueView(term.values[1]).bytes()) {
    return validation(
        "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound");
  }
  return Passed{};
}

Check check_count(const JsonValue& entries) {
  std::size_t count = entries.size();
  for (auto member = entries.first_member(); member; member.advance()) {
    if (const auto list = find_present(member.value(), "AttributeValueList")) count += list->size();
  }
  if (count <= terms_and_values_max) return Passed{};
  return invalid_parameter("Too many conditions and values; the most is " + std::to_string(terms_and_values_max));
}

// {"a": {"ComparisonOperator": .., "AttributeValueList": [..]}}, as filters and KeyConditions are written.
Outcome<std::vector<Term>> read_conditions(const JsonValue& entries) {
  TRY(check_count(entries));
  std::vector<Term> terms;
  for (const auto& [attribute, json] : distinct_members(entries)) {
    const Fields entry(json);
    Term term;
    term.attribute = attribute;
    term.comparison = &find_comparison(entry.string_or("ComparisonOperator", ""));
    TRY(read_values(entry, term.values));
    TRY(check_arguments(term));
    terms.push_back(std::move(term));
  }
  return terms;
}

// ---- Expected ------------------------------------------------------------------------------------------------------

Outcome<Term> misused(std::string_view message, std::string_view attribute) {
  return invalid_parameter(std::string(message) + " for Attribute: " + std::string(attribute));
}

Outcome<Term> read_compared(const Fields& entry, Term term) {
  const auto name = *entry.string("ComparisonOperator");
  if (entry.has("Exists")) return misused("Exists and ComparisonOperator cannot be used together", term.attribute);
  term.comparison = &find_comparison(name);
  const bool takes_none = term.comparison->arguments_max == 0;
  if (!takes_none && !entry.has("AttributeValueList") && !entry.has("Value")) {
    return misused("Value or AttributeValueList must be used with ComparisonOperator: " + std::string(name),
                   term.attribute);
  }
  TRY(read_values(entry, term.values));
  if (const auto value = entry.value("Value")) {
    TRY_ASSIGN(auto read, read_value(*value));
    term.values.push_back(std::move(read));
  }
  TRY(check_arguments(term));
  return term;
}

Outcome<Term> read_existing(const Fields& entry, Term term) {
  if (entry.has("AttributeValueList")) {
    return misused("AttributeValueList can only be used with a ComparisonOperator", term.attribute);
  }
  const auto exists = entry.boolean("Exists");
  const auto value = entry.value("Value");
  if (exists.value_or(true) && !value) {
    return misused("Value must be provided when Exists is " + std::string(exists ? "true" : "null"), term.attribute);
  }
  if (!exists.value_or(true) && value) return misused("Value cannot be used when Exists is false", term.attribute);
  term.comparison = &find_comparison(value ? "EQ" : "NULL");
  if (value) {
    TRY_ASSIGN(auto read, read_value(*value));
    term.values.push_back(std::move(read));
  }
  return term;
}

Outcome<std::vector<Term>> read_expected(const JsonValue& entries) {
  TRY(check_count(entries));
  std::vector<Term> terms;
  for (const auto& [attribute, json] : distinct_members(entries)) {
    const Fields entry(json);
    Term term;
    term.attribute = attribute;
    if (entry.has("AttributeValueList") && entry.has("Value")) {
      TRY(misused("Value and AttributeValueList cannot be used together", term.attribute));
    }
    auto read =
        entry.has("ComparisonOperator") ? read_compared(entry, std::move(term)) : read_existing(entry, std::move(term));
    TRY(read);
    terms.push_back(std::move(read).value());
  }
  return terms;
}

Check check_conditional_operator(const Fields& in, std::size_t entries) {
  if (!in.has("ConditionalOperator")) return Passed{};
  if (entries == 0) return validation("ConditionalOperator cannot be used without Filter or Expected");
  if (entries > 1) return Passed{};
  return validation("ConditionalOperator can only be used when Filter or Expected has two or more elements");
}

// ---- The tree ------------------------------------------------------------------------------------------------------

// No request can write a placeholder without a colon, so these meet no other.
std::string placeholder(std::size_t n) { return "legacy " + std::to_string(n); }

class TreeMaker {
 public:
  TreeMaker(ExpressionKind kind, std::vector<Bytes>& values) : builder_(kind), values_(values) {
    builder_.set_legacy();
  }

  std::uint16_t add(Term& term) {
    const std::uint16_t attribute = builder_.path_node(builder_.new_attribute(term.attribute));
    std::vector<std::uint16_t> operands{attribute};
    for (Bytes& value : term.values) {
      operands.push_back(builder_.new_value_node(placeholder(values_.size())));
      values_.push_back(std::move(value));
    }
    if (term.comparison->op != Op::logical_not) return builder_.node(term.comparison->op, operands);
    const std::uint16_t contains = builder_.node(Op::contains, operands);
    const std::uint16_t absent = builder_.node(Op::logical_not, {contains});
    return builder_.node(Op::logical_and, {builder_.node(Op::attribute_exists, {attribute}), absent});
  }

  std::shared_ptr<const Ast> finish(Op joint, const std::vector<std::uint16_t>& nodes) {
    builder_.set_root(nodes.size() == 1 ? nodes.front() : builder_.node(joint, nodes));
    return builder_.build();
  }

 private:
  AstBuilder builder_;
  std::vector<Bytes>& values_;
};

std::shared_ptr<const Ast> make_tree(const Fields& in, ExpressionKind kind, std::vector<Term>& terms,
                                     std::vector<Bytes>& values) {
  TreeMaker maker(kind, values);
  std::vector<std::uint16_t> nodes;
  nodes.reserve(terms.size());
  for (Term& term : terms) nodes.push_back(maker.add(term));
  const bool any = in.string_or("ConditionalOperator", "AND") == "OR";
  return maker.finish(any ? Op::logical_or : Op::logical_and, nodes);
}

SortOperator sort_operator(Op op) {
  switch (op) {
    case Op::equal: return SortOperator::equal;
    case Op::less_equal: return SortOperator::less_equal;
    case Op::less: return SortOperator::less;
    case Op::greater_equal: return SortOperator::greater_equal;
    case Op::greater: return SortOperator::greater;
    case Op::between: return SortOperator::between;
    case Op::begins_with: return SortOperator::begins_with;
    default: return SortOperator::none;
  }
}

}  // namespace

Outcome<std::optional<LegacyCondition>> LegacyCondition::of_expected(const Fields& in) {
  const auto entries = in.value("Expected");
  TRY(check_conditional_operator(in, entries ? entries->size() : 0));
  if (!entries) return std::optional<LegacyCondition>();
  TRY_ASSIGN(auto terms, read_expected(*entries));
  if (terms.empty()) return std::optional<LegacyCondition>();
  LegacyCondition condition;
  condition.ast_ = make_tree(in, ExpressionKind::condition, terms, condition.values_);
  return std::optional<LegacyCondition>(std::move(condition));
}

Outcome<std::optional<LegacyCondition>> LegacyCondition::of_filter(const Fields& in, std::string_view member) {
  const auto entries = in.value(member);
  TRY(check_conditional_operator(in, entries ? entries->size() : 0));
  if (!entries) return std::optional<LegacyCondition>();
  TRY_ASSIGN(auto terms, read_conditions(*entries));
  if (terms.empty()) return std::optional<LegacyCondition>();
  LegacyCondition condition;
  condition.ast_ = make_tree(in, ExpressionKind::filter, terms, condition.values_);
  return std::optional<LegacyCondition>(std::move(condition));
}

Outcome<Condition> LegacyCondition::bind(Substitutions& substitutions) const {
  for (std::size_t i = 0; i < values_.size(); ++i) substitutions.add_value(placeholder(i), ValueView(values_[i]));
  return Condition::bind(ast_, substitutions);
}

Outcome<std::vector<KeyTerm>> read_key_conditions(const Fields& in, Substitutions& substitutions) {
  TRY_ASSIGN(auto terms, read_conditions(*in.value("KeyConditions")));
  if (terms.empty() || terms.size() > 2) return validation("Conditions can be of length 1 or 2 only");
  std::size_t count = 0;
  for (const Term& term : terms) {
    if (sort_operator(term.comparison->op) == SortOperator::none) {
      return validation("Attempted conditional constraint is not an indexable operation");
    }
    for (const Bytes& value : term.values) substitutions.add_value(placeholder(count++), ValueView(value));
  }
  std::vector<KeyTerm> result;
  count = 0;
  for (const Term& term : terms) {
    KeyTerm key{std::string(term.attribute), sort_operator(term.comparison->op), {}, {}};
    key.low = substitutions.use_value(placeholder(count++));
    if (term.values.size() > 1) key.high = substitutions.use_value(placeholder(count++));
    result.push_back(std::move(key));
  }
  return result;
}

std::vector<std::pair<std::string_view, JsonValue>> distinct_members(const JsonValue& object) {
  std::vector<std::pair<std::string_view, JsonValue>> members;
  std::unordered_map<std::string_view, std::size_t> places;
  for (auto member = object.first_member(); member; member.advance()) {
    if (member.value().is(JsonType::null)) continue;
    const auto [place, fresh] = places.emplace(member.key(), members.size());
    if (fresh) {
      members.emplace_back(member.key(), member.value());
    } else {
      members[place->second].second = member.value();
    }
  }
  return members;
}

Outcome<std::optional<std::vector<std::string>>> read_attributes_to_get(const Fields& in) {
  const auto list = in.value("AttributesToGet");
  if (!list) return std::optional<std::vector<std::string>>();
  std::vector<std::string> names;
  std::set<std::string_view> seen;
  for (auto element = list->first_element(); element; element.advance()) {
    if (!element.value().is(JsonType::string)) continue;
    const std::string_view name = element.value().string();
    if (!seen.insert(name).second) {
      return invalid_parameter("Duplicate value in attribute name: " + std::string(name));
    }
    names.emplace_back(name);
  }
  return std::optional<std::vector<std::string>>(std::move(names));
}

}  // namespace reprise::dynamo
