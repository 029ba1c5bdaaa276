#include "s3/model/object.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "codec/hex.h"

namespace reprise::s3 {
namespace {

// A version with every field set.
ObjectVersion full_version() {
  ObjectVersion version;
  version.sequence = 0x0123456789abcdef;
  version.id = VersionId::from_parts(version.sequence, "0123456789abcdef");
  version.null_below = 77;
  version.modified_micros = 1'800'000'000'000'001;
  version.noncurrent_since_micros = 1'800'000'000'500'000;
  version.owner = std::string(64, 'a');
  version.bytes = 12'345'678'901;
  version.etag = "d41d8cd98f00b204e9800998ecf8427e-3";
  version.storage_class = "STANDARD_IA";
  version.headers = {{"content-type", "audio/ogg"}, {"cache-control", "no-store"}};
  version.metadata = {{"artist", "Björk"}, {"empty", ""}};
  version.tags = {{"project", "blue"}, {"stage", ""}};
  version.acl = private_acl(version.owner);
  version.acl->grants.push_back({{Grantee::Kind::all_users, ""}, Permission::read_acp});
  version.lock = {LockMode::compliance, 1'900'000'000'000'000, false};
  version.checksums = {{codec::checksum_of(codec::ChecksumAlgorithm::crc64nvme, "x"), ChecksumType::full_object, 0},
                       {codec::checksum_of(codec::ChecksumAlgorithm::sha256, "y"), ChecksumType::composite, 3}};
  version.encryption = {SseKind::kms, "arn:aws:kms:eu-west-1:000000000000:key/k", "sealed", "md5", "e30=", true};
  version.payload.inlined = blob::BlobId::random();
  version.payload.inline_salt = "salt salt salt s";
  version.payload.parts = {{blob::BlobId::random(), 5'000'000, std::string(16, 's'), 1,
                            codec::checksum_of(codec::ChecksumAlgorithm::crc32, "part")},
                           {blob::BlobId::random(), 1, "", 0, std::nullopt}};
  version.multipart = true;
  return version;
}

TEST(VersionIds, ReadBackWhatTheyPrint) {
  const auto id = VersionId::make(0xfedcba9876543210);
  EXPECT_FALSE(id.is_null());
  EXPECT_EQ(id.text().size(), 32U);
  const auto parsed = VersionId::parse(id.text());
  ASSERT_TRUE(parsed.has_value());
  EXPECT_EQ(*parsed, id);
  EXPECT_EQ(parsed->sequence(), 0xfedcba9876543210);
  EXPECT_EQ(id.text().find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_."),
            std::string::npos);
}

TEST(VersionIds, OfOneSequenceDiffer) { EXPECT_NE(VersionId::make(1).text(), VersionId::make(1).text()); }

TEST(VersionIds, NullIsOneOfItsOwn) {
  EXPECT_EQ(VersionId().text(), "null");
  const auto parsed = VersionId::parse("null");
  ASSERT_TRUE(parsed.has_value());
  EXPECT_TRUE(parsed->is_null());
  EXPECT_NE(*parsed, VersionId::make(0));
}

TEST(VersionIds, RefuseWhatCannotBeOne) {
  const std::string good = VersionId::make(5).text();
  for (const std::string& bad : {std::string(), std::string("NULL"), std::string("nul"), good.substr(1), good + "A",
                                 good.substr(0, 31) + "-", good.substr(0, 31) + "=", std::string(32, ' ')}) {
    EXPECT_FALSE(VersionId::parse(bad).has_value()) << bad;
  }
}

TEST(VersionRecords, KeepEveryField) {
  const ObjectVersion version = full_version();
  const auto decoded = decode_version(encode_version(version));
  ASSERT_TRUE(decoded.ok()) << decoded.error().to_string();
  EXPECT_EQ(*decoded, version);
}

TEST(VersionRecords, KeepTheEmptyAndTheMarker) {
  ObjectVersion plain;
  plain.sequence = 1;
  auto decoded = decode_version(encode_version(plain));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, plain);

  ObjectVersion marker;
  marker.sequence = 9;
  marker.id = VersionId::make(9);
  marker.delete_marker = true;
  marker.owner = "owner";
  marker.modified_micros = 5;
  decoded = decode_version(encode_version(marker));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, marker);
}

// The form on disk (docs/formats/object.md): what is written today is read for ever.
TEST(VersionRecords, AreFrozen) {
  ObjectVersion version = full_version();
  version.payload.inlined = blob::BlobId::from_bytes("inline payload 1");
  version.payload.parts[0].blob = *blob::BlobId::from_bytes("blob of a part 1");
  version.payload.parts[1].blob = *blob::BlobId::from_bytes("blob of a part 2");
  const std::string frozen =
      "01feff030123456789abcdef30313233343536373839616263646566000000000000004d8280c489e5c5b206c084818ae5c5"
      "b206406161616161616161616161616161616161616161616161616161616161616161616161616161616161616161616161"
      "6161616161616161616161616161616161b5b8f0fe2d22643431643863643938663030623230346539383030393938656366"
      "38343237652d330b5354414e444152445f4941020c636f6e74656e742d7479706509617564696f2f6f67670d63616368652d"
      "636f6e74726f6c086e6f2d73746f7265020661727469737406426ac3b6726b05656d70747900020770726f6a65637404626c"
      "7565057374616765004061616161616161616161616161616161616161616161616161616161616161616161616161616161"
      "6161616161616161616161616161616161616161616161610200406161616161616161616161616161616161616161616161"
      "6161616161616161616161616161616161616161616161616161616161616161616161616161616161000100040280809691"
      "c782e0060102022dbd67026454e4b1000004a1fce4363854ff888cff4b8e7875d600c2682390412a8cf79b37d0b11148b0fa"
      "0103022861726e3a6177733a6b6d733a65752d776573742d313a3030303030303030303030303a6b65792f6b067365616c65"
      "64036d6435046533303d0101696e6c696e65207061796c6f616420311073616c742073616c742073616c74207302626c6f62"
      "206f66206120706172742031c096b1021073737373737373737373737373737373010100490f70c6626c6f62206f66206120"
      "70617274203201000000";
  EXPECT_EQ(codec::to_hex(encode_version(version)), frozen);
  const auto decoded = decode_version(codec::from_hex(frozen).value());
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, version);
}

