// ImportTable, DescribeImport, ListImports.
#pragma once

#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

Task<OperationResult> import_table(Services& services, OperationRequest request);
Task<OperationResult> describe_import(Services& services, OperationRequest request);
Task<OperationResult> list_imports(Services& services, OperationRequest request);

}  // namespace reprise::dynamo
