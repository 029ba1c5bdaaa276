// The grammar, by recursive descent:
//
//   condition  = term { OR term };  term = factor { AND factor };  factor = NOT factor | comparison
//   comparison = unit [ comparator unit | BETWEEN unit AND unit | IN "(" unit { "," unit } ")" ]
//   unit       = "(" condition ")" | path | value | function "(" unit { "," unit } ")"
//   update     = section { section };  section = SET assignment {","} | REMOVE path {","} | ADD path value {","} | ...
//   projection = path { "," path };    path = name { "." name | "[" number "]" }
//
// Parentheses may hold a condition or an operand; which one is known only behind them, so a unit says what it is. The
// parser stops at the first token that does not fit: that one is named in the message.
#include "dynamo/expr/syntax.h"

#include <utility>

#include "dynamo/expr/lexer.h"

namespace reprise::dynamo {

namespace {

// Deeper than any expression of allowed length that does not have redundant parentheses needs to be.
constexpr int depth_max = 1100;

Keywords keywords_of(ExpressionKind kind) {
  switch (kind) {
    case ExpressionKind::update: return Keywords::updates;
    case ExpressionKind::projection: return Keywords::none;
    default: return Keywords::conditions;
  }
}

struct Parsed {
  std::uint16_t node = 0;
  bool is_condition = false;
  bool is_call = false;  // may stand for either
};

class SyntaxParser {
 public:
  SyntaxParser(ExpressionKind kind, std::string_view text) : kind_(kind), tokens_(tokenize(text, keywords_of(kind))) {}

  SyntaxTree run() {
    switch (kind_) {
      case ExpressionKind::projection: projection(); break;
      case ExpressionKind::update: update(); break;
      default: condition_root();
    }
    if (!failed_ && !at(TokenKind::end)) fail();
    return std::move(tree_);
  }

 private:
  // ---- Tokens ----
  [[nodiscard]] const Token& token() const { return tokens_[position_]; }
  [[nodiscard]] bool at(TokenKind kind) const { return token().kind == kind; }
  bool take(TokenKind kind) {
    if (failed_ || !at(kind)) return false;
    ++position_;
    return true;
  }
  void expect(TokenKind kind) {
    if (!take(kind)) fail();
  }
  void fail() {
    if (!failed_) tree_.error = syntax_error(tokens_, position_);
    failed_ = true;
  }

  // ---- Nodes ----
  std::uint16_t add(SyntaxNode node) {
    tree_.nodes.push_back(std::move(node));
    return static_cast<std::uint16_t>(tree_.nodes.size() - 1);
  }
  std::uint16_t operation(Op op, std::vector<std::uint16_t> children) {
    SyntaxNode node;
    node.kind = SyntaxNode::Kind::operation;
    node.op = op;
    node.children = std::move(children);
    return add(std::move(node));
  }
  // What stands where a condition must: a call is one, any other operand is a mistake at the present token.
  void need_condition(const Parsed& parsed) {
    if (parsed.is_condition) return;
    if (parsed.is_call) {
      tree_.nodes[parsed.node].as_condition = true;
    } else {
      fail();
    }
  }

  // ---- Paths and operands ----
  std::uint16_t path() {
    SyntaxNode node;
    node.kind = SyntaxNode::Kind::path;
    name(node);
    while (!failed_) {
      if (take(TokenKind::dot)) {
        name(node);
      } else if (take(TokenKind::left_bracket)) {
        if (at(TokenKind::number)) node.path.push_back({true, false, token().text});
        expect(TokenKind::number);
        expect(TokenKind::right_bracket);
      } else {
        break;
      }
    }
    return add(std::move(node));
  }
  void name(SyntaxNode& node) {
    if (failed_) return;
    if (at(TokenKind::identifier)) {
      node.path.push_back({false, false, token().text});
      ++position_;
    } else if (at(TokenKind::name_placeholder)) {
      node.path.push_back({false, true, token().text});
      ++position_;
    } else {
      fail();
    }
  }
  std::uint16_t value() {
    SyntaxNode node;
    node.kind = SyntaxNode::Kind::value;
    node.text = token().text;
    expect(TokenKind::value_placeholder);
    return add(std::move(node));
  }
  [[nodiscard]] bool at_call() const {
    return at(TokenKind::identifier) && tokens_[position_ + 1].kind == TokenKind::left_paren;
  }
  template <class Argument>
  Parsed call(Argument argument) {
    SyntaxNode node;
    node.kind = SyntaxNode::Kind::call;
    node.text = token().text;
    position_ += 2;
    if (!take(TokenKind::right_paren)) {
      do {
        node.children.push_back(argument());
      } while (take(TokenKind::comma));
      expect(TokenKind::right_paren);
    }
    return {add(std::move(node)), false, true};
  }
  // Behind an inner part that stood in parentheses.
  void close_parentheses(std::uint16_t inner) {
    expect(TokenKind::right_paren);
    if (failed_) return;
    SyntaxNode& node = tree_.nodes[inner];
    if (node.parenthesized) tree_.redundant_parentheses = true;
    node.parenthesized = true;
  }
  bool enter() {
    if (++depth_ <= depth_max) return true;
    fail();
    return false;
  }

  // ---- Conditions ----
  void condition_root() {
    const Parsed parsed = condition();
    if (!failed_) need_condition(parsed);
    tree_.root = parsed.node;
  }

  Parsed condition() {
    const Parsed first = term();
    if (failed_ || !at(TokenKind::keyword_or)) return first;
    need_condition(first);
    std::vector<std::uint16_t> children{first.node};
    while (take(TokenKind::keyword_or)) {
      const Parsed next = term();
      if (!failed_) need_condition(next);
      children.push_back(next.node);
    }
    return {operation(Op::logical_or, std::move(children)), true};
  }

