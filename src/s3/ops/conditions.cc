// Invariant: a condition is looked at in one place, in one order, whatever operation it comes with.
#include "s3/ops/conditions.h"

#include <array>
#include <charconv>

#include "auth/sigv4/amz_date.h"
#include "base/clock.h"

namespace reprise::s3 {
namespace {

constexpr std::int64_t micros_a_second = 1'000'000;
constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";

std::string_view trimmed_of(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

S3Error failed(std::string_view condition) {
  S3Error error = s3_error(ErrorCode::precondition_failed);
  error.details = {{"Condition", std::string(condition)}};
  return error;
}

// The four, however they are named.
struct Conditions {
  std::optional<std::string_view> match;
  std::optional<std::string_view> none_match;
  std::optional<std::int64_t> modified_since;  // seconds
  std::optional<std::int64_t> unmodified_since;
};

std::optional<std::int64_t> date_of(const Fields& headers, std::string_view name) {
  const auto text = headers.get(name);
  return text ? parse_date_header(*text) : std::nullopt;
}

Conditions conditions_of(const Fields& headers, const std::string& prefix) {
  return {headers.get(prefix + "if-match"), headers.get(prefix + "if-none-match"),
          date_of(headers, prefix + "if-modified-since"), date_of(headers, prefix + "if-unmodified-since")};
}

bool not_modified(const Conditions& conditions, const ObjectVersion& version, std::int64_t now_micros) {
  if (conditions.none_match) return etag_in(*conditions.none_match, version.etag);
  if (!conditions.modified_since || *conditions.modified_since > now_micros / micros_a_second) return false;
  return version.modified_micros / micros_a_second <= *conditions.modified_since;
}

bool is_modified_since(const Conditions& conditions, const ObjectVersion& version) {
  return conditions.unmodified_since && version.modified_micros / micros_a_second > *conditions.unmodified_since;
}

S3Error not_modified_answer(const ObjectVersion& version) {
  S3Error error = s3_error(ErrorCode::not_modified);
  error.headers = {{"ETag", '"' + version.etag + '"'}, {"Last-Modified", http_date(version.modified_micros)}};
  for (const auto& [name, value] : version.headers) {
    if (name == "cache-control") error.headers.emplace_back("Cache-Control", value);
    if (name == "expires") error.headers.emplace_back("Expires", value);
  }
  return error;
}

S3Error header_not_implemented(std::string_view header) {
  S3Error error =
      s3_error(ErrorCode::not_implemented, "A header you provided implies functionality that is not implemented");
  error.details = {{"Header", std::string(header)}};
  return error;
}

S3Error value_not_accepted(std::string_view header) {
  S3Error error = header_not_implemented(header);
  error.details.emplace_back("additionalMessage",
                             "We don't accept the provided value of " + std::string(header) + " header for this API");
  return error;
}

// "Sunday, 06-Nov-94 08:49:37 GMT" and "Sun Nov  6 08:49:37 1994", as the first form.
std::optional<std::string> as_http_date(std::string_view text) {
  const auto comma = text.find(", ");
  if (comma != text.npos && text.size() == comma + 24 && text[comma + 4] == '-') {
    const std::string_view rest = text.substr(comma + 2);  // 06-Nov-94 08:49:37 GMT
    const std::string_view year = rest.substr(7, 2);
    return "Sun, " + std::string(rest.substr(0, 2)) + ' ' + std::string(rest.substr(3, 3)) +
           (year < "70" ? " 20" : " 19") + std::string(year) + std::string(rest.substr(9));
  }
  if (text.size() == 24 && text[3] == ' ' && text[7] == ' ' && text[10] == ' ' && text[19] == ' ') {
    std::string day(text.substr(8, 2));
    if (day[0] == ' ') day[0] = '0';
    return "Sun, " + day + ' ' + std::string(text.substr(4, 3)) + ' ' + std::string(text.substr(20)) + ' ' +
           std::string(text.substr(11, 8)) + " GMT";
  }
  return std::nullopt;
}

}  // namespace

bool etag_in(std::string_view list, std::string_view etag) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view tag = trimmed_of(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
    if (tag == "*") return true;
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    if (tag.size() >= 2 && tag.front() == '"' && tag.back() == '"') tag = tag.substr(1, tag.size() - 2);
    if (!tag.empty() && tag == etag) return true;
  }
  return false;
}

Check check_read_conditions(const Fields& headers, const ObjectVersion& version, std::int64_t now_micros) {
  const Conditions conditions = conditions_of(headers, "");
  if (conditions.match) {
    if (!etag_in(*conditions.match, version.etag)) return failed("If-Match");
  } else if (is_modified_since(conditions, version)) {
    return failed("If-Unmodified-Since");
  }
  if (not_modified(conditions, version, now_micros)) return not_modified_answer(version);
  return Passed();
}

Check check_source_conditions(const Fields& headers, const ObjectVersion& source, std::int64_t now_micros) {
  const Conditions conditions = conditions_of(headers, "x-amz-copy-source-");
  if (conditions.match) {
    if (!etag_in(*conditions.match, source.etag)) return failed("x-amz-copy-source-If-Match");
  } else if (is_modified_since(conditions, source)) {
    return failed("x-amz-copy-source-If-Unmodified-Since");
  }
  if (!not_modified(conditions, source, now_micros)) return Passed();
  return failed(conditions.none_match ? "x-amz-copy-source-If-None-Match" : "x-amz-copy-source-If-Modified-Since");
}

Check refuse_headers(const Fields& headers, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (headers.has(name)) return header_not_implemented(name);
  }
  return Passed{};
}

