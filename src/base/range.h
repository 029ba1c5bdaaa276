// Key ranges and scan directions, the same in every room.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace reprise {

// Keys in [lower, upper); an empty upper means no upper bound.
struct Range {
  Bytes lower;
  Bytes upper;
};

enum class Direction : std::uint8_t { forward, backward };

}  // namespace reprise
