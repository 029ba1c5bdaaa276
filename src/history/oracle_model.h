// The plain model that the store is compared with: every version of every key, in maps, never forgotten. For tests.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/range.h"
#include "history/store.h"

namespace reprise::history::testing {

struct ModelVersion {
  Timestamp begin;
  Timestamp end = Timestamp::max();
  Bytes value;
};

struct ModelSpace {
  std::map<Bytes, std::vector<ModelVersion>> keys;
  std::vector<LogEntry> log;
  Retention retention{0};
  Timestamp created;
  Timestamp floor;         // before it nothing is promised: made, switched on, or given up by a shorter retention
  Timestamp last_horizon;  // as the store said; it never goes back
  bool dropped = false;
  Timestamp dropped_at;

  [[nodiscard]] const ModelVersion* find(const Bytes& key, Timestamp at) const {
    const auto found = keys.find(key);
    if (found == keys.end()) return nullptr;
    for (const auto& version : found->second) {
      if (version.begin <= at && at < version.end) return &version;
    }
    return nullptr;
  }

  // Key and version of all that was live at `at` in `range`, in scan order.
  [[nodiscard]] std::vector<std::pair<Bytes, const ModelVersion*>> list(Timestamp at, const Range& range,
                                                                        Direction direction) const {
    std::vector<std::pair<Bytes, const ModelVersion*>> rows;
    for (auto key = keys.lower_bound(range.lower); key != keys.end(); ++key) {
      if (!range.upper.empty() && key->first >= range.upper) break;
      if (const auto* version = find(key->first, at)) rows.emplace_back(key->first, version);
    }
    if (direction == Direction::backward) std::reverse(rows.begin(), rows.end());
    return rows;
  }

  void apply(const Bytes& key, const std::optional<Bytes>& value, Timestamp at, std::uint32_t sequence,
             bool by_service) {
    auto& versions = keys[key];
    const bool live = !versions.empty() && versions.back().end == Timestamp::max();
    if (!live && !value) return;
    if (live) versions.back().end = at;
    if (value) versions.push_back({at, Timestamp::max(), *value});
    log.push_back({at, sequence, value ? ChangeKind::put : ChangeKind::erase, key, by_service});
  }

  [[nodiscard]] ModelSpace clone(Timestamp at, Timestamp made, Retention kept) const {
    ModelSpace copy;
    for (const auto& [key, version] : list(at, Range(), Direction::forward)) {
      copy.keys[key].push_back({made, Timestamp::max(), version->value});
    }
    copy.retention = kept;
    copy.created = made;
    copy.floor = made;
    return copy;
  }
};

}  // namespace reprise::history::testing
