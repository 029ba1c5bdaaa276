// A partition is read when WHERE cannot hold outside of it: by "pk = v", by "pk IN [...]", or by alternatives (OR) each
// of which names its own. Anything else reads the whole table or index.
//
// Invariant: the rows of the ranges that pass the terms in `rest` are exactly the rows that WHERE holds for.
#include "dynamo/partiql/key_plan.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "dynamo/expr/key_condition.h"
#include "dynamo/model/item.h"
#include "dynamo/partiql/translate.h"

namespace reprise::dynamo::partiql {
namespace {

// "At max 50 hash attribute values" (developer guide, "PartiQL operators").
constexpr std::size_t partitions_max = 50;

bool is_operation(const Expr& expr, Operator op) { return expr.kind == ExprKind::operation && expr.op == op; }

// `attribute = value`, either way round: the value.
const Expr* equal_value(const Expr& expr, std::string_view attribute) {
  if (!is_operation(expr, Operator::equal)) return nullptr;
  if (is_attribute(expr.children[0], attribute) && is_value(expr.children[1])) return &expr.children[1];
  if (is_attribute(expr.children[1], attribute) && is_value(expr.children[0])) return &expr.children[0];
  return nullptr;
}

Outcome<Bytes> key_value(const KeyAttribute& attribute, const Expr& expr, const Values& values) {
  TRY_ASSIGN(Bytes encoded, values.of(expr));
  if (!ValueView(encoded).is(attribute.type)) {
    return validation("Key attribute's data type should match its data type in table's schema: Key " + attribute.name);
  }
  return encoded;
}

// ---- Partitions ----

// Which values a condition leaves to one attribute. `exact`: the condition says nothing else.
struct Alternatives {
  std::vector<Bytes> values;
  bool exact = true;
};

class PartitionFinder {
 public:
  PartitionFinder(const KeyAttribute& attribute, const Values& values) : attribute_(attribute), values_(values) {}

  Outcome<std::optional<Alternatives>> find(const Expr& expr) const {
    if (const Expr* value = equal_value(expr, attribute_.name)) {
      TRY_ASSIGN(Bytes encoded, key_value(attribute_, *value, values_));
      Alternatives one;
      one.values.push_back(std::move(encoded));
      return std::optional(std::move(one));
    }
    if (is_operation(expr, Operator::in)) return find_in(expr);
    if (is_operation(expr, Operator::logical_or)) return find_or(expr);
    if (is_operation(expr, Operator::logical_and)) return find_and(expr);
    return std::optional<Alternatives>();
  }

 private:
  Outcome<std::optional<Alternatives>> find_in(const Expr& expr) const {
    const Expr& list = expr.children[1];
    if (!is_attribute(expr.children[0], attribute_.name) || list.kind != ExprKind::list || !is_value(list)) {
      return std::optional<Alternatives>();
    }
    Alternatives all;
    for (const Expr& candidate : list.children) {
      TRY_ASSIGN(Bytes encoded, key_value(attribute_, candidate, values_));
      add(all, std::move(encoded));
    }
    return std::optional(std::move(all));
  }

  Outcome<std::optional<Alternatives>> find_or(const Expr& expr) const {
    Alternatives all;
    for (const Expr& child : expr.children) {
      TRY_ASSIGN(auto found, find(child));
      if (!found) return std::optional<Alternatives>();
      all.exact = all.exact && found->exact;
      for (Bytes& value : found->values) add(all, std::move(value));
    }
    return std::optional(std::move(all));
  }

  Outcome<std::optional<Alternatives>> find_and(const Expr& expr) const {
    for (const Expr& child : expr.children) {
      TRY_ASSIGN(auto found, find(child));
      if (!found) continue;
      found->exact = false;
      return found;
    }
    return std::optional<Alternatives>();
  }

  static void add(Alternatives& all, Bytes value) {
    if (std::find(all.values.begin(), all.values.end(), value) == all.values.end()) {
      all.values.push_back(std::move(value));
    }
  }

