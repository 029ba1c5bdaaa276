// AttributeUpdates, which UpdateExpression replaced, as the same trees and the same code (dynamo/expr/update.h):
//
//   PUT v (or no action)   SET a = v
//   ADD number or set      ADD a v
//   ADD list               SET a = list_append(if_not_exists(a, []), v)
//   DELETE                 REMOVE a
//   DELETE set             DELETE a v
//
// Source: API reference, "AttributeUpdates (legacy)"; lists are not documented there, but the service takes them.
#pragma once

#include <optional>

#include "dynamo/expr/substitution.h"
#include "dynamo/expr/update.h"
#include "dynamo/model/error.h"
#include "dynamo/ops/request.h"

namespace reprise::dynamo {

// Nothing when AttributeUpdates is absent or empty. The values go into `substitutions`, which must outlive the update
// and in which nothing has been looked up yet. The request has passed its shape.
Outcome<std::optional<Update>> bind_attribute_updates(const Fields& in, Substitutions& substitutions);

}  // namespace reprise::dynamo
