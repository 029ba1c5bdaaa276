#include "dynamo/api/audited.h"

#include <algorithm>
#include <iterator>

#include "codec/json_members.h"
#include "dynamo/api/access_context.h"
#include "dynamo/api/access_target.h"

namespace reprise::dynamo {
namespace {

constexpr std::string_view reading[] = {"Get", "List", "Describe", "Query", "Scan", "Batch", "Transact", "Execute"};
constexpr std::string_view writing_items[] = {"DeleteItem", "PutItem", "UpdateItem"};

// Of an operation of Reprise's own: the user or the key that it names.
std::string extra_resource(const AuditedCall& call) {
  const std::string user = text_of(call.body, "UserName");
  const std::string account = text_of(call.body, "Account");
  if (!user.empty()) return "arn:aws:iam::" + (account.empty() ? call.who->account : account) + ":user/" + user;
  for (const std::string_view name : {"KeyId", "Alias", "TableName", "Bucket", "JobId"}) {
    std::string named = text_of(call.body, name);
    if (!named.empty()) return named;
  }
  return "*";
}

}  // namespace

Audited audited(std::string_view operation, bool extra, const std::optional<Timestamp>& as_of) {
  const bool reads = std::any_of(std::begin(reading), std::end(reading),
                                 [&](std::string_view prefix) { return operation.starts_with(prefix); });
  if (reads) return as_of ? Audited::past_read : Audited::no;
  if (extra) return Audited::action;
  const bool item = std::find(std::begin(writing_items), std::end(writing_items), operation) != std::end(writing_items);
  return item ? Audited::no : Audited::action;
}

auth::AuditEvent audit_event(const Services& services, const AuditedCall& call, std::string_view outcome) {
  auth::AuditEvent event;
  event.who = call.who;
  event.from = address_of(call.http.peer);
  event.request_id = call.http.id;
  event.action = (call.extra ? "reprise:" : "dynamodb:") + std::string(call.operation);
  event.outcome = outcome;
  if (call.as_of) event.as_of = format_iso8601(call.as_of->micros());
  if (call.extra) {
    event.resource = extra_resource(call);
    return event;
  }
  const AccessTargets found = access_targets(services, call.operation, call.body, call.who->account);
  event.resource = found.targets.empty() ? "*" : found.targets.front().resource;
  return event;
}

}  // namespace reprise::dynamo
