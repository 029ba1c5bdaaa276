#include "kv/engine.h"

namespace reprise::kv {

std::string_view kind_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::meta: return "meta";
    case Kind::data: return "data";
    case Kind::history: return "history";
    case Kind::log: return "log";
    case Kind::payload: return "payload";
  }
  return "unknown";
}

Status check_write_set(const WriteSet& set) {
  const Partition* home = nullptr;
  const auto at_home = [&home](const Partition& partition) {
    if (home == nullptr) home = &partition;
    return partition == *home;
  };
  for (const auto& write : set.atomic) {
    if (!at_home(write.partition)) return internal_error("write set: atomic writes name more than one partition");
  }
  for (const auto& guard : set.guards) {
    if (!at_home(guard.partition))
      return internal_error("write set: a guard is outside the partition of the atomic writes");
  }
  if (!set.guards.empty() && !guardable(home->kind)) {
    return internal_error("write set: a guard is on a history or log partition");
  }
  return {};
}

}  // namespace reprise::kv
