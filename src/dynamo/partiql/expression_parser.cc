// Operators are parsed by precedence climbing; AND and OR are kept flat, however long they are, so that the depth of a
// tree is bounded by that of the parser.
#include "dynamo/partiql/expression_parser.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

namespace reprise::dynamo::partiql {
namespace {

constexpr int depth_max = 100;
// A list index that no list reaches: 4294967295 is refused by UpdateExpression as well.
constexpr std::uint64_t list_index_max = 4294967294;

// Higher binds tighter.
constexpr int precedence_or = 10;
constexpr int precedence_and = 20;
constexpr int precedence_not = 30;
constexpr int precedence_equality = 40;
constexpr int precedence_comparison = 50;
constexpr int precedence_addition = 60;
constexpr int precedence_multiplication = 70;

struct Infix {
  std::string_view text;
  Operator op;
  int precedence;
};
constexpr std::array symbols = {
    Infix{"=", Operator::equal, precedence_equality},       Infix{"<>", Operator::not_equal, precedence_equality},
    Infix{"<", Operator::less, precedence_comparison},      Infix{"<=", Operator::less_equal, precedence_comparison},
    Infix{">", Operator::greater, precedence_comparison},   Infix{">=", Operator::greater_equal, precedence_comparison},
    Infix{"+", Operator::plus, precedence_addition},        Infix{"-", Operator::minus, precedence_addition},
    Infix{"||", Operator::other, precedence_addition},      Infix{"*", Operator::other, precedence_multiplication},
    Infix{"/", Operator::other, precedence_multiplication}, Infix{"%", Operator::other, precedence_multiplication},
};
constexpr std::array words = {
    Infix{"or", Operator::logical_or, precedence_or},
    Infix{"and", Operator::logical_and, precedence_and},
    Infix{"in", Operator::in, precedence_equality},
    Infix{"is", Operator::is, precedence_equality},
    Infix{"between", Operator::between, precedence_comparison},
    Infix{"like", Operator::other, precedence_comparison},
};

const Infix* find_infix(const Token& token) {
  const auto search = [&](const auto& table) -> const Infix* {
    const auto it = std::find_if(table.begin(), table.end(), [&](const Infix& i) { return i.text == token.text; });
    return it == table.end() ? nullptr : &*it;
  };
  if (token.kind == TokenKind::symbol) return search(symbols);
  if (token.kind == TokenKind::keyword) return search(words);
  return nullptr;
}

// Words that are called like functions.
constexpr std::array<std::string_view, 18> function_words = {
    "exists", "count",      "avg",   "max",  "min",  "sum",  "char_length", "character_length", "octet_length",
    "lower",  "bit_length", "upper", "size", "sexp", "list", "bag",         "substring",        "coalesce"};

bool is_function_word(std::string_view word) {
  return std::find(function_words.begin(), function_words.end(), word) != function_words.end();
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

Expr leaf(ExprKind kind, const Token& token) {
  Expr expr;
  expr.kind = kind;
  expr.position = token.position;
  return expr;
}

Expr operation(Operator op, std::string_view text, Position position) {
  Expr expr;
  expr.kind = ExprKind::operation;
  expr.op = op;
  if (op == Operator::other || op == Operator::is) expr.text = std::string(text);
  expr.position = position;
  return expr;
}

Expr negated(Expr expr) {
  Expr wrapped = operation(Operator::logical_not, "", expr.position);
  wrapped.children.push_back(std::move(expr));
  return wrapped;
}

// Adds a child, or the children of a child of the same kind: AND and OR stay flat.
void add_flat(Expr& parent, Expr child) {
  if (child.kind == ExprKind::operation && child.op == parent.op) {
    std::move(child.children.begin(), child.children.end(), std::back_inserter(parent.children));
  } else {
    parent.children.push_back(std::move(child));
  }
}

class Deeper {
 public:
  explicit Deeper(int& depth) : depth_(depth) { ++depth_; }
  ~Deeper() { --depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  int& depth_;
};

// No attribute has an empty name.
Check add_name(Expr& path, std::string name) {
  if (name.empty()) return malformed("Identifiers must not be empty");
  path.steps.push_back({false, std::move(name), 0});
  return Passed{};
}

ApiError too_deep() { return malformed("The statement is nested too deeply"); }

}  // namespace

Outcome<Expr> ExpressionParser::operators(int precedence) {
  const Deeper deeper(depth_);
  if (depth_ > depth_max) return too_deep();
  TRY_ASSIGN(Expr left, unary());
  // Each round but those of a flat AND or OR puts what there is one level deeper.
  for (int rounds = 0;;) {
    const Token& head = in_.head();
    const bool negation = head.is_keyword("not");
    const Infix* infix_operator = find_infix(negation ? in_.peek() : head);
    if (infix_operator == nullptr || infix_operator->precedence <= precedence) return left;
    const Operator op = infix_operator->op;
    const bool can_be_negated = op == Operator::in || op == Operator::between || infix_operator->text == "like";
    if (negation && !can_be_negated) return left;
    if (op != Operator::logical_and && op != Operator::logical_or && ++rounds + depth_ > depth_max) return too_deep();
    if (negation) in_.take();
    TRY_ASSIGN(left, infix(std::move(left), infix_operator->precedence));
    if (negation) left = negated(std::move(left));
  }
}

Outcome<Expr> ExpressionParser::infix(Expr left, int precedence) {
  const Token token = in_.take();
  const Operator op = find_infix(token)->op;
  Expr expr = operation(op, token.text, left.position);
  if (op == Operator::is) {
    const bool negation = in_.accept_keyword("not");
    const Token type = in_.take();
    if (type.kind != TokenKind::keyword) return malformed("Expected type name");
    expr.text = type.text;
    expr.children.push_back(std::move(left));
    return negation ? negated(std::move(expr)) : std::move(expr);
  }
  if (in_.head().kind == TokenKind::end) return malformed("Missing right-hand side expression of infix operator");
  if (op == Operator::in) {
    TRY_ASSIGN(Expr list, candidates());
    expr.children.push_back(std::move(left));
    expr.children.push_back(std::move(list));
    return expr;
  }
  TRY_ASSIGN(Expr right, operators(precedence));
  if (op == Operator::logical_and || op == Operator::logical_or) {
    add_flat(expr, std::move(left));
    add_flat(expr, std::move(right));
    return expr;
  }
  expr.children.push_back(std::move(left));
  expr.children.push_back(std::move(right));
  if (op == Operator::between) {
    TRY(in_.expect_keyword("and", "AND"));
    if (in_.head().kind == TokenKind::end) return malformed("Expected expression after AND");
    TRY_ASSIGN(Expr high, operators(precedence));
    expr.children.push_back(std::move(high));
  }
  return expr;
}

// The right side of IN: (a, b) is a list here.
Outcome<Expr> ExpressionParser::candidates() {
  if (!in_.at_symbol("(")) {
    TRY_ASSIGN(Expr list, operators(precedence_equality));
    if (list.kind == ExprKind::operation) return malformed("Expected a list as the right side of IN");
    return list;
  }
  in_.take();
  return sequence(ExprKind::list, ")", "RIGHT_PAREN");
}

Outcome<Expr> ExpressionParser::unary() {
  const Token& head = in_.head();
  if (head.is_keyword("not")) {
    in_.take();
    TRY_ASSIGN(Expr operand, operators(precedence_not));
    return negated(std::move(operand));
  }
  if (head.is_symbol("-") || head.is_symbol("+")) return signed_term(in_.take());
  return path_term();
}

// The sign of a literal belongs to the literal.
Outcome<Expr> ExpressionParser::signed_term(const Token& sign) {
  const Deeper deeper(depth_);
  if (depth_ > depth_max) return too_deep();
  TRY_ASSIGN(Expr operand, unary());
  if (operand.kind == ExprKind::number) {
    if (sign.text == "-") operand.text = operand.text[0] == '-' ? operand.text.substr(1) : "-" + operand.text;
    return operand;
  }
  Expr expr = operation(Operator::other, sign.text, sign.position);
  expr.children.push_back(std::move(operand));
  return expr;
}

Outcome<Expr> ExpressionParser::path_term() {
  TRY_ASSIGN(Expr expr, term());
  if (!in_.at_symbol(".") && !in_.at_symbol("[")) return expr;
  if (expr.kind != ExprKind::path) return malformed("Invalid path component");
  TRY(path_steps(expr, false));
  return expr;
}

Outcome<Expr> ExpressionParser::simple_path() {
  if (!in_.at_name()) return malformed("Expected identifier for simple path");
  const Token name = in_.take();
  Expr path = leaf(ExprKind::path, name);
  TRY(add_name(path, name.text));
  TRY(path_steps(path, true));
  return path;
}

Check ExpressionParser::path_steps(Expr& path, bool simple) {
  while (true) {
    if (in_.accept_symbol(".")) {
      TRY(dot_step(path, simple));
    } else if (in_.accept_symbol("[")) {
      TRY(index_step(path, simple));
    } else {
      return Passed{};
    }
  }
}

Check ExpressionParser::dot_step(Expr& path, bool simple) {
  if (in_.at_name()) return add_name(path, in_.take().text);
  if (simple && in_.at_symbol("*")) return malformed("Invalid path dot component for simple path");
  return malformed("Invalid path dot component");
}

Check ExpressionParser::index_step(Expr& path, bool simple) {
  const Token token = in_.take();
  if (token.kind == TokenKind::string) {
    TRY(add_name(path, token.text));
    return in_.expect_symbol("]", "RIGHT_BRACKET");
  }
  const bool digits =
      token.kind == TokenKind::number && token.text.find_first_not_of("0123456789") == std::string::npos;
  if (!digits) return malformed(simple ? "Invalid path component for simple path" : "Invalid path component");
  std::uint64_t index = 0;
  for (const char c : token.text) {
    index = std::min<std::uint64_t>(index * 10 + static_cast<unsigned>(c - '0'), std::uint64_t{1} << 40);
  }
  if (index > list_index_max) {
    return validation("List index is not within the allowable range; index: [" + token.text + "]");
  }
  path.steps.push_back({true, "", static_cast<std::uint32_t>(index)});
  return in_.expect_symbol("]", "RIGHT_BRACKET");
}

Outcome<Expr> ExpressionParser::term() {
  const Token& head = in_.head();
  switch (head.kind) {
    case TokenKind::keyword: return keyword_term();
    case TokenKind::identifier:
    case TokenKind::quoted_identifier: {
      if (in_.peek().is_symbol("(")) return call();
      const Token name = in_.take();
      Expr path = leaf(ExprKind::path, name);
      TRY(add_name(path, name.text));
      return path;
    }
    case TokenKind::string:
    case TokenKind::number: {
      Token token = in_.take();
      Expr literal = leaf(token.kind == TokenKind::string ? ExprKind::string : ExprKind::number, token);
      literal.text = std::move(token.text);
      return literal;
    }
    case TokenKind::question: {
      Expr parameter = leaf(ExprKind::parameter, in_.take());
      parameter.number = parameters_++;
      return parameter;
    }
    case TokenKind::ion: return malformed("Ion literals are not supported");
    default: break;
  }
  const Token open = head;
  if (in_.accept_symbol("(")) {
    if (in_.at_symbol(")")) return malformed("Expression group cannot be empty");
    TRY_ASSIGN(Expr group, sequence(ExprKind::list, ")", "RIGHT_PAREN"));
    if (group.children.size() > 1) return group;
    Expr only = std::move(group.children[0]);
    return only;
  }
  if (in_.accept_symbol("[")) return sequence(ExprKind::list, "]", "RIGHT_BRACKET");
  if (in_.accept_symbol("<<")) return sequence(ExprKind::bag, ">>", "RIGHT_DOUBLE_ANGLE_BRACKET");
  if (in_.accept_symbol("{")) return tuple(open);
  if (head.kind == TokenKind::symbol && find_infix(head) != nullptr) return malformed("Unexpected operator");
  return malformed("Unexpected term");
}

Outcome<Expr> ExpressionParser::keyword_term() {
  const Token& head = in_.head();
  if (head.text == "true" || head.text == "false") {
    Expr literal = leaf(ExprKind::boolean, head);
    literal.flag = in_.take().text == "true";
    return literal;
  }
  if (head.text == "null") return leaf(ExprKind::null, in_.take());
  if (head.text == "missing") return leaf(ExprKind::missing, in_.take());
  if (is_function_word(head.text) && in_.peek().is_symbol("(")) return call();
  return malformed("Unexpected keyword");
}

Outcome<Expr> ExpressionParser::call() {
  const Token name = in_.take();
  in_.take();  // the parenthesis
  if (in_.at_keyword("select")) return malformed("Unexpected keyword");
  Outcome<Expr> arguments = leaf(ExprKind::list, name);
  if (in_.at_symbol("*") && in_.peek().is_symbol(")")) {
    in_.take();
    in_.take();
  } else {
    arguments = sequence(ExprKind::list, ")", "RIGHT_PAREN");
  }
  TRY(arguments);
  Expr expr = std::move(*arguments);
  expr.kind = ExprKind::call;
  expr.text = lower_case(name.text);
  expr.position = name.position;
  return expr;
}

// Behind an opening bracket.
Outcome<Expr> ExpressionParser::sequence(ExprKind kind, std::string_view close, std::string_view close_name) {
  Expr list = leaf(kind, in_.head());
  if (in_.accept_symbol(close)) return list;
  do {
    TRY_ASSIGN(Expr element, operators(0));
    list.children.push_back(std::move(element));
  } while (in_.accept_symbol(","));
  TRY(in_.expect_symbol(close, close_name));
  return list;
}

Outcome<Expr> ExpressionParser::tuple(const Token& brace) {
  Expr tuple = leaf(ExprKind::tuple, brace);
  if (in_.accept_symbol("}")) return tuple;
  do {
    TRY_ASSIGN(Expr name, operators(0));
    TRY(in_.expect_symbol(":", "COLON"));
    TRY_ASSIGN(Expr value, operators(0));
    tuple.children.push_back(std::move(name));
    tuple.children.push_back(std::move(value));
  } while (in_.accept_symbol(","));
  TRY(in_.expect_symbol("}", "RIGHT_CURLY"));
  return tuple;
}

}  // namespace reprise::dynamo::partiql
