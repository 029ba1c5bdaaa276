#include "auth/sigv4/aws_chunked.h"

#include <gtest/gtest.h>

#include "auth/sigv4/aws_chunked_for_tests.h"
#include "auth/sigv4/signing_key.h"
#include "base/rng.h"
#include "codec/hex.h"

namespace reprise::auth::sigv4 {
namespace {

using Kind = ChunkedFault::Kind;
using Trailers = std::vector<std::pair<std::string, std::string>>;

constexpr std::string_view crc32c_header = "x-amz-checksum-crc32c";
constexpr std::string_view empty_hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

// AWS's own example credentials.
ChunkSigning example_signing(std::string seed) {
  return {derive_signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", {"20130524", "us-east-1", "s3"}),
          "20130524T000000Z", "20130524/us-east-1/s3/aws4_request", std::move(seed)};
}
ChunkSigning some_signing() { return example_signing(std::string(64, '0')); }

ChunkedOptions options_for(ChunkedForm form, std::uint64_t bytes, std::vector<std::string> trailers = {}) {
  return {form, bytes, std::move(trailers), some_signing()};
}

struct Decoded {
  Bytes bytes;
  std::optional<ChunkedFault> fault;
  Trailers trailers;
};

// In pieces of `piece` bytes.
Decoded decode(ChunkedOptions options, BytesView body, std::size_t piece = 1 << 20) {
  AwsChunkedDecoder decoder(std::move(options));
  Decoded decoded;
  while (!body.empty() && !decoded.fault) {
    decoded.fault = decoder.feed(body.substr(0, piece), decoded.bytes);
    body.remove_prefix(std::min(piece, body.size()));
  }
  if (!decoded.fault) decoded.fault = decoder.finish();
  EXPECT_EQ(decoder.decoded_bytes(), decoded.bytes.size());
  decoded.trailers = decoder.trailers();
  return decoded;
}

std::optional<Kind> kind_of(const Decoded& decoded) {
  if (!decoded.fault) return std::nullopt;
  return decoded.fault->kind;
}

std::optional<Kind> unsigned_fault(BytesView body, std::uint64_t bytes, std::vector<std::string> trailers = {}) {
  const Decoded whole = decode(options_for(ChunkedForm::unsigned_and_trailer, bytes, trailers), body);
  const Decoded bytewise = decode(options_for(ChunkedForm::unsigned_and_trailer, bytes, trailers), body, 1);
  EXPECT_EQ(kind_of(whole), kind_of(bytewise));
  EXPECT_EQ(whole.bytes, bytewise.bytes);
  return kind_of(whole);
}

TEST(AwsChunked, Forms) {
  EXPECT_EQ(chunked_form("STREAMING-AWS4-HMAC-SHA256-PAYLOAD"), ChunkedForm::signed_chunks);
  EXPECT_EQ(chunked_form("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"), ChunkedForm::signed_chunks_and_trailer);
  EXPECT_EQ(chunked_form("STREAMING-UNSIGNED-PAYLOAD-TRAILER"), ChunkedForm::unsigned_and_trailer);
  EXPECT_EQ(chunked_form("STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"), std::nullopt);
  EXPECT_EQ(chunked_form("UNSIGNED-PAYLOAD"), std::nullopt);
}

// The example of AWS's page "Transferring payload in multiple chunks".
TEST(AwsChunked, AwsExampleOfSignedChunks) {
  const std::string body =
      "10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n" +
      std::string(65536, 'a') +
      "\r\n400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n" +
      std::string(1024, 'a') +
      "\r\n0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n";
  ASSERT_EQ(body.size(), 66824U);  // the example's Content-Length
  ChunkedOptions options{ChunkedForm::signed_chunks,
                         66560,
                         {},
                         example_signing("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")};
  for (const std::size_t piece : {1UL, 7UL, 1000UL, 100000UL}) {
    const Decoded decoded = decode(options, body, piece);
    EXPECT_EQ(kind_of(decoded), std::nullopt);
    EXPECT_EQ(decoded.bytes, Bytes(66560, 'a'));
  }
}

// The example of AWS's page "Including trailing headers".
TEST(AwsChunked, AwsExampleOfASignedTrailer) {
  const std::string chunks =
      "10000;chunk-signature=b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2\r\n" +
      std::string(65536, 'a') +
      "\r\n400;chunk-signature=1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7\r\n" +
      std::string(1024, 'a') +
      "\r\n0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n";
  const std::string checksum = "x-amz-checksum-crc32c:sOO8/Q==";
  const std::string signature =
      "x-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n\r\n";
  ChunkedOptions options{ChunkedForm::signed_chunks_and_trailer,
                         66560,
                         {std::string(crc32c_header)},
                         example_signing("106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e")};
  // As documented; with the line ends that some clients write.
  for (const std::string& end : {"\r\n" + signature, "\n\r\n" + signature, "\r\n" + signature + "\r\n"}) {
    const Decoded decoded = decode(options, chunks + checksum + end);
    EXPECT_EQ(kind_of(decoded), std::nullopt);
    EXPECT_EQ(decoded.trailers, (Trailers{{std::string(crc32c_header), "sOO8/Q=="}}));
  }
  EXPECT_EQ(kind_of(decode(options, chunks + "\r\n" + checksum + "\r\n" + signature)), std::nullopt);
  EXPECT_EQ(kind_of(decode(options, chunks + "x-amz-checksum-crc32c:sOO8/A==\r\n" + signature)), Kind::wrong_signature);
  EXPECT_EQ(kind_of(decode(options, chunks + checksum + "\r\n\r\n")), Kind::malformed_trailer);
  EXPECT_EQ(kind_of(decode(options, chunks + signature)), Kind::malformed_trailer);
  EXPECT_EQ(kind_of(decode(options, chunks + signature.substr(0, 40) + "\r\n\r\n")), Kind::malformed_trailer);
}

TEST(AwsChunked, WhatIsEncodedInAnyPiecesDecodesInAnyPieces) {
  Rng rng(41);
  for (int round = 0; round < 150; ++round) {
    const auto form = static_cast<ChunkedForm>(rng.below(3));
    AwsChunkedEncoder encoder(form, some_signing());
    Bytes payload;
    const std::uint64_t chunks = rng.below(5);
    for (std::uint64_t i = 0; i < chunks; ++i) {
      Bytes data(i + 1 < chunks ? 8192 + rng.below(3000) : 1 + rng.below(3000), '\0');
      for (char& c : data) c = static_cast<char>(rng.next());
      encoder.chunk(data);
      payload += data;
    }
    Trailers trailers;
    std::vector<std::string> names;
    if (form != ChunkedForm::signed_chunks && rng.below(4) != 0) trailers.emplace_back(crc32c_header, "sOO8/Q==");
    for (const auto& trailer : trailers) names.push_back(trailer.first);
    encoder.end(trailers);
    AwsChunkedDecoder decoder(options_for(form, payload.size(), names));
    Bytes decoded;
    const std::uint64_t most = 1 + rng.below(5000);
    for (BytesView rest = encoder.body(); !rest.empty();) {
      const std::size_t piece = std::min<std::size_t>(rest.size(), rng.below(most + 1));
      ASSERT_FALSE(decoder.feed(rest.substr(0, piece), decoded).has_value());
      rest.remove_prefix(piece);
    }
    ASSERT_FALSE(decoder.finish().has_value());
    ASSERT_EQ(decoded, payload);
    ASSERT_EQ(decoder.trailers(), trailers);
  }
}

// Whatever byte of a signed body is changed, it is refused, or it meant the same.
TEST(AwsChunked, NoByteOfASignedBodyCanBeChanged) {
  AwsChunkedEncoder encoder(ChunkedForm::signed_chunks_and_trailer, some_signing());
  const Bytes payload(8192 + 20, 'p');
  encoder.chunk(BytesView(payload).substr(0, 8192));
  encoder.chunk(BytesView(payload).substr(8192));
  const Trailers trailers = {{std::string(crc32c_header), "sOO8/Q=="}};
  encoder.end(trailers);
  const auto options =
      options_for(ChunkedForm::signed_chunks_and_trailer, payload.size(), {std::string(crc32c_header)});
  ASSERT_EQ(kind_of(decode(options, encoder.body())), std::nullopt);
  for (std::size_t at = 0; at<encoder.body().size(); at += at> 200 && at < 8000 ? 97 : 1) {
    for (const char bit : {'\x01', '\x20'}) {
      Bytes body = encoder.body();
      body[at] = static_cast<char>(body[at] ^ bit);
      const Decoded decoded = decode(options, body);
      if (decoded.fault) continue;
      ASSERT_EQ(decoded.bytes, payload) << at;
      ASSERT_EQ(decoded.trailers, trailers) << at;
    }
    const Decoded cut = decode(options, BytesView(encoder.body()).substr(0, at));
    ASSERT_TRUE(cut.fault.has_value()) << at;
  }
}

TEST(AwsChunked, ChunksCannotBeMovedLeftOutOrRepeated) {
  const auto chunk_of = [](const Bytes& body, int n) {
    const std::size_t size = 8192 + 2 + 86;  // "2000;chunk-signature=" 64 digits, two line ends
    return body.substr(static_cast<std::size_t>(n) * (size + 1), size + 1);
  };
  AwsChunkedEncoder encoder(ChunkedForm::signed_chunks, some_signing());
  encoder.chunk(Bytes(8192, 'a'));
  encoder.chunk(Bytes(8192, 'b'));
  encoder.end();
  const Bytes& body = encoder.body();
  const Bytes a = chunk_of(body, 0);
  const Bytes b = chunk_of(body, 1);
  const Bytes end = body.substr(a.size() + b.size());
  ASSERT_TRUE(a.ends_with("aaa\r\n") && b.ends_with("bbb\r\n") && end.starts_with("0;"));
  const auto options = [](std::uint64_t bytes) { return options_for(ChunkedForm::signed_chunks, bytes); };
  EXPECT_EQ(kind_of(decode(options(16384), a + b + end)), std::nullopt);
  EXPECT_EQ(kind_of(decode(options(16384), b + a + end)), Kind::wrong_signature);
  EXPECT_EQ(kind_of(decode(options(16384), a + a + end)), Kind::wrong_signature);
  EXPECT_EQ(kind_of(decode(options(8192), a + end)), Kind::wrong_signature);
  EXPECT_EQ(kind_of(decode(options(8192), b + end)), Kind::wrong_signature);
  const Decoded moved = decode(options(16384), b + a + end);
  EXPECT_EQ(moved.fault->string_to_sign,
            "AWS4-HMAC-SHA256-PAYLOAD\n20130524T000000Z\n20130524/us-east-1/s3/aws4_request\n" + std::string(64, '0') +
                "\n" + std::string(empty_hash) + "\n" +
                codec::to_hex(codec::bytes_of(codec::sha256(Bytes(8192, 'b')))));
  EXPECT_EQ(s3_chunked_error(*moved.fault).error.code, "SignatureDoesNotMatch");
  EXPECT_EQ(s3_chunked_error(*moved.fault).error.http_status, 403);
}

TEST(AwsChunked, BadFramingIsAnIncompleteBody) {
  EXPECT_EQ(unsigned_fault("5\r\nhello\r\n0\r\n\r\n", 5), std::nullopt);
  EXPECT_EQ(unsigned_fault("0\r\n\r\n", 0), std::nullopt);
  EXPECT_EQ(unsigned_fault("000A\r\n0123456789\r\n0\r\n\r\n", 10), std::nullopt);
  for (const std::string_view body : {"",
                                      "5",
                                      "5\r\n",
                                      "5\r\nhell",
                                      "5\r\nhello",
                                      "5\r\nhello\r\n",
                                      "5\r\nhello\r\n0\r\n",
                                      "5\r\nhello\r\n0\r\n\r",
                                      "3\r\nhello\r\n0\r\n\r\n",
                                      "5\nhello\r\n0\r\n\r\n",
                                      "5\r\nhello\n0\r\n\r\n",
                                      "5\r\nhelloxx0\r\n\r\n",
                                      "\r\nhello\r\n0\r\n\r\n",
                                      "g\r\nhello\r\n0\r\n\r\n",
                                      " 5\r\nhello\r\n0\r\n\r\n",
                                      "+5\r\nhello\r\n0\r\n\r\n",
                                      "0x5\r\nhello\r\n0\r\n\r\n",
                                      "5;a=b\r\nhello\r\n0\r\n\r\n",
                                      "00000000000000005\r\nhello\r\n0\r\n\r\n",
                                      "5\r\nhello\r\n0\r\n\r\nX",
                                      "5\r\nhello\r\n0\r\n\r\n\r\n\r\n",
                                      "5\r\nhello\r\n0\r\n\r\n\r"}) {
    EXPECT_EQ(unsigned_fault(body, 5), Kind::malformed_body) << body;
  }
  EXPECT_EQ(unsigned_fault(std::string(5000, '5'), 5), Kind::malformed_body);
  const ChunkedError error = s3_chunked_error({});
  EXPECT_EQ(error.error.code, "IncompleteBody");
  EXPECT_EQ(error.error.message, "The request body terminated unexpectedly");
}

TEST(AwsChunked, SignedHeadsMustHaveASignature) {
  const std::string signature(64, 'a');
  const auto fault = [](const std::string& body) {
    return kind_of(decode(options_for(ChunkedForm::signed_chunks, 5), body));
  };
  EXPECT_EQ(fault("5;chunk-signature=" + signature + "\r\nhello\r\n"), Kind::wrong_signature);
  EXPECT_EQ(fault("5\r\nhello\r\n"), Kind::malformed_body);
  EXPECT_EQ(fault("5;chunk-signature=" + signature.substr(1) + "\r\nhello\r\n"), Kind::malformed_body);
  EXPECT_EQ(fault("5;chunk-signature=" + signature + "a\r\nhello\r\n"), Kind::malformed_body);
  EXPECT_EQ(fault("5;chunk-signatur=" + signature + "\r\nhello\r\n"), Kind::malformed_body);
  EXPECT_EQ(fault("5;chunk-signature:" + signature + "\r\nhello\r\n"), Kind::malformed_body);
  EXPECT_EQ(fault("5;chunk-signature=" + signature.substr(1) + "A\r\nhello\r\n"), Kind::malformed_body);
}

TEST(AwsChunked, OnlyTheLastChunkMayBeSmall) {
  EXPECT_EQ(unsigned_fault("2000\r\n" + std::string(8192, 'a') + "\r\n1\r\nb\r\n0\r\n\r\n", 8193), std::nullopt);
  const std::string body = "1fff\r\n" + std::string(8191, 'a') + "\r\n1\r\nb\r\n0\r\n\r\n";
  const Decoded decoded = decode(options_for(ChunkedForm::unsigned_and_trailer, 8192), body);
  ASSERT_EQ(kind_of(decoded), Kind::chunk_too_small);
  const ChunkedError error = s3_chunked_error(*decoded.fault);
  EXPECT_EQ(error.error.code, "InvalidChunkSizeError");
  EXPECT_EQ(error.error.http_status, 400);
  EXPECT_EQ(error.details, (Trailers{{"Chunk", "2"}, {"BadChunkSize", "8191"}}));
}

TEST(AwsChunked, TheDecodedLengthIsTheAnnouncedOne) {
  for (const std::uint64_t announced : {0, 3, 4, 6, 1000}) {
    const Decoded decoded =
        decode(options_for(ChunkedForm::unsigned_and_trailer, announced), "5\r\nhello\r\n0\r\n\r\n");
    ASSERT_EQ(kind_of(decoded), Kind::wrong_length);
    EXPECT_LE(decoded.bytes.size(), announced);
    const ChunkedError error = s3_chunked_error(*decoded.fault);
    EXPECT_EQ(error.error.code, "IncompleteBody");
    EXPECT_EQ(error.error.message,
              "You did not provide the number of bytes specified by the Content-Length HTTP header");
    EXPECT_EQ(error.details,
              (Trailers{{"NumberBytesExpected", std::to_string(announced)}, {"NumberBytesProvided", "5"}}));
  }
  EXPECT_EQ(unsigned_fault("ffffffffffffffff\r\n", 5), Kind::wrong_length);
}

TEST(AwsChunked, TrailersAreThoseAnnounced) {
  const std::vector<std::string> crc = {std::string(crc32c_header)};
  const std::string chunks = "5\r\nhello\r\n0\r\n";
  const auto fault = [&](const std::string& trailer, const std::vector<std::string>& announced) {
    return unsigned_fault(chunks + trailer, 5, announced);
  };
  EXPECT_EQ(fault("X-Amz-Checksum-CRC32C: \tmnG7TA==\t \r\n\r\n", crc), std::nullopt);
  EXPECT_EQ(fault("x-amz-checksum-crc32c:mnG7TA==\n\r\n\r\n", crc), std::nullopt);
  EXPECT_EQ(fault("\r\n", crc), Kind::malformed_trailer);
  EXPECT_EQ(fault("\r\n\r\n\r\n", crc), Kind::malformed_trailer);
  EXPECT_EQ(fault("x-amz-checksum-crc32:mnG7TA==\r\n\r\n", crc), Kind::malformed_trailer);
  EXPECT_EQ(fault("x-amz-checksum-crc32c:mnG7TA==\r\n\r\n", {}), Kind::malformed_trailer);
  EXPECT_EQ(fault("x-amz-checksum-crc32c=mnG7TA==\r\n\r\n", crc), Kind::malformed_trailer);
  EXPECT_EQ(fault(":mnG7TA==\r\n\r\n", crc), Kind::malformed_trailer);
  EXPECT_EQ(fault("x-amz-checksum-crc32c:a\r\nx-amz-checksum-crc32c:a\r\n\r\n", crc), Kind::malformed_trailer);
  EXPECT_EQ(fault("x-amz-trailer-signature:" + std::string(64, 'a') + "\r\n\r\n", crc), Kind::malformed_trailer);
  EXPECT_EQ(fault("x-amz-checksum-crc32c:" + std::string(5000, 'a') + "\r\n\r\n", crc), Kind::malformed_trailer);
  EXPECT_EQ(fault("x-amz-checksum-crc32c:mnG7TA==\r\n", crc), Kind::malformed_body);
  EXPECT_EQ(s3_chunked_error({.kind = Kind::malformed_trailer}).error.code, "MalformedTrailerError");
}

TEST(AwsChunked, AFaultStays) {
  AwsChunkedDecoder decoder(options_for(ChunkedForm::unsigned_and_trailer, 5));
  Bytes out;
  EXPECT_TRUE(decoder.feed("x\r\n", out).has_value());
  EXPECT_TRUE(decoder.feed("5\r\nhello\r\n0\r\n\r\n", out).has_value());
  EXPECT_TRUE(decoder.finish().has_value());
  EXPECT_EQ(out, "");
}

TEST(AwsChunked, SigningComesFromTheRequest) {
  const std::vector<Header> headers = {
      {"Authorization",
       "AWS4-HMAC-SHA256 "
       "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;x-amz-date,"
       "Signature=4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9"},
      {"X-Amz-Date", "20130524T000000Z"}};
  RequestView request;
  request.method = "PUT";
  request.target = "/examplebucket/chunkObject.txt";
  request.headers = headers;
  const ChunkSigning signing = chunk_signing_of(request, "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
  const ChunkSigning expected = example_signing("4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9");
  EXPECT_EQ(signing.amz_date, expected.amz_date);
  EXPECT_EQ(signing.scope, expected.scope);
  EXPECT_EQ(signing.seed_signature, expected.seed_signature);
  EXPECT_EQ(signing.key.sign("x"), expected.key.sign("x"));
}

}  // namespace
}  // namespace reprise::auth::sigv4
