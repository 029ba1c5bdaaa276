// The syntax tree of one PartiQL statement: what was written, before parameters, tables and keys are known.
//
// A tree owns all its text and compares by value; where a node stood in the text (Position) does not count. It is made
// by the parser (parser.h), printed by print(), and given its meaning by the operations (translate.h).
//
// Source: developer guide, "PartiQL - a SQL-compatible query language for DynamoDB".
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace reprise::dynamo::partiql {

// Where a node begins, both counted from 1, and how many characters it takes. All positions are equal: they are for
// messages only.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
  std::uint32_t length = 0;
  bool operator==(const Position&) const { return true; }
};

enum class ExprKind : std::uint8_t {
  string,     // text
  number,     // text, as written, with its sign
  boolean,    // flag
  null,       // NULL
  missing,    // MISSING
  parameter,  // number: which "?", from 0
  path,       // steps
  list,       // [a, b], and (a, b) behind IN
  bag,        // <<a, b>>
  tuple,      // {'a': b}: keys and values by turns in children
  call,       // text: the function's name in lower case; children
  operation,  // op; children
};

enum class Operator : std::uint8_t {
  logical_or,   // two children or more
  logical_and,  // two children or more
  logical_not,
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  between,  // value, low, high
  in,       // value, candidates
  is,       // text: the type's name in lower case; one child
  plus,
  minus,
  other,  // one PartiQL has and DynamoDB has not; text: as it is written
};

struct PathStep {
  bool is_index = false;
  std::string name;
  std::uint32_t index = 0;
  bool operator==(const PathStep&) const = default;
};

struct Expr {
  ExprKind kind = ExprKind::null;
  Operator op = Operator::logical_or;
  bool flag = false;
  std::string text;
  std::uint32_t number = 0;
  std::vector<PathStep> steps;
  std::vector<Expr> children;
  Position position;
  bool operator==(const Expr&) const = default;
};

// FROM "Table"."Index"
struct Source {
  std::string table;
  std::optional<std::string> index;
  bool operator==(const Source&) const = default;
};

struct OrderKey {
  std::string attribute;
  bool descending = false;
  bool operator==(const OrderKey&) const = default;
};

// Also EXISTS(SELECT ...).
struct SelectStatement {
  std::vector<Expr> columns;  // none: "*"
  std::optional<Expr> where;
  std::vector<OrderKey> order;
  bool operator==(const SelectStatement&) const = default;
};

struct InsertStatement {
  Expr item;
  bool operator==(const InsertStatement&) const = default;
};

enum class Returning : std::uint8_t { nothing, all_old, modified_old, all_new, modified_new };

struct UpdateClause {
  bool remove = false;
  Expr path;
  std::optional<Expr> value;  // of SET
  bool operator==(const UpdateClause&) const = default;
};

struct UpdateStatement {
  std::vector<UpdateClause> clauses;
  std::optional<Expr> where;
  Returning returning = Returning::nothing;
  bool operator==(const UpdateStatement&) const = default;
};

struct DeleteStatement {
  std::optional<Expr> where;
  Returning returning = Returning::nothing;
  bool operator==(const DeleteStatement&) const = default;
};

enum class StatementKind : std::uint8_t { select, exists, insert, update, remove };

struct Statement {
  StatementKind kind = StatementKind::select;
  Source source;
  // The one that `kind` says is meaningful (`select` for exists as well).
  SelectStatement select;
  InsertStatement insert;
  UpdateStatement update;
  DeleteStatement remove;
  std::uint32_t parameters = 0;  // how many "?" there are

  // Whether it changes something, or belongs to those that do.
  [[nodiscard]] bool writes() const { return kind != StatementKind::select; }
  bool operator==(const Statement&) const = default;
};

// A text that parses to an equal tree.
std::string print(const Statement& statement);

}  // namespace reprise::dynamo::partiql
