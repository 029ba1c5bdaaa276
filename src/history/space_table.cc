#include "history/space_table.h"

#include <algorithm>
#include <mutex>

namespace reprise::history {

Space* SpaceTable::find(SpaceId id) const {
  const Part& where = part(id);
  const std::shared_lock lock(where.mutex);
  const auto found = where.spaces.find(id);
  return found == where.spaces.end() ? nullptr : found->second.get();
}

void SpaceTable::insert(std::unique_ptr<Space> space) {
  Part& where = part(space->id());
  const std::unique_lock lock(where.mutex);
  const SpaceId id = space->id();
  ASSERT(where.spaces.emplace(id, std::move(space)).second);
}

std::unique_ptr<Space> SpaceTable::remove(SpaceId id) {
  Part& where = part(id);
  const std::unique_lock lock(where.mutex);
  const auto found = where.spaces.find(id);
  if (found == where.spaces.end()) return nullptr;
  auto space = std::move(found->second);
  where.spaces.erase(found);
  return space;
}

std::vector<Space*> SpaceTable::all() const {
  std::vector<Space*> found;
  for (const Part& where : parts_) {
    const std::shared_lock lock(where.mutex);
    for (const auto& [id, space] : where.spaces) found.push_back(space.get());
  }
  std::sort(found.begin(), found.end(), [](const Space* a, const Space* b) { return a->id() < b->id(); });
  return found;
}

}  // namespace reprise::history
