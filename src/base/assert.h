// ASSERT: for our own bugs, never for input. It stays on in release builds, because a store that goes on
// after a broken invariant writes the damage down. Input that is wrong is answered with a Status instead.
#pragma once

namespace reprise {

// Prints one line (what failed, where) and aborts.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

}  // namespace reprise

#define ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::reprise::assertion_failed(#condition, __FILE__, __LINE__))
