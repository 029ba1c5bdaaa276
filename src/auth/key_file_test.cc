// The key file: made once with mode 0600, read ever after, and never replaced; and what is sealed under it.
#include "auth/key_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "codec/base64.h"
#include "codec/hex.h"

namespace reprise::auth {
namespace {

class KeyFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "reprise-keys-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory = pattern;
    path = directory + "/master.key";
  }
  void TearDown() override { std::filesystem::remove_all(directory); }

  void write(std::string_view text) { std::ofstream(path) << text; }
  [[nodiscard]] std::string read() const {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }
  [[nodiscard]] unsigned mode() const {
    struct stat info {};
    EXPECT_EQ(::stat(path.c_str(), &info), 0);
    return info.st_mode & 0777;
  }

  std::string directory, path;
};

TEST_F(KeyFileTest, IsMadeOnceAndReadAgain) {
  const auto made = MasterKey::open(path, true);
  ASSERT_TRUE(made.ok()) << made.error().to_string();
  EXPECT_EQ(mode(), 0600u);
  const std::string text = read();
  EXPECT_EQ(text.size(), 45u) << "44 characters of base64 and a line break";
  EXPECT_EQ(text.back(), '\n');
  EXPECT_EQ(codec::from_base64(text.substr(0, 44)).value().size(), 32u);
  const Bytes sealed = made->seal("a secret", "test");
  const auto again = MasterKey::open(path, true);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(read(), text);
  EXPECT_EQ(again->open_sealed(sealed, "test").value(), "a secret");
}

TEST_F(KeyFileTest, MissingIsNotFoundAndNotMade) {
  const auto opened = MasterKey::open(path, false);
  ASSERT_FALSE(opened.ok());
  EXPECT_TRUE(opened.error().is(Code::not_found));
  EXPECT_NE(opened.error().message().find(path), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(KeyFileTest, WhatIsNoKeyIsRefusedWithoutShowingIt) {
  const std::string almost = codec::to_base64(Bytes(31, 'q'));
  for (const std::string& text : {std::string(), std::string("\n"), almost, codec::to_base64(Bytes(33, 'q')),
                                  std::string("qqqq!"), std::string(100'000, 'q')}) {
    write(text);
    ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
    const auto opened = MasterKey::open(path, true);
    ASSERT_FALSE(opened.ok());
    EXPECT_TRUE(opened.error().is(Code::invalid));
    EXPECT_EQ(mode(), 0644u) << "a file that was named by mistake stays what it is";
    EXPECT_EQ(opened.error().message().find("qqqq"), std::string::npos);
    EXPECT_EQ(opened.error().message().find('\n'), std::string::npos);
    EXPECT_EQ(read(), text) << "left as it was";
  }
}

TEST_F(KeyFileTest, FoldersAndUnreachablePlacesAreErrors) {
  EXPECT_FALSE(MasterKey::open(directory, true).ok());
  EXPECT_TRUE(MasterKey::open(directory + "/none/master.key", true).error().is(Code::io_error));
}

TEST_F(KeyFileTest, AccessOfOthersIsTakenAway) {
  write(codec::to_base64(Bytes(32, 'k')) + "\r\n");
  ASSERT_EQ(::chmod(path.c_str(), 0644), 0);
  ASSERT_TRUE(MasterKey::open(path, false).ok());
  EXPECT_EQ(mode(), 0600u);
}

TEST(MasterKeyTest, OpensOnlyWhatItSealedForThatPurpose) {
  const MasterKey key = MasterKey::of(Bytes(32, 'k')), other = MasterKey::of(Bytes(32, 'l'));
  const Bytes sealed = key.seal("a secret", "users");
  EXPECT_EQ(sealed.find("secret"), Bytes::npos);
  EXPECT_EQ(key.open_sealed(sealed, "users").value(), "a secret");
  EXPECT_TRUE(key.open_sealed(sealed, "keys").error().is(Code::corruption));
  EXPECT_TRUE(other.open_sealed(sealed, "users").error().is(Code::corruption));
  EXPECT_TRUE(key.open_sealed("", "users").error().is(Code::corruption));
  Bytes changed = sealed;
  changed[0] = 2;
  EXPECT_TRUE(key.open_sealed(changed, "users").error().is(Code::corruption));
}

// docs/formats/keys-and-secrets.md: what was sealed by an earlier version opens for ever.
TEST(MasterKeyTest, TheFormatIsFrozen) {
  const auto sealed = codec::from_hex("016e6f6e63652d6e6f6e63652d94db92155d0b916ebdf2fe4da86400e935cbca533432a693");
  EXPECT_EQ(MasterKey::of(Bytes(32, 'k')).open_sealed(*sealed, "users").value(), "a secret");
}

}  // namespace
}  // namespace reprise::auth
