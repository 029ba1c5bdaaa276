// The catalogue's form of a bucket (docs/formats/bucket.md): one JSON object. Members with their default value are left
// out; members that are not known are skipped. CORS rules and lifecycle rules stand in it as the XML documents they
// were put as. Invariant: decode_bucket(encode_bucket(b)) is b.
#include <utility>

#include "codec/json.h"
#include "codec/json_members.h"
#include "s3/model/bucket.h"

namespace reprise::s3 {

namespace {

using codec::JsonType;
using codec::JsonValue;
using codec::JsonWriter;

constexpr std::int64_t format_version = 1;

// ---- Writing ----

void write_space(JsonWriter& w, std::string_view name, SpaceId space) {
  w.key(name);
  w.unsigned_integer(space.value());
}

void write_spaces(JsonWriter& w, const BucketSpaces& spaces) {
  w.key("spaces");
  w.begin_object();
  write_space(w, "heads", spaces.heads);
  write_space(w, "versions", spaces.versions);
  write_space(w, "payloads", spaces.payloads);
  write_space(w, "uploads", spaces.uploads);
  write_space(w, "releases", spaces.releases);
  w.end_object();
}

void write_acl(JsonWriter& w, const Acl& acl) {
  w.key("acl");
  w.begin_object();
  w.member("owner", acl.owner);
  w.key("grants");
  w.begin_array();
  for (const Grant& grant : acl.grants) {
    w.begin_object();
    write_integer(w, "kind", static_cast<std::int64_t>(grant.grantee.kind));
    write_text(w, "id", grant.grantee.id);
    write_integer(w, "permission", static_cast<std::int64_t>(grant.permission));
    w.end_object();
  }
  w.end_array();
  w.end_object();
}

void write_access_block(JsonWriter& w, const std::optional<PublicAccessBlock>& block) {
  if (!block) return;
  w.key("public_access_block");
  w.begin_object();
  write_flag(w, "block_acls", block->block_public_acls);
  write_flag(w, "ignore_acls", block->ignore_public_acls);
  write_flag(w, "block_policy", block->block_public_policy);
  write_flag(w, "restrict", block->restrict_public_buckets);
  w.end_object();
}

void write_tags(JsonWriter& w, const Tags& tags) {
  if (tags.empty()) return;
  w.key("tags");
  w.begin_array();
  for (const Tag& tag : tags) {
    w.begin_object();
    w.member("key", tag.key);
    w.member("value", tag.value);
    w.end_object();
  }
  w.end_array();
}

void write_encryption(JsonWriter& w, const std::optional<BucketEncryption>& encryption) {
  if (!encryption) return;
  w.key("encryption");
  w.begin_object();
  write_integer(w, "kind", static_cast<std::int64_t>(encryption->kind));
  write_text(w, "kms_key", encryption->kms_key);
  write_flag(w, "bucket_key", encryption->bucket_key);
  write_flag(w, "block_customer_keys", encryption->block_customer_keys);
  w.end_object();
}

void write_object_lock(JsonWriter& w, const Bucket& bucket) {
  write_flag(w, "object_lock_enabled", bucket.object_lock_enabled);
  const auto& retention = bucket.object_lock.default_retention;
  if (!retention) return;
  w.key("default_retention");
  w.begin_object();
  write_integer(w, "mode", static_cast<std::int64_t>(retention->mode));
  write_integer(w, "days", retention->days);
  write_integer(w, "years", retention->years);
  w.end_object();
}

void write_lifecycle(JsonWriter& w, const std::shared_ptr<const Lifecycle>& lifecycle) {
  if (!lifecycle) return;
  w.member("lifecycle", print_lifecycle(*lifecycle));
  write_text(w, "lifecycle_minimum_object_size", lifecycle->transition_default_minimum_object_size);
}

void write_documents(JsonWriter& w, const std::map<std::string, Bytes>& documents) {
  if (documents.empty()) return;
  w.key("documents");
  w.begin_object();
  for (const auto& [name, document] : documents) w.member(name, document);
  w.end_object();
}

// ---- Reading ----

// A member that numbers an enumeration whose last one is `last`.
template <class Enum>
Result<Enum> choice_of(const JsonValue& object, std::string_view name, Enum last) {
  const std::int64_t number = integer_of(object, name);
  if (number < 0 || number > static_cast<std::int64_t>(last)) {
    return corruption("a bucket's record has an unknown " + std::string(name));
  }
  return static_cast<Enum>(number);
}

Result<BucketSpaces> read_spaces(const JsonValue& record) {
  const auto object = record.find("spaces");
  BucketSpaces spaces;
  const std::pair<std::string_view, SpaceId*> members[] = {{"heads", &spaces.heads},
                                                           {"versions", &spaces.versions},
                                                           {"payloads", &spaces.payloads},
                                                           {"uploads", &spaces.uploads},
                                                           {"releases", &spaces.releases}};
  for (const auto& [name, space] : members) {
    const std::int64_t id = object ? integer_of(*object, name) : 0;
    if (id <= 0) return corruption("a bucket's record lacks its space of " + std::string(name));
    *space = SpaceId(static_cast<std::uint64_t>(id));
  }
  return spaces;
}

Result<Acl> read_acl(const JsonValue& record) {
  Acl acl;
  const auto object = record.find("acl");
  if (!object) return corruption("a bucket's record has no ACL");
  acl.owner = text_of(*object, "owner");
  const auto grants = object->find("grants");
  if (!grants || !grants->is(JsonType::array)) return acl;
  for (auto element = grants->first_element(); element; element.advance()) {
    Grant grant;
    TRY_ASSIGN(grant.grantee.kind, choice_of(element.value(), "kind", Grantee::Kind::log_delivery));
    grant.grantee.id = text_of(element.value(), "id");
    TRY_ASSIGN(grant.permission, choice_of(element.value(), "permission", Permission::read_acp));
    acl.grants.push_back(std::move(grant));
  }
  return acl;
}

std::optional<PublicAccessBlock> read_access_block(const JsonValue& record) {
  const auto object = record.find("public_access_block");
  if (!object) return std::nullopt;
  return PublicAccessBlock{flag_of(*object, "block_acls"), flag_of(*object, "ignore_acls"),
                           flag_of(*object, "block_policy"), flag_of(*object, "restrict")};
}

Tags read_tags(const JsonValue& record) {
  Tags tags;
  const auto array = record.find("tags");
  if (!array || !array->is(JsonType::array)) return tags;
  for (auto element = array->first_element(); element; element.advance()) {
    tags.push_back({text_of(element.value(), "key"), text_of(element.value(), "value")});
  }
  return tags;
}

Result<std::optional<BucketEncryption>> read_encryption(const JsonValue& record) {
  const auto object = record.find("encryption");
  if (!object) return std::optional<BucketEncryption>();
  BucketEncryption encryption;
  TRY_ASSIGN(encryption.kind, choice_of(*object, "kind", SseKind::customer));
  encryption.kms_key = text_of(*object, "kms_key");
  encryption.bucket_key = flag_of(*object, "bucket_key");
  encryption.block_customer_keys = flag_of(*object, "block_customer_keys");
  return std::optional<BucketEncryption>(std::move(encryption));
}

Result<ObjectLockConfiguration> read_object_lock(const JsonValue& record) {
  ObjectLockConfiguration configuration;
  const auto object = record.find("default_retention");
  if (!object) return configuration;
  DefaultRetention retention;
  TRY_ASSIGN(retention.mode, choice_of(*object, "mode", LockMode::compliance));
  retention.days = integer_of(*object, "days");
  retention.years = integer_of(*object, "years");
  configuration.default_retention = retention;
  return configuration;
}

Result<CorsRules> read_cors(const JsonValue& record) {
  const std::string xml = text_of(record, "cors");
  if (xml.empty()) return CorsRules();
  auto rules = parse_cors(xml);
  if (!rules.ok()) return corruption("a bucket's CORS rules cannot be read: " + rules.error().message);
  return std::move(rules).value();
}

Result<std::shared_ptr<const Lifecycle>> read_lifecycle(const JsonValue& record) {
  const std::string xml = text_of(record, "lifecycle");
  if (xml.empty()) return std::shared_ptr<const Lifecycle>();
  auto lifecycle = parse_lifecycle(xml);
  if (!lifecycle.ok()) return corruption("a bucket's lifecycle cannot be read: " + lifecycle.error().message);
  lifecycle->transition_default_minimum_object_size = text_of(record, "lifecycle_minimum_object_size");
  return std::make_shared<const Lifecycle>(std::move(lifecycle).value());
}

std::map<std::string, Bytes> read_documents(const JsonValue& record) {
  std::map<std::string, Bytes> documents;
  const auto object = record.find("documents");
  if (!object || !object->is(JsonType::object)) return documents;
  for (auto member = object->first_member(); member; member.advance()) {
    if (member.value().is(JsonType::string)) documents[std::string(member.key())] = Bytes(member.value().string());
  }
  return documents;
}

// What a request can set.
Status read_settings(const JsonValue& record, Bucket& bucket) {
  bucket.recovery_days = integer_of(record, "recovery_days");
  TRY_ASSIGN(bucket.versioning, choice_of(record, "versioning", Versioning::suspended));
  TRY_ASSIGN(bucket.ownership, choice_of(record, "ownership", ObjectOwnership::object_writer));
  bucket.ownership_set = flag_of(record, "ownership_set", true);
  bucket.public_access_block = read_access_block(record);
  TRY_ASSIGN(bucket.acl, read_acl(record));
  bucket.tags = read_tags(record);
  TRY_ASSIGN(bucket.cors, read_cors(record));
  bucket.policy = text_of(record, "policy");
  TRY_ASSIGN(bucket.encryption, read_encryption(record));
  TRY_ASSIGN(bucket.lifecycle, read_lifecycle(record));
  bucket.object_lock_enabled = flag_of(record, "object_lock_enabled");
  TRY_ASSIGN(bucket.object_lock, read_object_lock(record));
  bucket.requester_pays = flag_of(record, "requester_pays");
  bucket.documents = read_documents(record);
  return Status();
}

}  // namespace

Bytes encode_bucket(const Bucket& bucket) {
  Bytes out;
  JsonWriter w(out);
  w.begin_object();
  write_integer(w, "format", format_version);
  w.member("name", bucket.name);
  w.member("account", bucket.account);
  w.member("owner", bucket.owner);
  w.member("id", bucket.id);
  write_spaces(w, bucket.spaces);
  write_integer(w, "created", bucket.created_micros);
  write_integer(w, "deleted", bucket.deleted_micros);
  write_integer(w, "keep_until", bucket.keep_until_micros);
  write_text(w, "region", bucket.region);
  write_integer(w, "recovery_days", bucket.recovery_days);
  write_integer(w, "versioning", static_cast<std::int64_t>(bucket.versioning));
  write_integer(w, "ownership", static_cast<std::int64_t>(bucket.ownership));
  write_flag(w, "ownership_set", bucket.ownership_set, true);
  write_access_block(w, bucket.public_access_block);
  write_acl(w, bucket.acl);
  write_tags(w, bucket.tags);
  if (!bucket.cors.empty()) w.member("cors", print_cors(bucket.cors));
  write_text(w, "policy", bucket.policy);
  write_encryption(w, bucket.encryption);
  write_lifecycle(w, bucket.lifecycle);
  write_object_lock(w, bucket);
  write_flag(w, "requester_pays", bucket.requester_pays);
  write_documents(w, bucket.documents);
  w.end_object();
  return out;
}

Result<Bucket> decode_bucket(BytesView stored) {
  codec::JsonDocument document;
  auto parsed = document.parse(stored);
  if (!parsed.ok() || !parsed->is(JsonType::object)) return corruption("a bucket's record is no JSON object");
  const JsonValue record = *parsed;
  if (integer_of(record, "format") != format_version) {
    return unsupported("a bucket's record has a format that this version does not know");
  }
  Bucket bucket;
  bucket.name = text_of(record, "name");
  bucket.account = text_of(record, "account");
  bucket.owner = text_of(record, "owner");
  bucket.id = text_of(record, "id");
  if (bucket.name.empty() || bucket.account.empty() || bucket.id.empty()) {
    return corruption("a bucket's record lacks its name, account or id");
  }
  TRY_ASSIGN(bucket.spaces, read_spaces(record));
  bucket.created_micros = integer_of(record, "created");
  bucket.deleted_micros = integer_of(record, "deleted");
  bucket.keep_until_micros = integer_of(record, "keep_until");
  bucket.region = text_of(record, "region");
  TRY(read_settings(record, bucket));
  return bucket;
}

}  // namespace reprise::s3
