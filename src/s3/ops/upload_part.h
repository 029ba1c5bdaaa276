// What UploadPart and UploadPartCopy have in common.
#pragma once

#include <cstdint>
#include <optional>

#include "base/task.h"
#include "s3/model/upload.h"
#include "s3/ops/key_ring.h"
#include "s3/ops/operation.h"
#include "s3/ops/payload.h"
#include "s3/ops/uploads.h"

namespace reprise::s3 {

// partNumber of the query; InvalidArgument.
[[nodiscard]] Outcome<std::uint32_t> part_number_of(const Call& call);
// The data key of an upload, with the customer's own key in the request where it needs one; nothing of a plain one.
[[nodiscard]] Outcome<std::optional<DataKey>> open_upload_key(const Services& services, const Call& call,
                                                              const Upload& upload);
// How a part is written.
[[nodiscard]] PayloadRequest part_request(const Upload& upload, const std::optional<DataKey>& key);
// Stores what was written as a part; nothing of it is left when that is refused.
Task<Outcome<UploadedPart>> store_part(Services& services, const Call& call, FoundUpload upload, std::uint32_t number,
                                       std::optional<DataKey> key, WrittenPayload written);

}  // namespace reprise::s3
