// Invariants: decode_user(encode_user(u)) is u; no secret stands in the record in plain, and one that is moved to
// another key's entry does not open.
#include "admin/user_record.h"

#include "auth/key_file.h"
#include "codec/base64.h"
#include "codec/json.h"
#include "codec/json_members.h"

namespace reprise::admin {
namespace {

using codec::JsonType;
using codec::JsonValue;

constexpr std::int64_t format_version = 1;

std::string sealing_context(std::string_view access_key_id) {
  return "reprise user secret " + std::string(access_key_id);
}

Result<UserKey> decode_key(const JsonValue& json, const auth::MasterKey& master) {
  UserKey key;
  key.id = text_of(json, "id");
  key.created_micros = integer_of(json, "created");
  TRY_ASSIGN(const Bytes sealed, codec::from_base64(text_of(json, "secret")));
  TRY_ASSIGN(key.secret, master.open_sealed(sealed, sealing_context(key.id)));
  return key;
}

}  // namespace

Bytes user_key(std::string_view account, std::string_view name) { return Bytes(account).append("/").append(name); }

Bytes encode_user(const User& user, const auth::MasterKey& master) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("version");
  w.integer(format_version);
  w.member("account", user.account);
  w.member("name", user.name);
  w.key("created");
  w.integer(user.created_micros);
  write_text(w, "policy", user.policy);
  w.key("keys");
  w.begin_array();
  for (const UserKey& key : user.keys) {
    w.begin_object();
    w.member("id", key.id);
    w.key("created");
    w.integer(key.created_micros);
    w.member("secret", codec::to_base64(master.seal(key.secret, sealing_context(key.id))));
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return out;
}

Result<User> decode_user(BytesView stored, const auth::MasterKey& master) {
  codec::JsonDocument document;
  const auto json = document.parse(stored);
  if (!json.ok()) return corruption("a user's record is no JSON");
  if (integer_of(*json, "version") != format_version) return corruption("a user's record of an unknown version");
  User user;
  user.account = text_of(*json, "account");
  user.name = text_of(*json, "name");
  user.policy = text_of(*json, "policy");
  user.created_micros = integer_of(*json, "created");
  const auto keys = json->find("keys");
  if (user.account.empty() || user.name.empty() || !keys || !keys->is(JsonType::array)) {
    return corruption("a user's record is incomplete");
  }
  for (auto element = keys->first_element(); element; element.advance()) {
    auto key = decode_key(element.value(), master);
    if (!key.ok()) {
      return corruption("a secret of user " + user.name +
                        " cannot be opened: is this the key file it was sealed with?");
    }
    user.keys.push_back(std::move(key).value());
  }
  return user;
}

}  // namespace reprise::admin
