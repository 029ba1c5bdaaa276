// Invariants:
//   - bytes are appended to the output only in state `data`, never more than were announced in all;
//   - the last chunk's signature is right before the state passes `data_end` or `trailer`, and through it every one;
//   - `line_` is bounded: a line that does not end in time is a fault.
//
// Which fault is which S3 error follows what S3 was seen to answer: all bad framing, chunk signatures that are no
// signatures included, is IncompleteBody; everything wrong with what follows the last chunk is MalformedTrailerError.
#include "auth/sigv4/aws_chunked.h"

#include <algorithm>
#include <limits>

#include "auth/sigv4/amz_date.h"
#include "auth/sigv4/authorization.h"
#include "auth/sigv4/signing_key.h"
#include "base/assert.h"
#include "codec/hex.h"

namespace reprise::auth::sigv4 {
namespace {

constexpr std::size_t head_bytes_max = 128;
constexpr std::size_t trailer_bytes_max = 1024;
constexpr std::size_t signature_size = 64;
constexpr std::size_t size_digits_max = 16;
// Some clients end a trailing header with "\n\r\n", or put a line break between the last chunk and its trailer, and
// sign neither. So blank lines are passed over as long as something is due, and one more is at the end.
constexpr int early_blanks_max = 2;
constexpr std::string_view signature_trailer = "x-amz-trailer-signature";
constexpr std::string_view signature_parameter = ";chunk-signature=";

using Kind = ChunkedFault::Kind;

ChunkedFault fault_of(Kind kind) {
  ChunkedFault fault;
  fault.kind = kind;
  return fault;
}

ChunkedFault wrong_length(std::uint64_t expected, std::uint64_t provided) {
  ChunkedFault fault = fault_of(Kind::wrong_length);
  fault.expected = expected;
  fault.provided = provided;
  return fault;
}

bool is_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// As every signature is: 64 digits in lower case.
bool is_signature(std::string_view text) {
  return text.size() == signature_size && std::all_of(text.begin(), text.end(), is_digit);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) + 1 - first);
}

std::string hex_of(const codec::Sha256Digest& digest) { return codec::to_hex(codec::bytes_of(digest)); }

}  // namespace