// Pieces that are slices of blobs, with keys of their own.
std::vector<PayloadPart> shared_pieces() {
  PayloadPart head;
  head.blob = *blob::BlobId::from_bytes("blob of a part 1");
  head.bytes = 5'000'000;
  head.number = 3;
  head.checksum = codec::checksum_of(codec::ChecksumAlgorithm::crc32, "part");
  head.etag = "sixteen of these";
  head.from = 123;
  head.blob_bytes = 6'000'000;
  head.sealed_key = Bytes(60, 'k');
  PayloadPart rest;
  rest.blob = *blob::BlobId::from_bytes("blob of a part 2");
  rest.bytes = 77;
  rest.number = 3;
  rest.salt = Bytes(16, 's');
  PayloadPart next = rest;
  next.number = 4;
  next.bytes = 1;
  next.blob_bytes = 200;
  next.from = 199;
  return {head, rest, next};
}

TEST(VersionRecords, KeepSlices) {
  ObjectVersion version;
  version.sequence = 1;
  version.multipart = true;
  version.payload.parts = shared_pieces();
  const auto decoded = decode_version(encode_version(version));
  ASSERT_TRUE(decoded.ok()) << decoded.error().to_string();
  EXPECT_EQ(*decoded, version);
}

TEST(PayloadParts, AreFrozen) {
  std::string sealed_key;
  for (int i = 0; i < 60; ++i) sealed_key += "6b";
  const std::string frozen =
      "03626c6f62206f66206120706172742031c096b10200030f00490f70c67b809bee023c" + sealed_key +
      "7369787465656e206f66207468657365626c6f62206f662061207061727420324d10737373737373737373737373737373730300"
      "626c6f62206f662061207061727420320110737373737373737373737373737373730402c701c801";
  EXPECT_EQ(codec::to_hex(encode_payload_parts(shared_pieces())), frozen);
  const auto decoded = decode_payload_parts(codec::from_hex(frozen).value());
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, shared_pieces());
}

