// ImportTable's request and its rules, and the table it asks for. Texts: answers of the real service recorded by a
// public probe laboratory (2026-10). Pure.
#pragma once

#include <optional>

#include "dynamo/archive/import_reader.h"
#include "dynamo/archive/import_record.h"
#include "dynamo/archive/import_source.h"
#include "dynamo/model/error.h"
#include "dynamo/model/schema.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

// What the request says of the import; ids and times are to be filled in. Fails with everything that can be said before
// the catalogue is looked at.
struct ImportRequest {
  ImportTableRecord record;
  TableDefinition table;  // CREATING, without spaces
  bool has_token = false;
};
Outcome<ImportRequest> read_import(const Services& services, const OperationRequest& request, std::uint64_t now_micros);

// The record's words as the readers know them.
ImportFormat import_format(const ImportTableRecord& record);
ImportCompression import_compression(const ImportTableRecord& record);
CsvOptions csv_options(const ImportTableRecord& record);

}  // namespace reprise::dynamo
