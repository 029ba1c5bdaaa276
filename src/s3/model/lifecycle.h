// A bucket's lifecycle rules: their XML, their validation with AWS's texts, and which of them say what about an object.
// Source: S3 user guide, "Lifecycle configuration elements"; facts measured on the service.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "s3/model/error.h"
#include "s3/model/tag.h"

namespace reprise::s3 {

struct LifecycleFilter {
  // How it was written, for it is echoed as sent.
  enum class Form : std::uint8_t { legacy_prefix, empty, prefix, tag, greater, less, both };
  Form form = Form::empty;
  std::optional<std::string> prefix;
  Tags tags;
  std::optional<std::uint64_t> size_greater_than;  // exclusive
  std::optional<std::uint64_t> size_less_than;     // exclusive
  // Whether the filter takes an object of that key, those tags and that size in; a delete marker has no tags and size
  // 0.
  [[nodiscard]] bool matches(std::string_view key, const Tags& tags, std::uint64_t size) const;
  bool operator==(const LifecycleFilter&) const = default;
};

struct LifecycleRule {
  std::string id;
  bool enabled = false;
  LifecycleFilter filter;
  std::optional<std::int64_t> expiration_days;
  std::optional<std::int64_t> expiration_date_micros;  // midnight UTC
  bool expired_object_delete_marker = false;
  bool keeps_expired_markers = false;  // ExpiredObjectDeleteMarker was written as "false": echoed, and nothing to do
  std::optional<std::int64_t> noncurrent_days;
  std::optional<std::int64_t> newer_noncurrent_versions;
  std::optional<std::int64_t> abort_multipart_days;
  // Transitions are stored and echoed; with one storage class there is nothing to do for them.
  std::vector<Bytes> transitions;  // each a whole XML element, as it is echoed
  bool operator==(const LifecycleRule&) const = default;
};

struct Lifecycle {
  std::vector<LifecycleRule> rules;
  std::string transition_default_minimum_object_size;  // as the header said; empty: all_storage_classes_128K
  bool operator==(const Lifecycle&) const = default;
};

inline constexpr std::size_t lifecycle_rules_max = 1000;

// <LifecycleConfiguration>, both with filters and in the older form with a prefix in each rule. Rules without an ID get
// one. Errors: MalformedXML for what breaks the schema, anywhere, before InvalidRequest and InvalidArgument for what
// breaks a rule, with S3's texts.
[[nodiscard]] Outcome<Lifecycle> parse_lifecycle(BytesView xml);
// What GetBucketLifecycleConfiguration answers: reads back as the same rules.
[[nodiscard]] Bytes print_lifecycle(const Lifecycle& lifecycle);
// The value of x-amz-transition-default-minimum-object-size: InvalidRequest when it is none.
[[nodiscard]] Check check_transition_minimum(std::string_view value);

}  // namespace reprise::s3
