#include "http/response_head.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>

#include "base/clock.h"

namespace reprise::http {

namespace {

struct Reason {
  int status;
  std::string_view phrase;
};
constexpr Reason reasons[] = {
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
};

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void append_clean(std::string& out, std::string_view text) {
  const std::size_t start = out.size();
  out.append(text);
  const auto control = [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; };
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), control, ' ');
}

// The current time, formatted at most once a second and thread.
void append_date(std::string& out) {
  thread_local std::uint64_t cached_second = 0;
  thread_local std::string cached;
  const std::uint64_t second = WallClock::system().now_micros() / 1'000'000;
  if (second != cached_second || cached.empty()) {
    cached = format_http_date(second);
    cached_second = second;
  }
  out += cached;
}

// Fields that say how the message is framed.
bool is_ours(std::string_view name) {
  switch (name.size()) {
    case 4: return equal_ignoring_case(name, "Date");
    case 10: return equal_ignoring_case(name, "Connection");
    case 14: return equal_ignoring_case(name, "Content-Length");
    case 17: return equal_ignoring_case(name, "Transfer-Encoding");
    default: return false;
  }
}

}  // namespace

bool status_has_body(int status) noexcept { return status >= 200 && status != 204 && status != 304; }

std::string_view reason_phrase(int status) noexcept {
  const auto* found =
      std::find_if(std::begin(reasons), std::end(reasons), [&](const Reason& r) { return r.status == status; });
  return found != std::end(reasons) ? found->phrase : std::string_view();
}

std::string format_http_date(std::uint64_t seconds_since_epoch) {
  // Not strftime: its names follow the locale.
  constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<std::time_t>(seconds_since_epoch);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64];
  const int length =
      std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[utc.tm_wday], utc.tm_mday,
                    months[utc.tm_mon], utc.tm_year + 1900, utc.tm_hour, utc.tm_min, utc.tm_sec);
  return {text, static_cast<std::size_t>(length)};
}

void append_response_head(std::string& out, const Response& response, const ResponseFraming& framing) {
  out += "HTTP/1.1 ";
  append_number(out, static_cast<std::uint64_t>(response.status));
  out += ' ';
  out += reason_phrase(response.status);
  out += "\r\nDate: ";
  append_date(out);
  out += "\r\n";
  bool told_length = false;
  for (const auto& [name, value] : response.headers) {
    if (is_ours(name)) {
      const bool length = framing.head_request && equal_ignoring_case(name, "Content-Length");
      if (!length || told_length) continue;
      told_length = true;
    }
    append_clean(out, name);
    out += ": ";
    append_clean(out, value);
    out += "\r\n";
  }
  if (framing.content_length && !told_length) {
    out += "Content-Length: ";
    append_number(out, *framing.content_length);
    out += "\r\n";
  }
  if (framing.chunked) out += "Transfer-Encoding: chunked\r\n";
  if (!framing.keep_alive) {
    out += "Connection: close\r\n";
  } else if (!framing.http11) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

}  // namespace reprise::http
