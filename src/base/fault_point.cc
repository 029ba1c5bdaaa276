#include "base/fault_point.h"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

namespace reprise {

const bool fault_points_armed = std::getenv("REPRISE_FAULT_POINT") != nullptr;

void reach_fault_point(const char* name) noexcept {
  static const char* const wanted = std::getenv("REPRISE_FAULT_POINT");
  static std::atomic<long> reached{0};
  if (wanted == nullptr) return;
  std::string_view spec(wanted);
  long times = 1;
  if (const auto colon = spec.rfind(':'); colon != std::string_view::npos) {
    times = std::strtol(spec.data() + colon + 1, nullptr, 10);
    spec = spec.substr(0, colon);
  }
  if (spec == name && ++reached == times) (void)std::raise(SIGKILL);
}

}  // namespace reprise
