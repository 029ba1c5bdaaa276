#include "auth/credentials.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace reprise::auth {
namespace {

namespace fs = std::filesystem;

class RootCredentialsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "reprise-credentials-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    ::unsetenv("REPRISE_ROOT_ACCESS_KEY_ID");
    ::unsetenv("REPRISE_ROOT_SECRET_ACCESS_KEY");
  }
  void TearDown() override {
    ::unsetenv("REPRISE_ROOT_ACCESS_KEY_ID");
    ::unsetenv("REPRISE_ROOT_SECRET_ACCESS_KEY");
    fs::remove_all(directory_);
  }
  [[nodiscard]] std::string file() const { return directory_ + "/credentials"; }
  void write(std::string_view text) { std::ofstream(file()) << text; }
  [[nodiscard]] unsigned mode() const {
    struct stat info {};
    EXPECT_EQ(::stat(file().c_str(), &info), 0);
    return info.st_mode & 07777;
  }
  std::string directory_;
};

TEST_F(RootCredentialsTest, GeneratesOnceAndKeeps) {
  const auto first = load_root_credentials(directory_);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->source, RootSource::generated);
  EXPECT_EQ(first->file, file());
  EXPECT_EQ(first->key.id.size(), 20u);
  EXPECT_EQ(first->key.secret.size(), 40u);
  EXPECT_EQ(mode(), 0600u);
  const auto second = load_root_credentials(directory_);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->source, RootSource::file);
  EXPECT_EQ(second->key.id, first->key.id);
  EXPECT_EQ(second->key.secret, first->key.secret);
  std::size_t files = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator(directory_)) ++files;
  EXPECT_EQ(files, 1u) << "nothing unfinished is left behind";
}

TEST_F(RootCredentialsTest, TwoDirectoriesGetTwoKeys) {
  const auto here = load_root_credentials(directory_);
  fs::create_directory(directory_ + "/other");
  const auto there = load_root_credentials(directory_ + "/other");
  ASSERT_TRUE(here.ok() && there.ok());
  EXPECT_NE(here->key.id, there->key.id);
  EXPECT_NE(here->key.secret, there->key.secret);
}

TEST_F(RootCredentialsTest, EnvironmentWinsAndLeavesNoFile) {
  ::setenv("REPRISE_ROOT_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
  ::setenv("REPRISE_ROOT_SECRET_ACCESS_KEY", "a/secret+value=", 1);
  const auto root = load_root_credentials(directory_);
  ASSERT_TRUE(root.ok());
  EXPECT_EQ(root->source, RootSource::environment);
  EXPECT_EQ(root->key.id, "AKIDEXAMPLE");
  EXPECT_EQ(root->key.secret, "a/secret+value=");
  EXPECT_EQ(root->key.identity->access_key_id, "AKIDEXAMPLE");
  EXPECT_EQ(root->key.identity->account, "000000000000");
  EXPECT_TRUE(root->key.identity->root);
  EXPECT_FALSE(fs::exists(file()));
}

TEST_F(RootCredentialsTest, HalfAnEnvironmentIsRefused) {
  ::setenv("REPRISE_ROOT_SECRET_ACCESS_KEY", "hidden-value", 1);
  const auto root = load_root_credentials(directory_);
  ASSERT_FALSE(root.ok());
  EXPECT_TRUE(root.error().is(Code::invalid));
  EXPECT_EQ(root.error().message().find("hidden-value"), std::string_view::npos);
  ::setenv("REPRISE_ROOT_ACCESS_KEY_ID", "", 1);  // empty is unset
  EXPECT_TRUE(load_root_credentials(directory_).error().is(Code::invalid));
  ::setenv("REPRISE_ROOT_SECRET_ACCESS_KEY", "", 1);
  EXPECT_TRUE(load_root_credentials(directory_).ok());
}

TEST_F(RootCredentialsTest, UnusableValuesAreRefused) {
  ::setenv("REPRISE_ROOT_SECRET_ACCESS_KEY", "secret", 1);
  for (const char* id : {"a/b", "a b", "a,b", "\xc3\xa9"}) {
    ::setenv("REPRISE_ROOT_ACCESS_KEY_ID", id, 1);
    EXPECT_TRUE(load_root_credentials(directory_).error().is(Code::invalid)) << id;
  }
  ::setenv("REPRISE_ROOT_ACCESS_KEY_ID", "good", 1);
  ::setenv("REPRISE_ROOT_SECRET_ACCESS_KEY", "two words", 1);
  EXPECT_TRUE(load_root_credentials(directory_).error().is(Code::invalid));
}

TEST_F(RootCredentialsTest, FileOthersCouldReadIsRestricted) {
  write("[default]\naws_access_key_id=A\naws_secret_access_key=B\n");
  fs::permissions(file(), fs::perms(0644));
  EXPECT_TRUE(load_root_credentials(directory_).ok());
  EXPECT_EQ(mode(), 0600u);
}

TEST_F(RootCredentialsTest, BrokenFileIsRefusedAndLeftAlone) {
  write("[default]\naws_access_key_id = A\n");
  const auto root = load_root_credentials(directory_);
  ASSERT_FALSE(root.ok());
  EXPECT_TRUE(root.error().is(Code::invalid));
  EXPECT_TRUE(root.error().message().starts_with(file())) << root.error().message();
  EXPECT_EQ(fs::file_size(file()), 32u);
}

TEST_F(RootCredentialsTest, UnfinishedFileOfACrashIsReplaced) {
  std::ofstream(file() + ".new") << "[defau";
  EXPECT_EQ(load_root_credentials(directory_)->source, RootSource::generated);
  EXPECT_FALSE(fs::exists(file() + ".new"));
}

TEST_F(RootCredentialsTest, UnwritableDirectory) {
  const auto root = load_root_credentials(directory_ + "/absent");
  ASSERT_FALSE(root.ok());
  EXPECT_TRUE(root.error().is(Code::io_error));
}

TEST(ParseCredentialsTest, ReadsWhatTheAwsToolsWrite) {
  const auto key = parse_root_credentials(
      "# a comment\r\n[other]\naws_access_key_id = WRONG\naws_secret_access_key = wrong\n"
      "[ default ]\n; another\n\naws_access_key_id=AKID\r\n  aws_secret_access_key  =  a/b+c=  \nregion = eu-west-1\n"
      "[last]\naws_access_key_id = WRONG\n");
  ASSERT_TRUE(key.ok()) << key.error().to_string();
  EXPECT_EQ(key->id, "AKID");
  EXPECT_EQ(key->secret, "a/b+c=");
}

TEST(ParseCredentialsTest, RefusesTheRest) {
  for (const std::string_view text :
       {"", "[default]", "aws_access_key_id=A\naws_secret_access_key=B\n", "[default]\nnonsense\n",
        "[default]\naws_access_key_id=A\naws_secret_access_key=\n",
        "[default\naws_access_key_id=A\naws_secret_access_key=B",
        "[default]\naws_access_key_id=A A\naws_secret_access_key=B"}) {
    EXPECT_TRUE(parse_root_credentials(text).error().is(Code::invalid)) << text;
  }
}

TEST(CredentialStoreTest, Finds) {
  const CredentialStore store({root_access_key("A", "1"), root_access_key("B", "2")});
  EXPECT_EQ(store.find("B")->secret, "2");
  EXPECT_EQ(store.find("C"), nullptr);
  EXPECT_EQ(store.find(""), nullptr);
}

}  // namespace
}  // namespace reprise::auth
