// The syntax tree of an expression: what was written, before names and values are known.
//
// An Ast is one flat, immutable block: nodes in an array, referring to one another and to paths, names and value
// placeholders by index. It is made by the parser (parser.h), or by code through AstBuilder (the legacy parameters and
// PartiQL use the same evaluator), and shared freely between threads and requests. Binding it to a request's names and
// values (condition.h, update.h, projection.h, key_condition.h) neither copies nor re-parses it.
//
// Invariants: children stand before their parents; every index is in range; `names` and `values` hold no duplicates.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace reprise::dynamo {

// Which parameter an expression came in; its messages begin "Invalid ConditionExpression: " and so on.
enum class ExpressionKind : std::uint8_t { condition, filter, key_condition, projection, update };
// "ConditionExpression", ...
std::string_view parameter_name(ExpressionKind kind) noexcept;

enum class Op : std::uint8_t {
  // Operands.
  path,   // index: into paths
  value,  // index: into values
  size,   // one child, a path
  // Operands of SET.
  if_not_exists,  // path, operand
  list_append,    // operand, operand
  plus,
  minus,
  // Conditions.
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  between,  // operand, low, high
  in,       // operand, candidates...
  attribute_exists,
  attribute_not_exists,
  attribute_type,
  begins_with,
  contains,
  logical_and,  // any number of children
  logical_or,   // any number of children
  logical_not,
};
// As messages spell it: "=", "BETWEEN", "attribute_exists".
std::string_view op_name(Op op) noexcept;

struct Node {
  Op op = Op::path;
  std::uint16_t index = 0;  // path and value only
  std::uint16_t first = 0;  // children: arguments[first, first + count)
  std::uint16_t count = 0;
};

// One step of a document path: a name (index into names), or a list index.
struct PathStep {
  bool is_index = false;
  std::uint32_t value = 0;
};
struct PathSpan {
  std::uint16_t first = 0;  // steps[first, first + count)
  std::uint16_t count = 0;
};

// A name as written: "#n" stands for an entry of ExpressionAttributeNames, anything else for itself.
struct NameReference {
  std::string text;
  bool placeholder = false;
};

enum class UpdateSection : std::uint8_t { set, remove, add, remove_from_set };
struct UpdateAction {
  UpdateSection section = UpdateSection::set;
  std::uint16_t path = 0;  // into paths
  std::uint16_t node = 0;  // the operand; none for remove
};

struct Ast {
  ExpressionKind kind = ExpressionKind::condition;
  std::vector<Node> nodes;
  std::vector<std::uint16_t> arguments;
  std::vector<PathStep> steps;
  std::vector<PathSpan> paths;
  std::vector<NameReference> names;
  std::vector<std::string> values;  // with their colon

  std::uint16_t root = 0;                 // conditions: the whole
  std::vector<UpdateAction> actions;      // updates: section by section, in the order written
  std::vector<std::uint16_t> projection;  // projections: paths, in the order written

  // Every name and value reference in the order written; undefined ones are reported in this order.
  struct Reference {
    bool is_value = false;
    std::uint16_t index = 0;
  };
  std::vector<Reference> references;
  // An error in the text that DynamoDB reports only after undefined names and values; empty when there is none.
  std::string late_error;
  // Made from the parameters that expressions replaced: means the same, but some errors are worded differently.
  bool legacy = false;

  [[nodiscard]] const Node& child(const Node& node, std::size_t n) const { return nodes[arguments[node.first + n]]; }
};

// Builds an Ast bottom-up: each call returns what its node (or path) is called by in later calls.
class AstBuilder {
 public:
  explicit AstBuilder(ExpressionKind kind) { ast_.kind = kind; }

  // Paths are begun, extended, and then used. The same name or value text gets the same index again.
  std::uint16_t begin_path();
  void add_name(std::string_view text, bool placeholder);
  void add_index(std::uint32_t index);
  // A path of one literal attribute name.
  std::uint16_t attribute(std::string_view name);

  std::uint16_t path_node(std::uint16_t path);
  std::uint16_t value_node(std::string_view placeholder);
  // The same for names and values that are known not to be there yet: spares the search, which makes long lists of
  // them cheap.
  std::uint16_t new_attribute(std::string_view name);
  std::uint16_t new_value_node(std::string_view placeholder);
  std::uint16_t node(Op op, const std::vector<std::uint16_t>& children);

  void set_root(std::uint16_t node) { ast_.root = node; }
  void add_action(UpdateSection section, std::uint16_t path, std::uint16_t node) {
    ast_.actions.push_back({section, path, node});
  }
  void add_projection(std::uint16_t path) { ast_.projection.push_back(path); }
  void set_late_error(std::string message) {
    if (ast_.late_error.empty()) ast_.late_error = std::move(message);
  }
  void set_legacy() { ast_.legacy = true; }
  [[nodiscard]] const Ast& ast() const { return ast_; }
  std::shared_ptr<const Ast> build() { return std::make_shared<const Ast>(std::move(ast_)); }

 private:
  Ast ast_;
};

}  // namespace reprise::dynamo
