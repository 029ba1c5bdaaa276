// Which requests go into the audit log, and what the log says of them: what makes, changes or removes tables, backups,
// policies and users, restores, exports and imports; and, once a minute for each reader and table, reads of the past.
// Never what merely reads or writes items.
#pragma once

#include <optional>
#include <string_view>

#include "auth/audit.h"
#include "auth/credentials.h"
#include "base/clock.h"
#include "codec/json.h"
#include "dynamo/ops/operation.h"
#include "http/message.h"

namespace reprise::dynamo {

enum class Audited : std::uint8_t { no, action, past_read };

// `operation`: its name alone; `extra`: it is one of Reprise's own.
[[nodiscard]] Audited audited(std::string_view operation, bool extra, const std::optional<Timestamp>& as_of);

struct AuditedCall {
  const auth::IdentityRef& who;
  std::string_view operation;
  bool extra = false;
  const codec::JsonValue& body;
  std::optional<Timestamp> as_of;
  const http::Request& http;
};
// `outcome`: "ok" or the error's code.
[[nodiscard]] auth::AuditEvent audit_event(const Services& services, const AuditedCall& call, std::string_view outcome);

}  // namespace reprise::dynamo
