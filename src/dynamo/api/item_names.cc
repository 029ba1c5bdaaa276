// Names and keys out of bodies that nobody has checked yet. Invariant: what an operation will read or write of an item
// it names in one of the members looked at here; members of a wrong type name nothing, and the operation refuses them.
// Where a body has a member twice all of them count, whichever it is that the operation takes.
#include "dynamo/api/item_names.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dynamo/expr/parser.h"
#include "dynamo/ops/request.h"

namespace reprise::dynamo {
namespace {

using codec::JsonType;
using codec::JsonValue;

constexpr std::string_view expressions[] = {"ProjectionExpression", "FilterExpression", "ConditionExpression",
                                            "UpdateExpression", "KeyConditionExpression"};
// Members whose own members are attributes.
constexpr std::string_view maps[] = {
    "Key", "Item", "Expected", "QueryFilter", "KeyConditions", "AttributeUpdates", "ScanFilter", "ExclusiveStartKey"};
constexpr std::string_view keywords[] = {"ADD", "AND", "BETWEEN", "DELETE", "IN", "NOT", "OR", "REMOVE", "SET"};

std::optional<JsonValue> member(const JsonValue& object, std::string_view name, JsonType type) {
  if (!object.is(JsonType::object)) return std::nullopt;
  auto value = find_present(object, name);
  if (!value || !value->is(type)) return std::nullopt;
  return value;
}

// Every member of that name and type.
template <class Function>
void for_each(const JsonValue& object, std::string_view name, JsonType type, const Function& function) {
  if (!object.is(JsonType::object)) return;
  for (auto entry = object.first_member(); entry; entry.advance()) {
    if (entry.key() == name && entry.value().is(type)) function(entry.value());
  }
}
template <class Function>
void for_each_element(const JsonValue& object, std::string_view name, const Function& function) {
  for_each(object, name, JsonType::array, [&](const JsonValue& list) {
    for (auto entry = list.first_element(); entry; entry.advance()) function(entry.value());
  });
}

bool is_name_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool is_keyword(std::string_view word) {
  std::string upper(word);
  for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return std::ranges::find(keywords, std::string_view(upper)) != std::end(keywords);
}

// The words of an expression: attribute names ("#n" as what it stands for), ":value"s, and other characters one by one.
struct Word {
  enum class Kind : std::uint8_t { name, value, other };
  Kind kind = Kind::other;
  std::string text;
  bool placeholder = false;  // so it is a name, whatever word it stands for
};
std::vector<Word> words_of(std::string_view text, const JsonValue& part) {
  std::vector<Word> words;
  const auto names = member(part, "ExpressionAttributeNames", JsonType::object);
  for (std::size_t i = 0; i < text.size();) {
    const char first = text[i];
    if (first == ' ' || first == '\t' || first == '\n' || first == '\r') {
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    if (is_name_character(first) || first == '#' || first == ':') {
      while (end < text.size() && is_name_character(text[end])) ++end;
    }
    std::string word(text.substr(i, end - i));
    i = end;
    if (first == ':') {
      words.push_back({Word::Kind::value, std::move(word)});
    } else if (first == '#') {
      const auto stands_for = names ? member(*names, word, JsonType::string) : std::nullopt;
      if (stands_for) words.push_back({Word::Kind::name, std::string(stands_for->string()), true});
    } else if (is_name_character(first) && !(first >= '0' && first <= '9')) {
      words.push_back({Word::Kind::name, std::move(word)});
    } else {
      words.push_back({Word::Kind::other, std::move(word)});
    }
  }
  return words;
}

void add_names(std::string_view expression, const JsonValue& part, std::set<std::string>& out) {
  const std::vector<Word> words = words_of(expression, part);
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i].kind != Word::Kind::name) continue;
    const bool nested = i > 0 && words[i - 1].kind == Word::Kind::other && words[i - 1].text == ".";
    const bool called = i + 1 < words.size() && words[i + 1].kind == Word::Kind::other && words[i + 1].text == "(";
    const bool of_language = !words[i].placeholder && (called || is_keyword(words[i].text));
    if (nested || of_language) continue;
    out.insert(words[i].text);
  }
}

