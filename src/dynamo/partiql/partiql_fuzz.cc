// Fuzzes statements. Oracles: a statement prints to a text that parses to an equal tree (or to one that the added
// parentheses nest too deeply); what binds to a table's key agrees with the whole condition on an item; a condition, an
// update and columns that bind can be applied to an item and leave valid ones.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "codec/json.h"
#include "dynamo/model/item.h"
#include "dynamo/model/schema.h"
#include "dynamo/partiql/key_plan.h"
#include "dynamo/partiql/parser.h"
#include "dynamo/partiql/translate.h"

namespace reprise::dynamo::partiql {
namespace {

const KeySchema& schema() {
  static const KeySchema schema{{{"pk", AttributeType::string}}, {{"sk", AttributeType::number}}};
  return schema;
}

const Bytes& sample() {
  static const Bytes item = [] {
    Bytes list;
    ValueWriter writer(list);
    writer.begin_list();
    writer.string("x");
    writer.number(Number::from_integer(2));
    writer.end_list();
    Bytes set;
    ValueWriter set_writer(set);
    set_writer.begin_set(AttributeType::string_set);
    set_writer.set_element("s");
    set_writer.end_set();
    ItemBuilder builder;
    builder.set_string("pk", "p").set_number("sk", Number::from_integer(1)).set_string("a", "text");
    builder.set_number("n", Number::from_integer(5)).set("l", ValueView(list)).set("s", ValueView(set));
    return builder.build();
  }();
  return item;
}

void check_print(const Statement& statement) {
  const auto again = parse(print(statement));
  if (!again.ok()) {
    ASSERT(again.error().message.find("nested too deeply") != std::string::npos);
    return;
  }
  ASSERT(*again == statement);
}

// The ranges and the rest of the terms say together what WHERE says.
void check_select(const Statement& statement, const Values& values) {
  const SelectStatement& select = statement.select;
  const ItemView item(sample());
  if (!select.columns.empty()) {
    const auto columns = Columns::bind(select.columns);
    if (columns.ok()) {
      Bytes json;
      columns->append_json(json, item);
      codec::JsonDocument document;
      ASSERT(document.parse(json).ok());
    }
  }
  if (!select.where) return;
  const auto ranges = find_ranges(select, schema(), values);
  const auto all = bind_terms(terms_of(select.where), ExpressionKind::filter, values);
  if (!ranges.ok() || !all.ok()) return;
  const auto key = item_key(schema(), item);
  bool within = false;
  for (const KeyRange& range : ranges->ranges) within = within || range.contains(*key);
  bool rest_holds = true;
  if (!ranges->rest.empty()) {
    const auto rest = bind_terms(ranges->rest, ExpressionKind::filter, values);
    ASSERT(rest.ok());
    rest_holds = rest->expression.matches(item);
  }
  ASSERT(all->expression.matches(item) == (within && rest_holds));
}

void check_update(const Statement& statement, const Values& values) {
  const auto update = bind_update(statement.update.clauses, values);
  if (!update.ok()) return;
  const auto result = update->expression.apply(ItemView(sample()), WantUpdated::yes);
  if (result.ok()) ASSERT(is_valid_item(result->item));
}

void check_insert(const Statement& statement, const Values& values) {
  if (!is_value(statement.insert.item)) return;
  const auto value = values.of(statement.insert.item);
  if (!value.ok() || !ValueView(*value).is(AttributeType::map)) return;
  Bytes item(1, ItemView::format_version);
  item.append(ValueView(*value).map().payload());
  ASSERT(is_valid_item(item));
}

void fuzz(std::string_view text) {
  const auto statement = parse(text);
  if (!statement.ok()) return;
  check_print(*statement);
  constexpr std::string_view kinds[] = {R"({"S":"p"})", R"({"N":"1"})", R"({"L":[{"S":"p"},{"N":"1"}]})",
                                        R"({"SS":["s"]})", R"({"M":{}})"};
  std::string list = "[";
  for (std::size_t i = 0; i < statement->parameters; ++i) list.append(i == 0 ? "" : ",").append(kinds[i % 5]);
  codec::JsonDocument document;
  const auto parameters = document.parse(list.append("]"));
  const auto values = Values::parse(*parameters);
  if (!values->check_count(*statement).ok()) return;
  switch (statement->kind) {
    case StatementKind::select:
    case StatementKind::exists: check_select(*statement, *values); break;
    case StatementKind::insert: check_insert(*statement, *values); break;
    case StatementKind::update: check_update(*statement, *values); break;
    case StatementKind::remove: (void)find_point(statement->remove.where, schema(), *values); break;
  }
}

}  // namespace
}  // namespace reprise::dynamo::partiql

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::dynamo::partiql::fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
