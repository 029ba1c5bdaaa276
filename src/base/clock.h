// Time: the wall clock, and the hybrid logical clock that stamps every change.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace reprise {

// A moment of the store's own time: microseconds since the Unix epoch in the upper 52 bits, a counter in the
// lower 12 (good until the year 2112). Strictly increasing per key and never reused. The zero Timestamp is
// before everything.
class Timestamp {
 public:
  static constexpr int counter_bits = 12;
  static constexpr std::uint64_t micros_max = ~std::uint64_t{0} >> counter_bits;

  constexpr Timestamp() noexcept = default;
  constexpr explicit Timestamp(std::uint64_t bits) noexcept : bits_(bits) {}
  // The first moment of that microsecond.
  static constexpr Timestamp from_micros(std::uint64_t micros) noexcept { return Timestamp(micros << counter_bits); }
  // The last moment of that microsecond: "as of T" includes what was committed at T.
  // A time beyond what fits is max().
  static constexpr Timestamp last_of_micros(std::uint64_t micros) noexcept {
    return micros >= micros_max ? max() : Timestamp(((micros + 1) << counter_bits) - 1);
  }
  static constexpr Timestamp max() noexcept { return Timestamp(~std::uint64_t{0}); }

  [[nodiscard]] constexpr std::uint64_t bits() const noexcept { return bits_; }
  [[nodiscard]] constexpr std::uint64_t micros() const noexcept { return bits_ >> counter_bits; }
  [[nodiscard]] constexpr bool is_zero() const noexcept { return bits_ == 0; }
  [[nodiscard]] constexpr Timestamp next() const noexcept { return Timestamp(bits_ + 1); }
  [[nodiscard]] constexpr Timestamp previous() const noexcept { return Timestamp(bits_ - 1); }
  constexpr auto operator<=>(const Timestamp&) const noexcept = default;

 private:
  std::uint64_t bits_ = 0;
};

// The machine's clock, replaceable in tests and simulation. Thread-safe.
class WallClock {
 public:
  virtual ~WallClock() = default;
  [[nodiscard]] virtual std::uint64_t now_micros() const = 0;
  static WallClock& system();
};

// A wall clock that a test sets. Thread-safe.
class ManualClock final : public WallClock {
 public:
  explicit ManualClock(std::uint64_t micros) : micros_(micros) {}
  [[nodiscard]] std::uint64_t now_micros() const override { return micros_.load(); }
  void set(std::uint64_t micros) { micros_.store(micros); }
  void advance(std::uint64_t micros) { micros_.fetch_add(micros); }

 private:
  std::atomic<std::uint64_t> micros_;
};

// The hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014): follows the wall clock, but every
// call returns more than the one before, even when the wall clock stands still or steps back. Thread-safe.
class HybridClock {
 public:
  explicit HybridClock(const WallClock& wall, Timestamp at_least = {}) : wall_(wall), last_(at_least.bits()) {}

  // Unique, and greater than every Timestamp returned or observed before.
  Timestamp now();
  // The newest Timestamp given out or observed; nothing is consumed.
  [[nodiscard]] Timestamp last() const { return Timestamp(last_.load(std::memory_order_acquire)); }
  // Every later now() is greater than `seen`.
  void observe(Timestamp seen);
  [[nodiscard]] const WallClock& wall() const { return wall_; }

 private:
  const WallClock& wall_;
  std::atomic<std::uint64_t> last_;
};

// "2026-02-28T10:30:00Z", with six digits of fraction when the micros are not a whole second, or always the
// asked number of digits (0, 3 or 6).
std::string format_iso8601(std::uint64_t micros);
std::string format_iso8601(std::uint64_t micros, int fraction_digits);

// Parses ISO 8601 with `Z` or a numeric offset, a date alone (midnight UTC), or seconds since the epoch with an
// optional fraction. Fails with Code::invalid.
Result<std::uint64_t> parse_time_micros(std::string_view text);

// The last moment of such a time: what a request asks to read at. Fails with Code::invalid also for a time beyond what
// a Timestamp holds.
Result<Timestamp> parse_as_of(std::string_view text);

}  // namespace reprise
