// What a record of an import becomes: an item of the table, or a line of the error report. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "codec/json.h"
#include "dynamo/archive/import_reader.h"
#include "dynamo/model/error.h"
#include "dynamo/model/schema.h"

namespace reprise::dynamo {

struct ImportedItem {
  Bytes key;
  Bytes item;
};

// Judges a record as DynamoDB judges an item that is put: its size, its keys and those of the indexes. `document` is
// for reuse. The error's message is the report's.
Outcome<ImportedItem> imported_item(codec::JsonDocument& document, const TableDefinition& table,
                                    const ImportRecord& record);

// A line of the error report, as the service writes them to its log:
//   {"itemS3Pointer":{"bucket":"b","key":"k","itemIndex":0},"importArn":"arn:...","errorMessages":["..."]}
std::string error_line(std::string_view bucket, std::string_view key, std::uint64_t index, std::string_view import_arn,
                       std::string_view message);

}  // namespace reprise::dynamo
