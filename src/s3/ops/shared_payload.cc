// See shared_payload.h. What is sealed is the blob's own key, not the data key it was made from: who gets a slice of
// one blob can read that blob, and nothing else of its object.
#include "s3/ops/shared_payload.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "codec/aead.h"
#include "s3/ops/sealed_blocks.h"

namespace reprise::s3 {
namespace {

// The data key makes keys, and seals nothing itself.
DataKey sealing_key(const DataKey& key) {
  return DataKey(codec::derive_key(key.bytes(), {}, "reprise keys of shared payloads"));
}

Status take_over(PayloadPart& piece, const std::optional<DataKey>& from, const std::optional<DataKey>& to) {
  ASSERT(from.has_value() == to.has_value());
  if (!from) return {};
  TRY_ASSIGN(const DataKey key, blob_key_of(piece, *from));
  piece.salt.clear();
  piece.sealed_key = codec::seal_secret(sealing_key(*to).bytes(), piece.blob.bytes(), key.bytes());
  return {};
}

}  // namespace

bool may_share(const Envelope& from, SseKind to, std::string_view to_customer_md5) {
  if ((from.kind == SseKind::none) != (to == SseKind::none)) return false;
  if (from.kind != SseKind::customer && to != SseKind::customer) return true;
  return from.kind == to && from.customer_md5 == to_customer_md5;
}

Result<DataKey> blob_key_of(const PayloadPart& piece, const DataKey& key) {
  if (piece.sealed_key.empty()) return payload_key(key, piece.salt);
  auto opened = codec::open_secret(sealing_key(key).bytes(), piece.blob.bytes(), piece.sealed_key);
  if (!opened || opened->size() != codec::aead_key_bytes) {
    return corruption("the key of blob " + piece.blob.text() + " does not open");
  }
  return DataKey(*std::move(opened));
}

Result<std::vector<PayloadPart>> slices_of(const Payload& payload, const std::optional<DataKey>& from,
                                           std::uint64_t offset, std::uint64_t length,
                                           const std::optional<DataKey>& to) {
  std::vector<PayloadPart> slices;
  std::uint64_t begin = 0;
  for (const PayloadPart& piece : payload.parts) {
    const std::uint64_t end = begin + piece.bytes;
    const std::uint64_t first = std::max(begin, offset);
    const std::uint64_t past = std::min(end, offset + length);
    const std::uint64_t at = piece.from + (first - begin);
    begin = end;
    if (first >= past) continue;
    if (!slices.empty() && slices.back().blob == piece.blob && slices.back().from + slices.back().bytes == at) {
      slices.back().bytes += past - first;
      continue;
    }
    PayloadPart slice;
    slice.blob = piece.blob;
    slice.from = at;
    slice.bytes = past - first;
    slice.blob_bytes = piece.plain_bytes_of_blob();
    slice.salt = piece.salt;
    slice.sealed_key = piece.sealed_key;
    TRY(take_over(slice, from, to));
    slices.push_back(std::move(slice));
  }
  for (PayloadPart& slice : slices) {
    if (slice.bytes == slice.blob_bytes) slice.blob_bytes = 0;
  }
  return slices;
}

}  // namespace reprise::s3
