// Fuzzes the documents of lifecycle and object lock. Oracle: what parses is printed and parsed again to the same value;
// what parses as a lifecycle keeps the bounds that the job relies on.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "s3/model/lifecycle.h"
#include "s3/model/object_lock.h"

namespace reprise::s3 {
namespace {

void lifecycle(BytesView input) {
  const auto parsed = parse_lifecycle(input);
  if (!parsed.ok()) return;
  ASSERT(!parsed->rules.empty() && parsed->rules.size() <= lifecycle_rules_max);
  for (const LifecycleRule& rule : parsed->rules) {
    ASSERT(!rule.id.empty() && rule.id.size() <= 255);
    ASSERT(rule.expiration_days.value_or(1) > 0 && rule.noncurrent_days.value_or(1) > 0);
    ASSERT(rule.newer_noncurrent_versions.value_or(1) > 0 && rule.abort_multipart_days.value_or(1) > 0);
    ASSERT(rule.expiration_date_micros.value_or(0) % 86'400'000'000 == 0);
    ASSERT(rule.filter.prefix.has_value() || rule.filter.form != LifecycleFilter::Form::legacy_prefix);
  }
  const auto again = parse_lifecycle(print_lifecycle(*parsed));
  ASSERT(again.ok());
  ASSERT(*again == *parsed);
}

void locks(BytesView input) {
  if (const auto parsed = parse_object_lock(input); parsed.ok()) {
    const auto again = parse_object_lock(print_object_lock(*parsed));
    ASSERT(again.ok() && *again == *parsed);
  }
  if (const auto parsed = parse_retention(input); parsed.ok()) {
    const auto again = parse_retention(print_retention(*parsed));
    ASSERT(again.ok() && *again == *parsed);
  }
  if (const auto parsed = parse_legal_hold(input); parsed.ok()) {
    const auto again = parse_legal_hold(print_legal_hold(*parsed));
    ASSERT(again.ok() && *again == *parsed);
  }
}

}  // namespace
}  // namespace reprise::s3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const reprise::BytesView input(reinterpret_cast<const char*>(data), size);
  reprise::s3::lifecycle(input);
  reprise::s3::locks(input);
  return 0;
}
