// From the parse tree to the Ast, refusing what DynamoDB refuses.
//
// Errors are looked for in this order, and within one step in the order of the text: size, syntax, redundant
// parentheses, sections used twice, then a walk over the tree (functions, reserved words, list indexes), then the
// number of operators. What is kept for later (Ast::late_error) is what DynamoDB notices only after it has looked up
// names and values: operand counts, missing paths, paths too deep, too many operands of IN.
#include "dynamo/expr/parser.h"

#include <algorithm>
#include <array>
#include <functional>
#include <optional>

#include "dynamo/expr/reserved_words.h"
#include "dynamo/expr/syntax.h"
#include "dynamo/model/limits.h"

namespace reprise::dynamo {

namespace {

// Observed: 4294967294 appends to a list, 4294967295 is refused.
constexpr std::uint64_t list_index_max = 4294967294;

struct Function {
  std::string_view name;
  Op op;
  std::size_t operands;
  bool in_updates;
  bool is_condition;
  bool needs_path;  // as its first operand
};

constexpr std::array<Function, 8> functions = {{
    {"attribute_exists", Op::attribute_exists, 1, false, true, true},
    {"attribute_not_exists", Op::attribute_not_exists, 1, false, true, true},
    {"attribute_type", Op::attribute_type, 2, false, true, false},
    {"begins_with", Op::begins_with, 2, false, true, false},
    {"contains", Op::contains, 2, false, true, false},
    {"size", Op::size, 1, false, false, false},
    {"if_not_exists", Op::if_not_exists, 2, true, false, true},
    {"list_append", Op::list_append, 2, true, false, false},
}};

const Function* find_function(std::string_view name) {
  const auto it =
      std::find_if(functions.begin(), functions.end(), [name](const Function& f) { return f.name == name; });
  return it == functions.end() ? nullptr : &*it;
}

class AstMaker {
 public:
  AstMaker(ExpressionKind kind, const SyntaxTree& tree) : kind_(kind), tree_(tree), builder_(kind) {}

  // The tree's error, or nothing.
  std::string run() {
    switch (kind_) {
      case ExpressionKind::projection:
        for (const std::uint16_t node : tree_.projection) builder_.add_projection(path(tree_.nodes[node]));
        break;
      case ExpressionKind::update:
        for (const SyntaxAction& action : tree_.actions) add_action(action);
        break;
      default: builder_.set_root(convert(tree_.root));
    }
    if (error_.empty() && operators_ > limits::expression_operators_max) {
      error_ = "The expression contains too many operators; operator count: " + std::to_string(operators_);
    }
    return error_;
  }
  std::shared_ptr<const Ast> build() { return builder_.build(); }

 private:
  void fail(std::string message) {
    if (error_.empty()) error_ = std::move(message);
  }

  std::uint16_t path(const SyntaxNode& node) {
    const std::uint16_t path = builder_.begin_path();
    for (const SyntaxPart& part : node.path) {
      if (part.is_index) {
        builder_.add_index(list_index(part.text));
        continue;
      }
      if (!part.placeholder && is_reserved_word(part.text)) {
        fail("Attribute name is a reserved keyword; reserved keyword: " + std::string(part.text));
      }
      builder_.add_name(part.text, part.placeholder);
    }
    if (node.path.size() > limits::path_depth_max) {
      builder_.set_late_error("The document path has too many nesting levels; nesting levels: " +
                              std::to_string(node.path.size()));
    }
    return path;
  }

  std::uint32_t list_index(std::string_view digits) {
    std::uint64_t value = 0;
    for (const char c : digits)
      value = std::min<std::uint64_t>(value * 10 + static_cast<unsigned>(c - '0'), 1ULL << 40);
    if (value > list_index_max) {
      fail("List index is not within the allowable range; index: [" + std::string(digits) + "]");
      return 0;
    }
    return static_cast<std::uint32_t>(value);
  }

  void add_action(const SyntaxAction& action) {
    const std::uint16_t target = path(tree_.nodes[action.path]);
    const std::uint16_t node = action.section == UpdateSection::remove ? 0 : convert(action.value);
    builder_.add_action(action.section, target, node);
  }

  std::uint16_t convert(std::uint16_t index) {
    const SyntaxNode& node = tree_.nodes[index];
    switch (node.kind) {
      case SyntaxNode::Kind::path: return builder_.path_node(path(node));
      case SyntaxNode::Kind::value: return builder_.value_node(node.text);
      case SyntaxNode::Kind::call: return call(node);
      case SyntaxNode::Kind::operation: return operation(node);
    }
    return 0;
  }

  std::vector<std::uint16_t> convert_children(const SyntaxNode& node) {
    std::vector<std::uint16_t> children;
    children.reserve(node.children.size());
    for (const std::uint16_t child : node.children) children.push_back(convert(child));
    return children;
  }

