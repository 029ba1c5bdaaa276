// How large DynamoDB says an item is: the number that counts against the 400 KB limit, the 1 MB page and the capacity
// units. It has nothing to do with the length of our encoding.
//
// Source: developer guide, "DynamoDB item sizes and formats": names and strings by UTF-8 bytes, numbers one byte per
// two significant digits and one more, binary by octets, NULL and BOOL one byte, a list or map 3 bytes and one more
// for each element or pair.
#pragma once

#include <cstddef>
#include <cstdint>

#include "dynamo/model/item.h"

namespace reprise::dynamo {

// Bytes, without the attribute's name.
[[nodiscard]] std::size_t value_size(ValueView value) noexcept;
// Bytes of all names and values; 0 for no item.
[[nodiscard]] std::size_t item_size(ItemView item) noexcept;

// Units for so many bytes, rounded up; at least one. Strongly consistent reads take one unit per 4 KB, eventually
// consistent ones half of it, transactional ones twice; writes take one per 1 KB, transactional ones twice.
[[nodiscard]] double read_units(std::size_t bytes, bool consistent) noexcept;
[[nodiscard]] double write_units(std::size_t bytes) noexcept;

}  // namespace reprise::dynamo
