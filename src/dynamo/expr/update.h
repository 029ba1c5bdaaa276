// UpdateExpression: bound, checked, applied.
//
// All operands are read from the item as it was; the actions then change a copy:
//   SET path = operand     a list index beyond the end appends; the map or list around the path must exist
//   REMOVE path            elements behind a removed list element move up; what is not there is no error
//   ADD path value         adds a number, or the elements of a set; an absent attribute starts empty
//   DELETE path set        takes elements out of a set; a set that becomes empty goes
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "dynamo/expr/ast.h"
#include "dynamo/expr/path_tree.h"
#include "dynamo/expr/substitution.h"
#include "dynamo/model/error.h"
#include "dynamo/model/item.h"
#include "dynamo/model/schema.h"

namespace reprise::dynamo {

// What an update made of an item.
struct UpdateResult {
  Bytes item;
  // The touched paths in the old and in the new item, as items (without attributes when there is nothing):
  // ReturnValues UPDATED_OLD and UPDATED_NEW.
  Bytes updated_old;
  Bytes updated_new;
};

// Whether apply() has to fill updated_old and updated_new.
enum class WantUpdated : bool { no, yes };

class Update {
 public:
  // Fails with undefined names and values, wrong operand types, and paths that overlap or conflict.
  static Outcome<Update> bind(std::shared_ptr<const Ast> ast, Substitutions& substitutions);

  // Fails when a path begins with a key attribute: "Cannot update attribute pk. This attribute is part of the key".
  [[nodiscard]] Check check_no_key_attribute(const KeySchema& schema) const;

  // For any table: fails when a path goes on behind a key attribute of an index, as in "gsi_pk.a".
  [[nodiscard]] Check check_key_paths_scalar(const TableDefinition& table) const {
    return binding_.check_key_paths_scalar(table);
  }

  // The type that the attribute will have whatever the item, when the update writes the whole of it and that can be
  // said: SET a = :v, ADD a :v, DELETE a :v.
  [[nodiscard]] std::optional<AttributeType> written_type(std::string_view attribute) const;

  // Whether an item that is not there is made: only by SET and ADD.
  [[nodiscard]] bool makes_item() const;

  // What the service adds to the size of the updated item when it compares it with the limit (observed in 2026).
  [[nodiscard]] std::size_t charged_size() const;

  // `old` is the item to be updated; when there is none yet, one with only its key attributes, made by the caller.
  // Fails with ValidationException when the expression does not fit the item. Size and index keys of the result are
  // the caller's to check.
  [[nodiscard]] Outcome<UpdateResult> apply(ItemView old, WantUpdated want = WantUpdated::no) const;

 private:
  explicit Update(Binding binding) : binding_(std::move(binding)) {}
  Binding binding_;
  PathTree tree_;     // leaves number the tree's actions
  PathTree updated_;  // what UPDATED_NEW shows: all paths but the removed ones
};

}  // namespace reprise::dynamo