std::optional<ChunkedForm> chunked_form(std::string_view content_sha256) noexcept {
  if (content_sha256 == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD") return ChunkedForm::signed_chunks;
  if (content_sha256 == "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER") return ChunkedForm::signed_chunks_and_trailer;
  if (content_sha256 == "STREAMING-UNSIGNED-PAYLOAD-TRAILER") return ChunkedForm::unsigned_and_trailer;
  return std::nullopt;
}

ChunkSigning chunk_signing_of(const RequestView& request, std::string_view secret) {
  const Presented presented =
      mechanism_of(request) == Mechanism::query ? presented_in_query(request) : presented_in_header(request);
  const auto credential = parse_credential(presented.credential);
  ASSERT(credential.has_value());  // or the verifier would not have accepted it
  std::string date(presented.date);
  if (presented.http_date && !parse_amz_date(date)) date = AmzDate(parse_http_date(date).value_or(0)).text();
  return {derive_signing_key(secret, credential->scope), std::move(date), std::string(credential->scope_text),
          std::string(presented.signature)};
}

ChunkedError s3_chunked_error(const ChunkedFault& fault) {
  switch (fault.kind) {
    case Kind::malformed_body: return {{"IncompleteBody", 400, "The request body terminated unexpectedly"}, {}};
    case Kind::wrong_length:
      return {{"IncompleteBody", 400,
               "You did not provide the number of bytes specified by the Content-Length HTTP header"},
              {{"NumberBytesExpected", std::to_string(fault.expected)},
               {"NumberBytesProvided", std::to_string(fault.provided)}}};
    case Kind::chunk_too_small:
      return {{"InvalidChunkSizeError", 400, "Only the last chunk is allowed to have a size less than 8192 bytes"},
              {{"Chunk", std::to_string(fault.chunk)}, {"BadChunkSize", std::to_string(fault.chunk_bytes)}}};
    case Kind::malformed_trailer:
      return {
          {"MalformedTrailerError", 400,
           "The request contained trailing data that was not well-formed or did not conform to our published schema."},
          {}};
    case Kind::wrong_signature: break;
  }
  Rejection rejection;
  rejection.reason = Reason::mismatch;
  rejection.string_to_sign = fault.string_to_sign;
  return {s3_auth_error(rejection), {}};
}

AwsChunkedDecoder::AwsChunkedDecoder(ChunkedOptions options) : options_(std::move(options)) {
  ASSERT(options_.signing.has_value() || !is_signed());
  if (is_signed()) previous_signature_ = options_.signing->seed_signature;
}

std::optional<ChunkedFault> AwsChunkedDecoder::feed(BytesView in, Bytes& out) {
  while (!in.empty() && state_ != State::failed) {
    fault_ = step(in, out);
    if (fault_) state_ = State::failed;
  }
  return fault_;
}

std::optional<ChunkedFault> AwsChunkedDecoder::finish() {
  if (state_ == State::failed || (state_ == State::end && line_.empty())) return fault_;
  const bool trailer_due = state_ == State::trailer && early_blanks_ > 0;
  fault_ = fault_of(trailer_due ? Kind::malformed_trailer : Kind::malformed_body);
  state_ = State::failed;
  return fault_;
}

// Takes something of `in`.
AwsChunkedDecoder::Fault AwsChunkedDecoder::step(BytesView& in, Bytes& out) {
  if (state_ == State::data) return read_data(in, out);
  const std::size_t bytes_max = state_ == State::trailer ? trailer_bytes_max : head_bytes_max;
  if (!take_line(in, bytes_max)) {
    const bool in_trailer = state_ == State::trailer && line_.size() > bytes_max;
    if (line_.size() <= bytes_max) return {};
    return fault_of(in_trailer ? Kind::malformed_trailer : Kind::malformed_body);
  }
  Fault fault;
  // Only a trailer's line may end without a carriage return.
  const bool returned = line_.ends_with('\r');
  if (returned) line_.pop_back();
  if (!returned && state_ != State::trailer) return fault_of(Kind::malformed_body);
  switch (state_) {
    case State::head: fault = read_head(); break;
    case State::data_end: fault = end_data(); break;
    case State::trailer: fault = read_trailer(); break;
    default:
      if (!line_.empty() || !has_trailer() || late_blank_) fault = fault_of(Kind::malformed_body);
      late_blank_ = true;
  }
  line_.clear();
  return fault;
}

// Whether line_ is whole now. Where it is not, it may be longer than allowed.
bool AwsChunkedDecoder::take_line(BytesView& in, std::size_t bytes_max) {
  const auto end = in.substr(0, bytes_max + 1).find('\n');
  if (end == BytesView::npos) {
    const std::size_t taken = std::min(in.size(), bytes_max + 1);
    line_.append(in.substr(0, taken));
    in.remove_prefix(taken);
    return false;
  }
  line_.append(in.substr(0, end));
  in.remove_prefix(end + 1);
  return line_.size() <= bytes_max;
}

// "10000;chunk-signature=ad80..."
AwsChunkedDecoder::Fault AwsChunkedDecoder::read_head() {
  std::string_view line = line_;
  std::string_view digits = line;
  if (is_signed()) {
    digits = line.substr(0, line.find(';'));
    line.remove_prefix(digits.size());
    if (!line.starts_with(signature_parameter)) return fault_of(Kind::malformed_body);
    line.remove_prefix(signature_parameter.size());
    if (!is_signature(line)) return fault_of(Kind::malformed_body);
    chunk_signature_ = line;
  }
  return read_size(digits);
}

AwsChunkedDecoder::Fault AwsChunkedDecoder::read_size(std::string_view digits) {
  if (digits.empty() || digits.size() > size_digits_max) return fault_of(Kind::malformed_body);
  std::uint64_t size = 0;
  for (const char c : digits) {
    const char digit = lower(c);
    if (!is_digit(digit)) return fault_of(Kind::malformed_body);
    size = size << 4 | static_cast<std::uint64_t>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
  }
  ++chunks_;
  if (size > 0 && chunks_ > 1 && chunk_bytes_ < chunk_bytes_min) {
    ChunkedFault fault = fault_of(Kind::chunk_too_small);
    fault.chunk = chunks_;
    fault.chunk_bytes = chunk_bytes_;
    return fault;
  }
  if (size > options_.decoded_bytes - decoded_) {
    const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    return wrong_length(options_.decoded_bytes, size > most - decoded_ ? most : decoded_ + size);
  }
  chunk_bytes_ = chunk_rest_ = size;
  if (size > 0) {
    state_ = State::data;
    return {};
  }
  // The last chunk has no data, and in the forms with a trailer no line end either.
  if (!has_trailer()) {
    state_ = State::data_end;
    return {};
  }
  line_.clear();
  return end_data();
}

AwsChunkedDecoder::Fault AwsChunkedDecoder::read_data(BytesView& in, Bytes& out) {
  const BytesView piece = in.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(chunk_rest_, in.size())));
  if (is_signed()) hash_.update(piece);
  out.append(piece);
  in.remove_prefix(piece.size());
  decoded_ += piece.size();
  chunk_rest_ -= piece.size();
  if (chunk_rest_ == 0) state_ = State::data_end;
  return {};
}

