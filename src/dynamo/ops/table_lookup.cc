// Names are looked for in the caller's account alone.
#include "dynamo/ops/table_lookup.h"

#include "dynamo/ops/request.h"

namespace reprise::dynamo {

Outcome<std::string> own_table_name(const Services& services, const Caller& caller, std::string_view table_name) {
  TRY_ASSIGN(TableReference reference, parse_table_reference(table_name, caller.account, services.settings.region));
  if (reference.account != caller.account) {
    return api_error(ErrorKind::access_denied, "User is not authorized to access a table of another account");
  }
  return std::move(reference.name);
}

Check refuse_members(const codec::JsonValue& body, std::initializer_list<std::string_view> members) {
  const Fields in(body);
  for (const auto member : members) {
    if (in.has(member)) return validation(std::string(member) + " is not supported by this server");
  }
  return Passed{};
}

}  // namespace reprise::dynamo
