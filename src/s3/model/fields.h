// Names and values: the header fields or the query parameters of a request, and the header fields of an answer.
//
// Header names are kept in lower case; query parameters as decoded, case and all. A value; belongs to one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise::s3 {

class Fields {
 public:
  using Field = std::pair<std::string, std::string>;
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  // Replaces every field of that name.
  void set(std::string_view name, std::string value);
  // The first value; nothing when absent. Valid until the next change.
  [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const;
  // The first value, or `otherwise`.
  [[nodiscard]] std::string_view get_or(std::string_view name, std::string_view otherwise) const;
  [[nodiscard]] bool has(std::string_view name) const { return get(name).has_value(); }
  [[nodiscard]] auto begin() const { return fields_.begin(); }
  [[nodiscard]] auto end() const { return fields_.end(); }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }

 private:
  std::vector<Field> fields_;
};

}  // namespace reprise::s3
