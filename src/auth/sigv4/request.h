// What Signature Version 4 looks at: views of one request, and nothing of HTTP's machinery.
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.h"

namespace reprise::auth::sigv4 {

// One header field, as received: the name in any case, the value with whatever blanks it came with.
struct Header {
  std::string_view name;
  std::string_view value;
};

// The views must outlive the call they are passed to, no longer.
struct RequestView {
  std::string_view method;          // "POST"
  std::string_view target;          // path and query as sent, still percent-encoded
  std::span<const Header> headers;  // in the order they came; names may repeat
  BytesView body;                   // what the client hashed: before any decompression
  // Stands for the body's hash in the canonical request when it is not empty: lower-case hex, or one of S3's words
  // such as UNSIGNED-PAYLOAD. Whoever sets it sees to it that the body matches.
  std::string_view payload_hash;
};

// How a path becomes canonical.
enum class PathStyle : unsigned char {
  normalized,  // dot segments and doubled slashes removed, and encoded once more: every service but S3
  plain,       // decoded and encoded, nothing removed: S3, where "a//../b" is an object's name
};

// The value of the first header called `name` (lower-case); nullptr when absent.
[[nodiscard]] const Header* find_header(std::span<const Header> headers, std::string_view name) noexcept;

}  // namespace reprise::auth::sigv4
