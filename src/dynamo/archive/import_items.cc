#include "dynamo/archive/import_items.h"

#include <utility>

#include "dynamo/model/item_json.h"
#include "dynamo/model/key.h"
#include "dynamo/model/limits.h"
#include "dynamo/model/size.h"

namespace reprise::dynamo {

Outcome<ImportedItem> imported_item(codec::JsonDocument& document, const TableDefinition& table,
                                    const ImportRecord& record) {
  if (!record.fault.empty()) return validation(record.fault);
  const auto json = document.parse(record.json);
  if (!json.ok()) return validation("The record is not valid JSON: " + std::string(json.error().message()));
  const auto item_json = json->find("Item");
  if (!item_json || !item_json->is(codec::JsonType::object)) return validation("The record has no Item");
  TRY(check_item_shape(*item_json));
  ImportedItem made;
  TRY_ASSIGN(made.item, parse_item(*item_json));
  const ItemView item(made.item);
  if (item_size(item) > limits::item_size_max) return validation("Item size has exceeded the maximum allowed size");
  TRY_ASSIGN(made.key, item_key(table.key, item));
  TRY(check_index_keys(table, item));
  return made;
}

std::string error_line(std::string_view bucket, std::string_view key, std::uint64_t index, std::string_view import_arn,
                       std::string_view message) {
  std::string out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("itemS3Pointer");
  w.begin_object();
  w.member("bucket", bucket);
  w.member("key", key);
  w.key("itemIndex");
  w.unsigned_integer(index);
  w.end_object();
  w.member("importArn", import_arn);
  w.key("errorMessages");
  w.begin_array();
  w.string(message);
  w.end_array();
  w.end_object();
  return out;
}

}  // namespace reprise::dynamo
