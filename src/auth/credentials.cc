// The credential store and the root key's sources. Invariant: DIRECTORY/credentials is absent or whole
// (private_file.h).
#include "auth/credentials.h"

#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "auth/private_file.h"

namespace reprise::auth {
namespace {

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

Result<AccessKey> checked_root_key(std::string id, std::string secret) {
  if (!is_access_key_id(id)) {
    return invalid("the root access key id must be 1 to 128 letters, digits, '_', '-' or '.'");
  }
  if (!is_secret_access_key(secret)) {
    return invalid("the root secret access key must be 1 to 256 printable characters without spaces");
  }
  return root_access_key(std::move(id), std::move(secret));
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

// `size` characters of `alphabet`, each equally likely.
Result<std::string> random_text(std::string_view alphabet, std::size_t size) {
  const std::size_t fair = 256 - 256 % alphabet.size();
  std::string text;
  while (text.size() < size) {
    unsigned char byte = 0;
    if (RAND_bytes(&byte, 1) != 1) return internal_error("the operating system has no random bytes");
    if (byte < fair) text.push_back(alphabet[byte % alphabet.size()]);
  }
  return text;
}

// The key in the file; nothing when there is no file.
Result<std::optional<AccessKey>> read_root_key(const std::string& path) {
  TRY_ASSIGN(const std::optional<std::string> text, read_private_file(path));
  if (!text) return std::optional<AccessKey>();
  auto key = parse_root_credentials(*text);
  if (!key.ok()) return key.error().with_context(path);
  TRY(take_access_of_others(path));
  return std::optional<AccessKey>(std::move(key).value());
}

Status write_root_key(const AccessKey& key, const std::string& path) {
  return write_private_file(
      path, "[default]\naws_access_key_id = " + key.id + "\naws_secret_access_key = " + key.secret + "\n");
}

}  // namespace

AccessKey root_access_key(std::string id, std::string secret) {
  auto identity = std::make_shared<Identity>();
  identity->access_key_id = id;
  identity->account = root_account;
  identity->arn = "arn:aws:iam::" + identity->account + ":root";
  identity->root = true;
  return {std::move(id), std::move(secret), std::move(identity)};
}

bool is_access_key_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 && std::ranges::all_of(id, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-' ||
           c == '.';
  });
}

bool is_secret_access_key(std::string_view secret) {
  return !secret.empty() && secret.size() <= 256 &&
         std::ranges::all_of(secret, [](char c) { return c > ' ' && c < '\x7f'; });
}

Result<AccessKey> generate_access_key() {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  constexpr std::string_view characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  TRY_ASSIGN(std::string id, random_text(letters, 16));
  TRY_ASSIGN(std::string secret, random_text(characters, 40));
  return AccessKey{"RPRS" + id, std::move(secret), nullptr};
}

CredentialStore::CredentialStore(std::vector<AccessKey> keys) {
  for (AccessKey& key : keys) {
    std::string id = key.id;
    keys_.emplace(std::move(id), std::move(key));
  }
}

const AccessKey* CredentialStore::find(std::string_view access_key_id) const noexcept {
  const auto found = keys_.find(access_key_id);
  return found == keys_.end() ? nullptr : &found->second;
}

Result<AccessKey> parse_root_credentials(std::string_view text) {
  std::string id, secret;
  bool in_default = false;
  while (!text.empty()) {
    const std::string_view line = trimmed(text.substr(0, text.find('\n')));
    text.remove_prefix(std::min(text.size(), text.find('\n') == text.npos ? text.size() : text.find('\n') + 1));
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      in_default = line.back() == ']' && trimmed(line.substr(1, line.size() - 2)) == "default";
      continue;
    }
    const auto equals = line.find('=');
    if (equals == line.npos) return invalid("a line is neither a [profile] nor a setting");
    if (!in_default) continue;
    const std::string_view name = trimmed(line.substr(0, equals));
    const std::string_view value = trimmed(line.substr(equals + 1));
    if (name == "aws_access_key_id") id = value;
    if (name == "aws_secret_access_key") secret = value;
  }
  if (id.empty() || secret.empty()) {
    return invalid("the profile [default] must set aws_access_key_id and aws_secret_access_key");
  }
  return checked_root_key(std::move(id), std::move(secret));
}

Result<RootCredentials> load_root_credentials(const std::string& directory) {
  auto id = environment("REPRISE_ROOT_ACCESS_KEY_ID");
  auto secret = environment("REPRISE_ROOT_SECRET_ACCESS_KEY");
  if (id.has_value() != secret.has_value()) {
    return invalid("set both REPRISE_ROOT_ACCESS_KEY_ID and REPRISE_ROOT_SECRET_ACCESS_KEY, or neither");
  }
  if (id) {
    TRY_ASSIGN(AccessKey key, checked_root_key(std::move(*id), std::move(*secret)));
    return RootCredentials{std::move(key), RootSource::environment, ""};
  }
  const std::string path = directory + "/credentials";
  TRY_ASSIGN(std::optional<AccessKey> kept, read_root_key(path));
  if (kept) return RootCredentials{std::move(*kept), RootSource::file, path};
  TRY_ASSIGN(AccessKey made, generate_access_key());
  made = root_access_key(std::move(made.id), std::move(made.secret));
  TRY(write_root_key(made, path));
  return RootCredentials{std::move(made), RootSource::generated, path};
}

}  // namespace reprise::auth
