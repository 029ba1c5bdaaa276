#include "base/rng.h"

#include <cstdio>
#include <random>

namespace reprise {

namespace {
std::uint64_t rotate_left(std::uint64_t x, int k) noexcept { return (x << k) | (x >> (64 - k)); }
}  // namespace

Rng::Rng(std::uint64_t seed) noexcept {
  for (auto& word : state_) {
    seed += 0x9e3779b97f4a7c15ULL;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    word = z ^ (z >> 31);
  }
}

Rng Rng::from_entropy() {
  std::random_device device;
  return Rng((static_cast<std::uint64_t>(device()) << 32) | device());
}

std::uint64_t Rng::next() noexcept {
  const std::uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = rotate_left(state_[3], 45);
  return result;
}

std::uint64_t Rng::below(std::uint64_t bound) noexcept {
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
}

std::string random_uuid() {
  thread_local Rng rng = Rng::from_entropy();
  const std::uint64_t high = (rng.next() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t low = (rng.next() & ~(3ULL << 62)) | (2ULL << 62);
  char text[40];
  std::snprintf(text, sizeof text, "%08lx-%04lx-%04lx-%04lx-%012lx", static_cast<unsigned long>(high >> 32),
                static_cast<unsigned long>((high >> 16) & 0xffff), static_cast<unsigned long>(high & 0xffff),
                static_cast<unsigned long>(low >> 48), static_cast<unsigned long>(low & 0xffffffffffffULL));
  return text;
}

}  // namespace reprise
