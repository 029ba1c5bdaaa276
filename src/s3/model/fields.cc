// A request has some twenty fields: they are walked.
#include "s3/model/fields.h"

#include <algorithm>

namespace reprise::s3 {

void Fields::set(std::string_view name, std::string value) {
  std::erase_if(fields_, [&](const Field& field) { return field.first == name; });
  fields_.emplace_back(std::string(name), std::move(value));
}

std::optional<std::string_view> Fields::get(std::string_view name) const {
  const auto found = std::ranges::find(fields_, name, &Field::first);
  if (found == fields_.end()) return std::nullopt;
  return found->second;
}

std::string_view Fields::get_or(std::string_view name, std::string_view otherwise) const {
  return get(name).value_or(otherwise);
}

}  // namespace reprise::s3
