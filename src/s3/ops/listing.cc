// See listing.h. A listing of versions merges two spaces. Heads are read first and versions only as far as heads have
// been read: a version moves from heads to versions when another one is put on it, so in this order it is met at least
// once; and of a key whose head was shown, only older versions are, so it is met at most once. The other way, when what
// stands above it is removed, it may be met in neither: the heads are looked at again for that, when all is listed.
// (One that comes to the top and is covered again, both between the two reads of its key, is still missed by that
// listing.)
#include "s3/ops/listing.h"

#include <algorithm>
#include <utility>

#include "codec/ordered.h"
#include "s3/ops/key_write.h"
#include "s3/ops/list_cursor.h"
#include "s3/ops/services.h"

namespace reprise::s3 {

namespace {

// With a delimiter any row may end the use of those read with it.
ListCursor::Reach reach_of(const ListRange& range) {
  const std::size_t page = std::min<std::size_t>(range.max + 1, 1000);
  ListCursor::Reach reach;
  reach.rows_first = range.delimiter.empty() ? page : std::min<std::size_t>(page, 16);
  reach.rows_max = page;
  return reach;
}

// The bound in the space of versions that stands for `key` as a bound of keys.
Bytes versions_bound(std::string_view key) {
  Bytes bound;
  codec::append_ordered_prefix(bound, key);
  return bound;
}

// What both walks do with each key they meet.
class Collector {
 public:
  explicit Collector(const ListRange& range) : range_(range) {}

  enum class Next : std::uint8_t { entry, skip, full };
  // What becomes of a row of `key`: an entry to add(), to be skipped as hidden by the common prefix just added, or one
  // too many.
  Next meet(std::string_view key) {
    if (listing.entries.size() + listing.common_prefixes.size() == range_.max) {
      listing.truncated = true;
      return Next::full;
    }
    auto prefix = common_prefix_of(key, range_);
    if (!prefix) return Next::entry;
    listing.last = *prefix;
    listing.last_is_prefix = true;
    listing.common_prefixes.push_back(std::move(*prefix));
    return Next::skip;
  }
  Outcome<Passed> add(std::string key, BytesView record, bool latest) {
    auto version = decode_version(record);
    if (!version.ok()) return store_error(version.error());
    listing.last = key;
    listing.last_is_prefix = false;
    listing.entries.push_back({std::move(key), std::move(version).value(), latest});
    return Passed{};
  }
  // Behind what the last common prefix hides; empty: behind everything.
  [[nodiscard]] Bytes behind_prefix() const { return prefix_end(listing.common_prefixes.back()); }

  Listing listing;

 private:
  const ListRange& range_;
};

// The walk over all versions.
class VersionsWalk {
 public:
  VersionsWalk(Services& services, const Bucket& bucket, const ListRange& range)
      : range_(range),
        heads_(services, bucket.spaces.heads, {std::max(range.from, range.prefix), prefix_end(range.prefix)},
               range.as_of, reach_of(range)),
        versions_(services, bucket.spaces.versions, versions_range(range), range.as_of, reach_of(range)),
        collected_(range) {}

  // `shown_above`: a version of the key `from` stands above those that are to be listed.
  Task<Outcome<Listing>> run(bool shown_above) {
    if (shown_above) version_key_ = range_.from;
    for (;;) {
      CO_TRY_ASSIGN(const bool found, co_await advance());
      if (!found) break;
      CO_TRY_ASSIGN(const bool more, use());
      if (!more) break;
    }
    co_return std::move(collected_.listing);
  }

 private:
  static Range versions_range(const ListRange& range) {
    Range keys{versions_bound(std::max(range.from, range.prefix)), {}};
    if (range.below) keys.lower = versions_key(range.from, *range.below) + '\0';
    if (const Bytes end = prefix_end(range.prefix); !end.empty()) keys.upper = versions_bound(end);
    return keys;
  }

