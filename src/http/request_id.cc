#include "http/request_id.h"

#include <algorithm>

#include "base/rng.h"

namespace reprise::http {

void make_request_id(std::string& out) {
  constexpr char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUV";
  constexpr std::size_t length = 52;
  constexpr std::size_t digits_per_word = 12;  // of five bits
  thread_local Rng rng = Rng::from_entropy();
  out.resize(length);
  for (std::size_t at = 0; at < length;) {
    std::uint64_t word = rng.next();
    for (const std::size_t end = std::min(length, at + digits_per_word); at < end; ++at, word >>= 5) {
      out[at] = digits[word & 31];
    }
  }
}

}  // namespace reprise::http
