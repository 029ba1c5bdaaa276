#include "kv/rocksdb/errors.h"

#include <string>

namespace reprise::kv {

Status from_rocksdb(const rocksdb::Status& status) {
  if (status.ok()) return {};
  if (status.IsNoSpace()) return {Code::exhausted, status.ToString()};
  if (status.IsCorruption()) return corruption(status.ToString());
  if (status.IsIOError()) return io_error(status.ToString());
  if (status.IsShutdownInProgress()) return unavailable("the engine is closed");
  return internal_error(status.ToString());
}

Status writes_stopped_by(const rocksdb::Status& status) {
  if (status.IsNoSpace()) {
    return {Code::exhausted, "writes are stopped: no space left on device (" + status.ToString() +
                                 "); make room, and they go on by themselves"};
  }
  if (status.IsCorruption()) {
    return corruption("writes are stopped: stored data is damaged (" + status.ToString() +
                      "); reads go on; restore the named file or the whole directory, then restart");
  }
  return io_error("writes are stopped: the device failed (" + status.ToString() + "); check the device, then restart");
}

WriteStop::Until stopped_until(const rocksdb::Status& status) {
  return status.IsNoSpace() ? WriteStop::Until::room : WriteStop::Until::restart;
}

Status cannot_resume(const rocksdb::Status& status) {
  return {Code::exhausted, "writes are stopped: the disk was full, and they cannot go on without a restart (" +
                               status.ToString() + "); make room and restart"};
}

}  // namespace reprise::kv
