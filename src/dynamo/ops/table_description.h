// How a table shows itself: the TableDescription structure of responses, and where its spaces are.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "codec/json.h"
#include "dynamo/model/schema.h"

namespace reprise::history {
class Store;
}

namespace reprise::dynamo {

struct Services;

// "arn:aws:dynamodb:REGION:ACCOUNT:table/NAME"
std::string table_arn(std::string_view region, std::string_view account, std::string_view name);

// Every space the table owns: its items' first, then its indexes'.
std::vector<SpaceId> spaces_of(const TableDefinition& table);

// What only the answer of a change shows: what is on its way although the definition has it already.
struct ShownChanges {
  bool warm = false;                      // WarmThroughput of the table
  std::vector<std::string> warm_indexes;  // and of these indexes
  bool encryption = false;
  bool on_demand = false;  // caps that were taken away are shown as -1
};

// {"TABLE_MEMBER": {...}}: the whole response of the operations that answer with a table. Statuses are printed as the
// definition has them; an operation that answers "CREATING" hands in a copy that says so.
Bytes describe(Services& services, std::string_view table_member, const TableDefinition& table,
               const ShownChanges& changes = {});
// The same as DeleteTable answers: without keys, indexes and settings.
Bytes describe_deleted(Services& services, std::string_view table_member, const TableDefinition& table);

}  // namespace reprise::dynamo
