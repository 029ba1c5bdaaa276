// Which operation a request is: by level, method, subresource and headers. Any thread.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "s3/ops/operation.h"

namespace reprise::s3 {

// What a request is about, by its bucket and key.
[[nodiscard]] Level level_of(const Call& call);

// Null when there is none: MethodNotAllowed, InvalidArgument for two subresources at a time, or NotImplemented for one
// that S3 has and Reprise has not (`why` then says which).
struct Routed {
  const Operation* operation = nullptr;
  std::optional<S3Error> why{};
};
[[nodiscard]] Routed route(const Call& call);

// Of all families.
[[nodiscard]] std::vector<std::string_view> operation_names();

}  // namespace reprise::s3
