// Where a command finds its keys, region and endpoint: what AWS's own command line reads, in its order.
// Source: AWS SDKs and tools reference guide, "Configuration and credential precedence".
//
// Threading: reads the environment and files; call it from one thread.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/failure.h"

namespace reprise::cli {

// What flags say; empty: they are silent.
struct ProfileFlags {
  std::string endpoint;  // --endpoint
  std::string region;    // --region
  std::string profile;   // --profile
};

struct Profile {
  std::string endpoint;  // "http://127.0.0.1:8000"
  std::string region;
  std::string access_key_id;
  std::string secret;
  std::string session_token;  // empty: none
  std::string ca_bundle;      // PEM file of trusted authorities (AWS_CA_BUNDLE); empty: the system's
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;
// The process's own; an empty variable counts as unset.
[[nodiscard]] Environment process_environment();

// Endpoint: the flag, AWS_ENDPOINT_URL, http://127.0.0.1:8000. Region: the flag, AWS_REGION, AWS_DEFAULT_REGION, the
// profile, eu-west-1. Keys: with --profile that profile; else AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; else the
// profile AWS_PROFILE or default, in AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials) and then AWS_CONFIG_FILE
// (~/.aws/config). Fails (exit_usage) with what to set when there are no keys; no message holds a secret.
[[nodiscard]] Outcome<Profile> find_profile(const ProfileFlags& flags, const Environment& environment);

}  // namespace reprise::cli
