// What the operations on items have in common before they touch the store: which table, which expressions, as of when.
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "dynamo/expr/projection.h"
#include "dynamo/expr/substitution.h"
#include "dynamo/model/error.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/operation.h"
#include "dynamo/ops/request.h"

namespace reprise::dynamo {

// The table a TableName (a name or an ARN) means. "Requested resource not found" when there is none, or when it is not
// ready for items yet; AccessDeniedException for another account's.
Outcome<TablePtr> find_item_table(const Services& services, const Caller& caller, std::string_view table_name);

// The parameters of one operation that hold expressions, and the legacy ones that they replace.
struct ExpressionParameters {
  std::initializer_list<std::string_view> with_values;  // take names and values
  std::initializer_list<std::string_view> with_names;   // take names only: ProjectionExpression
  std::initializer_list<std::string_view> legacy;
};

// First of an operation's own rules: the two styles are not mixed, and names and values come with an expression. Only
// KeyConditions may stand beside expressions, unless one of them is the KeyConditionExpression.
Check check_expression_parameters(const Fields& in, const ExpressionParameters& parameters);

// ExpressionAttributeNames and ExpressionAttributeValues of a request.
Outcome<Substitutions> parse_substitutions(const Fields& in);

// ProjectionExpression or AttributesToGet; nothing when neither is there. Owns what it needs.
Outcome<std::optional<Projection>> read_projection(Services& services, const Fields& in);

// Looks the text up in the cache; nothing when the member is absent.
Outcome<std::shared_ptr<const Ast>> parse_member(Services& services, const Fields& in, std::string_view member,
                                                 ExpressionKind kind);

// When a read of the past is asked for, the time to read at. ValidationException when it lies in the future or before
// what is kept of `space`.
Outcome<std::optional<Timestamp>> resolve_as_of(Services& services, SpaceId space, std::optional<Timestamp> as_of);

}  // namespace reprise::dynamo
