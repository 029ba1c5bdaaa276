// Fuzzes the decoder of aws-chunked bodies. Oracle: any bytes decode to the same in one piece and in pieces, and never
// to more than was announced; what is encoded in chunks that the input chooses decodes to itself; and a signed body in
// which one byte is changed is refused, or decodes to the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "auth/sigv4/aws_chunked.h"
#include "auth/sigv4/aws_chunked_for_tests.h"
#include "base/assert.h"

namespace reprise::auth::sigv4 {
namespace {

const std::string trailer_name = "x-amz-checksum-crc32";

const ChunkSigning& signing() {
  static const ChunkSigning value{codec::HmacSha256Key("key"), "20130524T000000Z", "20130524/us-east-1/s3/aws4_request",
                                  std::string(64, '0')};
  return value;
}

struct Outcome {
  Bytes bytes;
  std::optional<ChunkedFault::Kind> kind;
  std::vector<std::pair<std::string, std::string>> trailers;
  bool operator==(const Outcome&) const = default;
};

Outcome decode(ChunkedForm form, BytesView body, std::uint64_t bytes, bool trailer, std::size_t piece) {
  ChunkedOptions options{form, bytes, {}, signing()};
  if (trailer) options.trailers.push_back(trailer_name);
  AwsChunkedDecoder decoder(std::move(options));
  Outcome outcome;
  while (!body.empty()) {
    const auto fault = decoder.feed(body.substr(0, piece), outcome.bytes);
    if (fault) break;
    body.remove_prefix(std::min(piece, body.size()));
  }
  if (const auto fault = decoder.finish()) outcome.kind = fault->kind;
  outcome.trailers = decoder.trailers();
  ASSERT(outcome.bytes.size() <= bytes);
  ASSERT(outcome.kind || outcome.bytes.size() == bytes);
  return outcome;
}

void decode_any(ChunkedForm form, BytesView input, unsigned choice) {
  const std::uint64_t bytes = choice >> 1;
  const Outcome whole = decode(form, input, bytes, (choice & 1) != 0, input.size() + 1);
  ASSERT(whole == decode(form, input, bytes, (choice & 1) != 0, 1));
  ASSERT(whole == decode(form, input, bytes, (choice & 1) != 0, 1 + choice % 7));
}

void encode_and_decode(ChunkedForm form, BytesView input, unsigned choice) {
  AwsChunkedEncoder encoder(form, signing());
  // Chunks but the last have the least size: the input, repeated until it is long enough.
  Bytes payload;
  if (!input.empty()) {
    while (payload.size() < 2 * chunk_bytes_min) payload.append(input);
    encoder.chunk(BytesView(payload).substr(0, chunk_bytes_min));
    encoder.chunk(BytesView(payload).substr(chunk_bytes_min));
  }
  const bool trailer = form != ChunkedForm::signed_chunks;
  encoder.end(trailer ? std::vector<std::pair<std::string, std::string>>{{trailer_name, "AAAAAA=="}}
                      : std::vector<std::pair<std::string, std::string>>{});
  const Outcome outcome = decode(form, encoder.body(), payload.size(), trailer, 1 + choice * 37);
  ASSERT(!outcome.kind && outcome.bytes == payload);
  if (form == ChunkedForm::unsigned_and_trailer) return;
  Bytes changed = encoder.body();
  char& byte = changed[(choice * 7919U + input.size() * 31U) % changed.size()];
  byte = static_cast<char>(byte ^ (1 << (choice % 8)));
  const Outcome other = decode(form, changed, payload.size(), trailer, changed.size());
  ASSERT(other.kind || other == outcome);
}

}  // namespace
}  // namespace reprise::auth::sigv4

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using reprise::auth::sigv4::ChunkedForm;
  if (size < 2) return 0;
  const auto form = static_cast<ChunkedForm>(data[0] % 3);
  const unsigned choice = data[1];
  const reprise::BytesView input(reinterpret_cast<const char*>(data) + 2, size - 2);
  reprise::auth::sigv4::decode_any(form, input, choice);
  if (size < 300) reprise::auth::sigv4::encode_and_decode(form, input, choice);
  return 0;
}