// The line end behind a chunk's data has been read: the chunk is whole.
AwsChunkedDecoder::Fault AwsChunkedDecoder::end_data() {
  if (!line_.empty()) return fault_of(Kind::malformed_body);
  if (is_signed()) {
    std::string what = hex_of(codec::sha256({})) + "\n" + hex_of(hash_.finish());
    if (auto fault = check_signature(string_to_sign("AWS4-HMAC-SHA256-PAYLOAD") + what, chunk_signature_)) return fault;
  }
  if (chunk_bytes_ > 0) {
    state_ = State::head;
    return {};
  }
  if (decoded_ != options_.decoded_bytes) return wrong_length(options_.decoded_bytes, decoded_);
  state_ = has_trailer() ? State::trailer : State::end;
  return {};
}

AwsChunkedDecoder::Fault AwsChunkedDecoder::read_trailer() {
  if (line_.empty()) {
    if (trailers_complete()) {
      state_ = State::end;
      return {};
    }
    if (++early_blanks_ > early_blanks_max) return fault_of(Kind::malformed_trailer);
    return {};
  }
  const std::string_view line = line_;
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || trailer_signed_) return fault_of(Kind::malformed_trailer);
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(), lower);
  return keep_trailer(name, trimmed(line.substr(colon + 1)));
}

AwsChunkedDecoder::Fault AwsChunkedDecoder::keep_trailer(std::string_view name, std::string_view value) {
  if (is_signed() && name == signature_trailer) {
    if (trailers_.size() != options_.trailers.size() || !is_signature(value)) return fault_of(Kind::malformed_trailer);
    codec::Sha256 hash;
    for (const auto& [key, text] : trailers_) hash.update(key + ":" + text + "\n");
    trailer_signed_ = true;
    return check_signature(string_to_sign("AWS4-HMAC-SHA256-TRAILER") + hex_of(hash.finish()), value);
  }
  const auto is_it = [&](const auto& trailer) { return trailer.first == name; };
  const bool announced = std::find(options_.trailers.begin(), options_.trailers.end(), name) != options_.trailers.end();
  if (!announced || std::any_of(trailers_.begin(), trailers_.end(), is_it)) return fault_of(Kind::malformed_trailer);
  trailers_.emplace_back(name, value);
  return {};
}

bool AwsChunkedDecoder::trailers_complete() const {
  return trailers_.size() == options_.trailers.size() && (trailer_signed_ || !is_signed());
}

// All of it but its end, the hashes.
std::string AwsChunkedDecoder::string_to_sign(std::string_view what) const {
  const ChunkSigning& signing = *options_.signing;
  std::string text(what);
  text.append("\n").append(signing.amz_date).append("\n").append(signing.scope).append("\n");
  return text.append(previous_signature_).append("\n");
}

AwsChunkedDecoder::Fault AwsChunkedDecoder::check_signature(std::string to_sign, std::string_view signature) {
  std::string right = hex_of(options_.signing->key.sign(to_sign));
  if (codec::equal_in_constant_time(right, signature)) {
    previous_signature_ = std::move(right);
    return {};
  }
  ChunkedFault fault = fault_of(Kind::wrong_signature);
  fault.string_to_sign = std::move(to_sign);
  fault.signature = signature;
  return fault;
}

}  // namespace reprise::auth::sigv4
