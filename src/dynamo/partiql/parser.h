// From the text of a statement to its tree.
//
// The grammar is PartiQL's with the extensions DynamoDB has (SET, REMOVE, RETURNING). What PartiQL has and DynamoDB has
// not is refused here when no tree could hold it (joins, aliases, GROUP BY, LIMIT, ...), the rest (operators,
// functions) by those who give the tree its meaning.
//
// Pure; thread-safe.
#pragma once

#include <string_view>

#include "dynamo/model/error.h"
#include "dynamo/partiql/statement.h"

namespace reprise::dynamo::partiql {

// Fails with ValidationException: "Statement wasn't well formed, can't be processed: ..." for a text that is no
// PartiQL, "Unsupported clause: LIMIT at 1:30:1" and others for what DynamoDB does not have. `text` is UTF-8 and of
// any length; statements nested more than a hundred levels deep are refused.
Outcome<Statement> parse(std::string_view text);

}  // namespace reprise::dynamo::partiql
