// Fuzzes resource-based policies. Oracles: the canonical form is its own canonical form, is read back as a policy of
// the same statements, and asking whether it locks its owner out ends without a complaint.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "dynamo/ops/policy_document.h"

using reprise::dynamo::canonical_policy;
using reprise::dynamo::policy_size_max;
using reprise::dynamo::PolicyTarget;

namespace {

void check(std::string_view text, PolicyTarget target) {
  const auto canonical = canonical_policy(text, target);
  if (!canonical.ok()) {
    ASSERT(!canonical.error().message.empty());
    return;
  }
  if (canonical->size() > policy_size_max) return;  // account ids have become ARNs
  const auto again = canonical_policy(*canonical, target);
  ASSERT(again.ok() && *again == *canonical);
  const auto read = canonical_policy(reprise::dynamo::policy_as_read(*canonical), target);
  ASSERT(read.ok() || canonical->size() + 32 > policy_size_max);
  (void)reprise::dynamo::policy_locks_out(*canonical, "000000000000", "arn:aws:dynamodb:r:000000000000:table/t");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, PolicyTarget::table);
  check(text, PolicyTarget::stream);
  return 0;
}
