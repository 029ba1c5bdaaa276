// Invariants: a token is in one window only (a later use of it is a new one: the old note has expired by then); the
// window of a note follows from the time it was written, so a look-up reads the present window and the one before.
#include "dynamo/ops/client_token.h"

#include <algorithm>
#include <utility>

#include "codec/ordered.h"
#include "codec/sha256.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/store_error.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

using codec::JsonType;
using codec::JsonValue;

constexpr std::uint64_t window_micros = 10ull * 60 * 1'000'000;
constexpr char note_version = 1;
constexpr std::size_t fingerprint_size = 32;
// A sweep removes so many notes in a commit, and at most so many times: with the interval of table_jobs.cc that keeps
// up with ten thousand transactions a second.
constexpr std::size_t sweep_rows = 1'000;
constexpr int sweep_commits_max = 100;

// ---- Fingerprints --------------------------------------------------------------------------------------------------

// Feeds a value in a form that delimits itself. Absent and null are the same to every operation, so null members go.
class Canonical {
 public:
  void value(const JsonValue& json) {
    switch (json.type()) {
      case JsonType::null: tag('n'); break;
      case JsonType::boolean: tag(json.boolean() ? 't' : 'f'); break;
      case JsonType::number: number(json); break;
      case JsonType::string: text('s', json.string()); break;
      case JsonType::array: array(json); break;
      case JsonType::object: object(json, {}); break;
    }
  }

  void object(const JsonValue& json, std::initializer_list<std::string_view> without) {
    std::vector<std::pair<std::string_view, JsonValue>> members;
    for (auto member = json.first_member(); member; member.advance()) {
      if (member.value().is(JsonType::null)) continue;
      if (std::find(without.begin(), without.end(), member.key()) != without.end()) continue;
      members.emplace_back(member.key(), member.value());
    }
    std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    tag('{');
    for (const auto& [name, member] : members) {
      text('k', name);
      value(member);
    }
    tag('}');
  }

  void text(char kind, BytesView bytes) {
    tag(kind);
    Bytes length;
    codec::append_varint(length, bytes.size());
    hash_.update(length);
    hash_.update(bytes);
  }

  Bytes finish() {
    const auto digest = hash_.finish();
    return Bytes(codec::bytes_of(digest));
  }

 private:
  void tag(char kind) { hash_.update(BytesView(&kind, 1)); }
  void number(const JsonValue& json) {
    const auto whole = json.integer();
    text('#', whole ? std::to_string(*whole) : std::to_string(json.number()));
  }
  void array(const JsonValue& json) {
    tag('[');
    for (auto element = json.first_element(); element; element.advance()) value(element.value());
    tag(']');
  }

  codec::Sha256 hash_;
};

// ---- Keys ----------------------------------------------------------------------------------------------------------

Bytes token_key(std::uint64_t window, const ClientToken& token) {
  Bytes key;
  append_be64(key, window);
  codec::append_ordered(key, token.account);
  codec::append_ordered(key, token.token);
  return key;
}

std::uint64_t window_of(std::uint64_t micros) { return micros / window_micros; }

}  // namespace

