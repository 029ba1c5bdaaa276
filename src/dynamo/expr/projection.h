// ProjectionExpression and AttributesToGet: parts of items.
//
// What is selected keeps its place: maps around it stay, list elements close ranks in index order. A path that leads
// nowhere adds nothing. Immutable after binding, so usable from several threads.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "dynamo/expr/ast.h"
#include "dynamo/expr/path_tree.h"
#include "dynamo/expr/substitution.h"
#include "dynamo/model/error.h"
#include "dynamo/model/item.h"

namespace reprise::dynamo {

class Projection {
 public:
  // Fails with undefined names and paths that overlap or conflict. Owns what it needs: the Substitutions may go.
  static Outcome<Projection> bind(std::shared_ptr<const Ast> ast, Substitutions& substitutions);
  // Whole top-level attributes; duplicates do no harm.
  static Projection of_attributes(const std::vector<std::string>& names);

  // An item (possibly without attributes), encoded.
  [[nodiscard]] Bytes apply(ItemView item) const;
  // Appends the projected item to `out`, which is cleared first: saves an allocation per item.
  void apply_to(ItemView item, Bytes& out) const;
  // The top-level attributes the paths begin with, sorted; a query on an index must find all of them there.
  [[nodiscard]] std::vector<std::string> root_names() const;

  // For any table: fails when a path goes on behind a key attribute, as in "pk.a".
  [[nodiscard]] Check check_key_paths_scalar(const TableDefinition& table) const;

 private:
  PathTree tree_;
};

}  // namespace reprise::dynamo
