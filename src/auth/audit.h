// What the audit log is told: who did what to what, from where, and how it ended. The rooms of the two APIs know this
// interface; where the lines go is admin/audit.h's matter.
#pragma once

#include <string>

#include "auth/credentials.h"
#include "base/task.h"

namespace reprise::auth {

struct AuditEvent {
  IdentityRef who;   // null: anonymous
  std::string from;  // the peer's address
  std::string request_id;
  std::string action;    // "s3:CreateBucket", "dynamodb:RestoreTableToPointInTime", "reprise:CreateUser"
  std::string resource;  // an ARN; "*" where there is none
  std::string outcome;   // "ok", or the error's code
  std::string as_of;     // ISO 8601, of what reads the past
};

class AuditSink {
 public:
  virtual ~AuditSink() = default;
  // Done when the line is on disk. Never fails: a log that cannot be written says so in the server's own.
  virtual Task<void> record(AuditEvent event) = 0;
  // A read of the past, which may come often: one line for each reader, resource and outcome in a minute; not waited
  // for.
  virtual void note_past_read(AuditEvent event) = 0;
};

}  // namespace reprise::auth
