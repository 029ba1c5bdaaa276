// The policy of a browser's form: what its signer allowed the form to say.
// Source: S3 API reference, "Creating a POST policy"; the texts as measured on the service.
//
// Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "s3/api/form_parser.h"
#include "s3/model/error.h"

namespace reprise::s3 {

struct PolicyCondition {
  // S3 takes what it does not understand for a condition that nothing meets.
  enum class Kind : std::uint8_t { equal, starts_with, never };
  Kind kind = Kind::equal;
  std::string field;  // in lower case, without '$'
  std::string value;
  std::string text;  // as it was written: errors quote it
};

struct PostPolicy {
  std::int64_t expiration_micros = 0;
  std::vector<PolicyCondition> conditions;
  std::uint64_t bytes_min = 0;  // content-length-range
  std::uint64_t bytes_max = ~std::uint64_t{0};
};

// `json` is the document, decoded from base64. InvalidPolicyDocument ("Invalid Policy: ...").
[[nodiscard]] Outcome<PostPolicy> parse_post_policy(BytesView json);

// Whether the form's fields are what the policy wants at `now_micros`; `bucket` and `key` (with ${filename} replaced)
// stand for the fields of those names. AccessDenied ("Invalid according to Policy: ...").
[[nodiscard]] Check check_post_policy(const PostPolicy& policy, const std::vector<FormField>& fields,
                                      std::string_view bucket, std::string_view key, std::int64_t now_micros);

}  // namespace reprise::s3
