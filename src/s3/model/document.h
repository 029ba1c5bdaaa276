// Reading the XML documents of S3's requests: what all of their parsers share.
//
// S3 takes its documents with or without its namespace and refuses what their schemas do not know. The functions here
// answer MalformedXML ("The XML you provided was not well-formed or did not validate against our published schema")
// unless a document has another code for that (MalformedACLError).
//
// Pure functions, thread-safe.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "codec/xml.h"
#include "s3/model/error.h"

namespace reprise::s3 {

// The root element, which must have that name and no namespace but S3's.
[[nodiscard]] Outcome<codec::XmlElement> parse_document(BytesView xml, std::string_view root,
                                                        ErrorCode malformed = ErrorCode::malformed_xml,
                                                        const codec::XmlLimits& limits = {});

// Whether a document's root is in S3's namespace, or in none.
[[nodiscard]] bool is_of_s3(const codec::XmlElement& root);

// Whether every child of `element` is one of `names`.
[[nodiscard]] bool has_only(const codec::XmlElement& element, std::initializer_list<std::string_view> names);

// How often `element` has a child of that name.
[[nodiscard]] std::size_t count_of(const codec::XmlElement& element, std::string_view name);

// The text of the one child of that name, without white space around it; nothing when there is none or more than one.
[[nodiscard]] std::optional<std::string_view> only_text_of(const codec::XmlElement& element, std::string_view name);

// A document as it was sent, in S3's manner: without comments and white space between elements, in S3's namespace. Of
// attributes xsi:type is kept, the only one that S3's documents know.
[[nodiscard]] Bytes print_document(const codec::XmlElement& root);

// Without the white space around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace reprise::s3
