// The stored form of an encrypted payload (docs/formats/object.md): blocks sealed one by one, so that any range can be
// read and checked with the blocks it touches.
//
// A block cannot stand in another place, for its number is its nonce; nor in another payload, for the salt makes
// another key. That none is missing at the end tells the record, which has the number of plain bytes.
//
// Threading: one thread at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "codec/aead.h"
#include "s3/ops/key_ring.h"
#include "s3/ops/payload.h"

namespace reprise::s3 {

inline constexpr std::uint64_t stored_block_bytes = sealed_block_bytes + codec::aead_tag_bytes;
static_assert(stored_block_bytes == 65'536);
inline constexpr std::size_t payload_salt_bytes = 16;

// How many bytes that many of plain text are when sealed.
[[nodiscard]] constexpr std::uint64_t sealed_bytes_of(std::uint64_t plain) {
  return plain + (plain + sealed_block_bytes - 1) / sealed_block_bytes * codec::aead_tag_bytes;
}

// The key of one payload: `salt` has payload_salt_bytes and is no other payload's.
[[nodiscard]] inline DataKey payload_key(const DataKey& key, BytesView salt) {
  return DataKey(codec::derive_key(key.bytes(), salt, "reprise payload"));
}

// The blocks of one payload, both ways.
class SealedBlocks {
 public:
  // As payload_key() has it.
  explicit SealedBlocks(const DataKey& payload_key) : aead_(payload_key.bytes()) {}
  SealedBlocks(const DataKey& key, BytesView salt) : SealedBlocks(payload_key(key, salt)) {}

  // Appends the sealed block: one of sealed_block_bytes of plain text, the last one (or an inline payload's only one)
  // of what it has.
  void seal(std::uint64_t number, BytesView plain, Bytes& out) { aead_.seal(nonce(number), {}, plain, out); }
  // False, and nothing appended, when it is not that block of this payload.
  [[nodiscard]] bool open(std::uint64_t number, BytesView sealed, Bytes& out) {
    return aead_.open(nonce(number), {}, sealed, out);
  }
  // The same where the block lies, less its tag.
  [[nodiscard]] bool open_in_place(std::uint64_t number, std::span<char> text, BytesView tag) {
    return aead_.open_in_place(nonce(number), {}, text, tag);
  }

 private:
  [[nodiscard]] static Bytes nonce(std::uint64_t number) {
    Bytes bytes(codec::aead_nonce_bytes - 8, '\0');
    append_be64(bytes, number);
    return bytes;
  }

  codec::Aead aead_;
};

}  // namespace reprise::s3
