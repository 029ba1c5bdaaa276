// Names and keys out of bodies that nobody has checked yet. Invariant: what an operation will read or write of an item
// it names in one of the members looked at here; members of a wrong type name nothing, and the operation refuses them.
#include "dynamo/api/item_names.h"

#include <algorithm>
#include <array>
#include <utility>

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
      if (stands_for) words.push_back({Word::Kind::name, std::string(stands_for->string())});
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
    const bool nested = i > 0 && words[i - 1].text == ".";
    const bool function = i + 1 < words.size() && words[i + 1].text == "(" && !is_keyword(words[i].text);
    if (nested || function || is_keyword(words[i].text)) continue;
    out.insert(words[i].text);
  }
}

void add_members(const JsonValue& object, std::set<std::string>& out) {
  for (auto entry = object.first_member(); entry; entry.advance()) out.emplace(entry.key());
}

void add_list(const JsonValue& list, std::set<std::string>& out) {
  for (auto entry = list.first_element(); entry; entry.advance()) {
    if (entry.value().is(JsonType::string)) out.emplace(entry.value().string());
  }
}

// {"S": "x"}, {"N": "1"} or {"B": "base64"}.
std::optional<std::string> value_text(const JsonValue& value) {
  if (!value.is(JsonType::object)) return std::nullopt;
  for (const std::string_view type : {"S", "N", "B"}) {
    if (const auto text = member(value, type, JsonType::string)) return std::string(text->string());
  }
  return std::nullopt;
}

void add_value(const std::optional<JsonValue>& item, std::string_view name, std::vector<std::string>& out) {
  if (!item) return;
  const auto value = find_present(*item, name);
  if (!value) return;
  if (auto text = value_text(*value)) out.push_back(std::move(*text));
}

// "pk = :v", either way round.
void add_condition(const JsonValue& part, std::string_view name, std::vector<std::string>& out) {
  const auto expression = member(part, "KeyConditionExpression", JsonType::string);
  if (!expression) return;
  const auto values = member(part, "ExpressionAttributeValues", JsonType::object);
  const std::vector<Word> words = words_of(expression->string(), part);
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    if (words[i].text != "=" || words[i].kind != Word::Kind::other) continue;
    const Word* left = &words[i - 1];
    const Word* right = &words[i + 1];
    if (left->kind == Word::Kind::value) std::swap(left, right);
    if (left->kind != Word::Kind::name || left->text != name || right->kind != Word::Kind::value || !values) continue;
    add_value(values, right->text, out);
  }
}

void add_legacy_condition(const JsonValue& part, std::string_view name, std::vector<std::string>& out) {
  const auto conditions = member(part, "KeyConditions", JsonType::object);
  if (!conditions) return;
  const auto condition = member(*conditions, name, JsonType::object);
  if (!condition) return;
  const auto values = member(*condition, "AttributeValueList", JsonType::array);
  if (!values) return;
  for (auto entry = values->first_element(); entry; entry.advance()) {
    if (auto text = value_text(entry.value())) out.push_back(std::move(*text));
  }
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
    const auto parameters = member(part, "Parameters", JsonType::array);
    if (!parameters) return;
    std::uint32_t index = 0;
    for (auto entry = parameters->first_element(); entry; entry.advance(), ++index) {
      if (index != expr.number) continue;
      if (auto text = value_text(entry.value())) out.push_back(std::move(*text));
    }
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
        if (const auto write = member(entry.value(), kind, JsonType::object)) names.merge(attributes_named(*write));
      }
    }
    return names;
  }
  for (const std::string_view name : expressions) {
    if (const auto text = member(part, name, JsonType::string)) add_names(text->string(), part, names);
  }
  for (const std::string_view name : maps) {
    if (const auto object = member(part, name, JsonType::object)) add_members(*object, names);
  }
  if (const auto list = member(part, "AttributesToGet", JsonType::array)) add_list(*list, names);
  if (const auto keys = member(part, "Keys", JsonType::array)) {
    for (auto entry = keys->first_element(); entry; entry.advance()) {
      if (entry.value().is(JsonType::object)) add_members(entry.value(), names);
    }
  }
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
  if (part.is(JsonType::array)) {
    for (auto entry = part.first_element(); entry; entry.advance()) {
      if (const auto put = member(entry.value(), "PutRequest", JsonType::object)) {
        add_value(member(*put, "Item", JsonType::object), name, keys);
      }
      if (const auto erase = member(entry.value(), "DeleteRequest", JsonType::object)) {
        add_value(member(*erase, "Key", JsonType::object), name, keys);
      }
    }
    return keys;
  }
  add_value(member(part, "Key", JsonType::object), name, keys);
  add_value(member(part, "Item", JsonType::object), name, keys);
  if (const auto list = member(part, "Keys", JsonType::array)) {
    for (auto entry = list->first_element(); entry; entry.advance()) {
      if (entry.value().is(JsonType::object)) add_value(entry.value(), name, keys);
    }
  }
  add_condition(part, name, keys);
  add_legacy_condition(part, name, keys);
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