Check check_write_headers(const Fields& headers) {
  const auto match = headers.get("if-match");
  const auto none_match = headers.get("if-none-match");
  if (none_match && trimmed_of(*none_match) != "*") return value_not_accepted("If-None-Match");
  if (none_match && match) return header_not_implemented("If-None-Match");
  if (match && trimmed_of(*match) == "*") return value_not_accepted("If-Match");
  if (headers.has("if-modified-since")) return header_not_implemented("If-Modified-Since");
  if (headers.has("if-unmodified-since")) return header_not_implemented("If-Unmodified-Since");
  // Of directory buckets: whoever appends must not replace.
  if (headers.has("x-amz-write-offset-bytes")) return header_not_implemented("x-amz-write-offset-bytes");
  return Passed();
}

Check check_write_conditions(const Fields& headers, const ObjectVersion* current) {
  if (headers.has("if-none-match") && current != nullptr) return failed("If-None-Match");
  const auto match = headers.get("if-match");
  if (!match) return Passed();
  if (current == nullptr) return s3_error(ErrorCode::no_such_key);
  if (!etag_in(*match, current->etag)) return failed("If-Match");
  return Passed();
}

bool has_write_conditions(const Fields& headers) { return headers.has("if-none-match") || headers.has("if-match"); }

std::string http_date(std::int64_t micros) {
  static constexpr std::array<std::string_view, 7> days = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
  const auto seconds = static_cast<std::uint64_t>(micros < 0 ? 0 : micros) / micros_a_second;
  const std::string iso = format_iso8601(seconds * micros_a_second, 0);  // 1994-11-06T08:49:37Z
  std::size_t month = 0;
  std::from_chars(iso.data() + 5, iso.data() + 7, month);
  std::string text(days[seconds / 86'400 % 7]);
  text.append(", ").append(iso, 8, 2).append(" ").append(months.substr((month - 1) * 3, 3)).append(" ");
  return text.append(iso, 0, 4).append(" ").append(iso, 11, 8).append(" GMT");
}

std::optional<std::int64_t> parse_date_header(std::string_view text) {
  text = trimmed_of(text);
  if (const auto seconds = auth::sigv4::parse_http_date(text)) return seconds;
  if (const auto other = as_http_date(text)) return auth::sigv4::parse_http_date(*other);
  const auto micros = parse_time_micros(text);
  if (!micros.ok()) return std::nullopt;
  return static_cast<std::int64_t>(*micros / micros_a_second);
}

}  // namespace reprise::s3
