// The set of keys that may sign, while it changes: users come, go and rotate their keys as the server runs.
//
// replace() puts a whole new CredentialStore in the place of the old one; a request that is verified after it has
// returned sees the new one. Readers neither wait nor write to memory that they share: each thread keeps a reference to
// the store it used last and looks only whether it still is the present one.
//
// Threading: all calls from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

#include "auth/credentials.h"

namespace reprise::auth {

class CredentialSource {
 public:
  explicit CredentialSource(std::shared_ptr<const CredentialStore> first);
  CredentialSource(const CredentialSource&) = delete;
  CredentialSource& operator=(const CredentialSource&) = delete;

  // The present store; valid until this thread asks a source again.
  [[nodiscard]] const CredentialStore& current() const;
  void replace(std::shared_ptr<const CredentialStore> next);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const CredentialStore> store_;  // under the mutex
  // Tells the present store from every other of this process.
  std::atomic<std::uint64_t> generation_;
};

}  // namespace reprise::auth
