// What a lifecycle rule must hold beyond the schema: days that are positive, dates at midnight, actions that go with
// the filter, rules that do not contradict each other. Used by lifecycle.cc alone.
//
// Source: S3 user guide, "Lifecycle configuration elements"; texts as the service answers them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "s3/model/error.h"
#include "s3/model/lifecycle.h"

namespace reprise::s3 {

// A transition to another storage class, current or noncurrent: checked and echoed, never carried out.
struct Transition {
  bool noncurrent = false;
  std::optional<std::int64_t> days;
  std::optional<std::int64_t> date_micros;
  std::optional<std::int64_t> newer_noncurrent_versions;
  std::string storage_class;
};
[[nodiscard]] Bytes print_transition(const Transition& transition);

// A rule as it was read, with its transitions taken apart.
struct DraftRule {
  LifecycleRule rule;
  std::vector<Transition> transitions;
};

// The first fault of the rules, in their order.
[[nodiscard]] Check check_rules(const std::vector<DraftRule>& drafts);
// "'ObjectSizeLessThan' should be between ..."
[[nodiscard]] S3Error size_out_of_range(std::string_view name);

}  // namespace reprise::s3
