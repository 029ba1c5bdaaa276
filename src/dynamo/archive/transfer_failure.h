// How the failures of a bucket show themselves in an export or import: FailureCode and FailureMessage, worded as the
// real service words them (without the ids of a request that S3 never saw).
#pragma once

#include <string>

#include "base/status.h"

namespace reprise::dynamo {

struct TransferFailure {
  std::string code;  // "S3NoSuchBucket"
  std::string message;
};

// `status` is not ok and not unavailable.
TransferFailure bucket_failure(const Status& status);

}  // namespace reprise::dynamo
