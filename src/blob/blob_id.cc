#include "blob/blob_id.h"

#include <algorithm>

#include "base/assert.h"
#include "base/rng.h"
#include "codec/hex.h"

namespace reprise::blob {

BlobId BlobId::random() {
  std::string digits = random_uuid();
  std::erase(digits, '-');
  const auto id = from_text(digits);
  ASSERT(id.has_value());
  return *id;
}

std::optional<BlobId> BlobId::from_bytes(BytesView bytes) {
  if (bytes.size() != size) return std::nullopt;
  BlobId id;
  std::copy(bytes.begin(), bytes.end(), id.bytes_.begin());
  return id;
}

std::optional<BlobId> BlobId::from_text(std::string_view text) {
  if (text.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  const auto bytes = codec::from_hex(text);
  return bytes.ok() ? from_bytes(*bytes) : std::nullopt;
}

std::string BlobId::text() const { return codec::to_hex(bytes()); }

}  // namespace reprise::blob