  const KeyAttribute& attribute_;
  const Values& values_;
};

// ---- Ranges ----

std::optional<SortOperator> sort_operator(Operator op) {
  switch (op) {
    case Operator::equal: return SortOperator::equal;
    case Operator::less: return SortOperator::less;
    case Operator::less_equal: return SortOperator::less_equal;
    case Operator::greater: return SortOperator::greater;
    case Operator::greater_equal: return SortOperator::greater_equal;
    case Operator::between: return SortOperator::between;
    default: return std::nullopt;
  }
}

// A condition on one sort key attribute that a range can express.
struct SortTerm {
  SortOperator op;
  const Expr* low;
  const Expr* high = nullptr;
};

std::optional<SortTerm> sort_term(const Expr& expr, const KeyAttribute& attribute) {
  const auto& children = expr.children;
  if (expr.kind == ExprKind::call) {
    const bool prefix = expr.text == "begins_with" && children.size() == 2 && attribute.type != AttributeType::number &&
                        is_attribute(children[0], attribute.name) && is_value(children[1]);
    if (!prefix) return std::nullopt;
    return SortTerm{SortOperator::begins_with, &children[1]};
  }
  if (expr.kind != ExprKind::operation) return std::nullopt;
  const auto op = sort_operator(expr.op);
  if (!op) return std::nullopt;
  if (is_attribute(children[0], attribute.name) && is_value(children[1])) {
    if (*op != SortOperator::between) return SortTerm{*op, &children[1]};
    if (!is_value(children[2])) return std::nullopt;
    return SortTerm{*op, &children[1], &children[2]};
  }
  if (*op != SortOperator::between && is_attribute(children[1], attribute.name) && is_value(children[0])) {
    return SortTerm{mirrored(*op), &children[0]};
  }
  return std::nullopt;
}

class RangeFinder {
 public:
  RangeFinder(const SelectStatement& select, const KeySchema& schema, const Values& values)
      : select_(select), schema_(schema), values_(values), terms_(terms_of(select.where)) {}

  Outcome<ReadRanges> run() {
    TRY(check_order_keys());
    TRY(find_partitions());
    TRY(check_order());
    ReadRanges ranges;
    if (partitions_.empty()) {
      ranges.whole = true;
      ranges.ranges.push_back(whole_range());
      ranges.rest = terms_;
      return ranges;
    }
    TRY(find_sort_terms());
    order(ranges);
    for (const Bytes& partition : partitions_) {
      TRY_ASSIGN(KeyRange range, range_of(partition));
      ranges.ranges.push_back(std::move(range));
    }
    ranges.rest = terms_;
    return ranges;
  }

  [[nodiscard]] bool is_point() const {
    if (partitions_.size() != 1 || sort_keys_.size() != schema_.range.size()) return false;
    return std::all_of(sort_keys_.begin(), sort_keys_.end(),
                       [](const KeyTerm& term) { return term.op == SortOperator::equal; });
  }

 private:
  // ---- ORDER BY ----

  Check check_order_keys() const {
    if (select_.order.empty()) return Passed{};
    if (!select_.where) return validation("Must have WHERE clause in the statement when using ORDER BY clause.");
    for (const OrderKey& key : select_.order) {
      if (schema_.find(key.attribute) != nullptr) continue;
      return validation("Attribute " + key.attribute + " in ORDER BY clause must be part of the primary key");
    }
    return Passed{};
  }

  Check check_order() const {
    if (select_.order.empty()) return Passed{};
    if (partitions_.empty()) {
      return validation(
          "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.");
    }
    if (partitions_.size() > 1 && find_order(schema_.hash) == nullptr) {
      return validation(
          "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause.");
    }
    return Passed{};
  }

  [[nodiscard]] const OrderKey* find_order(const std::vector<KeyAttribute>& attributes) const {
    for (const OrderKey& key : select_.order) {
      for (const KeyAttribute& attribute : attributes) {
        if (attribute.name == key.attribute) return &key;
      }
    }
    return nullptr;
  }

  void order(ReadRanges& ranges) {
    if (const OrderKey* key = find_order(schema_.range)) {
      ranges.direction = key->descending ? Direction::backward : Direction::forward;
    }
    if (const OrderKey* key = find_order(schema_.hash)) {
      std::sort(partitions_.begin(), partitions_.end(),
                [](const Bytes& a, const Bytes& b) { return ValueView(a).bytes() < ValueView(b).bytes(); });
      if (key->descending) std::reverse(partitions_.begin(), partitions_.end());
    }
  }

  // ---- Keys ----

  void drop(const Expr* term) { terms_.erase(std::find(terms_.begin(), terms_.end(), term)); }

  Check find_partitions() {
    if (schema_.hash.size() > 1) return find_composite_partition();
    const PartitionFinder finder(schema_.hash[0], values_);
    std::vector<const Expr*> terms = terms_;
    // Terms that say nothing but the partition come first: they need no filter any more.
    std::stable_partition(terms.begin(), terms.end(),
                          [](const Expr* term) { return is_operation(*term, Operator::equal); });
    for (const Expr* term : terms) {
      TRY_ASSIGN(auto found, finder.find(*term));
      if (!found) continue;
      if (found->values.size() > partitions_max) {
        return validation("IN operator must have at most " + std::to_string(partitions_max) +
                          " values of the partition key");
      }
      partitions_ = std::move(found->values);
      if (found->exact) drop(term);
      return Passed{};
    }
    return Passed{};
  }

