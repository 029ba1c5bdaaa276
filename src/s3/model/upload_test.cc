// Records and keys of uploads: what is written reads back, the order of keys is that of ListMultipartUploads, damage is
// told.
#include "s3/model/upload.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "codec/hex.h"
#include "s3/model/complete_upload.h"

namespace reprise::s3 {
namespace {

UploadId id_of(std::int64_t micros, char fill) {
  Bytes bytes;
  append_be64(bytes, static_cast<std::uint64_t>(micros));
  bytes.append(16, fill);
  return *UploadId::from_bytes(bytes);
}

Upload some_upload() {
  Upload upload;
  upload.initiator = "somebody";
  upload.object.owner = "owner";
  upload.object.headers = {{"content-type", "audio/ogg"}};
  upload.object.metadata = {{"a", "b"}};
  upload.object.tags = {{"k", "v"}};
  upload.object.lock.legal_hold = true;
  upload.object.encryption.kind = SseKind::s3;
  upload.object.encryption.wrapped_data_key = "wrapped";
  upload.checksum = codec::ChecksumAlgorithm::sha256;
  upload.checksum_type = ChecksumType::composite;
  upload.checksum_asked = true;
  return upload;
}

UploadedPart some_part() {
  UploadedPart part;
  part.modified_micros = 1'800'000'000'000'001;
  part.etag = "0123456789abcdef0123456789abcdef";
  PayloadPart piece;
  piece.blob = blob::BlobId::random();
  piece.bytes = 5 << 20;
  piece.salt = Bytes(16, 's');
  piece.number = 10'000;
  piece.checksum = codec::checksum_of(codec::ChecksumAlgorithm::crc32c, "bytes");
  part.pieces.push_back(std::move(piece));
  return part;
}

TEST(UploadId, HoldsItsTimeAndReadsBack) {
  const UploadId id = UploadId::make(1'800'000'000'123'456);
  EXPECT_EQ(id.initiated_micros(), 1'800'000'000'123'456);
  EXPECT_EQ(id.text().size(), 48u);
  EXPECT_EQ(UploadId::parse(id.text()), id);
  EXPECT_NE(UploadId::make(1'800'000'000'123'456), id);
}

TEST(UploadId, RefusesWhatIsNone) {
  const std::string text = UploadId::make(1).text();
  for (const std::string& bad : {std::string(), std::string("x"), text + "0", text.substr(1), text.substr(1) + "A",
                                 text.substr(1) + "g", "../" + text.substr(3)}) {
    EXPECT_FALSE(UploadId::parse(bad)) << bad;
  }
}

TEST(UploadRecords, ReadBack) {
  const Upload upload = some_upload();
  const auto again = decode_upload(encode_upload(upload));
  ASSERT_TRUE(again.ok()) << again.error().to_string();
  EXPECT_EQ(*again, upload);

  UploadedPart part = some_part();
  for (int i = 0; i < 2; ++i) {
    const auto read = decode_part(encode_part(part));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, part);
    part.pieces[0].checksum.reset();
    part.pieces[0].salt.clear();
    part.pieces[0].bytes = 0;
  }

  CompletedUpload completed;
  completed.completed_micros = 7;
  completed.etag = "abc-2";
  completed.version = "v";
  completed.checksum =
      ObjectChecksum{codec::checksum_of(codec::ChecksumAlgorithm::sha1, "x"), ChecksumType::composite, 2};
  completed.encryption.kind = SseKind::kms;
  completed.encryption.key_id = "arn";
  const auto read = decode_completed(encode_completed(completed));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, completed);
}

TEST(UploadRecords, PartsOfSeveralPieces) {
  UploadedPart part = some_part();
  PayloadPart slice = part.pieces[0];
  slice.checksum.reset();
  slice.bytes = 100;
  slice.from = 7;
  slice.blob_bytes = 1'000;
  part.pieces.push_back(slice);
  const auto read = decode_part(encode_part(part));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(*read, part);
  EXPECT_EQ(read->number(), 10'000u);
  EXPECT_EQ(read->bytes(), (5u << 20) + 100u);
  EXPECT_EQ(read->checksum(), part.pieces[0].checksum);
  part.pieces[1].number = 9'999;
  EXPECT_FALSE(decode_part(encode_part(part)).ok()) << "a piece of another part";
  part.pieces.clear();
  EXPECT_FALSE(decode_part(encode_part(part)).ok());
}

// The form before parts had pieces (docs/formats/upload.md), which is read for ever.
TEST(UploadRecords, PartsOfVersionOne) {
  const std::string frozen =
      "018280c489e5c5b20620303132333435363738396162636465663031323334353637383961626364656610626c6f62206f66206120706172"
      "74"
      "20318080c0021073737373737373737373737373737373904e05";
  Bytes stored = codec::from_hex(frozen).value();
  stored.push_back(1);
  stored.append(codec::checksum_of(codec::ChecksumAlgorithm::crc32c, "bytes").bytes());
  const auto read = decode_part(stored);
  ASSERT_TRUE(read.ok()) << read.error().to_string();
  UploadedPart part = some_part();
  part.pieces[0].blob = *blob::BlobId::from_bytes("blob of a part 1");
  EXPECT_EQ(*read, part);
  for (std::size_t size = 0; size < stored.size(); ++size) {
    EXPECT_FALSE(decode_part(BytesView(stored).substr(0, size)).ok()) << size;
  }
}

TEST(UploadRecords, TellDamage) {
  for (const Bytes& whole : {encode_upload(some_upload()), encode_part(some_part()), encode_completed({})}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      EXPECT_FALSE(decode_upload(whole.substr(0, size)).ok() && decode_part(whole.substr(0, size)).ok());
    }
    Bytes newer = whole;
    newer.front() = 9;
    EXPECT_TRUE(decode_upload(newer).error().is(Code::unsupported));
    EXPECT_TRUE(decode_part(newer).error().is(Code::unsupported));
    EXPECT_TRUE(decode_completed(newer).error().is(Code::unsupported));
  }
  const Bytes part = encode_part(some_part());
  for (std::size_t size = 0; size < part.size(); ++size) EXPECT_FALSE(decode_part(part.substr(0, size)).ok()) << size;
  EXPECT_FALSE(decode_part(part + "x").ok());
}

TEST(UploadKeys, OrderIsThatOfTheListing) {
  std::vector<Bytes> keys = {
      upload_key(UploadEntry::upload, "a", id_of(5, 'z')), upload_key(UploadEntry::upload, "a", id_of(7, 'a')),
      upload_key(UploadEntry::upload, std::string("a\0", 2), id_of(1, 'a')),
      upload_key(UploadEntry::upload, "a/b", id_of(1, 'a')), upload_key(UploadEntry::upload, "ab", id_of(2, 'a'))};
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  for (const Bytes& key : keys) EXPECT_TRUE(key.starts_with(upload_scan_prefix(UploadEntry::upload, "a")));
  EXPECT_FALSE(keys[4].starts_with(upload_scan_prefix(UploadEntry::upload, "a/")));
}

TEST(UploadKeys, ReadBack) {
  const UploadId id = UploadId::make(42);
  const std::string object_key("k\0/\xff", 4);
  for (const auto entry : {UploadEntry::upload, UploadEntry::completed}) {
    const auto key = parse_upload_key(upload_key(entry, object_key, id));
    ASSERT_TRUE(key.ok());
    EXPECT_EQ(key->entry, entry);
    EXPECT_EQ(key->object_key, object_key);
    EXPECT_EQ(key->id, id);
  }
  const auto part = parse_upload_key(part_key(object_key, id, 300));
  ASSERT_TRUE(part.ok());
  EXPECT_EQ(part->entry, UploadEntry::part);
  EXPECT_EQ(part->number, 300u);
  EXPECT_LT(part_key(object_key, id, 255), part_key(object_key, id, 256));
  for (const Bytes& bad : {Bytes(), Bytes("u"), Bytes("x") + upload_key(UploadEntry::upload, "k", id).substr(1),
                           upload_key(UploadEntry::upload, "k", id) + "x"}) {
    EXPECT_FALSE(parse_upload_key(bad).ok());
  }
}

TEST(CompleteUpload, ReadsParts) {
  const auto parts = parse_complete_upload(
      "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
      "<Part><PartNumber>1</PartNumber><ETag>\"a\"</ETag></Part>"
      "<Part><ETag>&quot;b&quot;</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32><PartNumber> 3 </PartNumber></Part>"
      "</CompleteMultipartUpload>");
  ASSERT_TRUE(parts.ok()) << parts.error().message;
  ASSERT_EQ(parts->size(), 2u);
  EXPECT_EQ((*parts)[0], (CompletedPart{1, "a", {}}));
  EXPECT_EQ((*parts)[1], (CompletedPart{3, "b", {{codec::ChecksumAlgorithm::crc32, "AAAAAA=="}}}));
  const auto again = parse_complete_upload(print_complete_upload(*parts));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, *parts);
}

TEST(CompleteUpload, RefusesOtherDocuments) {
  const auto part = [](const std::string& inside) {
    return parse_complete_upload("<CompleteMultipartUpload><Part>" + inside + "</Part></CompleteMultipartUpload>");
  };
  for (const char* bad : {" ", "rubbish", "<CompleteMultipartUpload/>", "<Other><Part/></Other>",
                          "<CompleteMultipartUpload><Piece/></CompleteMultipartUpload>"}) {
    const auto parts = parse_complete_upload(bad);
    ASSERT_FALSE(parts.ok()) << bad;
    EXPECT_EQ(parts.error().code, ErrorCode::malformed_xml) << bad;
  }
  for (const char* bad :
       {"", "<PartNumber>1</PartNumber>", "<ETag>a</ETag>", "<PartNumber>x</PartNumber><ETag>a</ETag>",
        "<PartNumber>1</PartNumber><ETag></ETag>", "<PartNumber>1</PartNumber><ETag>a</ETag><Other/>",
        "<PartNumber>1</PartNumber><PartNumber>1</PartNumber><ETag>a</ETag>",
        "<PartNumber>1.5</PartNumber><ETag>a</ETag>"}) {
    const auto parts = part(bad);
    ASSERT_FALSE(parts.ok()) << bad;
    EXPECT_EQ(parts.error().code, ErrorCode::malformed_xml) << bad;
  }
  EXPECT_EQ(part("<PartNumber>0</PartNumber><ETag>a</ETag>").error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(part("<PartNumber>-1</PartNumber><ETag>a</ETag>").error().code, ErrorCode::invalid_argument);
  const auto large = part("<PartNumber>99999999999</PartNumber><ETag>a</ETag>");
  ASSERT_TRUE(large.ok());
  EXPECT_GT(large->front().number, part_number_max);
}

}  // namespace
}  // namespace reprise::s3
