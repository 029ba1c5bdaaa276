// Fuzzes CORS rules. Oracle: rules that parse are printed and parsed again to the same ones; the one that meets a
// request names its method, and no rule before it would have met it alone.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "s3/model/cors.h"

namespace reprise::s3 {
namespace {

void check_matching(const CorsRules& rules, const std::string& origin) {
  const CorsRule* found = matching_rule(rules, origin, "GET", {"content-type"});
  for (const CorsRule& rule : rules) {
    const CorsRules alone{rule};
    const bool meets = matching_rule(alone, origin, "GET", {"content-type"}) != nullptr;
    ASSERT(meets == (&rule == found));
    if (meets) return;
  }
  ASSERT(found == nullptr);
}

void check(BytesView input) {
  const auto rules = parse_cors(input);
  if (!rules.ok()) return;
  ASSERT(!rules->empty() && rules->size() <= 100);
  const auto again = parse_cors(print_cors(*rules));
  ASSERT(again.ok() && *again == *rules);
  check_matching(*rules, "http://example.com");
  for (const std::string& origin : rules->front().allowed_origins) check_matching(*rules, origin);
}

}  // namespace
}  // namespace reprise::s3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::s3::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
