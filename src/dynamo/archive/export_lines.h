// The lines of an export's data files (developer guide, "DynamoDB table export output format").
//
//   full         {"Item":{...}}                               $ion_1_0 {Item:{...}}
//   incremental  {"Metadata":{"WriteTimestampMicros":{"N":"1"}},"Keys":{...},"NewImage":{...},"OldImage":{...}}
//                                                             $ion_1_0 {Record:{Keys:{...},Metadata:{...},...}}
//
// Each ends with a line break. Pure functions.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "dynamo/model/item.h"

namespace reprise::dynamo {

enum class ExportFormat : std::uint8_t { dynamodb_json, ion };

void append_export_line(Bytes& out, ExportFormat format, ItemView item);

// One item that changed; images that are not to be shown are no items.
struct ExportedChange {
  std::uint64_t write_micros = 0;
  ItemView keys;
  ItemView new_image;
  ItemView old_image;
};
void append_change_line(Bytes& out, ExportFormat format, const ExportedChange& change);

}  // namespace reprise::dynamo
