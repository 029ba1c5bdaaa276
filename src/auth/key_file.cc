// The master key and its file. Invariant: a file that exists is never written again: a key that something may be sealed
// under is not replaced by accident.
#include "auth/key_file.h"

#include "auth/private_file.h"
#include "base/assert.h"
#include "base/fault_point.h"
#include "codec/aead.h"
#include "codec/base64.h"

namespace reprise::auth {
namespace {

// First byte of everything sealed here, so that another way of sealing can come.
constexpr char sealed_version = 1;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

}  // namespace

MasterKey MasterKey::of(BytesView bytes) {
  ASSERT(bytes.size() == codec::aead_key_bytes);
  // The one place that holds the key wipes it.
  std::shared_ptr<const Bytes> key(new Bytes(bytes), [](const Bytes* kept) {
    codec::wipe(const_cast<Bytes&>(*kept));
    delete kept;
  });
  return MasterKey(std::move(key));
}

Result<MasterKey> MasterKey::open(const std::string& path, bool may_create) {
  TRY_ASSIGN(std::optional<std::string> text, read_private_file(path));
  if (!text && !may_create) {
    return not_found("the key file " + path +
                     " is missing: what is stored is sealed under it, put it back or name it with --key-file");
  }
  if (!text) {
    Bytes made = codec::random_bytes(codec::aead_key_bytes);
    FAULT_POINT("key_file.before_write");
    TRY(write_private_file(path, codec::to_base64(made) + "\n"));
    FAULT_POINT("key_file.after_write");
    MasterKey key = of(made);
    codec::wipe(made);
    return key;
  }
  auto bytes = codec::from_base64(trimmed(*text));
  codec::wipe(*text);
  if (!bytes.ok() || bytes->size() != codec::aead_key_bytes) {
    return invalid(path + " is no key file: it must hold one line, the base64 of 32 bytes");
  }
  MasterKey key = of(*bytes);
  codec::wipe(*bytes);
  TRY(take_access_of_others(path));
  return key;
}

Bytes MasterKey::seal(BytesView plain, std::string_view context) const {
  return Bytes(1, sealed_version) + codec::seal_secret(*key_, context, plain);
}

Result<Bytes> MasterKey::open_sealed(BytesView sealed, std::string_view context) const {
  if (sealed.empty() || sealed.front() != sealed_version) return corruption("a secret is stored in an unknown form");
  auto plain = codec::open_secret(*key_, context, sealed.substr(1));
  if (!plain) return corruption("a secret does not open under this key file");
  return *std::move(plain);
}

}  // namespace reprise::auth
