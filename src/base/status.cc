#include "base/status.h"

#include <cstdio>
#include <cstdlib>

namespace reprise {

void assertion_failed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "reprise: internal error: assertion '%s' failed at %s:%d\n", expression, file, line);
  std::abort();
}

std::string_view code_name(Code code) noexcept {
  switch (code) {
    case Code::ok: return "ok";
    case Code::not_found: return "not_found";
    case Code::already_exists: return "already_exists";
    case Code::conflict: return "conflict";
    case Code::moved: return "moved";
    case Code::invalid: return "invalid";
    case Code::exhausted: return "exhausted";
    case Code::unavailable: return "unavailable";
    case Code::io_error: return "io_error";
    case Code::corruption: return "corruption";
    case Code::unsupported: return "unsupported";
    case Code::cancelled: return "cancelled";
    case Code::internal: return "internal";
  }
  return "unknown";
}

std::string Status::to_string() const {
  std::string text(code_name(code()));
  if (!message().empty()) text.append(": ").append(message());
  return text;
}

Status Status::with_context(std::string_view context) const {
  if (ok()) return {};
  return {code_, std::string(context).append(": ").append(message())};
}

}  // namespace reprise
