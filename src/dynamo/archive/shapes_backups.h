// The input shapes of the operations on backups (public service model 2012-08-10), for check_request (ops/shape.h).
#pragma once

#include "dynamo/ops/shape.h"

namespace reprise::dynamo::shapes {

extern const Shape create_backup;
extern const Shape describe_backup;  // and DeleteBackup
extern const Shape list_backups;

}  // namespace reprise::dynamo::shapes
