// The first root spaces are those with the three lowest ids, because nothing was made before them and ids are never
// reused. A crash between making another one and naming it leaves a space that nobody names, which the catalogue drops.
#include "recovery/root.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "base/fault_point.h"
#include "history/store.h"

namespace reprise::recovery {

namespace {

// The catalogues keep their own past longer than any table does by default (35 days), so that what a table or bucket
// was like can be looked up wherever its items can. Catalogues are small: a year costs little.
constexpr history::Retention catalogue_retention = std::chrono::hours(24 * 366);
constexpr history::Retention no_past{0};
// Catalogue, jobs, buckets.
constexpr std::array first_retentions{catalogue_retention, no_past, catalogue_retention};

constexpr BytesView key_prefix = "r/";
constexpr BytesView tokens_key = "r/tokens";
constexpr BytesView archives_key = "r/archives";
constexpr BytesView blobs_key = "r/blobs";
constexpr BytesView users_key = "r/users";
constexpr BytesView keys_key = "r/keys";

// Whether `info` can be number `index` of the first spaces, of which `first` is the first.
bool is_first_space(const history::SpaceInfo& info, const history::SpaceInfo& first, std::size_t index) {
  return !info.dropped && !info.base && info.retention == first_retentions[index] &&
         info.id.value() == first.id.value() + index;
}

Result<RootSpaces> find_first_spaces(const history::Store& store) {
  std::vector<history::SpaceInfo> spaces = store.spaces();
  std::sort(spaces.begin(), spaces.end(),
            [](const history::SpaceInfo& a, const history::SpaceInfo& b) { return a.id < b.id; });
  bool whole = spaces.size() >= first_retentions.size();
  for (std::size_t i = 0; whole && i < first_retentions.size(); ++i) whole = is_first_space(spaces[i], spaces[0], i);
  if (!whole) return corruption("the store has spaces, but not those that everything else is found from");
  RootSpaces root;
  root.catalogue = spaces[0].id;
  root.jobs = spaces[1].id;
  root.buckets = spaces[2].id;
  return root;
}

// The space that `key` of the catalogue names; made and named when there is none.
Task<Result<SpaceId>> open_named(history::Store& store, SpaceId catalogue, Bytes key) {
  CO_TRY_ASSIGN(history::Version entry, co_await store.get(catalogue, key));
  if (entry) {
    std::uint64_t id = 0;
    for (const char digit : entry.value()) {
      if (digit < '0' || digit > '9') co_return corruption("the catalogue entry " + key + " names no space");
      id = id * 10 + static_cast<std::uint64_t>(digit - '0');
    }
    const auto info = store.info(SpaceId(id));
    if (!info.ok() || info->dropped) co_return corruption("the catalogue entry " + key + " names a space that is gone");
    co_return SpaceId(id);
  }
  FAULT_POINT("root.before_create_named");
  std::vector<history::NewSpace> wanted(1, no_past);
  CO_TRY_ASSIGN(const std::vector<SpaceId> made, co_await store.create(std::move(wanted)));
  FAULT_POINT("root.before_name");
  history::Commit commit;
  commit.changes.push_back({catalogue, std::move(key), std::to_string(made[0].value()), std::move(entry)});
  CO_TRY(co_await store.commit(std::move(commit)));
  FAULT_POINT("root.after_name");
  co_return made[0];
}

}  // namespace

bool is_root_space(const RootSpaces& root, SpaceId space) {
  return space == root.catalogue || space == root.jobs || space == root.buckets || space == root.tokens ||
         space == root.archives || space == root.blobs || space == root.users || space == root.keys;
}

bool is_root_key(BytesView key) { return key.starts_with(key_prefix); }

Task<Result<RootSpaces>> open_root_spaces(history::Store& store) {
  if (store.spaces().empty()) {
    FAULT_POINT("root.before_create");
    std::vector<history::NewSpace> wanted(first_retentions.begin(), first_retentions.end());
    CO_TRY(co_await store.create(std::move(wanted)));
    FAULT_POINT("root.after_create");
  }
  CO_TRY_ASSIGN(RootSpaces root, find_first_spaces(store));
  CO_TRY_ASSIGN(root.tokens, co_await open_named(store, root.catalogue, Bytes(tokens_key)));
  CO_TRY_ASSIGN(root.archives, co_await open_named(store, root.catalogue, Bytes(archives_key)));
  CO_TRY_ASSIGN(root.blobs, co_await open_named(store, root.catalogue, Bytes(blobs_key)));
  CO_TRY_ASSIGN(root.users, co_await open_named(store, root.catalogue, Bytes(users_key)));
  CO_TRY_ASSIGN(root.keys, co_await open_named(store, root.catalogue, Bytes(keys_key)));
  co_return root;
}

}  // namespace reprise::recovery
