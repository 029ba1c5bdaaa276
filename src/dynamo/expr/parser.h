// From the text of an expression to its Ast, and the cache that does it once per distinct text.
//
// parse() finds everything that is wrong with the text alone, in DynamoDB's order: empty, too long, syntax, redundant
// parentheses, unknown functions, reserved words, misused functions, too many operators. What DynamoDB reports only
// after undefined names and values is kept in Ast::late_error for the binding.
#pragma once

#include <array>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "dynamo/expr/ast.h"
#include "dynamo/model/error.h"

namespace reprise::dynamo {

// Fails with ValidationException "Invalid <parameter>: ...".
Outcome<std::shared_ptr<const Ast>> parse_expression(ExpressionKind kind, std::string_view text);

// "Invalid UpdateExpression: " and the message.
ApiError expression_error(ExpressionKind kind, std::string_view message);

// Remembers the trees of the texts seen last (least recently used go first). Texts that do not parse are not kept.
// Thread-safe: sharded by text, each shard behind its own mutex, which is not held while parsing.
class ExpressionCache {
 public:
  // Bounds the number of trees kept over all shards; one takes a few hundred bytes, 50 KB at worst.
  explicit ExpressionCache(std::size_t entries_max = 4096);

  Outcome<std::shared_ptr<const Ast>> get(ExpressionKind kind, std::string_view text);
  [[nodiscard]] std::size_t size() const;

 private:
  struct Entry {
    std::string key;  // kind, text
    std::shared_ptr<const Ast> ast;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Entry> recent;  // newest first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key;
  };
  static constexpr std::size_t shard_count = 16;
  std::size_t entries_per_shard_max_;
  std::array<Shard, shard_count> shards_;
};

}  // namespace reprise::dynamo
