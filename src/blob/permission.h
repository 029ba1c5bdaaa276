// The one failure of a bucket that base/status.h has no code of its own for: it is there, and we may not use it.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace reprise::blob {

inline constexpr std::string_view permission_denied_mark = "access denied: ";

// An invalid request that says so.
inline Status permission_denied(std::string_view what) {
  return invalid(std::string(permission_denied_mark).append(what));
}

// Also when context was put in front of it.
inline bool is_permission_denied(const Status& status) {
  return status.is(Code::invalid) && status.message().find(permission_denied_mark) != std::string_view::npos;
}

}  // namespace reprise::blob
