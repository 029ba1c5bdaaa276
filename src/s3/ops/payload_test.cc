// Payloads in and out: whatever their size and form, what comes back is what went in, and nothing of what failed stays.
#include "s3/ops/payload.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "s3/ops/buckets_for_tests.h"
#include "s3/ops/sealed_blocks.h"

namespace reprise::s3 {
namespace {

namespace fs = std::filesystem;

// A text whose every stretch is unlike the others.
Bytes text_of(std::size_t bytes) {
  Bytes text(bytes, '\0');
  std::uint64_t state = 0x9e3779b97f4a7c15;
  for (char& c : text) {
    state = state * 6364136223846793005 + 1442695040888963407;
    c = static_cast<char>(state >> 56);
  }
  return text;
}

class PayloadTest : public testing::Test {
 protected:
  PayloadTest() : bucket_(server_.make_bucket("payloads")) {}

  static DataKey key() { return DataKey(Bytes(32, 'd')); }

  static PayloadRequest request(bool sealed) {
    PayloadRequest request;
    if (sealed) request.key = key();
    request.checksums = {codec::ChecksumAlgorithm::crc64nvme, codec::ChecksumAlgorithm::sha256};
    return request;
  }

  Outcome<WrittenPayload> write(PayloadSource& source, PayloadRequest request) {
    return sync_wait(write_payload(server_.services(), source, std::move(request)));
  }
  Outcome<WrittenPayload> write(const Bytes& text, bool sealed, std::size_t piece = 100'000) {
    TextSource source(text, piece);
    return write(source, request(sealed));
  }

  // What a record would say of it. The inline bytes go where a commit puts them.
  ObjectVersion version_of(const WrittenPayload& written) {
    ObjectVersion version;
    version.bytes = written.bytes;
    version.payload = written.payload;
    if (written.payload.inlined) {
      history::Commit commit;
      history::Change change;
      change.space = bucket_->spaces.payloads;
      change.key = Bytes(written.payload.inlined->bytes());
      change.value = written.inline_bytes;
      commit.changes.push_back(std::move(change));
      EXPECT_TRUE(sync_wait(server_.store().commit(std::move(commit))).ok());
    }
    return version;
  }

  // The bytes of a range, or "(CODE)".
  Bytes read(const ObjectVersion& version, bool sealed, std::uint64_t offset, std::uint64_t length) {
    std::optional<DataKey> opened;
    if (sealed) opened = key();
    auto stream =
        sync_wait(open_payload(server_.services(), bucket_, version, std::move(opened), offset, length, std::nullopt));
    if (!stream.ok()) return "(" + std::string(code_name(stream.error().code())) + ")";
    EXPECT_EQ((*stream)->length(), length);
    Bytes all;
    for (;;) {
      auto piece = sync_wait((*stream)->read());
      if (!piece.ok())
        return "(" + std::string(code_name(piece.error().code())) + " after " + std::to_string(all.size()) + ")";
      if (piece->empty()) return all;
      all += *piece;
    }
  }

  std::vector<fs::path> blob_files() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(server_.directory() / "blobs")) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    return files;
  }

  static void damage(const fs::path& path, std::uint64_t position) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(position));
    char c = 0;
    file.get(c);
    file.seekp(static_cast<std::streamoff>(position));
    file.put(static_cast<char>(c ^ 1));
  }

  // Lets the kernel forget what it has of the payloads in memory, so that they come from the disk again. On a file
  // system that is memory it forgets nothing; then a test only reads from there.
  void forget_cached() {
    for (const fs::path& path : blob_files()) {
      const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
      ASSERT_GE(file, 0);
      EXPECT_EQ(::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED), 0);
      ::close(file);
    }
  }

  BucketServer server_;
  BucketPtr bucket_;
};