TEST(PayloadParts, RefuseWhatIsDamaged) {
  const Bytes stored = encode_payload_parts(shared_pieces());
  for (std::size_t size = 0; size < stored.size(); ++size) {
    EXPECT_FALSE(decode_payload_parts(BytesView(stored).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(decode_payload_parts(stored + "x").ok());
  std::vector<PayloadPart> pieces = shared_pieces();
  pieces[0].from = pieces[0].blob_bytes - pieces[0].bytes + 1;
  EXPECT_FALSE(decode_payload_parts(encode_payload_parts(pieces)).ok()) << "it ends behind the end of its blob";
  Bytes unknown = encode_payload_parts({PayloadPart()});
  unknown.back() = 16;
  EXPECT_FALSE(decode_payload_parts(unknown).ok()) << "a field that nobody knows";
}

TEST(PayloadParts, MakeTheObjectsParts) {
  Payload payload;
  EXPECT_TRUE(parts_of(payload).empty());
  payload.parts = shared_pieces();
  const auto parts = parts_of(payload);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].number(), 3U);
  EXPECT_EQ(parts[0].first, 0U);
  EXPECT_EQ(parts[0].bytes, 5'000'077U);
  EXPECT_EQ(parts[0].head, &payload.parts[0]);
  EXPECT_EQ(parts[1].number(), 4U);
  EXPECT_EQ(parts[1].first, 5'000'077U);
  EXPECT_EQ(parts[1].bytes, 1U);
}

TEST(VersionRecords, OfATypicalObjectAreSmall) {
  ObjectVersion version;
  version.sequence = 0x0123456789abcdef;
  version.modified_micros = 1'800'000'000'000'001;
  version.owner = std::string(64, 'a');
  version.bytes = 4096;
  version.etag = std::string(32, 'e');
  version.headers = {{"content-type", "binary/octet-stream"}};
  version.checksums = {{codec::checksum_of(codec::ChecksumAlgorithm::crc64nvme, "x"), ChecksumType::full_object, 0}};
  version.payload.inlined = blob::BlobId::random();
  EXPECT_LT(encode_version(version).size(), 220U);
}

TEST(VersionRecords, RefuseWhatIsCutShortOrTooLong) {
  const Bytes stored = encode_version(full_version());
  for (std::size_t size = 0; size < stored.size(); ++size) {
    const auto decoded = decode_version(BytesView(stored).substr(0, size));
    ASSERT_FALSE(decoded.ok()) << size;
    EXPECT_EQ(decoded.error().code(), Code::corruption);
  }
  EXPECT_FALSE(decode_version(stored + "x").ok());
}

TEST(VersionRecords, RefuseOtherFormatsAndUnknownFields) {
  Bytes stored = encode_version(full_version());
  stored[0] = 2;
  EXPECT_FALSE(decode_version(stored).ok());
  // Format 1 with a flag that is not known.
  EXPECT_FALSE(decode_version(Bytes("\x01\x80\x80\x04", 4) + Bytes(40, '\0')).ok());
}

TEST(VersionKeys, SortByKeyThenNewestFirst) {
  const std::vector<std::string> keys = {"a", Bytes("a\0", 2), Bytes("a\0b", 3), "a/", "aa", "b", "\xc3\xa9"};
  std::vector<Bytes> stored;
  for (const auto& key : keys) {
    for (const std::uint64_t sequence : {~std::uint64_t{0}, std::uint64_t{900}, std::uint64_t{2}, std::uint64_t{0}}) {
      stored.push_back(versions_key(key, sequence));
    }
  }
  EXPECT_TRUE(std::is_sorted(stored.begin(), stored.end()));
  EXPECT_EQ(std::set<Bytes>(stored.begin(), stored.end()).size(), stored.size());
  for (const auto& key : stored) {
    const auto parsed = parse_versions_key(key);
    ASSERT_TRUE(parsed.ok());
    EXPECT_EQ(versions_key(parsed->object_key, parsed->sequence), key);
    EXPECT_TRUE(key.starts_with(versions_prefix(parsed->object_key)));
  }
  EXPECT_FALSE(versions_key("aa", 1).starts_with(versions_prefix("a")));
}

TEST(VersionKeys, RefuseWhatIsNone) {
  EXPECT_FALSE(parse_versions_key("").ok());
  EXPECT_FALSE(parse_versions_key(versions_prefix("a")).ok());
  EXPECT_FALSE(parse_versions_key(versions_key("a", 1) + "x").ok());
}

TEST(ObjectChecksums, TellTheirPartsWhenComposite) {
  const auto value = codec::checksum_of(codec::ChecksumAlgorithm::crc32, "a");
  EXPECT_EQ((ObjectChecksum{value, ChecksumType::full_object, 0}.text()), value.base64());
  EXPECT_EQ((ObjectChecksum{value, ChecksumType::composite, 12}.text()), value.base64() + "-12");
}

}  // namespace
}  // namespace reprise::s3
