#include "dynamo/partiql/partiql_operations.h"

namespace reprise::dynamo {
namespace {

constexpr Operation operations[] = {
    {"BatchExecuteStatement", batch_execute_statement, true},
    {"ExecuteStatement", execute_statement, true},
    {"ExecuteTransaction", execute_transaction, true},
};

}  // namespace

std::span<const Operation> partiql_operations() { return operations; }

}  // namespace reprise::dynamo
