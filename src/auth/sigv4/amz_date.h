// The times in signatures: ISO 8601 basic format, "20150830T123600Z", always UTC. Pure functions, thread-safe.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace reprise::auth::sigv4 {

inline constexpr std::size_t amz_date_size = 16;

// A printed date, without an allocation.
class AmzDate {
 public:
  // Seconds since the epoch; years 1970 to 9999.
  explicit AmzDate(std::int64_t seconds) noexcept;
  [[nodiscard]] std::string_view text() const { return {text_.data(), text_.size()}; }
  [[nodiscard]] std::string_view day() const { return text().substr(0, 8); }

 private:
  std::array<char, amz_date_size> text_{};
};

// Seconds since the epoch; nothing when `text` is not a real moment in exactly that format.
[[nodiscard]] std::optional<std::int64_t> parse_amz_date(std::string_view text) noexcept;

// The same for HTTP's own format, "Sun, 30 Aug 2015 12:36:00 GMT", which a `Date` header may have.
[[nodiscard]] std::optional<std::int64_t> parse_http_date(std::string_view text) noexcept;

}  // namespace reprise::auth::sigv4
