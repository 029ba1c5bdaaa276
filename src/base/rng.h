// Rng: the one source of randomness that tests and simulation can seed. Not for secrets (auth/ asks OpenSSL).
// Not thread-safe: one per thread or per owner.
#pragma once

#include <cstdint>
#include <string>

namespace reprise {

// xoshiro256** (Blackman and Vigna, 2018), seeded through splitmix64.
class Rng {
 public:
  explicit Rng(std::uint64_t seed) noexcept;
  // Seeded from the operating system.
  static Rng from_entropy();

  std::uint64_t next() noexcept;
  // Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound) noexcept;
  // True with probability numerator / denominator.
  bool chance(std::uint64_t numerator, std::uint64_t denominator) noexcept { return below(denominator) < numerator; }

 private:
  std::uint64_t state_[4];
};

// A random (version 4) UUID in the usual text form. Thread-safe.
std::string random_uuid();

}  // namespace reprise
