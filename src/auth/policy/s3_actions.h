// The actions and condition keys that S3's bucket policies may name.
// Source: Service authorization reference, "Actions, resources, and condition keys for Amazon S3".
#pragma once

#include <cstdint>
#include <string_view>

namespace reprise::auth::policy {

// Which resources the actions that a pattern ("s3:Get*") covers work on.
struct S3Levels {
  bool bucket = false;
  bool object = false;
  [[nodiscard]] bool any() const { return bucket || object; }
};
// None: the pattern covers no action of S3 (or of Reprise's own: reprise:ReadPast).
[[nodiscard]] S3Levels s3_levels(std::string_view action_pattern);

// Whether S3 has the condition key `key` (in the form of normal_key). Any aws: key counts.
[[nodiscard]] bool is_s3_condition_key(std::string_view key);
// Whether a key of listings (s3:prefix and its like) means anything to the actions that a pattern covers.
[[nodiscard]] bool is_listing_key(std::string_view key);
[[nodiscard]] bool covers_listing(std::string_view action_pattern);

}  // namespace reprise::auth::policy
