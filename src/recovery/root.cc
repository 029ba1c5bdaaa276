// The root spaces are those with the three lowest ids, because nothing was made before them and ids are never reused.
#include "recovery/root.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "history/store.h"

namespace reprise::recovery {

namespace {

// The catalogues keep their own past longer than any table does by default (35 days), so that what a table or bucket
// was like can be looked up wherever its items can. Catalogues are small: a year costs little.
constexpr history::Retention catalogue_retention = std::chrono::hours(24 * 366);
constexpr history::Retention jobs_retention{0};
constexpr std::size_t root_count = 3;

}  // namespace

Result<RootSpaces> find_root_spaces(const history::Store& store) {
  std::vector<history::SpaceInfo> spaces = store.spaces();
  std::sort(spaces.begin(), spaces.end(),
            [](const history::SpaceInfo& a, const history::SpaceInfo& b) { return a.id < b.id; });
  const bool whole =
      spaces.size() >= root_count && std::none_of(spaces.begin(), spaces.begin() + root_count,
                                                  [](const auto& info) { return info.dropped || info.base; });
  const bool consecutive =
      whole && spaces[1].id.value() == spaces[0].id.value() + 1 && spaces[2].id.value() == spaces[1].id.value() + 1;
  if (!consecutive || spaces[0].retention != catalogue_retention || spaces[1].retention != jobs_retention ||
      spaces[2].retention != catalogue_retention) {
    return corruption("the store has spaces, but not those that everything else is found from");
  }
  return RootSpaces{spaces[0].id, spaces[1].id, spaces[2].id};
}

bool is_root_space(const RootSpaces& root, SpaceId space) {
  return space == root.catalogue || space == root.jobs || space == root.buckets;
}

Task<Result<RootSpaces>> open_root_spaces(history::Store& store) {
  if (store.spaces().empty()) {
    FAULT_POINT("root.before_create");
    std::vector<history::Retention> retentions;
    for (const auto retention : {catalogue_retention, jobs_retention, catalogue_retention})
      retentions.push_back(retention);
    CO_TRY(co_await store.create(std::move(retentions)));
    FAULT_POINT("root.after_create");
  }
  co_return find_root_spaces(store);
}

}  // namespace reprise::recovery
