// Client request tokens: a request that is sent again with its token is not carried out again.
//
// A token is remembered for ten minutes after the request that carried it has succeeded, in the root space `tokens`
// (docs/formats/client-tokens.md). It is noted in the same commit as what the request did, so after a crash both are
// there, or neither. The space is cut into windows of ten minutes, so that a token is looked for in two places and old
// ones are found without reading the others.
//
// Source of the rules: API reference, TransactWriteItems, ClientRequestToken.
// Threading: all functions are safe from any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "base/task.h"
#include "codec/json.h"
#include "dynamo/model/error.h"
#include "dynamo/ops/operation.h"
#include "history/version.h"

namespace reprise::history {
struct Commit;
}

namespace reprise::dynamo {

// The token of one request, and what the request said.
struct ClientToken {
  std::string account;
  std::string token;  // 1 to 36 characters
  Bytes fingerprint;  // of everything in the request that decides what it does
};

// ClientRequestToken of a request that has passed its shape; nothing when there is none. `operation` is part of the
// fingerprint. What only says how to answer (ReturnConsumedCapacity, ReturnItemCollectionMetrics) is not.
std::optional<ClientToken> client_token(const OperationRequest& request, std::string_view operation);

// SHA-256 of a JSON object that does not depend on the order of members, leaving out those of the given names.
Bytes request_fingerprint(const codec::JsonValue& body, std::initializer_list<std::string_view> without);

// What is remembered of a request that has succeeded: the size in bytes of each item it touched (the larger of before
// and after), which the answer to a repetition reports as read.
struct TokenNote {
  std::uint64_t done_micros = 0;
  Bytes fingerprint;
  std::vector<std::size_t> sizes;
  bool operator==(const TokenNote&) const = default;
};
Bytes encode_token_note(const TokenNote& note);
// Fails with Code::corruption, and with Code::unsupported for a note of a newer version.
Result<TokenNote> decode_token_note(BytesView text);

// What a look-up found: the note of a request that has succeeded, or the place for a new one.
struct TokenFound {
  std::optional<TokenNote> done;
  Bytes key;                // where this window keeps the token
  history::Version before;  // what is there now
};
// Fails with IdempotentParameterMismatchException when the token came with another request, and with the store's
// errors. The lock of token_lock_key() is held from here to the commit.
Task<Outcome<TokenFound>> find_token(Services& services, ClientToken token);
// Adds the note of a request that is about to succeed to its commit.
void note_token(const Services& services, const ClientToken& token, TokenFound found, std::vector<std::size_t> sizes,
                history::Commit& commit);
Bytes token_lock_key(const ClientToken& token);

// Removes the notes that are too old to matter, a bounded number of them. Called now and then by the job runner.
// Idempotent.
Task<Status> sweep_tokens(Services& services);

// The tokens this server is working on: whoever comes with one of them meanwhile is told so
// (TransactionInProgressException) instead of waiting.
class TokensInProgress {
 public:
  // Holds a token until it goes. Not `mine()`: another request has it.
  class Guard {
   public:
    // `owner` may be null: then every token is ours, and a second request waits for the lock.
    Guard(TokensInProgress* owner, const ClientToken& token);
    ~Guard();
    Guard(const Guard&) = delete;
    Guard& operator=(const Guard&) = delete;
    [[nodiscard]] bool mine() const { return mine_; }

   private:
    TokensInProgress* owner_;
    Bytes key_;
    bool mine_ = true;
  };

 private:
  std::mutex mutex_;
  std::set<Bytes> held_;
};

}  // namespace reprise::dynamo