  Parsed term() {
    const Parsed first = factor();
    if (failed_ || !at(TokenKind::keyword_and)) return first;
    need_condition(first);
    std::vector<std::uint16_t> children{first.node};
    while (take(TokenKind::keyword_and)) {
      const Parsed next = factor();
      if (!failed_) need_condition(next);
      children.push_back(next.node);
    }
    return {operation(Op::logical_and, std::move(children)), true};
  }

  Parsed factor() {
    if (!take(TokenKind::keyword_not)) return comparison();
    if (!enter()) return {};
    const Parsed inner = factor();
    --depth_;
    if (!failed_) need_condition(inner);
    return {operation(Op::logical_not, {inner.node}), true};
  }

  Parsed comparison() {
    const Parsed left = unit();
    if (failed_ || left.is_condition) return left;
    if (const Op op = comparator(); op != Op::path) {
      ++position_;
      const std::uint16_t right = operand();
      return {operation(op, {left.node, right}), true};
    }
    if (take(TokenKind::keyword_between)) {
      const std::uint16_t low = operand();
      expect(TokenKind::keyword_and);
      const std::uint16_t high = operand();
      return {operation(Op::between, {left.node, low, high}), true};
    }
    if (take(TokenKind::keyword_in)) {
      std::vector<std::uint16_t> children{left.node};
      expect(TokenKind::left_paren);
      do {
        children.push_back(operand());
      } while (take(TokenKind::comma));
      expect(TokenKind::right_paren);
      return {operation(Op::in, std::move(children)), true};
    }
    // An operand alone: right only within parentheses, where more may follow behind them.
    if (!left.is_call && !(depth_ > 0 && at(TokenKind::right_paren))) fail();
    return left;
  }

  [[nodiscard]] Op comparator() const {
    switch (token().kind) {
      case TokenKind::equal: return Op::equal;
      case TokenKind::not_equal: return Op::not_equal;
      case TokenKind::less: return Op::less;
      case TokenKind::less_equal: return Op::less_equal;
      case TokenKind::greater: return Op::greater;
      case TokenKind::greater_equal: return Op::greater_equal;
      default: return Op::path;
    }
  }

  Parsed unit() {
    if (failed_) return {};
    if (take(TokenKind::left_paren)) {
      if (!enter()) return {};
      const Parsed inner = condition();
      --depth_;
      close_parentheses(inner.node);
      return inner;
    }
    if (at(TokenKind::value_placeholder)) return {value()};
    if (at_call()) return call([this] { return operand(); });
    return {path()};
  }

  // A unit that is no condition.
  std::uint16_t operand() {
    const Parsed parsed = unit();
    if (parsed.is_condition) fail();
    return parsed.node;
  }

  // ---- Updates ----
  void update() {
    unsigned seen = 0;
    do {
      const UpdateSection section = section_keyword();
      if (failed_) return;
      const unsigned bit = 1U << static_cast<unsigned>(section);
      if ((seen & bit) != 0 && tree_.duplicate_section.empty()) {
        for (const char c : tokens_[position_ - 1].text) {
          tree_.duplicate_section.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
        }
      }
      seen |= bit;
      do {
        action(section);
      } while (take(TokenKind::comma));
    } while (!failed_ && !at(TokenKind::end));
  }

  UpdateSection section_keyword() {
    if (take(TokenKind::keyword_set)) return UpdateSection::set;
    if (take(TokenKind::keyword_remove)) return UpdateSection::remove;
    if (take(TokenKind::keyword_add)) return UpdateSection::add;
    if (take(TokenKind::keyword_delete)) return UpdateSection::remove_from_set;
    fail();
    return UpdateSection::set;
  }

  void action(UpdateSection section) {
    SyntaxAction action{section, path(), 0};
    if (failed_) return;
    if (section == UpdateSection::set) {
      expect(TokenKind::equal);
      action.value = set_value();
    } else if (section != UpdateSection::remove) {
      action.value = value();
    }
    tree_.actions.push_back(action);
  }

  std::uint16_t set_value() {
    const std::uint16_t left = set_operand();
    if (failed_) return left;
    const Op op = at(TokenKind::plus) ? Op::plus : at(TokenKind::minus) ? Op::minus : Op::path;
    if (op == Op::path) return left;
    ++position_;
    const std::uint16_t right = set_operand();
    return operation(op, {left, right});
  }

  std::uint16_t set_operand() {
    if (failed_) return 0;
    if (take(TokenKind::left_paren)) {
      if (!enter()) return 0;
      const std::uint16_t inner = set_value();
      --depth_;
      close_parentheses(inner);
      return inner;
    }
    if (at(TokenKind::value_placeholder)) return value();
    if (at_call()) {
      if (!enter()) return 0;
      const Parsed parsed = call([this] { return set_value(); });
      --depth_;
      return parsed.node;
    }
    return path();
  }

  // ---- Projections ----
  void projection() {
    do {
      tree_.projection.push_back(path());
    } while (take(TokenKind::comma));
  }

  ExpressionKind kind_;
  std::vector<Token> tokens_;
  std::size_t position_ = 0;
  int depth_ = 0;
  bool failed_ = false;
  SyntaxTree tree_;
};

}  // namespace

SyntaxTree parse_syntax(ExpressionKind kind, std::string_view text) { return SyntaxParser(kind, text).run(); }

}  // namespace reprise::dynamo
