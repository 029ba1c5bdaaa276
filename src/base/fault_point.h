// Fault points: named places where a test makes the process die, so that every durable step is crashed at.
//
// FAULT_POINT("clone.copied_page") does nothing unless the binary was built with REPRISE_FAULT_POINTS and the
// environment says REPRISE_FAULT_POINT=clone.copied_page or clone.copied_page:3 (the third time it is reached):
// then the process kills itself with SIGKILL. Release binaries hold none.
#pragma once

namespace reprise {
void reach_fault_point(const char* name) noexcept;
}  // namespace reprise

#ifdef REPRISE_FAULT_POINTS
#define FAULT_POINT(name) ::reprise::reach_fault_point(name)
#else
#define FAULT_POINT(name) static_cast<void>(0)
#endif
