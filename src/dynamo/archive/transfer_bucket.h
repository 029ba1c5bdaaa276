// The bucket that an export writes to or an import reads from, kept open between the steps of a job, and whose fault a
// failed step is: what goes wrong with the bucket ends a transfer with codes of its own (transfer_failure.h).
//
// Threading: one thread at a time, like the session that it is part of.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"
#include "blob/object_store.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

class TransferBucket {
 public:
  // Opens the bucket unless it is open. `owner` is the account that the request says it is of; empty: it does not say.
  // Fails, the bucket's fault, with Code::not_found or blob::permission_denied().
  Status open(Services& services, const std::string& account, const std::string& owner, const std::string& name);

  // Both need open().
  [[nodiscard]] blob::ObjectStore& operator*() const { return *store_; }
  [[nodiscard]] blob::ObjectStore* operator->() const { return store_.get(); }

  // Hands on what a call to the bucket gave, and remembers when that is an error.
  Status blame(Status status) {
    if (!status.ok()) failed_ = true;
    return status;
  }
  template <class T>
  Result<T> blame(Result<T> result) {
    if (!result.ok()) failed_ = true;
    return result;
  }
  // Whether the error of this step is the bucket's.
  [[nodiscard]] bool failed() const { return failed_; }
  void begin_step() { failed_ = false; }

 private:
  std::shared_ptr<blob::ObjectStore> store_;
  bool failed_ = false;
};

}  // namespace reprise::dynamo
