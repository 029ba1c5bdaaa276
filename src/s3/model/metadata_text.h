// User metadata (x-amz-meta-*) between the lines of a header, which are ASCII, and what is stored, which is UTF-8.
//
// As on S3 (user guide, "Working with object metadata"): a header line's bytes are ISO-8859-1, whatever their sender
// meant, as HTTP once had it; words encoded as RFC 2047 has it ("=?UTF-8?B?w6k=?=") are decoded before anything is
// stored; and what is not printable ASCII is told as such words. The page's own example shows both: "ÄMÄZÕÑ S3" sent
// as UTF-8 comes back as "=?UTF-8?B?w4PChE3Dg8KEWsODwpXDg8KRIFMz?=".
//
// Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace reprise::s3 {

// The UTF-8 of a header line's bytes. ASCII stays as it is.
[[nodiscard]] std::string metadata_of_header_bytes(std::string_view bytes);

// With the encoded words of UTF-8, US-ASCII and ISO-8859-1 decoded; what is no such word stays as it is. The white
// space between two encoded words goes.
[[nodiscard]] std::string decoded_metadata(std::string_view text);

// For the line of a header: `text` itself where it is printable ASCII, else encoded words of at most 75 characters, in
// quoted form where most of it is ASCII, in base64 where not. Bytes that are not UTF-8 count as ISO-8859-1.
[[nodiscard]] std::string metadata_header(std::string_view text);

}  // namespace reprise::s3
