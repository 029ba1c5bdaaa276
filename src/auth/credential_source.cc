// Invariant: a generation belongs to one store of one source and is never given again, so a thread whose generation is
// the present one has the present store. An idle thread keeps at most one old store alive.
#include "auth/credential_source.h"

#include <utility>

#include "base/assert.h"

namespace reprise::auth {
namespace {

std::uint64_t next_generation() {
  static std::atomic<std::uint64_t> last{0};
  return last.fetch_add(1, std::memory_order_relaxed) + 1;
}

}  // namespace

CredentialSource::CredentialSource(std::shared_ptr<const CredentialStore> first)
    : store_(std::move(first)), generation_(next_generation()) {
  ASSERT(store_ != nullptr);
}

const CredentialStore& CredentialSource::current() const {
  struct Kept {
    std::uint64_t generation = 0;
    std::shared_ptr<const CredentialStore> store;
  };
  thread_local Kept kept;
  if (kept.generation != generation_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(mutex_);
    kept.store = store_;
    kept.generation = generation_.load(std::memory_order_relaxed);
  }
  return *kept.store;
}

void CredentialSource::replace(std::shared_ptr<const CredentialStore> next) {
  ASSERT(next != nullptr);
  const std::lock_guard lock(mutex_);
  store_.swap(next);
  generation_.store(next_generation(), std::memory_order_release);
}

}  // namespace reprise::auth