std::optional<ClientToken> client_token(const OperationRequest& request, std::string_view operation) {
  const auto text = Fields(request.body).string("ClientRequestToken");
  if (!text) return std::nullopt;
  Canonical canonical;
  canonical.text('o', operation);
  canonical.object(request.body, {"ClientRequestToken", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"});
  return ClientToken{request.caller.account, std::string(*text), canonical.finish()};
}

Bytes request_fingerprint(const JsonValue& body, std::initializer_list<std::string_view> without) {
  Canonical canonical;
  canonical.object(body, without);
  return canonical.finish();
}

Bytes encode_token_note(const TokenNote& note) {
  Bytes text(1, note_version);
  append_be64(text, note.done_micros);
  text.append(note.fingerprint);
  codec::append_varint(text, note.sizes.size());
  for (const std::size_t size : note.sizes) codec::append_varint(text, size);
  return text;
}

Result<TokenNote> decode_token_note(BytesView text) {
  constexpr std::size_t fixed_size = 1 + 8 + fingerprint_size;
  if (text.empty()) return corruption("a client token's note is empty");
  if (text[0] != note_version) return unsupported("a client token's note is of a newer version");
  if (text.size() < fixed_size) return corruption("a client token's note is too short");
  TokenNote note;
  note.done_micros = read_be64(text.substr(1));
  note.fingerprint = Bytes(text.substr(9, fingerprint_size));
  text.remove_prefix(fixed_size);
  std::uint64_t count = 0;
  bool whole = codec::read_varint(text, count) && count <= text.size();
  for (std::uint64_t i = 0; whole && i < count; ++i) {
    std::uint64_t size = 0;
    whole = codec::read_varint(text, size);
    note.sizes.push_back(size);
  }
  if (!whole || !text.empty()) return corruption("a client token's note is damaged");
  return note;
}

Bytes token_lock_key(const ClientToken& token) {
  Bytes key;
  codec::append_ordered(key, token.account);
  codec::append_ordered(key, token.token);
  return key;
}

Task<Outcome<TokenFound>> find_token(Services& services, ClientToken token) {
  const std::uint64_t now = services.wall.now_micros();
  const std::uint64_t window = window_of(now);
  TokenFound found;
  for (const std::uint64_t place : {window, window - 1}) {
    Bytes key = token_key(place, token);
    auto version = co_await services.store.get(services.root.tokens, key);
    if (!version.ok()) co_return store_error(version.error());
    if (*version) {
      auto note = decode_token_note(version->value());
      if (!note.ok()) co_return store_error(note.error());
      const bool expired = note->done_micros + window_micros <= now;
      if (!expired && note->fingerprint != token.fingerprint) {
        co_return api_error(
            ErrorKind::idempotent_parameter_mismatch,
            "DynamoDB rejected the request because you retried a request with a different payload but with "
            "an idempotent token that was already used.");
      }
      if (!expired) found.done = std::move(note).value();
    }
    if (place == window) {
      found.key = std::move(key);
      found.before = std::move(version).value();
    }
    if (found.done) break;
  }
  co_return found;
}

void note_token(const Services& services, const ClientToken& token, TokenFound found, std::vector<std::size_t> sizes,
                history::Commit& commit) {
  const TokenNote note{services.wall.now_micros(), token.fingerprint, std::move(sizes)};
  commit.changes.push_back(
      {services.root.tokens, std::move(found.key), encode_token_note(note), std::move(found.before)});
}

Task<Status> sweep_tokens(Services& services) {
  const std::uint64_t window = window_of(services.wall.now_micros());
  history::ScanRequest request;
  request.space = services.root.tokens;
  append_be64(request.range.upper, window > 0 ? window - 1 : 0);
  request.max_rows = sweep_rows;
  for (int n = 0; n < sweep_commits_max; ++n) {
    history::ScanRequest next = request;
    CO_TRY_ASSIGN(const history::VersionPage page, co_await services.store.scan(std::move(next)));
    history::Commit commit;
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
      Bytes key(page.rows[i].key);
      CO_TRY_ASSIGN(history::Version present, co_await services.store.get(services.root.tokens, key));
      if (present) commit.changes.push_back({services.root.tokens, std::move(key), std::nullopt, std::move(present)});
    }
    if (!commit.changes.empty()) CO_TRY(co_await services.store.commit(std::move(commit)));
    if (!page.resume_after) break;
  }
  co_return Status();
}

TokensInProgress::Guard::Guard(TokensInProgress* owner, const ClientToken& token) : owner_(owner) {
  if (owner_ == nullptr) return;
  key_ = token_lock_key(token);
  const std::lock_guard lock(owner_->mutex_);
  mine_ = owner_->held_.insert(key_).second;
}

TokensInProgress::Guard::~Guard() {
  if (owner_ == nullptr || !mine_) return;
  const std::lock_guard lock(owner_->mutex_);
  owner_->held_.erase(key_);
}

}  // namespace reprise::dynamo
