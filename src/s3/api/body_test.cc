#include "s3/api/body.h"

#include <gtest/gtest.h>

#include <deque>

#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/md5.h"
#include "codec/sha256.h"

namespace reprise::s3 {
namespace {

// Gives its pieces, then the end, or then an error.
class Pieces final : public http::BodyReader {
 public:
  explicit Pieces(std::deque<Bytes> pieces, std::optional<Status> failure = std::nullopt)
      : pieces_(std::move(pieces)), failure_(std::move(failure)) {
    for (const Bytes& piece : pieces_) length_ += piece.size();
  }
  Task<Result<Bytes>> read() override {
    if (pieces_.empty()) return failure_ ? Result<Bytes>(*failure_) : Result<Bytes>(Bytes());
    Bytes piece = std::move(pieces_.front());
    pieces_.pop_front();
    return Result<Bytes>(std::move(piece));
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return length_; }

 private:
  std::deque<Bytes> pieces_;
  std::optional<Status> failure_;
  std::uint64_t length_ = 0;
};

std::string sha256_hex(BytesView bytes) {
  const auto digest = codec::sha256(bytes);
  return codec::to_hex(codec::bytes_of(digest));
}

Outcome<Bytes> drain(PayloadSource& source) {
  Bytes all;
  for (;;) {
    auto piece = sync_wait(source.read());
    if (!piece.ok()) return std::move(piece).error();
    if (piece->empty()) return all;
    all += *piece;
  }
}

TEST(BodyTest, AHashIsComparedAtTheEnd) {
  Pieces right({"ab", "cd"});
  const auto good = payload_source(right, {sha256_hex("abcd")});
  EXPECT_EQ(good->length(), 4U);
  EXPECT_EQ(drain(*good).value(), "abcd");
  EXPECT_EQ(drain(*good).value(), "");  // the end stays the end

  Pieces wrong({"ab", "cd"});
  const auto bad = payload_source(wrong, {sha256_hex("other")});
  EXPECT_EQ(sync_wait(bad->read()).value(), "ab");
  EXPECT_EQ(sync_wait(bad->read()).value(), "cd");
  for (int again = 0; again < 2; ++again) {
    const auto end = sync_wait(bad->read());
    ASSERT_FALSE(end.ok());
    EXPECT_EQ(end.error().code, ErrorCode::x_amz_content_sha256_mismatch);
  }
}

TEST(BodyTest, AnEmptyBodyHasAHashToo) {
  Pieces none({});
  EXPECT_EQ(drain(*payload_source(none, {sha256_hex("x")})).error().code, ErrorCode::x_amz_content_sha256_mismatch);
  Pieces empty({});
  EXPECT_TRUE(drain(*payload_source(empty, {sha256_hex("")})).ok());
}

TEST(BodyTest, FailuresOfTheConnection) {
  Pieces gone({"ab"}, io_error("the client went away before the end of the request body"));
  EXPECT_EQ(drain(*payload_source(gone, {})).error().code, ErrorCode::incomplete_body);
  Pieces slow({"ab"}, io_error("the request body came too slowly"));
  EXPECT_EQ(drain(*payload_source(slow, {})).error().code, ErrorCode::request_timeout);
}

BodyPromise chunked(std::uint64_t bytes, std::vector<std::string> trailers = {}) {
  BodyPromise promise;
  promise.chunked.emplace();
  promise.chunked->form = auth::sigv4::ChunkedForm::unsigned_and_trailer;
  promise.chunked->decoded_bytes = bytes;
  promise.chunked->trailers = std::move(trailers);
  return promise;
}

TEST(BodyTest, AwsChunkedIsTakenOff) {
  Pieces body({"5\r\nhe", "llo\r\n0\r\nx-amz-check", "sum-crc32:abc\r\n\r\n"});
  const auto source = payload_source(body, chunked(5, {"x-amz-checksum-crc32"}));
  EXPECT_EQ(source->length(), 5U);
  EXPECT_EQ(drain(*source).value(), "hello");
  EXPECT_EQ(source->trailers().get("x-amz-checksum-crc32"), "abc");
}

TEST(BodyTest, AwsChunkedMustBeWhole) {
  Pieces cut({"5\r\nhel"});
  EXPECT_EQ(drain(*payload_source(cut, chunked(5))).error().code, ErrorCode::incomplete_body);
  Pieces other({"5\r\nhello\r\n0\r\n\r\n"});
  const auto error = drain(*payload_source(other, chunked(6))).error();
  EXPECT_EQ(error.code, ErrorCode::incomplete_body);
  ASSERT_EQ(error.details.size(), 2U);
  EXPECT_EQ(error.details[0].second, "6");
  Pieces trailer({"0\r\na:b\r\n\r\n"});
  EXPECT_EQ(drain(*payload_source(trailer, chunked(0))).error().code, ErrorCode::malformed_trailer);
}

Outcome<Bytes> document(Fields headers, std::size_t most, bool digest) {
  Pieces body({"<a>", "</a>"});
  const auto source = payload_source(body, {});
  return sync_wait(read_document(*source, headers, most, digest));
}

TEST(BodyTest, DocumentsAreBoundedAndDigested) {
  EXPECT_EQ(document({}, 7, false).value(), "<a></a>");
  EXPECT_EQ(document({}, 6, false).error().code, ErrorCode::malformed_xml);
  EXPECT_EQ(document({}, 7, true).error().code, ErrorCode::missing_content_md5);
  Fields right;
  const auto digest = codec::md5("<a></a>");
  right.add("content-md5", codec::to_base64(codec::bytes_of(digest)));
  EXPECT_TRUE(document(right, 7, true).ok());
  Fields wrong;
  wrong.add("x-amz-checksum-crc32", "AAAAAA==");
  EXPECT_EQ(document(wrong, 7, true).error().code, ErrorCode::bad_digest);
}

}  // namespace
}  // namespace reprise::s3
