// Placeholders of one request, and the lookup of an Ast's references in them.
#include "dynamo/expr/substitution.h"

#include "dynamo/expr/parser.h"
#include "dynamo/model/item_json.h"
#include "dynamo/model/limits.h"

namespace reprise::dynamo {

namespace {

using codec::JsonType;
using codec::JsonValue;

bool is_placeholder(std::string_view key, char prefix) {
  if (key.size() < 2 || key[0] != prefix) return false;
  return key.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", 1) ==
         std::string_view::npos;
}

Check check_key(std::string_view parameter, std::string_view key, char prefix) {
  const std::string start = std::string(parameter) + " contains invalid key: ";
  if (key.size() > limits::expression_placeholder_size_max) {
    return validation(start + "The expression attribute map contains a key that is too long; size of key: " +
                      std::to_string(key.size()));
  }
  if (!is_placeholder(key, prefix)) return validation(start + "Syntax error; key: \"" + std::string(key) + "\"");
  return Passed{};
}

}  // namespace

Outcome<Substitutions> Substitutions::parse(std::optional<JsonValue> names, std::optional<JsonValue> values) {
  Substitutions result;
  if (names && names->is(JsonType::object)) {
    if (names->size() == 0) return validation("ExpressionAttributeNames must not be empty");
    for (auto member = names->first_member(); member; member.advance()) {
      TRY(check_key("ExpressionAttributeNames", member.key(), '#'));
      const JsonValue name = member.value();
      if (!name.is(JsonType::string) || name.string().empty()) {
        return validation("ExpressionAttributeNames contains invalid value: Empty attribute name for key " +
                          std::string(member.key()));
      }
      result.add_name(member.key(), name.string());
    }
  }
  if (!values || !values->is(JsonType::object)) return result;
  if (values->size() == 0) return validation("ExpressionAttributeValues must not be empty");
  for (auto member = values->first_member(); member; member.advance()) {
    TRY(check_key("ExpressionAttributeValues", member.key(), ':'));
    Bytes encoded;
    if (auto parsed = parse_value(member.value(), encoded); !parsed.ok()) {
      if (parsed.error().kind != ErrorKind::validation) return std::move(parsed).error();
      return validation("ExpressionAttributeValues contains invalid value: " + parsed.error().message + " for key " +
                        std::string(member.key()));
    }
    result.values_.push_back({std::string(member.key()), std::move(encoded), false});
  }
  return result;
}

void Substitutions::add_name(std::string_view placeholder, std::string_view name) {
  names_.push_back({std::string(placeholder), std::string(name), false});
}

void Substitutions::add_value(std::string_view placeholder, ValueView value) {
  values_.push_back({std::string(placeholder), Bytes(value.encoded()), false});
}

std::optional<std::string_view> Substitutions::use_name(std::string_view placeholder) {
  for (Name& name : names_) {
    if (name.placeholder != placeholder) continue;
    name.used = true;
    return name.name;
  }
  return std::nullopt;
}

ValueView Substitutions::use_value(std::string_view placeholder) {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    Value& value = values_[(next_value_ + i) % values_.size()];
    if (value.placeholder != placeholder) continue;
    value.used = true;
    next_value_ = (next_value_ + i + 1) % values_.size();
    return ValueView(value.encoded);
  }
  return {};
}

Check Substitutions::check_all_used() const {
  const auto check = [](std::string_view parameter, const auto& entries) -> Check {
    std::string unused;
    for (const auto& entry : entries) {
      if (entry.used) continue;
      if (!unused.empty()) unused += ", ";
      unused += entry.placeholder;
    }
    if (unused.empty()) return Passed{};
    return validation("Value provided in " + std::string(parameter) + " unused in expressions: keys: {" + unused + "}");
  };
  TRY(check("ExpressionAttributeNames", names_));
  return check("ExpressionAttributeValues", values_);
}

Outcome<Binding> Binding::bind(std::shared_ptr<const Ast> ast, Substitutions& substitutions) {
  Binding binding;
  binding.names_.resize(ast->names.size());
  binding.values_.resize(ast->values.size());
  for (const Ast::Reference& reference : ast->references) {
    if (reference.is_value) {
      const std::string& placeholder = ast->values[reference.index];
      binding.values_[reference.index] = substitutions.use_value(placeholder);
      if (!binding.values_[reference.index]) {
        return expression_error(
            ast->kind,
            "An expression attribute value used in expression is not defined; attribute value: " + placeholder);
      }
      continue;
    }
    const NameReference& name = ast->names[reference.index];
    if (!name.placeholder) {
      binding.names_[reference.index] = name.text;
      continue;
    }
    const auto found = substitutions.use_name(name.text);
    if (!found) {
      return expression_error(
          ast->kind,
          "An expression attribute name used in the document path is not defined; attribute name: " + name.text);
    }
    binding.names_[reference.index] = *found;
  }
  if (!ast->late_error.empty()) return expression_error(ast->kind, ast->late_error);
  binding.ast_ = std::move(ast);
  return binding;
}

ValueView Binding::resolve(PathSpan path, ItemView item) const {
  const PathStep* step = &ast_->steps[path.first];
  ValueView value = item.find(names_[step->value]);
  for (std::size_t i = 1; i < path.count && value; ++i) {
    ++step;
    if (step->is_index) {
      value = value.is(AttributeType::list) ? value.list().at(step->value) : ValueView();
    } else {
      value = value.is(AttributeType::map) ? value.map().find(names_[step->value]) : ValueView();
    }
  }
  return value;
}

std::string Binding::describe_path(PathSpan path) const {
  std::string text = "[";
  for (std::size_t i = 0; i < path.count; ++i) {
    const PathStep& step = ast_->steps[path.first + i];
    if (i > 0) text += ", ";
    if (step.is_index) {
      text += "[" + std::to_string(step.value) + "]";
    } else {
      text.append(names_[step.value]);
    }
  }
  return text + "]";
}

bool Binding::same_path(PathSpan one, PathSpan two) const {
  if (one.count != two.count) return false;
  for (std::size_t i = 0; i < one.count; ++i) {
    const PathStep& a = ast_->steps[one.first + i];
    const PathStep& b = ast_->steps[two.first + i];
    if (a.is_index != b.is_index) return false;
    if (a.is_index ? a.value != b.value : names_[a.value] != names_[b.value]) return false;
  }
  return true;
}

ApiError Binding::error(std::string_view message) const { return expression_error(ast_->kind, message); }

namespace {

Check not_scalar(std::string_view what, std::string_view name) {
  return validation("Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: " +
                    std::string(what) + ": " + std::string(name));
}

}  // namespace

Check check_key_path_scalar(const TableDefinition& table, std::string_view root) {
  if (table.key.find(root) != nullptr) return not_scalar("Key", root);
  for (const auto& index : table.local_indexes) {
    if (index.key.find(root) != nullptr) return not_scalar("IndexKey", root);
  }
  for (const auto& index : table.global_indexes) {
    if (index.key.find(root) != nullptr) return not_scalar("IndexKey", root);
  }
  return Passed{};
}

Check Binding::check_key_paths_scalar(const TableDefinition& table) const {
  for (const PathSpan& path : ast_->paths) {
    if (path.count > 1) TRY(check_key_path_scalar(table, root_name(path)));
  }
  return Passed{};
}

}  // namespace reprise::dynamo
