// Which keys of a bucket its lifecycle rules can say anything about: so that a run over one prefix does not read the
// whole bucket. Used by lifecycle_run.cc and lifecycle_job.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/range.h"
#include "s3/model/bucket.h"

namespace reprise::s3 {

class LifecycleScope {
 public:
  // Of the space of versions: rules that remove noncurrent versions or delete markers.
  [[nodiscard]] static LifecycleScope of_versions(const Bucket& bucket);
  // Of the heads: rules that expire current versions.
  [[nodiscard]] static LifecycleScope of_heads(const Bucket& bucket);

  // The first stretch of keys in scope at or behind `from`; nothing when there is none. Ask again with its upper end
  // for the next one; a stretch without an upper end is the last.
  [[nodiscard]] std::optional<Range> range_from(BytesView from) const;

 private:
  explicit LifecycleScope(std::vector<Bytes> prefixes);

  std::vector<Bytes> prefixes_;  // sorted; none begins with another
};

// Whether an enabled rule has anything to do at all.
[[nodiscard]] bool has_lifecycle_work(const Bucket& bucket);
[[nodiscard]] bool aborts_uploads(const Bucket& bucket);
// The most newer noncurrent versions that a rule wants to keep.
[[nodiscard]] std::uint64_t most_kept(const Bucket& bucket);

}  // namespace reprise::s3
