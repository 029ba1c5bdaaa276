// Changes with their images.
//
// A page of log entries is of one bucket, and what an entry ended lies in the history bucket of the same time, under a
// key that the entry tells. So the images of a page take two reads of many keys: of what lives now, and of what the
// changes ended. What a change made is either live still, or ended by a later change of the same page; only the rest is
// looked for one by one. As everywhere, an entry counts only if the versions agree (log.cc).
//
// Order of reading: the live versions first. What ends meanwhile is then not taken for absent, but looked for.
#include <algorithm>
#include <unordered_map>

#include "history/record.h"
#include "history/store_impl.h"

namespace reprise::history {

namespace {

// Images are read in batches, so that no more is held than a page can take plus one batch of large values.
constexpr std::size_t first_batch = 16;
constexpr std::size_t batch_max = 256;

std::size_t size_of(const ImagedChange& change) {
  return change.entry.key.size() + (change.before ? change.before->size() : 0) +
         (change.after ? change.after->size() : 0);
}

Bytes value_of(const Version& version) { return Bytes(version.value()); }

}  // namespace

// What each change ended: the history record that ends at its time; of an absence (or of a change that never was)
// nothing.
Task<Result<std::vector<std::optional<PastVersion>>>> StoreImpl::find_replaced(const Space& space,
                                                                               const LogPage& page) {
  std::vector<std::optional<PastVersion>> found(page.entries.size());
  const auto partition = space.partition(kv::Kind::history, page.bucket);
  std::vector<Bytes> keys;
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < page.entries.size(); ++i) {
    const LogEntry& entry = page.entries[i];
    if (!entry.replaced) {
      // An entry of the older form: the newest version that began before it.
      const Range range = history_range_of_key(escape_key(entry.key), entry.at.previous());
      CO_TRY_ASSIGN(found[i], co_await first_ended(partition, range));
    } else if (!entry.replaced->is_zero()) {
      keys.push_back(history_key(entry.key, *entry.replaced));
      wanted.push_back(i);
    }
  }
  if (!keys.empty()) {
    CO_TRY_ASSIGN(auto stored, co_await engine_.multi_get(partition, keys));
    for (std::size_t n = 0; n < wanted.size(); ++n) {
      if (!stored[n]) continue;
      CO_TRY_ASSIGN(const auto record, decode_record(*stored[n]));
      const Timestamp end = record.time;
      const auto origin = record.whiteout ? Version::Origin::whiteout : Version::Origin::history;
      const Timestamp begin = *page.entries[wanted[n]].replaced;
      found[wanted[n]] = PastVersion{Version(origin, begin, std::move(*stored[n]), record_header_size), end};
    }
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i] && (found[i]->end != page.entries[i].at || !found[i]->version.exists())) found[i].reset();
  }
  co_return std::move(found);
}

// Whether the change happened, and what it made, into `change`. `present` is what the data partition held;
// `replaced_later` what the key's next change of the page ended, if there is one.
Task<Result<bool>> StoreImpl::find_after(const Space& space, const SpaceState& state, Version present,
                                         const PastVersion* replaced_later, ImagedChange& change) {
  const LogEntry& entry = change.entry;
  if (entry.kind == ChangeKind::erase) {
    // Left over from a commit that never was if what it ended lived on.
    if (!change.before) co_return false;
    if (replaced_later != nullptr) co_return replaced_later->version.begin() > entry.at;
    if (present.begin() == entry.at) co_return !present.exists();
    CO_TRY_ASSIGN(const auto then, co_await find_past(space, state, entry.key, entry.at));
    co_return !then.version.exists();
  }
  if (present.exists() && present.begin() == entry.at) {
    change.after = value_of(present);
  } else if (replaced_later != nullptr && replaced_later->version.begin() == entry.at) {
    change.after = value_of(replaced_later->version);
  } else {
    CO_TRY_ASSIGN(const auto past, co_await find_past(space, state, entry.key, entry.at));
    if (!past.version.exists() || past.version.begin() != entry.at) co_return false;
    change.after = value_of(past.version);
  }
  if (entry.replaced && !entry.replaced->is_zero() && !change.before) {
    co_return corruption("the history does not hold what a logged change ended");
  }
  co_return true;
}

Task<Result<std::vector<ImagedChange>>> StoreImpl::find_images(const Space& space, const SpaceState& state,
                                                               LogPage page) {
  std::vector<Bytes> keys;
  keys.reserve(page.entries.size());
  for (const LogEntry& entry : page.entries) keys.push_back(entry.key);
  const auto data = space.present();
  CO_TRY_ASSIGN(auto present, co_await engine_.multi_get(data, keys));
  CO_TRY_ASSIGN(const auto replaced, co_await find_replaced(space, page));
  // From the newest on, so that the next change of a key is known.
  std::vector<ImagedChange> changes;
  changes.reserve(page.entries.size());
  std::unordered_map<BytesView, const PastVersion*> later;
  for (std::size_t i = page.entries.size(); i-- > 0;) {
    ImagedChange change;
    change.entry = std::move(page.entries[i]);
    if (replaced[i]) change.before = value_of(replaced[i]->version);
    Version live;
    if (present[i]) {
      CO_TRY_ASSIGN(live, decode_data(std::move(*present[i])));
    }
    const auto next = later.find(keys[i]);
    const PastVersion* const replaced_later = next == later.end() ? nullptr : next->second;
    CO_TRY_ASSIGN(const bool real, co_await find_after(space, state, std::move(live), replaced_later, change));
    if (!real) continue;
    if (replaced[i]) {
      later[keys[i]] = &*replaced[i];
    } else {
      later.erase(keys[i]);
    }
    changes.push_back(std::move(change));
  }
  std::reverse(changes.begin(), changes.end());
  co_return std::move(changes);
}

Task<Result<Store::ImagedPage>> StoreImpl::changes_with_images(ImagesRequest request) {
  const auto ticket = gate_.enter();
  CO_TRY_ASSIGN(const Space* const space, find_any(request.space));
  const SpaceState& state = *space->state();
  CO_TRY_ASSIGN(LogCursor cursor, co_await open_log(*space, state, request.after, request.to));
  ImagedPage page;
  page.next = request.after;
  std::size_t bytes = 0;
  std::size_t batch = first_batch;
  while (cursor.bucket) {
    if (page.changes.size() >= request.limit || bytes >= request.max_bytes) {
      page.more = true;
      co_return std::move(page);
    }
    CO_TRY_ASSIGN(LogPage logged,
                  co_await read_log(*space, cursor, std::min(batch, request.limit - page.changes.size())));
    if (logged.entries.empty()) continue;
    const LogPosition last{logged.entries.back().at, logged.entries.back().sequence};
    CO_TRY_ASSIGN(auto changes, co_await find_images(*space, state, std::move(logged)));
    for (ImagedChange& change : changes) {
      if (bytes >= request.max_bytes) {
        page.more = true;
        co_return std::move(page);
      }
      bytes += size_of(change);
      page.next = {change.entry.at, change.entry.sequence};
      page.changes.push_back(std::move(change));
    }
    page.next = last;
    const std::size_t average = bytes / std::max<std::size_t>(1, page.changes.size()) + 1;
    batch =
        std::clamp<std::size_t>((request.max_bytes - std::min(bytes, request.max_bytes)) / average + 1, 1, batch_max);
  }
  page.next = std::max(LogPosition{cursor.to}, request.after, [](const LogPosition& a, const LogPosition& b) {
    return std::pair(a.at, a.sequence) < std::pair(b.at, b.sequence);
  });
  co_return std::move(page);
}

}  // namespace reprise::history
