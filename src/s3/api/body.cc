// Keeps: a source's end is told only when everything the request promised of its body held; after an error every read
// gives that error. Pieces of a plain body pass through as the connection made them, without a copy.
#include "s3/api/body.h"

#include <algorithm>
#include <utility>

#include "auth/sigv4/aws_chunked.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/md5.h"
#include "codec/sha256.h"
#include "s3/api/error_document.h"
#include "s3/ops/payload.h"

namespace reprise::s3 {
namespace {

namespace sigv4 = auth::sigv4;

// No document of S3's is longer: CompleteMultipartUpload with 10,000 parts.
constexpr std::uint64_t document_bytes_most = std::uint64_t{20} << 20;

// What the connection failed with, as S3 says it.
S3Error read_error(const Status& status) {
  const bool slow = status.is(Code::io_error) && status.message().find("too slowly") != std::string_view::npos;
  if (status.is(Code::exhausted)) return s3_error(ErrorCode::entity_too_large);
  return s3_error(slow ? ErrorCode::request_timeout : ErrorCode::incomplete_body);
}

class PlainSource final : public PayloadSource {
 public:
  PlainSource(http::BodyReader& body, std::string sha256) : body_(body), sha256_(std::move(sha256)) {}

  Task<Outcome<Bytes>> read() override {
    if (failed_) co_return *failed_;
    auto piece = co_await body_.read();
    if (!piece.ok()) co_return fail(read_error(piece.error()));
    if (!sha256_.empty()) {
      hash_.update(*piece);
      if (piece->empty() && !std::exchange(ended_, true)) {
        const auto digest = hash_.finish();
        const std::string computed = codec::to_hex(codec::bytes_of(digest));
        if (computed != sha256_) co_return fail(mismatch(computed));
      }
    }
    co_return std::move(piece).value();
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return body_.length(); }
  [[nodiscard]] const Fields& trailers() const override { return trailers_; }

 private:
  S3Error fail(S3Error error) {
    failed_ = error;
    return error;
  }
  [[nodiscard]] S3Error mismatch(const std::string& computed) const {
    S3Error error = s3_error(ErrorCode::x_amz_content_sha256_mismatch);
    error.details.emplace_back("ClientComputedContentSHA256", sha256_);
    error.details.emplace_back("S3ComputedContentSHA256", computed);
    return error;
  }

  http::BodyReader& body_;
  std::string sha256_;
  codec::Sha256 hash_;
  bool ended_ = false;
  std::optional<S3Error> failed_;
  Fields trailers_;
};

class ChunkedSource final : public PayloadSource {
 public:
  ChunkedSource(http::BodyReader& body, sigv4::ChunkedOptions options)
      : body_(body), length_(options.decoded_bytes), decoder_(std::move(options)) {}

  Task<Outcome<Bytes>> read() override {
    if (failed_) co_return *failed_;
    while (!ended_) {
      auto piece = co_await body_.read();
      if (!piece.ok()) co_return fail(read_error(piece.error()));
      if (piece->empty()) {
        if (auto fault = decoder_.finish()) co_return fail(fault_error(*fault));
        for (const auto& [name, value] : decoder_.trailers()) trailers_.add(name, value);
        ended_ = true;
        break;
      }
      Bytes decoded;
      decoded.reserve(piece->size());
      if (auto fault = decoder_.feed(*piece, decoded)) co_return fail(fault_error(*fault));
      if (!decoded.empty()) co_return std::move(decoded);
    }
    co_return Bytes();
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }
  [[nodiscard]] const Fields& trailers() const override { return trailers_; }

 private:
  S3Error fail(S3Error error) {
    failed_ = error;
    return error;
  }
  static S3Error fault_error(const sigv4::ChunkedFault& fault) {
    sigv4::ChunkedError chunked = sigv4::s3_chunked_error(fault);
    S3Error error = error_of(std::move(chunked.error));
    error.details = std::move(chunked.details);
    if (fault.kind == sigv4::ChunkedFault::Kind::wrong_signature) {
      error.details.emplace_back("StringToSign", fault.string_to_sign);
      error.details.emplace_back("SignatureProvided", fault.signature);
    }
    return error;
  }

