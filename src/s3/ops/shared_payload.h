// Payloads that several objects share: whose blobs another object may name, and slices of them.
//
// A blob that is encrypted has a key of its own, made from the data key of the object it was written for. An object
// with another data key that names the blob keeps the blob's key sealed under that (docs/formats/object.md).
//
// Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "s3/model/object.h"
#include "s3/ops/key_ring.h"

namespace reprise::s3 {

// Whether what is encrypted as `from` may be shared with an object that is to be encrypted as told.
//   - Plain and encrypted are never shared: what is to be encrypted must not stay in plain, nor the other way round.
//   - What a customer's key protects is shared under that same key alone. Else it could still be read with the other
//     key (or the server's records of it) when the customer has long changed it.
[[nodiscard]] bool may_share(const Envelope& from, SseKind to, std::string_view to_customer_md5);

// The key of a piece's blob. `key` is the data key of the object that has the piece. Corruption: it does not open.
[[nodiscard]] Result<DataKey> blob_key_of(const PayloadPart& piece, const DataKey& key);

// The bytes [offset, offset + length) of a payload that is not inline, as an object whose data key is `to` names them.
// Both keys, or none: may_share(). Pieces that continue one another are one. Their number is 0, without a checksum.
[[nodiscard]] Result<std::vector<PayloadPart>> slices_of(const Payload& payload, const std::optional<DataKey>& from,
                                                         std::uint64_t offset, std::uint64_t length,
                                                         const std::optional<DataKey>& to);

}  // namespace reprise::s3
