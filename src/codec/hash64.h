// hash64: the hash that spreads partition keys over a space. It is part of the on-disk format (item keys begin with
// it) and decides parallel scan segments, so it never changes; golden values in the test freeze it.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace reprise::codec {

// XXH64 with the given seed (algorithm: the xxHash specification, version 0.1.1). Every input bit moves every output
// bit with probability about one half. Not for secrets: collisions can be made on purpose. Pure, thread-safe.
[[nodiscard]] std::uint64_t hash64(BytesView bytes, std::uint64_t seed = 0) noexcept;

}  // namespace reprise::codec
