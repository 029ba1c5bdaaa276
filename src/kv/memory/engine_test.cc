#include "kv/memory/engine.h"

#include "kv/conformance.h"

namespace reprise::kv::conformance {

INSTANTIATE_TEST_SUITE_P(Memory, Conformance,
                         ::testing::Values(EngineCase{"plain", [] { return make_memory_engine(); }}), case_name);

}  // namespace reprise::kv::conformance
