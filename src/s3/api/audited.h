// Which S3 requests go into the audit log: what makes, changes or removes buckets and their settings, locks on objects;
// and, once a minute for each reader and bucket, reads and copies out of the past. Never what merely reads or writes
// objects, and nothing of callers who have not signed.
#pragma once

#include <string_view>

#include "auth/audit.h"
#include "base/task.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

// `name`: the operation's; `outcome`: "ok" or the error's code. Done when the line, if it is due, is on disk.
Task<void> audit(auth::AuditSink* sink, std::string_view name, const Call& call, std::string_view outcome);

}  // namespace reprise::s3