void add_members(const JsonValue& object, std::set<std::string>& out) {
  for (auto entry = object.first_member(); entry; entry.advance()) out.emplace(entry.key());
}

// {"S": "x"}, {"N": "1"} or {"B": "base64"}.
void add_text(const JsonValue& value, std::vector<std::string>& out) {
  for (const std::string_view type : {"S", "N", "B"}) {
    for_each(value, type, JsonType::string, [&](const JsonValue& text) { out.emplace_back(text.string()); });
  }
}

// The values of an item's attribute.
void add_value(const JsonValue& item, std::string_view name, std::vector<std::string>& out) {
  for_each(item, name, JsonType::object, [&](const JsonValue& value) { add_text(value, out); });
}

void add_values(const JsonValue& part, std::string_view placeholder, std::vector<std::string>& out) {
  for_each(part, "ExpressionAttributeValues", JsonType::object,
           [&](const JsonValue& values) { add_value(values, placeholder, out); });
}

// Whether the path is the attribute `name` and nothing inside of it.
bool is_attribute(const Ast& ast, const Node& node, const JsonValue& part, std::string_view name) {
  if (node.op != Op::path || ast.paths[node.index].count != 1) return false;
  const NameReference& reference = ast.names[ast.steps[ast.paths[node.index].first].value];
  if (!reference.placeholder) return reference.text == name;
  const auto names = member(part, "ExpressionAttributeNames", JsonType::object);
  const auto stands_for = names ? member(*names, reference.text, JsonType::string) : std::nullopt;
  return stands_for && stands_for->string() == name;
}

// "pk = :v", either way round. What does not parse reads nothing.
void add_condition(std::string_view expression, const JsonValue& part, std::string_view name,
                   std::vector<std::string>& out) {
  const auto parsed = parse_expression(ExpressionKind::key_condition, expression);
  if (!parsed.ok()) return;
  const Ast& ast = **parsed;
  for (const Node& node : ast.nodes) {
    if (node.op != Op::equal || node.count != 2) continue;
    for (const std::size_t side : {0U, 1U}) {
      const Node& value = ast.child(node, 1 - side);
      if (value.op != Op::value || !is_attribute(ast, ast.child(node, side), part, name)) continue;
      add_values(part, ast.values[value.index], out);
    }
  }
}

void add_legacy_condition(const JsonValue& conditions, std::string_view name, std::vector<std::string>& out) {
  for_each(conditions, name, JsonType::object, [&](const JsonValue& condition) {
    for_each_element(condition, "AttributeValueList", [&](const JsonValue& value) { add_text(value, out); });
  });
}

void add_paths(const partiql::Expr& expr, std::set<std::string>& out) {
  if (expr.kind == partiql::ExprKind::path && !expr.steps.empty()) out.insert(expr.steps.front().name);
  for (const partiql::Expr& child : expr.children) add_paths(child, out);
}

bool is_attribute(const partiql::Expr& expr, std::string_view name) {
  return expr.kind == partiql::ExprKind::path && expr.steps.size() == 1 && expr.steps.front().name == name;
}

void add_literal(const partiql::Expr& expr, const JsonValue& part, std::vector<std::string>& out) {
  if (expr.kind == partiql::ExprKind::string || expr.kind == partiql::ExprKind::number) {
    out.push_back(expr.text);
  } else if (expr.kind == partiql::ExprKind::parameter) {
    for_each(part, "Parameters", JsonType::array, [&](const JsonValue& parameters) {
      std::uint32_t index = 0;
      for (auto entry = parameters.first_element(); entry; entry.advance(), ++index) {
        if (index == expr.number) add_text(entry.value(), out);
      }
    });
  } else if (expr.kind == partiql::ExprKind::list || expr.kind == partiql::ExprKind::bag) {
    for (const partiql::Expr& child : expr.children) add_literal(child, part, out);
  }
}

