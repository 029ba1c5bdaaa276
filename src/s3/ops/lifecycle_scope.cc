// The prefixes that lifecycle rules name, as ranges of keys.
#include "s3/ops/lifecycle_scope.h"

#include <algorithm>
#include <utility>

#include "codec/ordered.h"

namespace reprise::s3 {
namespace {

bool expires_current(const LifecycleRule& rule) { return rule.expiration_days || rule.expiration_date_micros; }
bool acts_on_versions(const LifecycleRule& rule) {
  return rule.noncurrent_days || rule.expired_object_delete_marker || expires_current(rule);
}

template <class Wanted, class Encode>
std::vector<Bytes> prefixes_of(const Bucket& bucket, Wanted wanted, Encode encode) {
  std::vector<Bytes> prefixes;
  if (!bucket.lifecycle) return prefixes;
  for (const LifecycleRule& rule : bucket.lifecycle->rules) {
    if (rule.enabled && wanted(rule)) prefixes.push_back(encode(rule.filter.prefix.value_or("")));
  }
  return prefixes;
}

template <class Wanted>
bool any_rule(const Bucket& bucket, Wanted wanted) {
  return bucket.lifecycle && std::ranges::any_of(bucket.lifecycle->rules, [&](const LifecycleRule& rule) {
           return rule.enabled && wanted(rule);
         });
}

}  // namespace

LifecycleScope::LifecycleScope(std::vector<Bytes> prefixes) {
  std::ranges::sort(prefixes);
  for (Bytes& prefix : prefixes) {
    // Sorted, everything that begins with a prefix stands right behind it.
    if (prefixes_.empty() || !prefix.starts_with(prefixes_.back())) prefixes_.push_back(std::move(prefix));
  }
}

LifecycleScope LifecycleScope::of_versions(const Bucket& bucket) {
  return LifecycleScope(prefixes_of(bucket, acts_on_versions, [](const std::string& prefix) {
    Bytes encoded;
    codec::append_ordered_prefix(encoded, prefix);
    return encoded;
  }));
}

LifecycleScope LifecycleScope::of_heads(const Bucket& bucket) {
  return LifecycleScope(prefixes_of(bucket, expires_current, [](const std::string& prefix) { return Bytes(prefix); }));
}

std::optional<Range> LifecycleScope::range_from(BytesView from) const {
  for (const Bytes& prefix : prefixes_) {
    Range range{std::max(prefix, Bytes(from)), prefix_end(prefix)};
    if (range.upper.empty() || range.lower < range.upper) return range;
  }
  return std::nullopt;
}

bool has_lifecycle_work(const Bucket& bucket) {
  return any_rule(bucket,
                  [](const LifecycleRule& rule) { return acts_on_versions(rule) || rule.abort_multipart_days; });
}

bool aborts_uploads(const Bucket& bucket) {
  return any_rule(bucket, [](const LifecycleRule& rule) { return rule.abort_multipart_days.has_value(); });
}

std::uint64_t most_kept(const Bucket& bucket) {
  std::uint64_t most = 0;
  if (!bucket.lifecycle) return most;
  for (const LifecycleRule& rule : bucket.lifecycle->rules) {
    if (!rule.enabled) continue;
    most = std::max(most, static_cast<std::uint64_t>(rule.newer_noncurrent_versions.value_or(0)));
  }
  return most;
}

}  // namespace reprise::s3
