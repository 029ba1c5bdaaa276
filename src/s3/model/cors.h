// A bucket's CORS rules: their XML, and what they say to a browser's request.
// Source: S3 user guide, "Elements of a CORS configuration".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "s3/model/error.h"

namespace reprise::s3 {

struct CorsRule {
  std::string id;
  std::vector<std::string> allowed_origins;  // at most one '*' each
  std::vector<std::string> allowed_methods;
  std::vector<std::string> allowed_headers;  // at most one '*' each
  std::vector<std::string> expose_headers;
  std::optional<std::int64_t> max_age_seconds;
  bool operator==(const CorsRule&) const = default;
};
using CorsRules = std::vector<CorsRule>;

[[nodiscard]] Outcome<CorsRules> parse_cors(BytesView xml);
[[nodiscard]] Bytes print_cors(const CorsRules& rules);

// The first rule for that origin, method and (of a preflight) every requested header; null when there is none.
[[nodiscard]] const CorsRule* matching_rule(const CorsRules& rules, std::string_view origin, std::string_view method,
                                            const std::vector<std::string>& requested_headers);

}  // namespace reprise::s3
