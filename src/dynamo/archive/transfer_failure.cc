#include "dynamo/archive/transfer_failure.h"

#include "blob/permission.h"

namespace reprise::dynamo {

TransferFailure bucket_failure(const Status& status) {
  if (status.is(Code::not_found)) {
    return {"S3NoSuchBucket",
            "The specified bucket does not exist (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket)"};
  }
  if (blob::is_permission_denied(status)) {
    return {"S3AccessDenied", "Access Denied (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied)"};
  }
  if (status.is(Code::exhausted)) return {"S3InsufficientStorage", status.to_string()};
  return {"S3InternalError", status.to_string()};
}

}  // namespace reprise::dynamo
