// The spaces in memory, by id. Lookups take a short shared lock of one of several parts.
//
// A Space* found here is valid while the caller holds a ticket of the store's gate that is older than its removal, or
// the administration lock.
#pragma once

#include <array>
#include <memory>
#include <shared_mutex>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "history/space.h"

namespace reprise::history {

class SpaceTable {
 public:
  [[nodiscard]] Space* find(SpaceId id) const;
  void insert(std::unique_ptr<Space> space);
  // The space, no longer found; null when there is none.
  std::unique_ptr<Space> remove(SpaceId id);
  // By ascending id.
  [[nodiscard]] std::vector<Space*> all() const;

 private:
  struct alignas(64) Part {
    mutable std::shared_mutex mutex;
    std::unordered_map<SpaceId, std::unique_ptr<Space>> spaces;
  };
  static constexpr std::size_t parts = 32;
  [[nodiscard]] const Part& part(SpaceId id) const { return parts_[id.value() % parts]; }
  [[nodiscard]] Part& part(SpaceId id) { return parts_[id.value() % parts]; }

  std::array<Part, parts> parts_;
};

}  // namespace reprise::history
