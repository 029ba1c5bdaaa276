// The document of CompleteMultipartUpload: the parts that the object is to be made of.
// Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "codec/checksum.h"
#include "s3/model/error.h"

namespace reprise::s3 {

struct CompletedPart {
  std::uint32_t number = 0;  // 1 to part_number_max, or larger (there is no such part)
  std::string etag;          // without quotes
  struct Checksum {
    codec::ChecksumAlgorithm algorithm = codec::ChecksumAlgorithm::crc32;
    std::string base64;  // as sent
    bool operator==(const Checksum&) const = default;
  };
  std::vector<Checksum> checksums;  // at most one of each algorithm
  bool operator==(const CompletedPart&) const = default;
};

// <CompleteMultipartUpload><Part><PartNumber/><ETag/><ChecksumCRC32/>...</Part>... in the order sent. MalformedXML for
// everything that is no such document, one without parts included; InvalidArgument for a part number below 1.
[[nodiscard]] Outcome<std::vector<CompletedPart>> parse_complete_upload(BytesView xml);
// The same document, written.
[[nodiscard]] Bytes print_complete_upload(const std::vector<CompletedPart>& parts);

}  // namespace reprise::s3
