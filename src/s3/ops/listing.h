// The walks behind the listings: current objects, and all versions, in S3's order, with keys rolled up into common
// prefixes.
//
// Order: keys by their bytes; the versions of a key newest first. A common prefix counts as one and stands where its
// first key would; what it hides is skipped, not read. A walk of current objects reads neither old versions nor
// payloads.
//
// What a listing of versions of the present may show while others write: each version that is there all the time is
// shown once; those that come or go meanwhile may or may not be. As of a time everything is of that time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "s3/model/object.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

struct ListRange {
  std::string prefix;
  std::string delimiter;  // empty: nothing is rolled up
  // Keys before this one are not looked at.
  std::string from;
  // Of the key `from` itself, only versions older than this sequence (listings of versions).
  std::optional<std::uint64_t> below;
  std::size_t max = 1000;  // of entries and common prefixes together
  std::optional<Timestamp> as_of;
};

struct ListedVersion {
  std::string key;
  ObjectVersion version;
  bool latest = true;
};

struct Listing {
  std::vector<ListedVersion> entries;
  std::vector<std::string> common_prefixes;
  bool truncated = false;  // there is more behind the last one; never when max is 0
  // The last one shown: where a truncated listing goes on from.
  std::string last;
  bool last_is_prefix = false;
};

Task<Outcome<Listing>> list_current(Services& services, BucketPtr bucket, ListRange range);
Task<Outcome<Listing>> list_versions(Services& services, BucketPtr bucket, ListRange range);

// The common prefix that rolls up `key`; nothing when none does.
[[nodiscard]] std::optional<std::string> common_prefix_of(std::string_view key, const ListRange& range);
// The first key that a listing behind `marker` may show: behind the marker itself, and behind the common prefix that it
// falls under, for a listing shows no prefix that is not greater than its marker.
[[nodiscard]] std::string first_key_after(std::string_view marker, const ListRange& range);

}  // namespace reprise::s3
