// The parse tree: what the grammar says, before any rule about meaning. A part of the parser, gone when an Ast exists.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/expr/ast.h"

namespace reprise::dynamo {

struct SyntaxPart {
  bool is_index = false;
  bool placeholder = false;
  std::string_view text;  // a name, "#name", or digits
};

struct SyntaxNode {
  enum class Kind : std::uint8_t { path, value, call, operation };
  Kind kind = Kind::path;
  Op op = Op::path;       // of an operation
  std::string_view text;  // of a value or the name of a call
  bool parenthesized = false;
  bool as_condition = false;  // of a call: stands where a condition stands
  std::vector<SyntaxPart> path;
  std::vector<std::uint16_t> children;
};

struct SyntaxAction {
  UpdateSection section = UpdateSection::set;
  std::uint16_t path = 0;
  std::uint16_t value = 0;  // none for remove
};

struct SyntaxTree {
  std::vector<SyntaxNode> nodes;  // children before parents
  std::uint16_t root = 0;
  std::vector<SyntaxAction> actions;
  std::vector<std::uint16_t> projection;
  bool redundant_parentheses = false;
  std::string duplicate_section;  // "SET" when it came twice
  std::string error;              // a syntax error; nothing else counts then
};

SyntaxTree parse_syntax(ExpressionKind kind, std::string_view text);

}  // namespace reprise::dynamo
