// The bodies of S3's uploads that are signed, or carry a checksum, piece by piece: `Content-Encoding: aws-chunked`,
// told by the x-amz-content-sha256 header (S3 API reference, "Signature calculations: transferring payload in multiple
// chunks" and "including trailing headers").
//
//   STREAMING-AWS4-HMAC-SHA256-PAYLOAD
//       <hex size>;chunk-signature=<64 hex>\r\n <data>\r\n ... 0;chunk-signature=<64 hex>\r\n \r\n
//   STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
//       the same, and between its last two line ends: <name>:<value>\r\n ... x-amz-trailer-signature:<64 hex>\r\n
//   STREAMING-UNSIGNED-PAYLOAD-TRAILER
//       <hex size>\r\n <data>\r\n ... 0\r\n <name>:<value>\r\n ... \r\n
//
// Each chunk's signature covers its data and the signature before it; the first one builds on the request's own, so
// chunks cannot be left out, repeated or moved. The decoder is a push parser: it takes pieces of any size as they come
// from the network, gives what they decode to, and holds no more than one line.
//
// A chunk's data is handed out before its signature has been seen to be right. What is decoded may be stored aside, but
// must come to nothing unless finish() says that all is well.
//
// Threading: a decoder belongs to one thread at a time. The functions are pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/sigv4/rejection.h"
#include "auth/sigv4/request.h"
#include "base/bytes.h"
#include "codec/sha256.h"

namespace reprise::auth::sigv4 {

enum class ChunkedForm : unsigned char { signed_chunks, signed_chunks_and_trailer, unsigned_and_trailer };

// The form that a value of x-amz-content-sha256 names; nothing for every other value (a hash, UNSIGNED-PAYLOAD, the
// forms of Signature Version 4A).
[[nodiscard]] std::optional<ChunkedForm> chunked_form(std::string_view content_sha256) noexcept;

// No chunk but the last one with data may be smaller.
inline constexpr std::uint64_t chunk_bytes_min = 8192;

// What the chunks' signatures are made with.
struct ChunkSigning {
  codec::HmacSha256Key key;
  std::string amz_date;        // "20130524T000000Z"
  std::string scope;           // "20130524/us-east-1/s3/aws4_request"
  std::string seed_signature;  // the request's, 64 hexadecimal digits
};

// From a request that the Verifier has accepted, and the secret of the key it was signed with.
[[nodiscard]] ChunkSigning chunk_signing_of(const RequestView& request, std::string_view secret);

struct ChunkedOptions {
  ChunkedForm form = ChunkedForm::unsigned_and_trailer;
  std::uint64_t decoded_bytes = 0;      // x-amz-decoded-content-length
  std::vector<std::string> trailers;    // the names that x-amz-trailer announces, in lower case
  std::optional<ChunkSigning> signing;  // needed by the signed forms
};

struct ChunkedFault {
  enum class Kind : unsigned char {
    malformed_body,     // framing: a bad size, a missing line end, an early end
    wrong_length,       // `expected` bytes were announced, `provided` came
    chunk_too_small,    // found at chunk number `chunk`: the one before has `chunk_bytes`, and is not the last
    malformed_trailer,  // not well-formed, not announced, announced and missing, or twice
    wrong_signature,    // of a chunk or the trailer: `string_to_sign` is what `signature` should be of
  };
  Kind kind = Kind::malformed_body;
  std::uint64_t expected = 0;
  std::uint64_t provided = 0;
  std::uint64_t chunk = 0;  // counted from 1
  std::uint64_t chunk_bytes = 0;
  std::string string_to_sign{};
  std::string signature{};
};

// How S3 says so. `details` are further elements of the error document, in order; those of a wrong signature (the
// access key, the request's canonical form) are the caller's to add.
struct ChunkedError {
  AuthError error;
  std::vector<std::pair<std::string, std::string>> details;
};
[[nodiscard]] ChunkedError s3_chunked_error(const ChunkedFault& fault);

class AwsChunkedDecoder {
 public:
  explicit AwsChunkedDecoder(ChunkedOptions options);

  // Takes all of `in` and appends what it decodes to. On a fault `out` has what was decoded before it, and every later
  // call gives the same fault.
  [[nodiscard]] std::optional<ChunkedFault> feed(BytesView in, Bytes& out);

  // After the last feed(): whether the body may end here, and is all that was announced.
  [[nodiscard]] std::optional<ChunkedFault> finish();

  // How many bytes it has decoded to so far.
  [[nodiscard]] std::uint64_t decoded_bytes() const { return decoded_; }

  // The trailing headers in the order they came, names in lower case, blanks around values removed. They are to be
  // trusted once finish() was good.
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& trailers() const { return trailers_; }

 private:
  enum class State : unsigned char { head, data, data_end, trailer, end, failed };
  using Fault = std::optional<ChunkedFault>;

  [[nodiscard]] bool is_signed() const { return options_.form != ChunkedForm::unsigned_and_trailer; }
  [[nodiscard]] bool has_trailer() const { return options_.form != ChunkedForm::signed_chunks; }

  Fault step(BytesView& in, Bytes& out);
  bool take_line(BytesView& in, std::size_t bytes_max);
  Fault read_head();
  Fault read_size(std::string_view digits);
  Fault read_data(BytesView& in, Bytes& out);
  Fault end_data();
  Fault read_trailer();
  Fault keep_trailer(std::string_view name, std::string_view value);
  [[nodiscard]] bool trailers_complete() const;
  [[nodiscard]] std::string string_to_sign(std::string_view what) const;
  Fault check_signature(std::string to_sign, std::string_view signature);

  ChunkedOptions options_;
  State state_ = State::head;
  Bytes line_;                // what there is of the line being read; without its end once it is whole
  std::uint64_t chunks_ = 0;  // whose heads were read
  std::uint64_t chunk_bytes_ = 0;
  std::uint64_t chunk_rest_ = 0;  // bytes of it that are still to come
  std::uint64_t decoded_ = 0;
  std::string chunk_signature_;     // that the chunk claims
  std::string previous_signature_;  // that the next one builds on
  codec::Sha256 hash_;              // of the chunk's data
  std::vector<std::pair<std::string, std::string>> trailers_;
  bool trailer_signed_ = false;
  int early_blanks_ = 0;
  bool late_blank_ = false;
  Fault fault_;
};

}  // namespace reprise::auth::sigv4