  // Reads until the next row of both spaces is known; false when there is none.
  Task<Outcome<bool>> advance() {
    for (;;) {
      if (!versions_.has_row()) {
        const BytesView unread = heads_.unread_from();
        const Bytes limit = unread.empty() ? Bytes() : versions_bound(unread);
        // Nothing of the heads has been read yet: nor is anything of the versions.
        if (heads_.has_row() || heads_.at_end() || started_) CO_TRY(co_await versions_.fill(limit));
      }
      if (heads_.has_row() || versions_.has_row()) break;
      if (heads_.at_end()) co_return false;
      started_ = true;
      CO_TRY(co_await heads_.fill(BytesView()));
    }
    if (versions_.has_row()) {
      auto parsed = parse_versions_key(versions_.row().key);
      if (!parsed.ok()) co_return store_error(parsed.error());
      version_ = std::move(parsed).value();
    }
    co_return true;
  }

  // Takes the row that comes first; false when the listing is full.
  Outcome<bool> use() {
    const bool head_first =
        heads_.has_row() && (!versions_.has_row() || heads_.row().key <= BytesView(version_.object_key));
    const std::string key(head_first ? heads_.row().key : BytesView(version_.object_key));
    if (!head_first && key == head_key_ && version_.sequence >= head_sequence_) {
      versions_.pass();  // it has been shown as the head
      return true;
    }
    if (head_first && range_.below && key == range_.from) {
      TRY_ASSIGN(const ObjectVersion head, decoded(heads_.row().value));
      if (head.sequence >= *range_.below) {
        pass_head(key, head.sequence);
        return true;
      }
    }
    switch (collected_.meet(key)) {
      case Collector::Next::full: return false;
      case Collector::Next::skip: {
        const Bytes behind = collected_.behind_prefix();
        heads_.skip_to(behind);
        versions_.skip_to(behind.empty() ? Bytes() : versions_bound(behind));
        return true;
      }
      case Collector::Next::entry: break;
    }
    const BytesView record = head_first ? heads_.row().value : versions_.row().value;
    const bool latest = head_first || (key != head_key_ && key != version_key_);
    TRY(collected_.add(key, record, latest));
    if (head_first) {
      pass_head(key, collected_.listing.entries.back().version.sequence);
    } else {
      version_key_ = key;
      versions_.pass();
    }
    return true;
  }

  static Outcome<ObjectVersion> decoded(BytesView record) {
    auto version = decode_version(record);
    if (!version.ok()) return store_error(version.error());
    return std::move(version).value();
  }
  void pass_head(std::string key, std::uint64_t sequence) {
    head_key_ = std::move(key);
    head_sequence_ = sequence;
    heads_.pass();
  }