  // Each of several partition key attributes needs its own equality.
  Check find_composite_partition() {
    std::vector<const Expr*> used;
    for (const KeyAttribute& attribute : schema_.hash) {
      const auto term = std::find_if(terms_.begin(), terms_.end(),
                                     [&](const Expr* expr) { return equal_value(*expr, attribute.name) != nullptr; });
      if (term == terms_.end()) return Passed{};
      TRY_ASSIGN(Bytes encoded, key_value(attribute, *equal_value(**term, attribute.name), values_));
      add_key(composite_, attribute, SortOperator::equal, std::move(encoded));
      used.push_back(*term);
    }
    for (const Expr* term : used) drop(term);
    partitions_.emplace_back();
    return Passed{};
  }

  Check find_sort_terms() {
    for (const KeyAttribute& attribute : schema_.range) {
      const auto better = [&](const Expr* term, bool equality) {
        const auto found = sort_term(*term, attribute);
        return found && (!equality || found->op == SortOperator::equal);
      };
      auto term = std::find_if(terms_.begin(), terms_.end(), [&](const Expr* t) { return better(t, true); });
      if (term == terms_.end()) {
        term = std::find_if(terms_.begin(), terms_.end(), [&](const Expr* t) { return better(t, false); });
      }
      if (term == terms_.end()) return Passed{};
      const SortTerm found = *sort_term(**term, attribute);
      TRY_ASSIGN(Bytes low, key_value(attribute, *found.low, values_));
      add_key(sort_keys_, attribute, found.op, std::move(low));
      if (found.high != nullptr) {
        TRY_ASSIGN(Bytes high, key_value(attribute, *found.high, values_));
        sort_keys_.back().high = ValueView(kept_.emplace_back(std::move(high)));
      }
      drop(*term);
      if (found.op != SortOperator::equal) return Passed{};
    }
    return Passed{};
  }

  void add_key(std::vector<KeyTerm>& keys, const KeyAttribute& attribute, SortOperator op, Bytes value) {
    KeyTerm key;
    key.attribute = attribute.name;
    key.op = op;
    key.low = ValueView(kept_.emplace_back(std::move(value)));
    keys.push_back(std::move(key));
  }

  Outcome<KeyRange> range_of(const Bytes& partition) const {
    std::vector<KeyTerm> keys = composite_;
    if (keys.empty()) keys.push_back({schema_.hash[0].name, SortOperator::equal, ValueView(partition), ValueView()});
    keys.insert(keys.end(), sort_keys_.begin(), sort_keys_.end());
    TRY_ASSIGN(const KeyCondition condition, resolve_key_terms(keys, schema_));
    return query_range(schema_, condition);
  }

  const SelectStatement& select_;
  const KeySchema& schema_;
  const Values& values_;
  std::vector<const Expr*> terms_;  // those that no range has taken yet
  std::vector<Bytes> partitions_;   // values of the partition key; one empty value when it has several attributes
  std::vector<KeyTerm> composite_;
  std::vector<KeyTerm> sort_keys_;
  std::deque<Bytes> kept_;  // what the terms point at
};

}  // namespace

std::vector<const Expr*> terms_of(const Where& where) {
  std::vector<const Expr*> terms;
  if (!where) return terms;
  if (!is_operation(*where, Operator::logical_and)) return {&*where};
  for (const Expr& child : where->children) terms.push_back(&child);
  return terms;
}

Outcome<PointTarget> find_point(const Where& where, const KeySchema& schema, const Values& values) {
  PointTarget target;
  target.rest = terms_of(where);
  ItemBuilder key;
  const auto take = [&](const KeyAttribute& attribute) -> Check {
    const auto term = std::find_if(target.rest.begin(), target.rest.end(),
                                   [&](const Expr* expr) { return equal_value(*expr, attribute.name) != nullptr; });
    if (term == target.rest.end()) {
      return validation("Where clause does not contain a mandatory equality on all key attributes");
    }
    TRY_ASSIGN(const Bytes encoded, key_value(attribute, *equal_value(**term, attribute.name), values));
    key.set(attribute.name, ValueView(encoded));
    target.rest.erase(term);
    return Passed{};
  };
  for (const KeyAttribute& attribute : schema.hash) TRY(take(attribute));
  for (const KeyAttribute& attribute : schema.range) TRY(take(attribute));
  target.key_item = key.build();
  TRY_ASSIGN(target.key, request_key(schema, ItemView(target.key_item)));
  return target;
}

Outcome<ReadRanges> find_ranges(const SelectStatement& select, const KeySchema& schema, const Values& values) {
  RangeFinder finder(select, schema, values);
  TRY_ASSIGN(ReadRanges ranges, finder.run());
  ranges.point = !ranges.whole && finder.is_point();
  return ranges;
}

}  // namespace reprise::dynamo::partiql
