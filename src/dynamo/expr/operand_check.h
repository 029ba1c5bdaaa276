// What can be said about the operands of a bound expression without any item. A part of the binding.
#pragma once

#include <optional>

#include "dynamo/expr/substitution.h"
#include "dynamo/model/error.h"

namespace reprise::dynamo {

// The type an operand has whatever the item: that of a value, N for size() and arithmetic, L for list_append; nothing
// for paths.
std::optional<AttributeType> operand_type(const Binding& binding, const Node& node);

// "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N"
ApiError operand_type_error(const Binding& binding, Op op, AttributeType type);

// Condition, filter and key condition expressions: operand types, the bounds of BETWEEN, then operands that must
// be distinct.
Check check_condition_operands(const Binding& binding);

// Update expressions: the operands of SET, ADD and DELETE.
Check check_update_operands(const Binding& binding);

}  // namespace reprise::dynamo