  std::uint16_t operation(const SyntaxNode& node) {
    operators_ += node.op == Op::logical_and || node.op == Op::logical_or ? node.children.size() - 1 : 1;
    const std::vector<std::uint16_t> children = convert_children(node);
    if (node.op == Op::in && children.size() - 1 > limits::in_operands_max) {
      builder_.set_late_error("The IN operator is provided with too many operands; number of operands: " +
                              std::to_string(children.size() - 1));
    }
    return builder_.node(node.op, children);
  }

  std::uint16_t call(const SyntaxNode& node) {
    ++operators_;
    const Function* function = find_function(node.text);
    if (function == nullptr) {
      fail("Invalid function name; function: " + std::string(node.text));
    } else {
      check_context(node, *function);
    }
    const std::vector<std::uint16_t> children = convert_children(node);
    if (function == nullptr) return 0;
    if (children.size() != function->operands) {
      builder_.set_late_error("Incorrect number of operands for operator or function; operator or function: " +
                              std::string(node.text) + ", number of operands: " + std::to_string(children.size()));
    } else if (function->needs_path && tree_.nodes[node.children[0]].kind != SyntaxNode::Kind::path) {
      builder_.set_late_error("Operator or function requires a document path; operator or function: " +
                              std::string(node.text));
    }
    return builder_.node(function->op, children);
  }

  void check_context(const SyntaxNode& node, const Function& function) {
    const bool update = kind_ == ExpressionKind::update;
    if (update && !function.in_updates) {
      fail("The function is not allowed in an update expression; function: " + std::string(node.text));
    } else if (!update && function.in_updates) {
      fail("The function is not allowed in a condition expression; function: " + std::string(node.text));
    } else if (!update && function.is_condition != node.as_condition) {
      fail("The function is not allowed to be used this way in an expression; function: " + std::string(node.text));
    }
  }

  ExpressionKind kind_;
  const SyntaxTree& tree_;
  AstBuilder builder_;
  std::string error_;
  std::size_t operators_ = 0;
};

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

ApiError expression_error(ExpressionKind kind, std::string_view message) {
  std::string text = "Invalid ";
  text.append(parameter_name(kind)).append(": ").append(message);
  return validation(std::move(text));
}

Outcome<std::shared_ptr<const Ast>> parse_expression(ExpressionKind kind, std::string_view text) {
  if (is_blank(text)) return expression_error(kind, "The expression can not be empty;");
  if (text.size() > limits::expression_size_max) {
    return expression_error(kind, "Expression size has exceeded the maximum allowed size;");
  }
  const SyntaxTree tree = parse_syntax(kind, text);
  if (!tree.error.empty()) return expression_error(kind, tree.error);
  if (tree.redundant_parentheses) return expression_error(kind, "The expression has redundant parentheses;");
  if (!tree.duplicate_section.empty()) {
    return expression_error(
        kind, "The \"" + tree.duplicate_section + "\" section can only be used once in an update expression;");
  }
  AstMaker maker(kind, tree);
  const std::string error = maker.run();
  if (!error.empty()) return expression_error(kind, error);
  return maker.build();
}

// ---- The cache -----------------------------------------------------------------------------------------------------

ExpressionCache::ExpressionCache(std::size_t entries_max)
    : entries_per_shard_max_(std::max<std::size_t>(1, entries_max / shard_count)) {}

Outcome<std::shared_ptr<const Ast>> ExpressionCache::get(ExpressionKind kind, std::string_view text) {
  if (text.size() > limits::expression_size_max) return parse_expression(kind, text);
  std::string key;
  key.reserve(text.size() + 1);
  key.push_back(static_cast<char>(kind));
  key.append(text);
  Shard& shard = shards_[std::hash<std::string_view>()(key) % shard_count];
  {
    const std::lock_guard lock(shard.mutex);
    const auto found = shard.by_key.find(key);
    if (found != shard.by_key.end()) {
      shard.recent.splice(shard.recent.begin(), shard.recent, found->second);
      return found->second->ast;
    }
  }
  TRY_ASSIGN(auto ast, parse_expression(kind, text));
  const std::lock_guard lock(shard.mutex);
  if (shard.by_key.find(key) != shard.by_key.end()) return ast;  // somebody else was faster
  shard.recent.push_front({std::move(key), ast});
  shard.by_key.emplace(shard.recent.front().key, shard.recent.begin());
  if (shard.recent.size() > entries_per_shard_max_) {
    shard.by_key.erase(shard.recent.back().key);
    shard.recent.pop_back();
  }
  return ast;
}

std::size_t ExpressionCache::size() const {
  std::size_t size = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    size += shard.recent.size();
  }
  return size;
}

}  // namespace reprise::dynamo
