// What a WHERE clause says about keys: the one item a write means, and the parts of a table or index a SELECT reads.
//
// Pure.
#pragma once

#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/range.h"
#include "dynamo/model/error.h"
#include "dynamo/model/key.h"
#include "dynamo/model/schema.h"
#include "dynamo/partiql/values.h"

namespace reprise::dynamo::partiql {

using Where = std::optional<Expr>;

// One item by its whole key, and what else WHERE asks of it. Points into the statement.
struct PointTarget {
  Bytes key;       // as the store sorts it
  Bytes key_item;  // its attributes, as an item
  std::vector<const Expr*> rest;
};
// "Where clause does not contain a mandatory equality on all key attributes", "Key attribute's data type should match
// its data type in table's schema: Key pk", and what a key cannot be.
Outcome<PointTarget> find_point(const Where& where, const KeySchema& schema, const Values& values);

// The parts a SELECT reads, in order.
struct ReadRanges {
  std::vector<KeyRange> ranges;
  Direction direction = Direction::forward;
  bool whole = false;             // no partition is given: everything is read
  bool point = false;             // the whole key is given: no page has anything behind it
  std::vector<const Expr*> rest;  // what is left to be a filter
};
// Errors on keys as above, and those of ORDER BY.
Outcome<ReadRanges> find_ranges(const SelectStatement& select, const KeySchema& schema, const Values& values);

// WHERE as the list of what must all hold.
std::vector<const Expr*> terms_of(const Where& where);

}  // namespace reprise::dynamo::partiql
