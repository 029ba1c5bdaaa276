// Fuzzes access control lists. Oracle: a list that parses is printed and parsed again to the same one, and grants what
// its grants say; headers that are taken make a list with whole ids.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "s3/model/acl.h"

namespace reprise::s3 {
namespace {

void check_list(const Acl& acl) {
  ASSERT(acl.grants.size() <= 100);
  for (const Grant& grant : acl.grants) {
    const bool is_user = grant.grantee.kind == Grantee::Kind::canonical_user;
    ASSERT(is_user == (grant.grantee.id.size() == 64));
    if (is_user) ASSERT(acl.grants_to(grant.grantee.id, grant.permission));
    if (grant.grantee.kind == Grantee::Kind::all_users) ASSERT(acl.is_public() && acl.grants_to("", grant.permission));
  }
  const auto again = parse_acl(print_acl(acl));
  ASSERT(again.ok() && *again == acl);
}

// Lines "name-ending:value" become the headers.
void check_headers(BytesView input) {
  const std::string owner(64, 'a');
  Fields headers;
  while (!input.empty()) {
    const auto line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), line.size() + 1));
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    headers.add("x-amz-" + std::string(line.substr(0, colon)), std::string(line.substr(colon + 1)));
  }
  const auto acl = acl_of_headers(headers, owner, owner);
  if (acl.ok() && *acl) check_list(**acl);
}

}  // namespace
}  // namespace reprise::s3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const reprise::BytesView input(reinterpret_cast<const char*>(data), size);
  const auto parsed = reprise::s3::parse_acl(input);
  if (parsed.ok()) reprise::s3::check_list(*parsed);
  reprise::s3::check_headers(input);
  return 0;
}
