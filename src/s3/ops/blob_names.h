// Which blobs are named, and how often: what tells a blob that may go from one that may not.
//
// The root space `blobs` has an entry for every blob that a record names: its id -> how many names it has, counted over
// the live versions and parts that name it (as often as they name it) and the releases that are pending for it. The
// entry comes and changes in the commit that makes or ends a name, so after any crash it is right. A blob without an
// entry is an orphan: a writer died between the blob's commit and the record's.
//
// A version that is removed for good is still named by the bucket's past. So its blobs are *released*: an entry
// (time, blob id) in the bucket's space `releases` takes over the name. Behind the bucket's horizon nobody can read
// that past any more: the collector (garbage.h) takes the entry and the name away, and the blob with the last name.
// Parts of aborted uploads have no past and lose their names at once (at their release time, without a horizon).
//
// Threading: from any thread; the caller holds the lock of the key whose record changes. Two keys may share a blob (a
// copy), so its entry is guarded: the commit fails with conflict when somebody else changed it, and is to be tried
// again.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "blob/blob_id.h"
#include "history/store.h"
#include "s3/model/object.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

// Adds to `commit` one more name for each blob of `payload`. `made_now`: the blobs were written by this request, so no
// entry is read; else an entry must be there (NoSuchKey when one has gone: the source of a copy was collected).
Task<Outcome<Passed>> add_names(Services& services, const Payload& payload, bool made_now, history::Commit& commit);

// Adds to `commit` that `after` takes the place of `before` in a record without a past. `made_now` is of `after`, as
// for add_names. The answer: the blobs that lose their last name.
Task<Outcome<std::vector<blob::BlobId>>> replace_names(Services& services, const Payload& after, bool made_now,
                                                       const Payload& before, history::Commit& commit);

// Adds to `commit` the releases of each blob of `payload` at `now`: the names pass to the bucket's past. `now` is the
// store's, unique, and for one payload. The commit itself comes somewhat later: while the bucket keeps a past, a
// release is due only when the horizon is release_grace behind it.
void release_names(const Bucket& bucket, const Payload& payload, Timestamp now, history::Commit& commit);
inline constexpr std::chrono::microseconds release_grace = std::chrono::minutes(1);

// Takes `names` names of a blob away, in `commit`: what the collector does with a release that is due. True: those were
// the last ones, the entry goes, and so may the blob once the commit is done. Nothing is changed, and the answer is
// false, when there is no entry.
Task<Result<bool>> remove_names(Services& services, blob::BlobId id, std::uint64_t names, history::Commit& commit);

// Keys of the space of releases: be64 time, blob id. Their values, and those of the entries: how many names.
[[nodiscard]] Bytes release_key(Timestamp at, blob::BlobId id);
struct ReleaseKey {
  Timestamp at;
  blob::BlobId id;
};
[[nodiscard]] Result<ReleaseKey> parse_release_key(BytesView key);
[[nodiscard]] Bytes encode_names(std::uint64_t names);
[[nodiscard]] Result<std::uint64_t> decode_names(BytesView stored);

}  // namespace reprise::s3
