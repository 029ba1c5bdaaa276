// Writes aws-chunked bodies, for tests and fuzzers.
#pragma once

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include "auth/sigv4/aws_chunked.h"
#include "codec/hex.h"

namespace reprise::auth::sigv4 {

class AwsChunkedEncoder {
 public:
  AwsChunkedEncoder(ChunkedForm form, ChunkSigning signing)
      : form_(form), signing_(std::move(signing)), previous_(signing_.seed_signature) {}

  void chunk(BytesView data) {
    head(data);
    if (!data.empty()) body_.append(data).append("\r\n");
  }
  void end(const std::vector<std::pair<std::string, std::string>>& trailers = {}) {
    chunk({});
    if (form_ != ChunkedForm::signed_chunks) {
      std::string signed_text;
      for (const auto& [name, value] : trailers) {
        body_.append(name).append(":").append(value).append("\r\n");
        signed_text.append(name).append(":").append(value).append("\n");
      }
      if (form_ == ChunkedForm::signed_chunks_and_trailer) {
        body_ += "x-amz-trailer-signature:" + sign("AWS4-HMAC-SHA256-TRAILER", hash(signed_text)) + "\r\n";
      }
    }
    body_.append("\r\n");
  }
  [[nodiscard]] const Bytes& body() const { return body_; }

 private:
  void head(BytesView data) {
    char digits[20];
    body_.append(digits, static_cast<std::size_t>(std::snprintf(digits, sizeof digits, "%zx", data.size())));
    if (form_ != ChunkedForm::unsigned_and_trailer) {
      body_ += ";chunk-signature=" + sign("AWS4-HMAC-SHA256-PAYLOAD", hash("") + "\n" + hash(data));
    }
    body_.append("\r\n");
  }
  static std::string hash(BytesView data) { return codec::to_hex(codec::bytes_of(codec::sha256(data))); }
  std::string sign(const std::string& what, const std::string& hashes) {
    const std::string text = what + "\n" + signing_.amz_date + "\n" + signing_.scope + "\n" + previous_ + "\n" + hashes;
    previous_ = codec::to_hex(codec::bytes_of(signing_.key.sign(text)));
    return previous_;
  }

  const ChunkedForm form_;
  const ChunkSigning signing_;
  std::string previous_;
  Bytes body_;
};

}  // namespace reprise::auth::sigv4