constexpr std::uint64_t inline_max = 32 << 10;
constexpr std::uint64_t megabyte = 1 << 20;
const std::vector<std::uint64_t> sizes = {0,
                                          1,
                                          inline_max - 1,
                                          inline_max,
                                          inline_max + 1,
                                          sealed_block_bytes - 1,
                                          sealed_block_bytes,
                                          sealed_block_bytes + 1,
                                          65'535,
                                          65'536,
                                          65'537,
                                          2 * sealed_block_bytes,
                                          megabyte - 1,
                                          megabyte,
                                          megabyte + 1,
                                          16 * sealed_block_bytes,
                                          16 * sealed_block_bytes + 1,
                                          3 * megabyte + 12'345};

TEST_F(PayloadTest, ComesBackAsItWentIn) {
  for (const bool sealed : {false, true}) {
    for (const std::uint64_t bytes : sizes) {
      for (const std::size_t piece : {std::size_t{7'919}, std::size_t{600'000}, std::size_t{4} << 20}) {
        const Bytes text = text_of(bytes);
        auto written = write(text, sealed, piece);
        ASSERT_TRUE(written.ok()) << written.error().message;
        EXPECT_EQ(written->bytes, bytes);
        EXPECT_EQ(written->md5, codec::md5(text));
        ASSERT_EQ(written->checksums.size(), 2U);
        EXPECT_EQ(written->checksums[0], codec::checksum_of(codec::ChecksumAlgorithm::crc64nvme, text));
        EXPECT_EQ(written->checksums[1], codec::checksum_of(codec::ChecksumAlgorithm::sha256, text));
        EXPECT_EQ(written->payload.inlined.has_value(), bytes > 0 && bytes <= inline_max);
        EXPECT_EQ(written->payload.parts.size(), bytes > inline_max ? 1U : 0U);
        const ObjectVersion version = version_of(*written);
        EXPECT_TRUE(read(version, sealed, 0, bytes) == text) << bytes << (sealed ? " sealed" : " plain");
        for (const PayloadPart& part : version.payload.parts) ASSERT_TRUE(server_.blobs().remove(part.blob).ok());
      }
    }
  }
}

TEST_F(PayloadTest, AnyRangeIsThatOfTheText) {
  const Bytes text = text_of(2 * megabyte + 333);
  for (const bool sealed : {false, true}) {
    auto written = write(text, sealed);
    ASSERT_TRUE(written.ok());
    const ObjectVersion version = version_of(*written);
    for (const std::uint64_t at : sizes) {
      for (const std::uint64_t length : {std::uint64_t{1}, std::uint64_t{500}, sealed_block_bytes, megabyte}) {
        const std::uint64_t offset = std::min<std::uint64_t>(at, text.size() - 1);
        const std::uint64_t some = std::min<std::uint64_t>(length, text.size() - offset);
        EXPECT_TRUE(read(version, sealed, offset, some) == text.substr(offset, some)) << offset << " " << some;
      }
    }
  }
}

TEST_F(PayloadTest, RangesGoAcrossParts) {
  const std::vector<std::size_t> parts = {70'000, 1, 200'000, 65'536, 1'500'000};
  for (const bool sealed : {false, true}) {
    Bytes text;
    ObjectVersion version;
    std::vector<WrittenPayload> kept;
    for (const std::size_t bytes : parts) {
      const Bytes part = text_of(bytes + text.size()).substr(text.size());
      TextSource source(part);
      PayloadRequest wanted = request(sealed);
      wanted.may_inline = false;
      auto written = write(source, std::move(wanted));
      ASSERT_TRUE(written.ok());
      ASSERT_EQ(written->payload.parts.size(), 1U);
      version.payload.parts.push_back(written->payload.parts[0]);
      text += part;
      kept.push_back(std::move(written).value());
    }
    version.bytes = text.size();
    EXPECT_TRUE(read(version, sealed, 0, text.size()) == text);
    for (const std::uint64_t offset : {69'999U, 70'000U, 70'001U, 270'000U, 270'001U, 335'536U}) {
      for (const std::uint64_t length : {1U, 2U, 3U, 70'000U, 1'000'000U}) {
        EXPECT_TRUE(read(version, sealed, offset, length) == text.substr(offset, length)) << offset << " " << length;
      }
    }
  }
}

TEST_F(PayloadTest, ASourceThatFailsAtItsEndLeavesNothing) {
  for (const bool sealed : {false, true}) {
    for (const std::uint64_t bytes : {std::uint64_t{100}, inline_max + 1, 3 * megabyte}) {
      TextSource source(text_of(bytes));
      source.failure = s3_error(ErrorCode::x_amz_content_sha256_mismatch);
      auto written = write(source, request(sealed));
      ASSERT_FALSE(written.ok());
      EXPECT_EQ(written.error().code, ErrorCode::x_amz_content_sha256_mismatch);
      EXPECT_TRUE(blob_files().empty());
    }
  }
}

TEST_F(PayloadTest, TooLongIsRefusedWhetherAnnouncedOrNot) {
  PayloadRequest wanted = request(false);
  wanted.bytes_max = 99'999;
  TextSource announced(text_of(100'000));
  auto refused = write(announced, wanted);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::entity_too_large);

  class Unannounced final : public PayloadSource {
   public:
    Task<Outcome<Bytes>> read() override { return text_.read(); }
    [[nodiscard]] std::optional<std::uint64_t> length() const override { return std::nullopt; }
    [[nodiscard]] const Fields& trailers() const override { return text_.trailers(); }
    TextSource text_{text_of(3'000'000)};
  } unannounced;
  wanted.bytes_max = 2'999'999;
  refused = write(unannounced, wanted);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::entity_too_large);
  EXPECT_TRUE(blob_files().empty());
}

TEST_F(PayloadTest, WhatIsDiscardedIsGone) {
  auto written = write(text_of(megabyte), true);
  ASSERT_TRUE(written.ok());
  EXPECT_EQ(blob_files().size(), 1U);
  sync_wait(discard_payload(server_.services(), std::move(written).value()));
  EXPECT_TRUE(blob_files().empty());
}

TEST_F(PayloadTest, DamageInTheFirstBlockFailsTheOpening) {
  for (const bool sealed : {false, true}) {
    auto written = write(text_of(2 * megabyte), sealed);
    ASSERT_TRUE(written.ok());
    const ObjectVersion version = version_of(*written);
    ASSERT_EQ(blob_files().size(), 1U);
    damage(blob_files()[0], 1'000);
    EXPECT_EQ(read(version, sealed, 0, version.bytes), "(corruption)");
    EXPECT_EQ(read(version, sealed, 500'000, 10).size(), 10U) << "other blocks are as good as ever";
    sync_wait(discard_payload(server_.services(), std::move(written).value()));
  }
}

TEST_F(PayloadTest, DamageFurtherOnCutsTheStreamBeforeIt) {
  for (const bool sealed : {false, true}) {
    auto written = write(text_of(4 * megabyte), sealed);
    ASSERT_TRUE(written.ok());
    const ObjectVersion version = version_of(*written);
    damage(blob_files().at(0), 3'000'000);
    const Bytes got = read(version, sealed, 0, version.bytes);
    EXPECT_TRUE(got.starts_with("(corruption after ")) << got.substr(0, 40);
    sync_wait(discard_payload(server_.services(), std::move(written).value()));
  }
}

TEST_F(PayloadTest, ASealedPayloadOpensWithItsOwnKeyAndSaltAlone) {
  auto written = write(text_of(100'000), true);
  ASSERT_TRUE(written.ok());
  ObjectVersion version = version_of(*written);
  version.payload.parts[0].salt[3] = static_cast<char>(version.payload.parts[0].salt[3] ^ 1);
  EXPECT_EQ(read(version, true, 0, version.bytes), "(corruption)");
  auto small = write(text_of(100), true);
  ASSERT_TRUE(small.ok());
  version = version_of(*small);
  version.payload.inline_salt = Bytes(payload_salt_bytes, 's');
  EXPECT_EQ(read(version, true, 0, version.bytes), "(corruption)");
}

TEST_F(PayloadTest, APayloadThatIsGoneIsNotFound) {
  auto written = write(text_of(100'000), false);
  ASSERT_TRUE(written.ok());
  ObjectVersion version = version_of(*written);
  written->hold.reset();
  ASSERT_TRUE(server_.blobs().remove(version.payload.parts[0].blob).ok());
  EXPECT_EQ(read(version, false, 0, version.bytes), "(not_found)");
  auto small = write(text_of(100), false);
  ASSERT_TRUE(small.ok());
  version = version_of(*small);
  version.payload.inlined = blob::BlobId::random();
  EXPECT_EQ(read(version, false, 0, version.bytes), "(not_found)");
}

TEST_F(PayloadTest, AShorterBlobThanItsRecordSaysIsDamage) {
  auto written = write(text_of(100'000), false);
  ASSERT_TRUE(written.ok());
  ObjectVersion version = version_of(*written);
  version.payload.parts[0].bytes = 100'001;
  EXPECT_EQ(read(version, false, 0, 100'001), "(corruption)");
}

TEST_F(PayloadTest, AStreamMayGoWhileItReadsAhead) {
  auto written = write(text_of(8 * megabyte), true);
  ASSERT_TRUE(written.ok());
  const ObjectVersion version = version_of(*written);
  for (int i = 0; i < 20; ++i) {
    forget_cached();
    auto stream = sync_wait(open_payload(server_.services(), bucket_, version, key(), 0, version.bytes, std::nullopt));
    ASSERT_TRUE(stream.ok());
    auto piece = sync_wait((*stream)->read());
    ASSERT_TRUE(piece.ok());
    EXPECT_GT(piece->size(), 0U);
  }
}

// From memory, from the disk, and from one to the other in the middle.
TEST_F(PayloadTest, WhatIsNotInMemoryComesFromTheDisk) {
  const Bytes text = text_of(6 * megabyte + 7);
  for (const bool sealed : {false, true}) {
    auto written = write(text, sealed);
    ASSERT_TRUE(written.ok());
    const ObjectVersion version = version_of(*written);
    for (const int forget_after : {-1, 0, 1, 3}) {
      std::optional<DataKey> opened;
      if (sealed) opened = key();
      if (forget_after == 0) forget_cached();
      auto stream =
          sync_wait(open_payload(server_.services(), bucket_, version, opened, 0, version.bytes, std::nullopt));
      ASSERT_TRUE(stream.ok());
      Bytes all;
      for (int pieces = 1;; ++pieces) {
        auto piece = sync_wait((*stream)->read());
        ASSERT_TRUE(piece.ok()) << piece.error().to_string();
        if (piece->empty()) break;
        all += *piece;
        (*stream)->give_back(std::move(piece).value());
        if (pieces == forget_after) forget_cached();
      }
      EXPECT_TRUE(all == text) << sealed << " " << forget_after;
    }
  }
}

TEST_F(PayloadTest, LaterPartsAreHeldWhileAStreamLives) {
  ObjectVersion version;
  Bytes text;
  for (int i = 0; i < 2; ++i) {
    auto written = write(text_of(2 * megabyte), false);
    ASSERT_TRUE(written.ok());
    version.payload.parts.push_back(written->payload.parts[0]);
    text += text_of(2 * megabyte);
  }
  version.bytes = text.size();
  auto stream =
      sync_wait(open_payload(server_.services(), bucket_, version, std::nullopt, 0, version.bytes, std::nullopt));
  ASSERT_TRUE(stream.ok());
  auto collection = server_.blobs().collect();
  ASSERT_TRUE(collection.ok());
  auto taken = (*collection)->take(version.payload.parts[1].blob);
  ASSERT_TRUE(taken.ok());
  EXPECT_FALSE(*taken) << "a reader is on its way to it";
  taken = (*collection)->take(version.payload.parts[0].blob);
  ASSERT_TRUE(taken.ok());
  EXPECT_TRUE(*taken) << "that one is open";
  Bytes all;
  for (;;) {
    auto piece = sync_wait((*stream)->read());
    ASSERT_TRUE(piece.ok()) << piece.error().to_string();
    if (piece->empty()) break;
    all += *piece;
  }
  EXPECT_TRUE(all == text);
}

TEST_F(PayloadTest, AStreamServesAsASource) {
  const Bytes text = text_of(3 * megabyte);
  auto written = write(text, false);
  ASSERT_TRUE(written.ok());
  const ObjectVersion version = version_of(*written);
  auto stream =
      sync_wait(open_payload(server_.services(), bucket_, version, std::nullopt, 0, version.bytes, std::nullopt));
  ASSERT_TRUE(stream.ok());
  const auto source = source_of(std::move(stream).value());
  EXPECT_EQ(source->length(), text.size());
  auto copy = write(*source, request(true));
  ASSERT_TRUE(copy.ok());
  EXPECT_TRUE(read(version_of(*copy), true, 0, text.size()) == text);
}

}  // namespace
}  // namespace reprise::s3
