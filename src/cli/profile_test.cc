// Which keys, region and endpoint a command uses: flags, environment, files, in AWS's order.
#include "cli/profile.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "cli/cli.h"

namespace reprise::cli {
namespace {

class ProfileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "reprise-cli-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    home = pattern;
    std::filesystem::create_directory(home + "/.aws");
    variables["HOME"] = home;
  }
  void TearDown() override { std::filesystem::remove_all(home); }

  static void write(const std::string& path, std::string_view text) { std::ofstream(path) << text; }
  void write_credentials() {
    write(home + "/.aws/credentials",
          "# comment\n[default]\naws_access_key_id = DEFAULT\r\naws_secret_access_key=default-secret\n"
          "[other]\naws_access_key_id = OTHER\naws_secret_access_key = a=b\naws_session_token = token\n");
  }
  Outcome<Profile> find(const ProfileFlags& flags = {}) {
    return find_profile(flags, [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end() || found->second.empty()) return std::nullopt;
      return found->second;
    });
  }

  std::string home;
  std::map<std::string, std::string> variables;
};

TEST_F(ProfileTest, TheDefaultProfileOfTheFile) {
  write_credentials();
  const auto profile = find();
  ASSERT_TRUE(profile.ok()) << profile.error().message;
  EXPECT_EQ(profile->endpoint, "http://127.0.0.1:8000");
  EXPECT_EQ(profile->region, "eu-west-1");
  EXPECT_EQ(profile->access_key_id, "DEFAULT");
  EXPECT_EQ(profile->secret, "default-secret");
  EXPECT_EQ(profile->session_token, "");
}

TEST_F(ProfileTest, TheEnvironmentWinsOverFilesAndAFlagOverIt) {
  write_credentials();
  variables["AWS_ACCESS_KEY_ID"] = "ENV";
  variables["AWS_SECRET_ACCESS_KEY"] = "env-secret";
  variables["AWS_PROFILE"] = "other";
  variables["AWS_ENDPOINT_URL"] = "http://env";
  EXPECT_EQ(find()->access_key_id, "ENV");
  EXPECT_EQ(find()->endpoint, "http://env");
  const auto flagged = find({"http://flag", "us-east-1", "other"});
  ASSERT_TRUE(flagged.ok());
  EXPECT_EQ(flagged->endpoint, "http://flag");
  EXPECT_EQ(flagged->region, "us-east-1");
  EXPECT_EQ(flagged->access_key_id, "OTHER");
  EXPECT_EQ(flagged->secret, "a=b");
  EXPECT_EQ(flagged->session_token, "token");
  variables.erase("AWS_SECRET_ACCESS_KEY");
  EXPECT_EQ(find()->access_key_id, "OTHER") << "half a key is none; AWS_PROFILE names the profile";
}

TEST_F(ProfileTest, RegionAndKeysOfTheConfigurationFile) {
  write(home + "/elsewhere",
        "[default]\nregion = us-west-2\n[profile dev]\nregion = eu-central-1\ns3 =\n  region = nested\n"
        "aws_access_key_id = DEV\naws_secret_access_key = s\n");
  variables["AWS_CONFIG_FILE"] = home + "/elsewhere";
  variables["AWS_PROFILE"] = "dev";
  const auto profile = find();
  ASSERT_TRUE(profile.ok()) << profile.error().message;
  EXPECT_EQ(profile->region, "eu-central-1");
  EXPECT_EQ(profile->access_key_id, "DEV");
  variables["AWS_DEFAULT_REGION"] = "a";
  EXPECT_EQ(find()->region, "a");
  variables["AWS_REGION"] = "b";
  EXPECT_EQ(find()->region, "b");
}

TEST_F(ProfileTest, NothingThereIsToldInOneLine) {
  const auto none = find();
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().exit_code, exit_usage);
  EXPECT_NE(none.error().message.find("AWS_SHARED_CREDENTIALS_FILE"), std::string::npos);
  write_credentials();
  ProfileFlags flags;
  flags.profile = "missing";
  const auto unknown = find(flags);
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().message, "there is no profile 'missing' in " + home + "/.aws/credentials");
  EXPECT_EQ(unknown.error().message.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace reprise::cli