  http::BodyReader& body_;
  std::uint64_t length_;
  sigv4::AwsChunkedDecoder decoder_;
  bool ended_ = false;
  std::optional<S3Error> failed_;
  Fields trailers_;
};

class EmptySource final : public PayloadSource {
 public:
  Task<Outcome<Bytes>> read() override { return Outcome<Bytes>(Bytes()); }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return 0; }
  [[nodiscard]] const Fields& trailers() const override { return trailers_; }

 private:
  Fields trailers_;
};

class StreamReader final : public http::BodyReader {
 public:
  explicit StreamReader(std::unique_ptr<ReplyStream> stream) : stream_(std::move(stream)) {}
  Task<Result<Bytes>> read() override { return stream_->read(); }
  void give_back(Bytes piece) override { stream_->give_back(std::move(piece)); }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return stream_->length(); }

 private:
  std::unique_ptr<ReplyStream> stream_;
};

S3Error too_long(std::uint64_t bytes) {
  if (bytes <= document_bytes_most) return s3_error(ErrorCode::malformed_xml);
  S3Error error = s3_error(ErrorCode::max_message_length_exceeded);
  error.details.emplace_back("MaxMessageLengthBytes", std::to_string(document_bytes_most));
  return error;
}

// Everything, in one piece when it came as one.
Task<Outcome<Bytes>> read_whole(PayloadSource& source, std::size_t bytes_max) {
  const auto announced = source.length();
  if (announced && *announced > bytes_max) co_return too_long(*announced);
  CO_TRY_ASSIGN(Bytes all, co_await source.read());
  if (all.empty()) co_return std::move(all);
  for (;;) {
    CO_TRY_ASSIGN(const Bytes piece, co_await source.read());
    if (piece.empty()) break;
    all += piece;
    if (all.size() > bytes_max) co_return too_long(all.size());
  }
  if (all.size() > bytes_max) co_return too_long(all.size());
  co_return std::move(all);
}

// The document's own digests, computed and compared as those of a payload are.
Check check_digests(BytesView document, const Fields& headers, const Fields& trailers, bool needed) {
  TRY_ASSIGN(const ExpectedChecksums expected, expected_checksums(headers));
  if (needed && !expected.content_md5 && !expected.value && !expected.in_trailer) {
    return s3_error(ErrorCode::missing_content_md5);
  }
  if (!expected.content_md5 && !expected.value && !expected.in_trailer) return Passed{};
  WrittenPayload written;
  written.bytes = document.size();
  written.md5 = codec::md5(document);
  written.checksums.push_back(codec::checksum_of(expected.algorithm, document));
  return verify_checksums(expected, written, trailers);
}

}  // namespace

std::unique_ptr<PayloadSource> payload_source(http::BodyReader& body, BodyPromise promise) {
  if (promise.chunked) return std::make_unique<ChunkedSource>(body, *std::move(promise.chunked));
  return std::make_unique<PlainSource>(body, std::move(promise.sha256));
}

std::unique_ptr<PayloadSource> empty_source() { return std::make_unique<EmptySource>(); }

Task<Outcome<Bytes>> read_document(PayloadSource& source, const Fields& headers, std::size_t bytes_max,
                                   bool needs_digest) {
  CO_TRY_ASSIGN(Bytes document, co_await read_whole(source, bytes_max));
  CO_TRY(check_digests(document, headers, source.trailers(), needs_digest));
  co_return std::move(document);
}

std::unique_ptr<http::BodyReader> reader_of(std::unique_ptr<ReplyStream> stream) {
  return std::make_unique<StreamReader>(std::move(stream));
}

}  // namespace reprise::s3
