// ExportTableToPointInTime, DescribeExport, ListExports.
#pragma once

#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

Task<OperationResult> export_table_to_point_in_time(Services& services, OperationRequest request);
Task<OperationResult> describe_export(Services& services, OperationRequest request);
Task<OperationResult> list_exports(Services& services, OperationRequest request);

}  // namespace reprise::dynamo
