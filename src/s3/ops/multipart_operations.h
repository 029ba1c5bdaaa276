// The operations of multipart uploads, a file for each step of one. Their table is in multipart_operations.cc.
#pragma once

#include <optional>
#include <string>

#include "base/task.h"
#include "codec/checksum.h"
#include "codec/xml.h"
#include "s3/model/upload.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

Task<Outcome<Reply>> create_multipart_upload(Services& services, Call& call);
Task<Outcome<Reply>> upload_part(Services& services, Call& call);
Task<Outcome<Reply>> upload_part_copy(Services& services, Call& call);
Task<Outcome<Reply>> list_parts(Services& services, Call& call);
Task<Outcome<Reply>> list_multipart_uploads(Services& services, Call& call);
Task<Outcome<Reply>> complete_multipart_upload(Services& services, Call& call);
Task<Outcome<Reply>> abort_multipart_upload(Services& services, Call& call);

// ---- What they share -----------------------------------------------------------------------------------------------

// uploadId of the query; NoSuchUpload comes later, when there is none.
[[nodiscard]] std::string upload_id_of(const Call& call);
// <Initiator> or <Owner>.
void write_user(codec::XmlWriter& xml, std::string_view element, std::string_view id);
// "COMPOSITE" or "FULL_OBJECT".
[[nodiscard]] std::string_view checksum_type_name(ChecksumType type);
// <ChecksumCRC32>...</ChecksumCRC32>.
void write_checksum(codec::XmlWriter& xml, codec::ChecksumAlgorithm algorithm, std::string_view text);
// x-amz-abort-date and x-amz-abort-rule-id, when a lifecycle rule ends such uploads.
void add_abort_headers(Fields& headers, const Services& services, const Bucket& bucket, std::string_view key,
                       std::int64_t initiated_micros);
// A whole number of the query in [0, max], cut down to `max`; `otherwise` when it is not there. InvalidArgument.
[[nodiscard]] Outcome<std::uint32_t> number_of_query(const Call& call, std::string_view name, std::uint32_t otherwise,
                                                     std::uint32_t max);

}  // namespace reprise::s3
