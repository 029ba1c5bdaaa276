// See blob_names.h. The store's guards make the counts right: every change of an entry is guarded by what was read of
// it, and a new entry by its absence.
#include "s3/ops/blob_names.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "codec/ordered.h"
#include "s3/ops/services.h"

namespace reprise::s3 {

namespace {

constexpr std::size_t release_key_bytes = 8 + blob::BlobId::size;

using Names = std::map<blob::BlobId, std::uint64_t>;

// The parts of an upload may share a blob, so a payload may name one several times.
Names names_in(const Payload& payload) {
  Names names;
  for (const auto& part : payload.parts) ++names[part.blob];
  return names;
}

}  // namespace

Bytes encode_names(std::uint64_t names) {
  Bytes stored;
  codec::append_varint(stored, names);
  return stored;
}

Result<std::uint64_t> decode_names(BytesView stored) {
  std::uint64_t names = 0;
  if (!codec::read_varint(stored, names) || !stored.empty() || names == 0) {
    return corruption("the number of names of a blob is damaged");
  }
  return names;
}

Bytes release_key(Timestamp at, blob::BlobId id) {
  Bytes key;
  key.reserve(release_key_bytes);
  append_be64(key, at.bits());
  key.append(id.bytes());
  return key;
}

Result<ReleaseKey> parse_release_key(BytesView key) {
  if (key.size() != release_key_bytes) return corruption("the space of releases holds a key that is none");
  const auto id = blob::BlobId::from_bytes(key.substr(8));
  if (!id) return corruption("the space of releases holds a key that is none");
  return ReleaseKey{Timestamp(read_be64(key)), *id};
}

namespace {

Task<Outcome<Passed>> add_wanted(Services& services, Names wanted, bool made_now, history::Commit& commit) {
  for (const auto& [id, names] : wanted) {
    history::Version before;
    std::uint64_t held = 0;
    if (!made_now) {
      auto found = co_await services.store.get(services.root.blobs, id.bytes());
      if (!found.ok()) co_return store_error(found.error());
      before = std::move(found).value();
      if (!before) co_return s3_error(ErrorCode::no_such_key);
      auto counted = decode_names(before.value());
      if (!counted.ok()) co_return store_error(counted.error());
      held = *counted;
    }
    history::Change change{services.root.blobs, Bytes(id.bytes()), encode_names(held + names), std::move(before)};
    change.unlogged = true;
    commit.changes.push_back(std::move(change));
  }
  co_return Passed{};
}

}  // namespace

Task<Outcome<Passed>> add_names(Services& services, const Payload& payload, bool made_now, history::Commit& commit) {
  Names wanted = names_in(payload);
  co_return co_await add_wanted(services, std::move(wanted), made_now, commit);
}

Task<Outcome<std::vector<blob::BlobId>>> replace_names(Services& services, const Payload& after, bool made_now,
                                                       const Payload& before, history::Commit& commit) {
  Names wanted = names_in(after);
  Names gone = names_in(before);
  // Names that stay need no change: the record has them, and it is guarded.
  for (auto& [id, names] : gone) {
    const auto found = wanted.find(id);
    if (found == wanted.end()) continue;
    const std::uint64_t kept = std::min(names, found->second);
    names -= kept;
    found->second -= kept;
  }
  std::erase_if(wanted, [](const auto& entry) { return entry.second == 0; });
  CO_TRY(co_await add_wanted(services, std::move(wanted), made_now, commit));
  std::vector<blob::BlobId> last;
  for (const auto& [id, names] : gone) {
    if (names == 0) continue;
    const auto was_last = co_await remove_names(services, id, names, commit);
    if (!was_last.ok()) co_return store_error(was_last.error());
    if (*was_last) last.push_back(id);
  }
  co_return last;
}

void release_names(const Bucket& bucket, const Payload& payload, Timestamp now, history::Commit& commit) {
  for (const auto& [id, names] : names_in(payload)) {
    history::Change change{bucket.spaces.releases, release_key(now, id), encode_names(names), history::Version()};
    change.unlogged = true;
    commit.changes.push_back(std::move(change));
  }
}

Task<Result<bool>> remove_names(Services& services, blob::BlobId id, std::uint64_t names, history::Commit& commit) {
  CO_TRY_ASSIGN(history::Version before, co_await services.store.get(services.root.blobs, id.bytes()));
  if (!before) co_return false;
  CO_TRY_ASSIGN(const std::uint64_t held, decode_names(before.value()));
  const bool last = held <= names;
  std::optional<Bytes> left;
  if (!last) left = encode_names(held - names);
  history::Change change{services.root.blobs, Bytes(id.bytes()), std::move(left), std::move(before)};
  change.unlogged = true;
  commit.changes.push_back(std::move(change));
  co_return last;
}

}  // namespace reprise::s3
