// Reading AWS's two files of profiles, and choosing.
#include "cli/profile.h"

#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <string_view>

#include "cli/cli.h"

namespace reprise::cli {
namespace {

using Settings = std::map<std::string, std::string, std::less<>>;
using Sections = std::map<std::string, Settings, std::less<>>;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// Sections of "name = value" lines. What is neither is passed over, as AWS's tools do; so are nested settings, whose
// lines are indented.
Sections parse_sections(std::istream& in) {
  Sections sections;
  std::string line, section;
  while (std::getline(in, line)) {
    const std::string_view text = trimmed(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') continue;
    if (text.front() == '[' && text.back() == ']') {
      section = trimmed(text.substr(1, text.size() - 2));
      sections[section];
      continue;
    }
    const auto equals = text.find('=');
    if (equals == text.npos || line.front() == ' ' || line.front() == '\t') continue;
    sections[section][std::string(trimmed(text.substr(0, equals)))] = trimmed(text.substr(equals + 1));
  }
  return sections;
}

Sections read_sections(const std::string& path) {
  std::ifstream file(path);
  return parse_sections(file);
}

// Profiles of both files, the credentials file's settings over the configuration file's.
class ProfileFiles {
 public:
  explicit ProfileFiles(const Environment& environment) {
    const std::string home = environment("HOME").value_or("");
    credentials_path_ = environment("AWS_SHARED_CREDENTIALS_FILE").value_or(home + "/.aws/credentials");
    credentials_ = read_sections(credentials_path_);
    config_ = read_sections(environment("AWS_CONFIG_FILE").value_or(home + "/.aws/config"));
  }

  [[nodiscard]] const std::string& credentials_path() const { return credentials_path_; }
  [[nodiscard]] bool has(const std::string& profile) const {
    return credentials_.contains(profile) || config_.contains(config_section(profile));
  }
  [[nodiscard]] std::string get(const std::string& profile, std::string_view name) const {
    const std::string first = get(credentials_, profile, name);
    return first.empty() ? get(config_, config_section(profile), name) : first;
  }

 private:
  static std::string config_section(const std::string& profile) {
    return profile == "default" ? profile : "profile " + profile;
  }
  static std::string get(const Sections& sections, std::string_view section, std::string_view name) {
    const auto found = sections.find(section);
    if (found == sections.end()) return {};
    const auto value = found->second.find(name);
    return value == found->second.end() ? std::string() : value->second;
  }

  std::string credentials_path_;
  Sections credentials_;
  Sections config_;
};

std::string first_of(std::initializer_list<std::string> candidates) {
  for (const std::string& candidate : candidates) {
    if (!candidate.empty()) return candidate;
  }
  return {};
}

}  // namespace

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* const value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') return std::nullopt;
    return std::string(value);
  };
}

Outcome<Profile> find_profile(const ProfileFlags& flags, const Environment& environment) {
  const auto variable = [&](const char* name) { return environment(name).value_or(""); };
  const ProfileFiles files(environment);
  const std::string name = first_of({flags.profile, variable("AWS_PROFILE"), "default"});
  const bool named = name != "default" || !flags.profile.empty();
  if (named && !files.has(name)) {
    return Failure{exit_usage, "there is no profile '" + name + "' in " + files.credentials_path()};
  }
  Profile profile;
  profile.endpoint = first_of({flags.endpoint, variable("AWS_ENDPOINT_URL"), "http://127.0.0.1:8000"});
  profile.region = first_of(
      {flags.region, variable("AWS_REGION"), variable("AWS_DEFAULT_REGION"), files.get(name, "region"), "eu-west-1"});
  profile.ca_bundle = first_of({variable("AWS_CA_BUNDLE"), files.get(name, "ca_bundle")});
  const bool from_environment =
      flags.profile.empty() && environment("AWS_ACCESS_KEY_ID") && environment("AWS_SECRET_ACCESS_KEY");
  if (from_environment) {
    profile.access_key_id = variable("AWS_ACCESS_KEY_ID");
    profile.secret = variable("AWS_SECRET_ACCESS_KEY");
    profile.session_token = variable("AWS_SESSION_TOKEN");
    return profile;
  }
  profile.access_key_id = files.get(name, "aws_access_key_id");
  profile.secret = files.get(name, "aws_secret_access_key");
  profile.session_token = files.get(name, "aws_session_token");
  if (profile.access_key_id.empty() || profile.secret.empty()) {
    return Failure{exit_usage,
                   "there are no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a file with "
                   "AWS_SHARED_CREDENTIALS_FILE (a server's is DATA/credentials)"};
  }
  return profile;
}

}  // namespace reprise::cli
