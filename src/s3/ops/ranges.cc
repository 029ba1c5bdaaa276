#include "s3/ops/ranges.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace reprise::s3 {
namespace {

constexpr std::string_view unit = "bytes=";

// Digits alone; what is too large for 64 bits is as good as the largest number.
std::optional<std::uint64_t> number_of(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return std::nullopt;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc::result_out_of_range ? ~std::uint64_t{0} : number;
}

std::string_view without_spaces(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

S3Error not_satisfiable(std::string_view header, std::uint64_t bytes) {
  S3Error error = s3_error(ErrorCode::invalid_range);
  error.details = {{"RangeRequested", std::string(header)}, {"ActualObjectSize", std::to_string(bytes)}};
  error.headers = {{"Content-Range", "bytes */" + std::to_string(bytes)}};
  return error;
}

}  // namespace

Outcome<std::optional<ByteRange>> parse_range(std::string_view header, std::uint64_t bytes) {
  const std::optional<ByteRange> whole;
  if (!header.starts_with(unit)) return whole;
  const std::string_view spec = without_spaces(header.substr(unit.size()));
  const std::size_t dash = spec.find('-');
  if (dash == spec.npos) return whole;
  const std::string_view before = spec.substr(0, dash);
  const std::string_view behind = spec.substr(dash + 1);
  const auto first = number_of(before);
  const auto last = number_of(behind);
  if ((!before.empty() && !first) || (!behind.empty() && !last) || (!first && !last)) return whole;
  if (!first) {  // the last so many
    if (*last == 0 || bytes == 0) return not_satisfiable(header, bytes);
    const std::uint64_t length = std::min(*last, bytes);
    return std::optional(ByteRange{bytes - length, length});
  }
  if (last && *last < *first) return whole;
  if (*first >= bytes) return not_satisfiable(header, bytes);
  return std::optional(ByteRange{*first, std::min(last.value_or(bytes - 1), bytes - 1) - *first + 1});
}

Outcome<ByteRange> parse_copy_range(std::string_view header, std::uint64_t bytes) {
  const std::string_view spec = header.starts_with(unit) ? header.substr(unit.size()) : std::string_view();
  const std::size_t dash = std::min(spec.find('-'), spec.size());
  const auto first = number_of(spec.substr(0, dash));
  const auto last = dash < spec.size() ? number_of(spec.substr(dash + 1)) : std::nullopt;
  if (!first || !last || *last < *first) {
    return invalid_argument(
        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the "
        "zero-based offsets of the first and last bytes to copy",
        "x-amz-copy-source-range", std::string(header));
  }
  if (*last >= bytes) {
    return invalid_argument("Range specified is not valid for source object of size: " + std::to_string(bytes),
                            "x-amz-copy-source-range", std::string(header));
  }
  return ByteRange{*first, *last - *first + 1};
}

}  // namespace reprise::s3
