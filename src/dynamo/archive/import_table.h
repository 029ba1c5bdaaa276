// The table of an import: made when its data is about to come, ACTIVE when it has come.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "base/task.h"
#include "dynamo/archive/import_items.h"
#include "dynamo/archive/import_record.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

// Makes it, CREATING, unless it is there already. already_exists: another table has the name.
Task<Status> make_import_table(Services& services, ImportTableRecord record);
// The table while the import may write to it. not_found: somebody has taken it away.
Result<TablePtr> find_import_table(Services& services, const ImportTableRecord& record);
// Nothing when there is no such table any more.
Task<Status> activate_import_table(Services& services, ImportTableRecord record);

// Writes the items, of one key only the last one; durable when done.
Task<Status> write_imported(Services& services, TablePtr table, std::vector<ImportedItem> items);

}  // namespace reprise::dynamo
