// What must hold for the item that an update has made, whoever asked for the update: UpdateItem, a transaction, a
// PartiQL statement. Puts say the same in other words (model/key.h, check_index_keys).
//
// Pure functions.
#pragma once

#include "dynamo/model/error.h"
#include "dynamo/model/item.h"
#include "dynamo/model/schema.h"

namespace reprise::dynamo {

class Update;

// What can be said about the keys of indexes before the item is known, in the words that PutItem uses as well; the rest
// is check_updated_item's.
Check check_written_index_keys(const TableDefinition& table, const Update& update);

// It is not too large ("Item size to update has exceeded the maximum allowed size"), and its attributes that are keys
// of indexes are of their types, not empty and not too long ("The update expression attempted to ...").
Check check_updated_item(const TableDefinition& table, ItemView item);

}  // namespace reprise::dynamo
