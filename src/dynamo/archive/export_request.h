// ExportTableToPointInTime's request and its rules. Order and texts: answers of the real service recorded by a public
// probe laboratory (2026-10). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "dynamo/archive/export_record.h"
#include "dynamo/model/error.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

struct ExportRequest {
  std::string table_arn;
  std::string table_name;
  std::optional<std::uint64_t> export_micros;
  std::optional<std::uint64_t> from_micros;
  std::optional<std::uint64_t> to_micros;
  bool has_token = false;
  ExportRecord record;  // what the request says of it; the rest is to be filled in
};

// Everything that can be said before the table is looked at.
Outcome<ExportRequest> read_export(const Services& services, const OperationRequest& request);

// The window of an incremental export. `to` is now when the request does not say.
Check check_export_window(const ExportRequest& request, const TableDefinition& table, std::uint64_t now_micros);

}  // namespace reprise::dynamo
