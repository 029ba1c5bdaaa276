// Fuzzes the order-preserving encoding. Oracles: the order of encodings is the order of values, for strings and for
// pairs; decoding gives back what was encoded; what decodes is what the encoder would have written.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/assert.h"
#include "codec/ordered.h"

namespace reprise::codec {
namespace {

Bytes encode(BytesView a, BytesView b) {
  Bytes out;
  append_ordered(out, a);
  append_ordered(out, b);
  return out;
}

void check_pair(BytesView a1, BytesView a2, BytesView b1, BytesView b2) {
  const Bytes a = encode(a1, a2), b = encode(b1, b2);
  ASSERT((std::pair(a1, a2) < std::pair(b1, b2)) == (a < b));
  ASSERT((std::pair(a1, a2) == std::pair(b1, b2)) == (a == b));
  BytesView in = a;
  Bytes first, second;
  ASSERT(read_ordered(in, first) && read_ordered(in, second));
  ASSERT(in.empty() && first == a1 && second == a2);
}

// Reads the input itself as encodings.
void check_wild(BytesView input) {
  BytesView in = input;
  Bytes decoded;
  if (read_ordered(in, decoded)) {
    Bytes encoded;
    append_ordered(encoded, decoded);
    ASSERT(encoded == input.substr(0, input.size() - in.size()));
  } else {
    ASSERT(in.size() == input.size() && decoded.empty());
  }
  in = input;
  std::uint64_t value = 0;
  if (read_varint(in, value)) {
    Bytes encoded;
    append_varint(encoded, value);
    ASSERT(encoded == input.substr(0, input.size() - in.size()));
    ASSERT(zigzag(unzigzag(value)) == value);
  }
  in = input;
  BytesView piece;
  if (read_sized(in, piece)) ASSERT(piece.size() + in.size() < input.size());
}

void run(BytesView input) {
  check_wild(input);
  if (input.size() < 3) return;
  // The first three bytes say where to cut the rest into four.
  BytesView rest = input.substr(3), parts[4];
  for (int i = 0; i < 3; ++i) {
    const std::size_t size =
        std::min<std::size_t>(static_cast<unsigned char>(input[static_cast<std::size_t>(i)]), rest.size());
    parts[i] = rest.substr(0, size);
    rest.remove_prefix(size);
  }
  parts[3] = rest;
  check_pair(parts[0], parts[1], parts[2], parts[3]);
  check_pair(parts[0], parts[1], parts[0], parts[3]);
}

}  // namespace
}  // namespace reprise::codec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::codec::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
