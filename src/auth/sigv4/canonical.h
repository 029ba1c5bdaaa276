// The canonical request and the string to sign (AWS, "Create a signed AWS API request"): the text that client and
// server must agree on, byte by byte. Everything appends to a buffer of the caller's; pure functions, thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "auth/sigv4/request.h"
#include "base/bytes.h"

namespace reprise::auth::sigv4 {

inline constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view terminator = "aws4_request";

// A target's two parts; the absolute form ("http://host/path?query") loses its scheme and authority.
struct TargetParts {
  std::string_view path;
  std::string_view query;
};
[[nodiscard]] TargetParts split_target(std::string_view target) noexcept;

// Percent-encoding by AWS's rule: all but A-Z a-z 0-9 - . _ ~ (and '/' where it is kept).
enum class Slash : bool { encode, keep };
void append_uri_encoded(Bytes& out, std::string_view text, Slash slash);
// Undoes it; a '%' that two hexadecimal digits do not follow stands for itself. With `plus_is_space`, '+' too.
enum class Plus : bool { itself, space };
void append_uri_decoded(Bytes& out, std::string_view text, Plus plus);

void append_canonical_path(Bytes& out, std::string_view path, PathStyle style);

// Every parameter decoded and encoded again, sorted by name, then by value; X-Amz-Signature is left out, for it cannot
// sign itself. Empty pieces ("a&&b") are dropped.
void append_canonical_query(Bytes& out, std::string_view query);

// "name:value\n" for each name of `signed_headers`, a canonical list. Blanks around a value go, runs of them inside
// become one space, repeated fields are joined with commas, an absent one is empty.
void append_canonical_headers(Bytes& out, std::span<const Header> headers, std::string_view signed_headers);

// "Host;x-amz-date;host" -> "host;x-amz-date": lower-case, sorted, distinct. The result is a view of `list` itself when
// that is canonical already (as every client's is), else of `storage`.
[[nodiscard]] std::string_view canonical_header_list(std::string_view list, std::string& storage);

// Whether a canonical list has `name`.
[[nodiscard]] bool lists_header(std::string_view list, std::string_view name) noexcept;

// The whole canonical request. The request's payload_hash, or else the hash of its body, is the last line.
void append_canonical_request(Bytes& out, const RequestView& request, PathStyle style, std::string_view signed_headers);

// `amz_date` is "20150830T123600Z", `scope` "20150830/us-east-1/iam/aws4_request".
void append_string_to_sign(Bytes& out, std::string_view amz_date, std::string_view scope, BytesView canonical_request);

}  // namespace reprise::auth::sigv4
