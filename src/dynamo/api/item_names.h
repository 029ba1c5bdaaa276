// Which attributes and which partition keys a request names, told from its body alone: what the condition keys
// dynamodb:Attributes and dynamodb:LeadingKeys are made of.
//
// Expressions are read for their names only, without their grammar: what is wrong with them is the operation's to say,
// and then nothing is read or written.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "dynamo/partiql/statement.h"

namespace reprise::dynamo {

// The top-level attributes that the items, keys, expressions and legacy parameters of `part` name.
[[nodiscard]] std::set<std::string> attributes_named(const codec::JsonValue& part);
[[nodiscard]] std::set<std::string> attributes_named(const partiql::Statement& statement);

// The values of the partition key `name` that `part` is about: of its Key, Keys, Item, of a list of write requests, or
// of its key condition.
[[nodiscard]] std::vector<std::string> leading_keys(const codec::JsonValue& part, std::string_view name);
// The same of a statement; `part` has its Parameters.
[[nodiscard]] std::vector<std::string> leading_keys(const partiql::Statement& statement, const codec::JsonValue& part,
                                                    std::string_view name);

}  // namespace reprise::dynamo
