// Conditional requests: whether a version is what a request wants it to be.
//
// Reads follow RFC 9110 section 13.2.2: If-Match before If-Unmodified-Since, If-None-Match before If-Modified-Since,
// the second of each pair not looked at when the first is there. Writes know If-None-Match: * and If-Match alone.
// Dates that are none, or that lie in the future (If-Modified-Since), say nothing.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "s3/model/error.h"
#include "s3/model/fields.h"
#include "s3/model/object.h"

namespace reprise::s3 {

// Whether a list of entity tags ("a", W/"b", c or *) has this one, which comes without quotes.
[[nodiscard]] bool etag_in(std::string_view list, std::string_view etag);

// Of a GET or HEAD: PreconditionFailed, or NotModified with the headers that a 304 carries.
[[nodiscard]] Check check_read_conditions(const Fields& headers, const ObjectVersion& version, std::int64_t now_micros);
// x-amz-copy-source-if-*: PreconditionFailed.
[[nodiscard]] Check check_source_conditions(const Fields& headers, const ObjectVersion& source,
                                            std::int64_t now_micros);

// NotImplemented, naming the header, when the request has one of these: a condition that is left aside would be a lie.
[[nodiscard]] Check refuse_headers(const Fields& headers, std::initializer_list<std::string_view> names);
// Of a write: NotImplemented for the conditions that writes do not have.
[[nodiscard]] Check check_write_headers(const Fields& headers);
// `current`: what is there, when that is an object, else null. PreconditionFailed; NoSuchKey for If-Match where there
// is nothing.
[[nodiscard]] Check check_write_conditions(const Fields& headers, const ObjectVersion* current);
[[nodiscard]] bool has_write_conditions(const Fields& headers);

// "Sun, 06 Nov 1994 08:49:37 GMT".
[[nodiscard]] std::string http_date(std::int64_t micros);
// In that form, RFC 850's or asctime's, or ISO 8601: seconds since the epoch.
[[nodiscard]] std::optional<std::int64_t> parse_date_header(std::string_view text);

}  // namespace reprise::s3
