// Fault points: named places where a test makes the process die, so that every durable step is crashed at.
//
// FAULT_POINT("clone.copied_page") does nothing unless the environment says REPRISE_FAULT_POINT=clone.copied_page or
// clone.copied_page:3 (the third time it is reached): then the process kills itself with SIGKILL. One flag is looked at
// otherwise, so they belong on steps that wait for a disk anyway (docs/decisions/0006).
#pragma once

namespace reprise {
// Whether the environment names a fault point.
extern const bool fault_points_armed;
void reach_fault_point(const char* name) noexcept;
}  // namespace reprise

#define FAULT_POINT(name) static_cast<void>(::reprise::fault_points_armed && (::reprise::reach_fault_point(name), true))
