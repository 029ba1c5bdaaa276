// What the three listings of a bucket have in common: their parameters, and the documents they answer with.
#pragma once

#include <string>
#include <string_view>

#include "codec/xml.h"
#include "s3/ops/listing.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

struct ListRequest {
  ListRange range;  // without `from`
  bool has_delimiter = false;
  bool url_encoded = false;  // encoding-type=url
};

// prefix, delimiter, max-keys, encoding-type and x-amz-optional-object-attributes. InvalidArgument.
[[nodiscard]] Outcome<ListRequest> list_request_of(const Call& call);

// A key, prefix or marker as the document carries it: URL-encoded where the request asks for it.
[[nodiscard]] std::string printed_key(const ListRequest& request, std::string_view key);

// "2009-10-12T17:50:30.000Z": S3 tells whole seconds.
[[nodiscard]] std::string listed_time(std::int64_t micros);

// <ETag>, <ChecksumAlgorithm>s, <ChecksumType> and <Size> of a version.
void print_content(codec::XmlWriter& xml, const ObjectVersion& version);
void print_owner(codec::XmlWriter& xml, std::string_view canonical_id);
void print_common_prefixes(codec::XmlWriter& xml, const ListRequest& request, const Listing& listing);

}  // namespace reprise::s3