  const ListRange& range_;
  ListCursor heads_;
  ListCursor versions_;
  Collector collected_;
  bool started_ = false;
  VersionsKey version_;   // of versions_.row()
  std::string head_key_;  // the last key whose head was passed, and that head's sequence
  std::uint64_t head_sequence_ = 0;
  std::string version_key_;  // the last key shown from the space of versions
};

// How often a listing begins anew because a version has come to the top under it.
constexpr int rounds_max = 4;

Task<Outcome<Listing>> walk_versions(Services& services, const Bucket& bucket, const ListRange& range) {
  bool shown_above = false;
  if (range.below) {
    CO_TRY_ASSIGN(const auto newest, co_await find_newest(services, bucket, range.from, range.as_of));
    shown_above = newest && newest->version.sequence >= *range.below;
  }
  VersionsWalk walk(services, bucket, range);
  co_return co_await walk.run(shown_above);
}

bool shows(const Listing& listing, BytesView key, std::uint64_t sequence) {
  auto entry = std::lower_bound(listing.entries.begin(), listing.entries.end(), key,
                                [](const ListedVersion& one, BytesView wanted) { return one.key < wanted; });
  for (; entry != listing.entries.end() && entry->key == key; ++entry) {
    if (entry->version.sequence == sequence) return true;
  }
  return false;
}

// Whether a version that was there before the walk has become a head since `begun` and is not shown: the removal of
// what stood above it has moved it, after the heads were read and before the versions were.
Task<Outcome<bool>> lacks_a_promoted_one(Services& services, const Bucket& bucket, const ListRange& range,
                                         const Listing& listing, Timestamp begun) {
  Range keys{std::max(range.from, range.prefix), prefix_end(range.prefix)};
  if (listing.truncated) keys.upper = listing.last_is_prefix ? prefix_end(listing.last) : listing.last + '\0';
  ListCursor heads(services, bucket.spaces.heads, std::move(keys), std::nullopt, reach_of(range));
  for (;;) {
    if (!heads.has_row()) CO_TRY(co_await heads.fill(BytesView()));
    if (!heads.has_row()) co_return false;
    const auto row = heads.row();
    const auto prefix = common_prefix_of(row.key, range);
    if (prefix && std::binary_search(listing.common_prefixes.begin(), listing.common_prefixes.end(), *prefix)) {
      heads.skip_to(prefix_end(*prefix));
      continue;
    }
    if (row.begin > begun) {
      auto head = decode_version(row.value);
      if (!head.ok()) co_return store_error(head.error());
      const bool before_range = range.below && row.key == range.from && head->sequence >= *range.below;
      const bool was_there = head->sequence <= begun.bits() && !before_range;
      if (was_there && (prefix || !shows(listing, row.key, head->sequence))) co_return true;
    }
    heads.pass();
  }
}

}  // namespace

std::optional<std::string> common_prefix_of(std::string_view key, const ListRange& range) {
  if (range.delimiter.empty()) return std::nullopt;
  const auto at = key.find(range.delimiter, range.prefix.size());
  if (at == std::string_view::npos) return std::nullopt;
  return std::string(key.substr(0, at + range.delimiter.size()));
}

std::string first_key_after(std::string_view marker, const ListRange& range) {
  if (marker.empty()) return {};
  if (marker.starts_with(range.prefix)) {
    if (const auto prefix = common_prefix_of(marker, range)) {
      Bytes behind = prefix_end(*prefix);
      // Keys are UTF-8, so a byte of 0xff is behind all of them.
      return behind.empty() ? Bytes(1, '\xff') : behind;
    }
  }
  return std::string(marker) + '\0';
}

Task<Outcome<Listing>> list_current(Services& services, BucketPtr bucket, ListRange range) {
  Collector collected(range);
  if (range.max == 0) co_return std::move(collected.listing);
  Range keys{std::max(range.from, range.prefix), prefix_end(range.prefix)};
  ListCursor heads(services, bucket->spaces.heads, std::move(keys), range.as_of, reach_of(range));
  for (;;) {
    if (!heads.has_row()) CO_TRY(co_await heads.fill(BytesView()));
    if (!heads.has_row()) break;
    const auto row = heads.row();
    const auto next = collected.meet(row.key);
    if (next == Collector::Next::full) break;
    if (next == Collector::Next::skip) {
      heads.skip_to(collected.behind_prefix());
      continue;
    }
    CO_TRY(collected.add(std::string(row.key), row.value, true));
    heads.pass();
  }
  co_return std::move(collected.listing);
}

Task<Outcome<Listing>> list_versions(Services& services, BucketPtr bucket, ListRange range) {
  if (range.max == 0) co_return Listing();
  for (int round = 1;; ++round) {
    const Timestamp begun = services.store.closed();
    CO_TRY_ASSIGN(Listing listing, co_await walk_versions(services, *bucket, range));
    if (range.as_of || bucket->versioning == Versioning::never || round == rounds_max) co_return listing;
    CO_TRY_ASSIGN(const bool lacks, co_await lacks_a_promoted_one(services, *bucket, range, listing, begun));
    if (!lacks) co_return listing;
  }
}

}  // namespace reprise::s3