void add_where(const partiql::Expr& expr, const JsonValue& part, std::string_view name, std::vector<std::string>& out) {
  if (expr.kind != partiql::ExprKind::operation) return;
  if ((expr.op == partiql::Operator::equal || expr.op == partiql::Operator::in) && expr.children.size() >= 2) {
    const bool left = is_attribute(expr.children[0], name);
    const bool right = is_attribute(expr.children[1], name);
    for (std::size_t i = 0; i < expr.children.size(); ++i) {
      if ((left && i != 0) || (!left && right && i != 1)) add_literal(expr.children[i], part, out);
    }
    return;
  }
  for (const partiql::Expr& child : expr.children) add_where(child, part, name, out);
}

const std::optional<partiql::Expr>& where_of(const partiql::Statement& statement) {
  switch (statement.kind) {
    case partiql::StatementKind::update: return statement.update.where;
    case partiql::StatementKind::remove: return statement.remove.where;
    default: return statement.select.where;
  }
}

}  // namespace

std::set<std::string> attributes_named(const JsonValue& part) {
  std::set<std::string> names;
  if (part.is(JsonType::array)) {  // write requests
    for (auto entry = part.first_element(); entry; entry.advance()) {
      for (const std::string_view kind : {"PutRequest", "DeleteRequest"}) {
        for_each(entry.value(), kind, JsonType::object,
                 [&](const JsonValue& write) { names.merge(attributes_named(write)); });
      }
    }
    return names;
  }
  for (const std::string_view name : expressions) {
    for_each(part, name, JsonType::string, [&](const JsonValue& text) { add_names(text.string(), part, names); });
  }
  for (const std::string_view name : maps) {
    for_each(part, name, JsonType::object, [&](const JsonValue& object) { add_members(object, names); });
  }
  for_each_element(part, "AttributesToGet", [&](const JsonValue& name) {
    if (name.is(JsonType::string)) names.emplace(name.string());
  });
  for_each_element(part, "Keys", [&](const JsonValue& key) {
    if (key.is(JsonType::object)) add_members(key, names);
  });
  return names;
}

std::set<std::string> attributes_named(const partiql::Statement& statement) {
  std::set<std::string> names;
  if (const auto& where = where_of(statement)) add_paths(*where, names);
  for (const partiql::Expr& column : statement.select.columns) add_paths(column, names);
  for (const partiql::UpdateClause& clause : statement.update.clauses) {
    add_paths(clause.path, names);
    if (clause.value) add_paths(*clause.value, names);
  }
  const std::vector<partiql::Expr>& pairs = statement.insert.item.children;
  for (std::size_t i = 0; i < pairs.size(); i += 2) names.insert(pairs[i].text);
  return names;
}

std::vector<std::string> leading_keys(const JsonValue& part, std::string_view name) {
  std::vector<std::string> keys;
  const auto add = [&](const JsonValue& item) { add_value(item, name, keys); };
  if (part.is(JsonType::array)) {
    for (auto entry = part.first_element(); entry; entry.advance()) {
      for_each(entry.value(), "PutRequest", JsonType::object,
               [&](const JsonValue& put) { for_each(put, "Item", JsonType::object, add); });
      for_each(entry.value(), "DeleteRequest", JsonType::object,
               [&](const JsonValue& erase) { for_each(erase, "Key", JsonType::object, add); });
    }
    return keys;
  }
  for_each(part, "Key", JsonType::object, add);
  for_each(part, "Item", JsonType::object, add);
  for_each_element(part, "Keys", add);
  for_each(part, "KeyConditionExpression", JsonType::string,
           [&](const JsonValue& text) { add_condition(text.string(), part, name, keys); });
  for_each(part, "KeyConditions", JsonType::object,
           [&](const JsonValue& conditions) { add_legacy_condition(conditions, name, keys); });
  return keys;
}

std::vector<std::string> leading_keys(const partiql::Statement& statement, const JsonValue& part,
                                      std::string_view name) {
  std::vector<std::string> keys;
  if (statement.kind == partiql::StatementKind::insert) {
    const std::vector<partiql::Expr>& pairs = statement.insert.item.children;
    for (std::size_t i = 0; i + 1 < pairs.size(); i += 2) {
      if (pairs[i].text == name) add_literal(pairs[i + 1], part, keys);
    }
    return keys;
  }
  if (const auto& where = where_of(statement)) add_where(*where, part, name, keys);
  return keys;
}

}  // namespace reprise::dynamo
