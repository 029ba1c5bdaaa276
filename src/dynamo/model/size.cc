// DynamoDB's measure of items, summed over the encoding without decoding it.
#include "dynamo/model/size.h"

#include <algorithm>

#include "dynamo/model/limits.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t container_overhead = 3;
constexpr std::size_t element_overhead = 1;

std::size_t set_size(ValueView value) noexcept {
  std::size_t size = 0;
  const bool numbers = value.type() == AttributeType::number_set;
  for (auto element = value.set().elements(); element; element.advance()) {
    size += numbers ? number_charged_size(element.bytes()) : element.bytes().size();
  }
  return size;
}

std::size_t units(std::size_t bytes, std::size_t unit) { return std::max<std::size_t>(1, (bytes + unit - 1) / unit); }

}  // namespace

std::size_t value_size(ValueView value) noexcept {
  switch (value.type()) {
    case AttributeType::string:
    case AttributeType::binary: return value.bytes().size();
    case AttributeType::number: return number_charged_size(value.bytes());
    case AttributeType::boolean:
    case AttributeType::null: return 1;
    case AttributeType::list: {
      std::size_t size = container_overhead;
      for (auto element = value.list().elements(); element; element.advance()) {
        size += value_size(element.value()) + element_overhead;
      }
      return size;
    }
    case AttributeType::map: {
      std::size_t size = container_overhead;
      for (auto member = value.map().members(); member; member.advance()) {
        size += member.name().size() + value_size(member.value()) + element_overhead;
      }
      return size;
    }
    default: return set_size(value);
  }
}

std::size_t item_size(ItemView item) noexcept {
  std::size_t size = 0;
  for (auto member = item.members(); member; member.advance()) {
    size += member.name().size() + value_size(member.value());
  }
  return size;
}

double read_units(std::size_t bytes, bool consistent) noexcept {
  const auto whole = static_cast<double>(units(bytes, limits::read_unit_bytes));
  return consistent ? whole : whole / 2;
}

double write_units(std::size_t bytes) noexcept { return static_cast<double>(units(bytes, limits::write_unit_bytes)); }

}  // namespace reprise::dynamo
