// The request parser against portions: the same bytes must mean the same whether they arrive at once or in pieces, and
// must never be taken beyond the limits.
//
// Strategy: the first byte seeds the sizes of the portions. Oracle: the outcome, the request, the body and the end of
// the request are equal for both ways, unless the parser is still waiting; what is accepted keeps the invariants that
// the connection relies on.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/assert.h"
#include "base/rng.h"
#include "http/request_parser.h"

namespace reprise::http {
namespace {

using Progress = RequestParser::Progress;

struct Outcome {
  Progress head = Progress::need_more;
  Progress body = Progress::need_more;
  Request request;
  Framing framing;
  Bytes chunks;
  std::size_t consumed = 0;
};

Limits limits() {
  Limits limits;
  limits.header_bytes_max = 512;
  limits.target_bytes_max = 64;
  limits.header_fields_max = 8;
  limits.body_bytes_max = 256;
  return limits;
}

// How many more bytes arrive before the parser is asked again.
template <class Portion>
void parse(BytesView data, const Limits& bounds, Portion portion, Outcome& outcome) {
  RequestParser parser(bounds);
  parser.start(outcome.request);
  std::size_t arrived = 0;
  while (outcome.head == Progress::need_more && arrived < data.size()) {
    arrived = std::min(data.size(), arrived + portion());
    const auto step = parser.feed_head(data.substr(outcome.consumed, arrived - outcome.consumed));
    ASSERT(step.consumed <= arrived - outcome.consumed);
    outcome.consumed += step.consumed;
    outcome.head = step.progress;
  }
  outcome.framing = parser.framing();
  if (outcome.head != Progress::complete || !outcome.framing.chunked) return;
  for (;;) {
    const std::size_t before = outcome.consumed;
    const auto step = parser.feed_chunks(data.substr(outcome.consumed, arrived - outcome.consumed), outcome.chunks,
                                         outcome.chunks.size() + portion());
    ASSERT(step.consumed <= arrived - outcome.consumed);
    outcome.consumed += step.consumed;
    outcome.body = step.progress;
    if (outcome.body != Progress::need_more || (outcome.consumed == before && arrived == data.size())) return;
    arrived = std::min(data.size(), arrived + portion());
  }
}

void check_accepted(const Outcome& outcome, const Limits& bounds) {
  const Request& request = outcome.request;
  ASSERT(!request.method.empty() && !request.target.empty());
  ASSERT(request.target.size() <= bounds.target_bytes_max);
  ASSERT(request.headers.size() <= bounds.header_fields_max);
  ASSERT(!(outcome.framing.chunked && outcome.framing.content_length));
  ASSERT(outcome.framing.content_length.value_or(0) <= bounds.body_bytes_max);
  ASSERT(outcome.chunks.size() <= bounds.body_bytes_max);
  ASSERT(!outcome.framing.http11 || request.headers.has("Host"));
  for (const auto& [name, value] : request.headers) {
    ASSERT(!name.empty());
    for (const auto text : {name, value}) ASSERT(text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos);
  }
}

void check_equal(const Outcome& whole, const Outcome& pieces) {
  // In pieces the parser may notice an error later, and wait; it may not disagree.
  if (whole.head == Progress::complete || pieces.head == Progress::complete) {
    ASSERT(whole.head == pieces.head);
    ASSERT(whole.request.method == pieces.request.method && whole.request.target == pieces.request.target);
    ASSERT(whole.request.headers.size() == pieces.request.headers.size());
    for (std::size_t i = 0; i < whole.request.headers.size(); ++i) {
      ASSERT(whole.request.headers.field(i) == pieces.request.headers.field(i));
    }
    ASSERT(whole.framing.content_length == pieces.framing.content_length);
    ASSERT(whole.framing.keep_alive == pieces.framing.keep_alive);
    ASSERT((whole.body == Progress::complete) == (pieces.body == Progress::complete));
    if (whole.body == Progress::complete || !whole.framing.chunked) ASSERT(whole.consumed == pieces.consumed);
    if (whole.body == Progress::complete) ASSERT(whole.chunks == pieces.chunks);
  }
}

void run(BytesView data) {
  if (data.empty()) return;
  Rng rng(static_cast<unsigned char>(data.front()));
  data.remove_prefix(1);
  const Limits bounds = limits();
  Outcome whole;
  parse(
      data, bounds, [&] { return std::max<std::size_t>(1, data.size()); }, whole);
  Outcome pieces;
  parse(
      data, bounds, [&] { return 1 + rng.below(7); }, pieces);
  if (whole.head == Progress::complete) check_accepted(whole, bounds);
  check_equal(whole, pieces);
}

}  // namespace
}  // namespace reprise::http

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::http::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
