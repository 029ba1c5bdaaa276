// The key ring. Invariants:
//   - what memory shows is durable: a key is usable once its record is committed, and its generations only grow;
//   - a generation that ever wrapped a data key is never removed;
//   - the record `check` is the first of a store's secrets, so a wrong master key is told at the start, not at the
//     first object that does not open.
#include "s3/ops/key_ring.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <shared_mutex>

#include "base/assert.h"
#include "base/fault_point.h"
#include "base/rng.h"
#include "codec/aead.h"
#include "codec/hex.h"
#include "codec/sha256.h"
#include "s3/model/kms_key.h"

namespace reprise::s3 {
namespace {

constexpr std::string_view check_key = "check";
constexpr std::string_view check_text = "reprise key file";
constexpr std::string_view check_context = "keys.check";
constexpr std::string_view key_prefix = "k/";
constexpr std::string_view alias_prefix = "a/";
constexpr std::string_view s3_context = "s3.data-key";
constexpr std::string_view customer_context = "s3.data-key.customer";
constexpr std::string_view master_generation = "1";
constexpr std::string_view default_alias = "alias/aws/s3";
constexpr std::string_view service_aliases = "alias/aws/";
constexpr std::size_t data_key_bytes = 32;
constexpr std::size_t generation_bytes = 4;

Bytes key_record(std::string_view account, std::string_view id) {
  return Bytes(key_prefix).append(account).append("/").append(id);
}
Bytes alias_record(std::string_view account, std::string_view alias) {
  return Bytes(alias_prefix).append(account).append("/").append(alias);
}

// The generation is part of what the material is sealed for, so records cannot be mixed up.
std::string material_context(std::string_view id, std::size_t generation) {
  return "keys." + std::string(id) + "." + std::to_string(generation);
}

// A data key opens only with the key and the context it was wrapped for.
Bytes kms_wrap_context(std::string_view arn, std::string_view kms_context) {
  return Bytes("s3.data-key.kms ").append(arn).append(" ").append(kms_context);
}

S3Error kms_not_found(std::string message) { return s3_error(ErrorCode::kms_not_found, std::move(message)); }

// A key with its material open.
struct OpenKey {
  KmsKey record;
  std::vector<Bytes> material;

  OpenKey() = default;
  OpenKey(const OpenKey&) = default;
  OpenKey& operator=(const OpenKey&) = delete;
  ~OpenKey() {
    for (Bytes& bytes : material) codec::wipe(bytes);
  }
};
using KeyRef = std::shared_ptr<const OpenKey>;

class StoredKeyRing final : public KeyRing {
 public:
  StoredKeyRing(history::Store& store, SpaceId space, auth::MasterKey master, std::string region)
      : store_(store), space_(space), master_(std::move(master)), region_(std::move(region)) {}

  Task<Status> load();

  Task<Outcome<SealedKey>> make(const SseRequest& wanted, std::string account) override;
  [[nodiscard]] Outcome<DataKey> open(const Envelope& envelope, const SseRequest& presented) const override;
  Task<Outcome<Envelope>> rewrap(const DataKey& key, const SseRequest& wanted, std::string account) override;
  Task<Result<KeyInfo>> create(std::string account, std::string alias) override;
  Task<Result<KeyInfo>> rotate(std::string account, std::string name) override;
  [[nodiscard]] std::vector<KeyInfo> list(std::string_view account) const override;

 private:
  struct Account {
    std::map<std::string, KeyRef, std::less<>> keys;  // by id
    std::map<std::string, std::string, std::less<>> aliases;
  };

