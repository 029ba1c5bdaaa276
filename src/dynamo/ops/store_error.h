// From what the store says to what a client is told.
#pragma once

#include "base/status.h"
#include "dynamo/model/error.h"

namespace reprise::dynamo {

// The error to answer when the store failed with `status` (not ok):
//   not_found                 the space is gone: ResourceNotFoundException
//   invalid                   a time outside what is kept by now (retention moved on between check and read):
//                             ValidationException with the reason
//   exhausted, io_error       InternalServerError with the reason, which the operator and the client both need
//   unavailable, cancelled    ServiceUnavailable with the reason
//   anything else             InternalServerError without details; the details go to the log
ApiError store_error(const Status& status);

}  // namespace reprise::dynamo
