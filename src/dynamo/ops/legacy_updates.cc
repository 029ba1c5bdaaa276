// Invariant: a tree made here binds without an error.
#include "dynamo/ops/legacy_updates.h"

#include <string>
#include <string_view>
#include <utility>

#include "dynamo/expr/ast.h"
#include "dynamo/model/item_json.h"
#include "dynamo/ops/legacy_conditions.h"

namespace reprise::dynamo {
namespace {

// Trees refer to their parts by 16 bits; an item of 400 KB could hold more attributes. The service's own bound is not
// known.
constexpr std::size_t updates_max = 12'000;

constexpr std::string_view empty_list = "legacy []";

bool is_set(AttributeType type) {
  return type == AttributeType::string_set || type == AttributeType::number_set || type == AttributeType::binary_set;
}

Check check_update(std::string_view action, ValueView value) {
  if (!value) {
    if (action == "DELETE") return Passed{};
    return invalid_parameter("Only DELETE action is allowed when no attribute value is specified");
  }
  const AttributeType type = value.type();
  if (action == "DELETE" && !is_set(type)) {
    return invalid_parameter("DELETE action with value is not supported for the type " + std::string(type_name(type)));
  }
  if (action == "ADD" && !is_set(type) && type != AttributeType::number && type != AttributeType::list) {
    return invalid_parameter("ADD action is not supported for the type " + std::string(type_name(type)));
  }
  return Passed{};
}

class UpdateMaker {
 public:
  explicit UpdateMaker(Substitutions& substitutions) : builder_(ExpressionKind::update), substitutions_(substitutions) {
    builder_.set_legacy();
  }

  void add(std::string_view attribute, std::string_view action, ValueView value) {
    const std::uint16_t path = builder_.new_attribute(attribute);
    if (!value) {
      builder_.add_action(UpdateSection::remove, path, 0);
      return;
    }
    const std::string placeholder = "legacy " + std::to_string(count_++);
    substitutions_.add_value(placeholder, value);
    if (action == "ADD" && value.is(AttributeType::list)) {
      const std::uint16_t present =
          builder_.node(Op::if_not_exists, {builder_.path_node(path), builder_.value_node(empty_list)});
      needs_empty_list_ = true;
      const std::uint16_t appended = builder_.node(Op::list_append, {present, builder_.new_value_node(placeholder)});
      builder_.add_action(UpdateSection::set, path, appended);
      return;
    }
    UpdateSection section = UpdateSection::set;
    if (action == "ADD") section = UpdateSection::add;
    if (action == "DELETE") section = UpdateSection::remove_from_set;
    builder_.add_action(section, path, builder_.new_value_node(placeholder));
  }

  Outcome<Update> finish() {
    if (needs_empty_list_) {
      Bytes list;
      ValueWriter writer(list);
      writer.begin_list();
      writer.end_list();
      substitutions_.add_value(empty_list, ValueView(list));
    }
    return Update::bind(builder_.build(), substitutions_);
  }

 private:
  AstBuilder builder_;
  Substitutions& substitutions_;
  std::size_t count_ = 0;
  bool needs_empty_list_ = false;
};

}  // namespace

Outcome<std::optional<Update>> bind_attribute_updates(const Fields& in, Substitutions& substitutions) {
  const auto entries = in.value("AttributeUpdates");
  if (!entries || entries->size() == 0) return std::optional<Update>();
  if (entries->size() > updates_max) {
    return invalid_parameter("Too many attributes in AttributeUpdates; the most is " + std::to_string(updates_max));
  }
  UpdateMaker maker(substitutions);
  for (const auto& [attribute, json] : distinct_members(*entries)) {
    if (attribute.empty()) return invalid_parameter("Attribute name must not be empty");
    const Fields entry(json);
    const auto action = entry.string_or("Action", "PUT");
    Bytes encoded;
    if (const auto value = entry.value("Value")) TRY(parse_value(*value, encoded));
    TRY(check_update(action, ValueView(encoded)));
    maker.add(attribute, action, ValueView(encoded));
  }
  TRY_ASSIGN(Update update, maker.finish());
  return std::optional<Update>(std::move(update));
}

}  // namespace reprise::dynamo
