#include "auth/sigv4/signing_key.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <vector>

#include "auth/sigv4/canonical.h"

namespace reprise::auth::sigv4 {
namespace {

constexpr std::size_t shard_count = 16;
constexpr std::size_t entries_max = 32;  // in each shard

// A small number of this thread's own, so that a thread always meets the same shard.
std::size_t thread_number() {
  static std::atomic<std::size_t> next{0};
  thread_local const std::size_t number = next.fetch_add(1, std::memory_order_relaxed);
  return number;
}

}  // namespace

void append_scope(Bytes& out, const Scope& scope) {
  out.append(scope.day)
      .append("/")
      .append(scope.region)
      .append("/")
      .append(scope.service)
      .append("/")
      .append(terminator);
}

codec::HmacSha256Key derive_signing_key(std::string_view secret, const Scope& scope) noexcept {
  auto key = codec::HmacSha256Key(Bytes("AWS4").append(secret));
  for (const std::string_view part : {scope.day, scope.region, scope.service, terminator}) {
    key = codec::HmacSha256Key(codec::bytes_of(key.sign(part)));
  }
  return key;
}

struct alignas(64) SigningKeyCache::Shard {
  struct Entry {
    std::string access_key_id, secret, day, region, service;
    codec::HmacSha256Key key;
    std::uint64_t used;

    [[nodiscard]] bool is(std::string_view id, std::string_view its_secret, const Scope& scope) const {
      return access_key_id == id && secret == its_secret && day == scope.day && region == scope.region &&
             service == scope.service;
    }
  };

  std::mutex mutex;
  std::vector<Entry> entries;
  std::uint64_t uses = 0;
};

SigningKeyCache::SigningKeyCache() : shards_(std::make_unique<Shard[]>(shard_count)) {}
SigningKeyCache::~SigningKeyCache() = default;

SigningKeyCache::Shard& SigningKeyCache::shard() const { return shards_[thread_number() % shard_count]; }

std::optional<codec::HmacSha256Key> SigningKeyCache::find(std::string_view access_key_id, std::string_view secret,
                                                          const Scope& scope) const {
  Shard& here = shard();
  const std::lock_guard lock(here.mutex);
  for (auto& entry : here.entries) {
    if (!entry.is(access_key_id, secret, scope)) continue;
    entry.used = ++here.uses;
    return entry.key;
  }
  return std::nullopt;
}

void SigningKeyCache::remember(std::string_view access_key_id, std::string_view secret, const Scope& scope,
                               const codec::HmacSha256Key& key) {
  Shard& here = shard();
  const std::lock_guard lock(here.mutex);
  for (auto& entry : here.entries) {
    if (entry.is(access_key_id, secret, scope)) return;
  }
  Shard::Entry entry{std::string(access_key_id),
                     std::string(secret),
                     std::string(scope.day),
                     std::string(scope.region),
                     std::string(scope.service),
                     key,
                     ++here.uses};
  if (here.entries.size() < entries_max) {
    here.entries.push_back(std::move(entry));
  } else {
    *std::ranges::min_element(here.entries, {}, &Shard::Entry::used) = std::move(entry);
  }
}

}  // namespace reprise::auth::sigv4