  Task<Status> settle_check();
  Status load_row(BytesView key, BytesView value);
  [[nodiscard]] Result<KeyRef> open_record(KmsKey record) const;
  Task<Result<KeyRef>> add(std::string account, std::string alias);
  Task<Result<KeyRef>> default_key(std::string account);
  void remember(KeyRef key);
  void append_generation(KmsKey& key, std::int64_t now) const;
  [[nodiscard]] KeyRef find_id(std::string_view account, std::string_view id) const;
  [[nodiscard]] KeyRef find_alias(std::string_view account, std::string_view alias) const;
  [[nodiscard]] Outcome<KeyRef> resolve(std::string_view name, std::string_view account) const;
  [[nodiscard]] Outcome<DataKey> open_kms(const Envelope& envelope) const;
  [[nodiscard]] KeyInfo info_of(const KmsKey& key) const;
  [[nodiscard]] std::string arn_of(std::string_view account, std::string_view id) const {
    return print_kms_arn({region_, std::string(account), "key/" + std::string(id)});
  }

  history::Store& store_;
  const SpaceId space_;
  const auth::MasterKey master_;
  const std::string region_;
  mutable std::shared_mutex mutex_;
  std::map<std::string, Account, std::less<>> accounts_;
};

// ---- Loading --------------------------------------------------------------------------------------------------------

Task<Status> StoredKeyRing::settle_check() {
  CO_TRY_ASSIGN(history::Version kept, co_await store_.get(space_, check_key));
  if (kept) {
    const auto plain = master_.open_sealed(kept.value(), check_context);
    if (plain.ok() && *plain == check_text) co_return Status();
    co_return invalid(
        "the key file is not the one that this data directory's secrets are sealed under: put that one back, or name "
        "it with --key-file");
  }
  FAULT_POINT("key_ring.before_check");
  history::Commit commit;
  commit.changes.push_back({space_, Bytes(check_key), master_.seal(check_text, check_context), std::move(kept)});
  CO_TRY(co_await store_.commit(std::move(commit)));
  FAULT_POINT("key_ring.after_check");
  co_return Status();
}

Result<KeyRef> StoredKeyRing::open_record(KmsKey record) const {
  auto key = std::make_shared<OpenKey>();
  for (std::size_t i = 0; i < record.generations.size(); ++i) {
    auto material = master_.open_sealed(record.generations[i].material, material_context(record.id, i));
    if (!material.ok()) return material.error().with_context("key " + record.id);
    if (material->size() != codec::aead_key_bytes)
      return corruption("the material of key " + record.id + " is damaged");
    key->material.push_back(std::move(material).value());
  }
  key->record = std::move(record);
  return KeyRef(std::move(key));
}

Status StoredKeyRing::load_row(BytesView key, BytesView value) {
  if (key == check_key || key.starts_with(alias_prefix)) return Status();  // aliases stand in the records, too
  if (!key.starts_with(key_prefix))
    return corruption("the key ring holds an entry that is no key: " + std::string(key));
  auto record = decode_kms_key(value);
  if (!record.ok()) return record.error().with_context(key);
  if (key != key_record(record->account, record->id)) return corruption("an entry of the key ring is another key's");
  TRY_ASSIGN(KeyRef opened, open_record(std::move(record).value()));
  remember(std::move(opened));
  return Status();
}

Task<Status> StoredKeyRing::load() {
  CO_TRY(co_await settle_check());
  history::ScanRequest request;
  request.space = space_;
  for (;;) {
    CO_TRY_ASSIGN(const auto page, co_await store_.scan(request));
    for (std::size_t i = 0; i < page.rows.size(); ++i) CO_TRY(load_row(page.rows[i].key, page.rows[i].value));
    if (!page.resume_after) co_return Status();
    request.range.lower = *page.resume_after + '\0';
  }
}

// ---- Finding --------------------------------------------------------------------------------------------------------

void StoredKeyRing::remember(KeyRef key) {
  const std::unique_lock lock(mutex_);
  Account& account = accounts_[key->record.account];
  if (!key->record.alias.empty()) account.aliases[key->record.alias] = key->record.id;
  account.keys[key->record.id] = std::move(key);
}

KeyRef StoredKeyRing::find_id(std::string_view account, std::string_view id) const {
  const std::shared_lock lock(mutex_);
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return nullptr;
  const auto key = found->second.keys.find(id);
  return key == found->second.keys.end() ? nullptr : key->second;
}

KeyRef StoredKeyRing::find_alias(std::string_view account, std::string_view alias) const {
  const std::shared_lock lock(mutex_);
  const auto found = accounts_.find(account);
  if (found == accounts_.end()) return nullptr;
  const auto id = found->second.aliases.find(alias);
  return id == found->second.aliases.end() ? nullptr : found->second.keys.find(id->second)->second;
}

// The key that a request of `account` names. Keys of other accounts are not found: there are no key policies.
Outcome<KeyRef> StoredKeyRing::resolve(std::string_view name, std::string_view account) const {
  KmsArn arn{region_, std::string(account), std::string(name)};
  if (name.starts_with("arn:")) {
    auto parsed = parse_kms_arn(name);
    if (!parsed) return kms_not_found("Invalid arn " + std::string(name));
    if (parsed->region != region_) return kms_not_found("Invalid arn " + parsed->region);
    arn = std::move(*parsed);
  } else if (is_kms_key_id(name)) {
    arn.resource.insert(0, "key/");
  } else if (!is_kms_alias(name)) {
    return kms_not_found("Invalid keyId '" + std::string(name) + "'");
  }
  const bool ours = arn.account == account;
  if (arn.resource.starts_with("alias/")) {
    if (KeyRef key = ours ? find_alias(account, arn.resource) : nullptr) return key;
    return kms_not_found("Alias " + print_kms_arn(arn) + " is not found.");
  }
  if (KeyRef key = ours ? find_id(account, arn.resource.substr(4)) : nullptr) return key;
  return kms_not_found("Key '" + print_kms_arn(arn) + "' does not exist");
}

// ---- Data keys ------------------------------------------------------------------------------------------------------

Task<Outcome<SealedKey>> StoredKeyRing::make(const SseRequest& wanted, std::string account) {
  DataKey key(codec::random_bytes(data_key_bytes));
  auto wrapping = rewrap(key, wanted, std::move(account));
  CO_TRY_ASSIGN(Envelope envelope, co_await std::move(wrapping));
  co_return SealedKey{std::move(key), std::move(envelope)};
}

Task<Outcome<Envelope>> StoredKeyRing::rewrap(const DataKey& key, const SseRequest& wanted, std::string account) {
  Envelope envelope;
  envelope.kind = wanted.kind;
  switch (wanted.kind) {
    case SseKind::none: break;
    case SseKind::s3:
      envelope.key_id = master_generation;
      envelope.wrapped_data_key = master_.seal(key.bytes(), s3_context);
      break;
    case SseKind::customer:
      envelope.customer_md5 = wanted.customer_md5;
      envelope.wrapped_data_key = codec::seal_secret(wanted.customer_key, customer_context, key.bytes());
      break;
    case SseKind::kms: {
      envelope.kms_context = wanted.kms_context;
      envelope.bucket_key = wanted.bucket_key;
      KeyRef named;
      if (wanted.kms_key.empty() || wanted.kms_key == default_alias) {
        auto made = co_await default_key(account);
        if (!made.ok()) co_return store_error(made.error());
        named = std::move(made).value();
      } else {
        CO_TRY_ASSIGN(named, resolve(wanted.kms_key, account));
      }
      envelope.key_id = arn_of(named->record.account, named->record.id);
      const std::size_t newest = named->material.size() - 1;
      append_be32(envelope.wrapped_data_key, static_cast<std::uint32_t>(newest));
      const Bytes context = kms_wrap_context(envelope.key_id, envelope.kms_context);
      envelope.wrapped_data_key += codec::seal_secret(named->material[newest], context, key.bytes());
      break;
    }
  }
  co_return envelope;
}

Outcome<DataKey> StoredKeyRing::open_kms(const Envelope& envelope) const {
  const auto arn = parse_kms_arn(envelope.key_id);
  if (!arn || !arn->resource.starts_with("key/") || envelope.wrapped_data_key.size() < generation_bytes) {
    return store_error(corruption("the encryption of an object is damaged"));
  }
  const KeyRef key = find_id(arn->account, arn->resource.substr(4));
  if (!key) return kms_not_found("Key '" + envelope.key_id + "' does not exist");
  const std::uint32_t generation = read_be32(envelope.wrapped_data_key);
  if (generation >= key->material.size()) return store_error(corruption("a key has lost a generation"));
  auto plain = codec::open_secret(key->material[generation], kms_wrap_context(envelope.key_id, envelope.kms_context),
                                  BytesView(envelope.wrapped_data_key).substr(generation_bytes));
  if (!plain) return store_error(corruption("the data key of an object does not open under its key"));
  return DataKey(*std::move(plain));
}

Outcome<DataKey> StoredKeyRing::open(const Envelope& envelope, const SseRequest& presented) const {
  if (envelope.kind != SseKind::customer && presented.kind == SseKind::customer) {
    return s3_error(ErrorCode::invalid_request, "The encryption parameters are not applicable to this object.");
  }
  switch (envelope.kind) {
    case SseKind::none: break;
    case SseKind::s3: {
      auto plain = master_.open_sealed(envelope.wrapped_data_key, s3_context);
      if (!plain.ok()) return store_error(plain.error());
      return DataKey(std::move(plain).value());
    }
    case SseKind::kms: return open_kms(envelope);
    case SseKind::customer: {
      if (presented.kind != SseKind::customer) {
        return s3_error(ErrorCode::invalid_request,
                        "The object was stored using a form of Server Side Encryption. The correct parameters must be "
                        "provided to retrieve the object.");
      }
      if (!codec::equal_in_constant_time(presented.customer_md5, envelope.customer_md5)) {
        return s3_error(ErrorCode::access_denied);
      }
      auto plain = codec::open_secret(presented.customer_key, customer_context, envelope.wrapped_data_key);
      if (!plain) return s3_error(ErrorCode::access_denied);
      return DataKey(*std::move(plain));
    }
  }
  return store_error(internal_error("the data key of an object that is not encrypted was asked for"));
}

// ---- Administration -------------------------------------------------------------------------------------------------

void StoredKeyRing::append_generation(KmsKey& key, std::int64_t now) const {
  Bytes material = codec::random_bytes(codec::aead_key_bytes);
  key.generations.push_back({now, master_.seal(material, material_context(key.id, key.generations.size()))});
  codec::wipe(material);
}

// The caller holds the lock of the alias, if there is one.
Task<Result<KeyRef>> StoredKeyRing::add(std::string account, std::string alias) {
  KmsKey record;
  record.id = random_uuid();
  record.account = account;
  record.alias = alias;
  record.created_micros = static_cast<std::int64_t>(store_.now().micros());
  append_generation(record, record.created_micros);
  history::Commit commit;
  commit.changes.push_back({space_, key_record(account, record.id), encode_kms_key(record), history::Version()});
  if (!alias.empty()) {
    commit.changes.push_back({space_, alias_record(account, alias), record.id, history::Version()});
  }
  FAULT_POINT("key_ring.before_create");
  CO_TRY(co_await store_.commit(std::move(commit)));
  FAULT_POINT("key_ring.after_create");
  CO_TRY_ASSIGN(KeyRef key, open_record(std::move(record)));
  remember(key);
  co_return key;
}

Task<Result<KeyRef>> StoredKeyRing::default_key(std::string account) {
  const std::string alias(default_alias);
  if (KeyRef key = find_alias(account, alias)) co_return key;
  const Bytes locked = alias_record(account, alias);
  const auto guard = co_await store_.locks().lock(space_, locked);
  if (KeyRef key = find_alias(account, alias)) co_return key;
  co_return co_await add(std::move(account), alias);
}

Task<Result<KeyInfo>> StoredKeyRing::create(std::string account, std::string alias) {
  if (!alias.empty() && !alias.starts_with("alias/")) alias.insert(0, "alias/");
  if (!alias.empty() && !is_kms_alias(alias)) {
    co_return invalid("'" + alias + "' is no alias: after alias/ it has 1 to 250 letters, digits, '/', '_' or '-'");
  }
  if (alias.starts_with(service_aliases)) co_return invalid("aliases that begin with alias/aws/ are the service's own");
  const Bytes locked = alias_record(account, alias);
  const auto guard = co_await store_.locks().lock(space_, locked);
  if (!alias.empty() && find_alias(account, alias)) co_return already_exists("there is a key " + alias + " already");
  CO_TRY_ASSIGN(const KeyRef key, co_await add(std::move(account), std::move(alias)));
  co_return info_of(key->record);
}

Task<Result<KeyInfo>> StoredKeyRing::rotate(std::string account, std::string name) {
  const bool is_bare_alias =
      !name.starts_with("arn:") && !name.starts_with("alias/") && !is_kms_key_id(name) && is_kms_alias("alias/" + name);
  if (is_bare_alias) name.insert(0, "alias/");
  auto resolved = resolve(name, account);
  if (!resolved.ok()) co_return not_found(resolved.error().message);
  const std::string id = (*resolved)->record.id;
  const Bytes stored_at = key_record(account, id);
  const auto guard = co_await store_.locks().lock(space_, stored_at);
  CO_TRY_ASSIGN(history::Version before, co_await store_.get(space_, stored_at));
  CO_TRY_ASSIGN(KmsKey record, decode_kms_key(before.value()));
  append_generation(record, static_cast<std::int64_t>(store_.now().micros()));
  history::Commit commit;
  commit.changes.push_back({space_, stored_at, encode_kms_key(record), std::move(before)});
  FAULT_POINT("key_ring.before_rotate");
  CO_TRY(co_await store_.commit(std::move(commit)));
  FAULT_POINT("key_ring.after_rotate");
  CO_TRY_ASSIGN(KeyRef key, open_record(std::move(record)));
  remember(key);
  co_return info_of(key->record);
}

KeyInfo StoredKeyRing::info_of(const KmsKey& key) const {
  KeyInfo info;
  info.id = key.id;
  info.account = key.account;
  info.arn = arn_of(key.account, key.id);
  info.alias = key.alias;
  info.created_micros = key.created_micros;
  info.generations = static_cast<int>(key.generations.size());
  if (key.generations.size() > 1) info.rotated_micros = key.generations.back().created_micros;
  return info;
}

std::vector<KeyInfo> StoredKeyRing::list(std::string_view account) const {
  std::vector<KeyInfo> all;
  {
    const std::shared_lock lock(mutex_);
    const auto found = accounts_.find(account);
    if (found == accounts_.end()) return all;
    for (const auto& [id, key] : found->second.keys) all.push_back(info_of(key->record));
  }
  std::ranges::sort(all, {}, [](const KeyInfo& info) { return std::pair(info.created_micros, info.id); });
  return all;
}

}  // namespace

DataKey::~DataKey() { codec::wipe(bytes_); }

// The check is sealed once, with a nonce of its own, so no other store has the same.
Task<Result<std::optional<std::string>>> KeyRing::mark_of(history::Store& store, SpaceId space) {
  CO_TRY_ASSIGN(const history::Version kept, co_await store.get(space, check_key));
  if (!kept) co_return std::optional<std::string>();
  co_return std::optional<std::string>(codec::to_hex(codec::bytes_of(codec::sha256(kept.value()))));
}

Task<Result<std::unique_ptr<KeyRing>>> KeyRing::open(history::Store& store, SpaceId space, auth::MasterKey master,
                                                     std::string region) {
  auto ring = std::make_unique<StoredKeyRing>(store, space, std::move(master), std::move(region));
  CO_TRY(co_await ring->load());
  co_return std::unique_ptr<KeyRing>(std::move(ring));
}

}  // namespace reprise::s3
