// Lookups in table definitions, and the wire names of their enumerations.
#include "dynamo/model/schema.h"

#include <algorithm>
#include <array>

namespace reprise::dynamo {

namespace {

template <class Enum, std::size_t size>
std::optional<Enum> value_of(const std::array<std::string_view, size>& names, std::string_view wire) {
  const auto it = std::find(names.begin(), names.end(), wire);
  if (it == names.end()) return std::nullopt;
  return static_cast<Enum>(it - names.begin());
}

// In the order of the enumerations.
constexpr std::array<std::string_view, 3> projection_names = {"ALL", "KEYS_ONLY", "INCLUDE"};
constexpr std::array<std::string_view, 2> billing_names = {"PROVISIONED", "PAY_PER_REQUEST"};
constexpr std::array<std::string_view, 4> status_names = {"CREATING", "ACTIVE", "UPDATING", "DELETING"};
constexpr std::array<std::string_view, 2> class_names = {"STANDARD", "STANDARD_INFREQUENT_ACCESS"};

template <class Index>
const Index* find_index(const std::vector<Index>& indexes, std::string_view name) {
  for (const auto& index : indexes) {
    if (index.name == name) return &index;
  }
  return nullptr;
}

}  // namespace

const KeyAttribute* KeySchema::find(std::string_view name) const {
  for (const auto* side : {&hash, &range}) {
    for (const auto& attribute : *side) {
      if (attribute.name == name) return &attribute;
    }
  }
  return nullptr;
}

const LocalIndex* TableDefinition::local_index(std::string_view name) const { return find_index(local_indexes, name); }
const GlobalIndex* TableDefinition::global_index(std::string_view name) const {
  return find_index(global_indexes, name);
}

std::string_view wire_name(ProjectionType type) noexcept { return projection_names[static_cast<std::size_t>(type)]; }
std::string_view wire_name(BillingMode mode) noexcept { return billing_names[static_cast<std::size_t>(mode)]; }
std::string_view wire_name(TableStatus status) noexcept { return status_names[static_cast<std::size_t>(status)]; }
std::string_view wire_name(IndexStatus status) noexcept { return status_names[static_cast<std::size_t>(status)]; }
std::string_view wire_name(TableClass table_class) noexcept {
  return class_names[static_cast<std::size_t>(table_class)];
}

std::optional<ProjectionType> projection_type(std::string_view wire) noexcept {
  return value_of<ProjectionType>(projection_names, wire);
}
std::optional<BillingMode> billing_mode(std::string_view wire) noexcept {
  return value_of<BillingMode>(billing_names, wire);
}
std::optional<TableStatus> table_status(std::string_view wire) noexcept {
  return value_of<TableStatus>(status_names, wire);
}
std::optional<IndexStatus> index_status(std::string_view wire) noexcept {
  return value_of<IndexStatus>(status_names, wire);
}
std::optional<TableClass> table_class(std::string_view wire) noexcept {
  return value_of<TableClass>(class_names, wire);
}

std::optional<AttributeType> key_type(std::string_view wire) noexcept {
  if (wire == "S") return AttributeType::string;
  if (wire == "N") return AttributeType::number;
  if (wire == "B") return AttributeType::binary;
  return std::nullopt;
}

}  // namespace reprise::dynamo
