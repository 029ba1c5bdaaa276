// Strong identifiers: two ids of different things cannot be swapped.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace reprise {

template <class Tag, class Number = std::uint64_t>
class Id {
 public:
  constexpr Id() noexcept = default;
  constexpr explicit Id(Number value) noexcept : value_(value) {}
  [[nodiscard]] constexpr Number value() const noexcept { return value_; }
  constexpr auto operator<=>(const Id&) const noexcept = default;

 private:
  Number value_ = 0;
};

// One ordered, versioned key range: a table's items, one index, a bucket's heads. Never reused.
using SpaceId = Id<struct SpaceTag>;
// A hash range of a space; the unit of placement.
using ShardId = Id<struct ShardTag, std::uint16_t>;

}  // namespace reprise

template <class Tag, class Number>
struct std::hash<reprise::Id<Tag, Number>> {
  std::size_t operator()(const reprise::Id<Tag, Number>& id) const noexcept { return std::hash<Number>()(id.value()); }
};
