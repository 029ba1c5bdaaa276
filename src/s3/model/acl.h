// Access control lists: who is granted what on a bucket or an object, its XML form, its canned forms and headers.
// Source: S3 user guide, "Access control list (ACL) overview".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "s3/model/error.h"
#include "s3/model/fields.h"

namespace reprise::s3 {

enum class Permission : std::uint8_t { full_control, write, write_acp, read, read_acp };

struct Grantee {
  enum class Kind : std::uint8_t { canonical_user, all_users, authenticated_users, log_delivery };
  Kind kind = Kind::canonical_user;
  std::string id;  // of a canonical user: 64 hexadecimal digits
  bool operator==(const Grantee&) const = default;
};
struct Grant {
  Grantee grantee;
  Permission permission = Permission::full_control;
  bool operator==(const Grant&) const = default;
};
struct Acl {
  std::string owner;  // canonical id
  std::vector<Grant> grants;
  bool operator==(const Acl&) const = default;

  // Whether the list grants `permission` (or full control) to that caller; an empty id is an anonymous one.
  [[nodiscard]] bool grants_to(std::string_view canonical_id, Permission permission) const;
  // Whether anybody beyond the owner's account gets something through a group: what public access blocks look at.
  [[nodiscard]] bool is_public() const;
};

// The owner alone has full control: "private".
[[nodiscard]] Acl private_acl(std::string owner);
// "public-read" and its like; `bucket_owner` for the bucket-owner-* ones on objects. Nothing: no such canned list.
[[nodiscard]] std::optional<Acl> canned_acl(std::string_view name, std::string owner, std::string bucket_owner);

// The headers x-amz-acl and x-amz-grant-*: nothing when there are none; InvalidRequest when both kinds stand together.
[[nodiscard]] Outcome<std::optional<Acl>> acl_of_headers(const Fields& headers, const std::string& owner,
                                                         const std::string& bucket_owner);
// <AccessControlPolicy>: MalformedACLError, MethodNotAllowed (an address), InvalidArgument ("Invalid id").
[[nodiscard]] Outcome<Acl> parse_acl(BytesView xml);
[[nodiscard]] Bytes print_acl(const Acl& acl);

}  // namespace reprise::s3
