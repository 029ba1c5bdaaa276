#include "dynamo/ops/updated_item.h"

#include <string>

#include "dynamo/expr/update.h"
#include "dynamo/model/key.h"
#include "dynamo/model/limits.h"
#include "dynamo/model/size.h"
#include "dynamo/ops/index_entries.h"

namespace reprise::dynamo {
namespace {

// What is wrong with the index keys of an item.
struct IndexKeyFaults {
  bool wrong_type = false;
  bool empty_string = false;
  bool empty_binary = false;
  bool too_long = false;

  void look(ItemView item, const KeyAttribute& attribute, std::size_t size_max) {
    const ValueView value = item.find(attribute.name);
    if (!value) return;
    const bool matches = value.type() == attribute.type;
    wrong_type = wrong_type || !matches;
    too_long = too_long || value_size(value) > size_max;
    if (!matches || attribute.type == AttributeType::number || !value.bytes().empty()) return;
    (attribute.type == AttributeType::string ? empty_string : empty_binary) = true;
  }
};

Check check_updated_index_keys(const TableDefinition& table, ItemView item) {
  Check plain = check_index_keys(table, item);
  if (plain.ok()) return plain;
  IndexKeyFaults faults;
  for_each_index(table, [&](const IndexView& index) {
    for (const auto& attribute : index.key->hash) faults.look(item, attribute, limits::partition_key_size_max);
    for (const auto& attribute : index.key->range) faults.look(item, attribute, limits::sort_key_size_max);
  });
  if (faults.wrong_type) {
    return validation("The update expression attempted to update the secondary index key to unsupported type");
  }
  if (faults.empty_string || faults.empty_binary) {
    return validation(
        "One or more parameter values are not valid. The update expression attempted to update a secondary index key "
        "to a value that is not supported. The AttributeValue for a key attribute cannot contain an empty " +
        std::string(faults.empty_string ? "string" : "binary") + " value.");
  }
  if (faults.too_long) {
    return validation("The update expression attempted to update the secondary index key beyond allowed size limits");
  }
  return plain;
}

}  // namespace

Check check_written_index_keys(const TableDefinition& table, const Update& update) {
  Check result = Passed{};
  for_each_index(table, [&](const IndexView& index) {
    for (const auto* side : {&index.key->hash, &index.key->range}) {
      for (const auto& attribute : *side) {
        const auto type = update.written_type(attribute.name);
        if (!result.ok() || !type || *type == attribute.type) continue;
        result = invalid_parameter(
            "Type mismatch for Index Key " + attribute.name + " Expected: " + std::string(type_name(attribute.type)) +
            " Actual: " + std::string(type_name(*type)) + " IndexName: " + std::string(index.name));
      }
    }
  });
  return result;
}

Check check_updated_item(const TableDefinition& table, ItemView item) {
  if (item_size(item) > limits::item_size_max || !fits_with_local_entries(table, item)) {
    return validation("Item size to update has exceeded the maximum allowed size");
  }
  return check_updated_index_keys(table, item);
}

}  // namespace reprise::dynamo
