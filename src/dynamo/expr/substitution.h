// ExpressionAttributeNames and ExpressionAttributeValues of one request.
//
// A request makes one Substitutions, binds each of its expressions against it, and then asks check_all_used(): a name
// or value that no expression mentions is an error. Bound expressions point into the Substitutions, which must outlive
// them and stay where it is. Belongs to one request, one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "codec/json.h"
#include "dynamo/expr/ast.h"
#include "dynamo/model/error.h"
#include "dynamo/model/item.h"
#include "dynamo/model/schema.h"

namespace reprise::dynamo {

class Substitutions {
 public:
  Substitutions() = default;
  Substitutions(const Substitutions&) = delete;
  Substitutions& operator=(const Substitutions&) = delete;
  Substitutions(Substitutions&&) noexcept = default;
  Substitutions& operator=(Substitutions&&) noexcept = default;

  // Reads both parameters of a request (nothing: not given) and checks what can be said without the expressions:
  // empty maps, keys that are no placeholders, values that are no values.
  // "ExpressionAttributeNames can only be specified when using expressions" is the caller's to say.
  static Outcome<Substitutions> parse(std::optional<codec::JsonValue> names, std::optional<codec::JsonValue> values);

  // For trees made by code. Placeholders with their "#" or ":".
  void add_name(std::string_view placeholder, std::string_view name);
  void add_value(std::string_view placeholder, ValueView value);

  // What a placeholder stands for, marking it as used; nothing when it is not defined.
  std::optional<std::string_view> use_name(std::string_view placeholder);
  ValueView use_value(std::string_view placeholder);

  // Value provided in ExpressionAttributeNames (or ...Values) unused in expressions: keys: {#a, #b}
  [[nodiscard]] Check check_all_used() const;

 private:
  struct Name {
    std::string placeholder;
    std::string name;
    bool used = false;
  };
  struct Value {
    std::string placeholder;
    Bytes encoded;
    bool used = false;
  };
  std::vector<Name> names_;
  std::vector<Value> values_;
  std::size_t next_value_ = 0;  // behind the value used last: code uses its values in order
};

// An Ast with its names and values looked up. Copyable; valid while the Substitutions live and stay in place.
class Binding {
 public:
  // Looks up every reference in the order written, then reports the tree's late error.
  static Outcome<Binding> bind(std::shared_ptr<const Ast> ast, Substitutions& substitutions);

  [[nodiscard]] const Ast& ast() const { return *ast_; }
  [[nodiscard]] std::string_view name(std::size_t index) const { return names_[index]; }
  [[nodiscard]] ValueView value(std::size_t index) const { return values_[index]; }
  [[nodiscard]] std::size_t name_count() const { return names_.size(); }

  // The value a path leads to in an item; none when it leads nowhere.
  [[nodiscard]] ValueView resolve(PathSpan path, ItemView item) const;
  // The attribute a path begins with.
  [[nodiscard]] std::string_view root_name(PathSpan path) const { return names_[ast_->steps[path.first].value]; }
  // "[a, b, [3]]", as messages show a path.
  [[nodiscard]] std::string describe_path(PathSpan path) const;
  // Whether two paths lead to the same place in every item.
  [[nodiscard]] bool same_path(PathSpan one, PathSpan two) const;
  // Fails when a path goes on behind a key attribute of the table or of one of its indexes.
  [[nodiscard]] Check check_key_paths_scalar(const TableDefinition& table) const;
  // An error of this expression.
  [[nodiscard]] ApiError error(std::string_view message) const;

 private:
  std::shared_ptr<const Ast> ast_;
  std::vector<std::string_view> names_;
  std::vector<ValueView> values_;
};

// "Key attributes must be scalars; ...", when `root` is a key attribute of the table or of one of its indexes.
Check check_key_path_scalar(const TableDefinition& table, std::string_view root);

}  // namespace reprise::dynamo
