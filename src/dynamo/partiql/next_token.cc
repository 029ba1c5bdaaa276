#include "dynamo/partiql/next_token.h"

#include "codec/base64.h"
#include "codec/sha256.h"

namespace reprise::dynamo::partiql {
namespace {

constexpr char version = 1;
constexpr std::size_t digest_size = 16;
constexpr std::size_t checksum_size = 8;
constexpr std::size_t header_size = 1 + digest_size + checksum_size;

// Each piece with its length in front, so that no two lists of pieces are one text.
void update(codec::Sha256& hash, BytesView piece) {
  hash.update(std::to_string(piece.size()));
  hash.update(":");
  hash.update(piece);
}

Bytes checksum(BytesView digest, BytesView key) {
  codec::Sha256 hash;
  update(hash, digest);
  update(hash, key);
  const auto whole = hash.finish();
  return Bytes(codec::bytes_of(whole).substr(0, checksum_size));
}

}  // namespace

Bytes request_digest(std::string_view statement, const Values& values, std::string_view table_id) {
  codec::Sha256 hash;
  update(hash, statement);
  update(hash, table_id);
  for (const Bytes& parameter : values.parameters()) update(hash, parameter);
  const auto whole = hash.finish();
  return Bytes(codec::bytes_of(whole).substr(0, digest_size));
}

std::string encode_next_token(BytesView digest, BytesView key) {
  Bytes token(1, version);
  token.append(digest).append(checksum(digest, key)).append(key);
  return codec::to_base64(token);
}

Outcome<Bytes> decode_next_token(BytesView digest, std::string_view token) {
  const auto decoded = codec::from_base64(token);
  if (!decoded.ok() || decoded->size() < header_size || (*decoded)[0] != version) {
    return validation("Invalid NextToken");
  }
  const BytesView bytes(*decoded);
  const BytesView own_digest = bytes.substr(1, digest_size);
  const BytesView key = bytes.substr(header_size);
  if (bytes.substr(1 + digest_size, checksum_size) != checksum(own_digest, key)) return validation("Invalid NextToken");
  if (own_digest != digest) return validation("NextToken does not match request");
  return Bytes(key);
}

}  // namespace reprise::dynamo::partiql
