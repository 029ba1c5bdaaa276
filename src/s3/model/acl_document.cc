// The two ways an access control list is sent (the document <AccessControlPolicy>; the headers x-amz-acl and
// x-amz-grant-*), and the one it is answered in. Invariant: print_acl() of what parse_acl() made parses to the same.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "codec/xml.h"
#include "s3/model/acl.h"
#include "s3/model/document.h"

namespace reprise::s3 {

namespace {

constexpr std::size_t grants_max = 100;
constexpr std::string_view instance_namespace = "http://www.w3.org/2001/XMLSchema-instance";

struct PermissionName {
  Permission permission;
  std::string_view name;
  std::string_view header;
};
constexpr std::array permission_names{
    PermissionName{Permission::full_control, "FULL_CONTROL", "x-amz-grant-full-control"},
    PermissionName{Permission::read, "READ", "x-amz-grant-read"},
    PermissionName{Permission::read_acp, "READ_ACP", "x-amz-grant-read-acp"},
    PermissionName{Permission::write, "WRITE", "x-amz-grant-write"},
    PermissionName{Permission::write_acp, "WRITE_ACP", "x-amz-grant-write-acp"},
};

struct GroupName {
  Grantee::Kind kind;
  std::string_view uri;
};
constexpr std::array group_names{
    GroupName{Grantee::Kind::all_users, "http://acs.amazonaws.com/groups/global/AllUsers"},
    GroupName{Grantee::Kind::authenticated_users, "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"},
    GroupName{Grantee::Kind::log_delivery, "http://acs.amazonaws.com/groups/s3/LogDelivery"},
};

std::string_view uri_of(Grantee::Kind kind) {
  const auto found =
      std::find_if(group_names.begin(), group_names.end(), [&](const GroupName& group) { return group.kind == kind; });
  return found == group_names.end() ? std::string_view() : found->uri;
}

bool is_canonical_id(std::string_view id) {
  return id.size() == 64 && id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// `argument`: what the error calls it, which differs between documents and headers.
Outcome<Grantee> user(std::string_view id, std::string_view argument) {
  if (!is_canonical_id(id)) return invalid_argument("Invalid id", std::string(argument), std::string(id));
  return Grantee{Grantee::Kind::canonical_user, std::string(id)};
}

Outcome<Grantee> group(std::string_view uri, std::string_view argument) {
  for (const GroupName& known : group_names) {
    if (known.uri == uri) return Grantee{known.kind, {}};
  }
  return invalid_argument("Invalid group uri", std::string(argument), std::string(uri));
}

S3Error malformed() { return s3_error(ErrorCode::malformed_acl); }

// S3 API reference, PutBucketAcl: "If you attempt to use an Email Grantee ACL in a request after October 1, 2025, the
// request will receive an HTTP 405 (Method Not Allowed) error."
S3Error email_grantee() { return s3_error(ErrorCode::method_not_allowed); }

// Which of the three it is stands in xsi:type.
Outcome<Grantee> parse_grantee(const codec::XmlElement& grantee) {
  const std::string* type = grantee.attribute("type");
  if (type == nullptr) return malformed();
  if (*type == "CanonicalUser") {
    const auto id = only_text_of(grantee, "ID");
    if (!id || !has_only(grantee, {"ID", "DisplayName"})) return malformed();
    return user(*id, "CanonicalUser/ID");
  }
  if (*type == "Group") {
    const auto uri = only_text_of(grantee, "URI");
    if (!uri || !has_only(grantee, {"URI"})) return malformed();
    return group(*uri, "Group/URI");
  }
  if (*type == "AmazonCustomerByEmail") {
    if (!only_text_of(grantee, "EmailAddress")) return malformed();
    return email_grantee();
  }
  return malformed();
}

Outcome<Grant> parse_grant(const codec::XmlElement& element) {
  const auto permission = only_text_of(element, "Permission");
  if (!permission || count_of(element, "Grantee") != 1 || !has_only(element, {"Grantee", "Permission"})) {
    return malformed();
  }
  const auto known = std::find_if(permission_names.begin(), permission_names.end(),
                                  [&](const PermissionName& name) { return name.name == *permission; });
  if (known == permission_names.end()) return malformed();
  TRY_ASSIGN(Grantee grantee, parse_grantee(*element.child("Grantee")));
  return Grant{std::move(grantee), known->permission};
}

// One grantee of a header, as in id="...", taken off the front of `rest` together with the comma behind it.
Outcome<Grantee> take_grantee(std::string_view& rest, std::string_view header, std::string_view whole) {
  const auto unrecognized = [&] {
    return invalid_argument("Argument format not recognized", std::string(header), std::string(whole));
  };
  const auto equals = rest.find('=');
  if (equals == std::string_view::npos) return unrecognized();
  const std::string_view kind = trimmed(rest.substr(0, equals));
  const auto comma = rest.find(',', equals);
  std::string_view value =
      trimmed(rest.substr(equals + 1, comma == std::string_view::npos ? comma : comma - equals - 1));
  rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
  if (kind == "id") return user(value, "id");
  if (kind == "uri") return group(value, "uri");
  if (kind == "emailAddress") return email_grantee();
  return unrecognized();
}

Outcome<std::vector<Grant>> grants_of_headers(const Fields& headers) {
  std::vector<Grant> grants;
  for (const PermissionName& permission : permission_names) {
    const auto value = headers.get(permission.header);
    if (!value) continue;
    for (std::string_view rest = *value; !trimmed(rest).empty();) {
      TRY_ASSIGN(Grantee grantee, take_grantee(rest, permission.header, *value));
      grants.push_back({std::move(grantee), permission.permission});
    }
  }
  if (grants.size() > grants_max) return malformed();
  return grants;
}

void print_grant(codec::XmlWriter& xml, const Grant& grant) {
  const bool is_user = grant.grantee.kind == Grantee::Kind::canonical_user;
  xml.open("Grant");
  xml.open_with("Grantee", {{"xmlns:xsi", instance_namespace}, {"xsi:type", is_user ? "CanonicalUser" : "Group"}});
  if (is_user) {
    xml.element("ID", grant.grantee.id);
  } else {
    xml.element("URI", uri_of(grant.grantee.kind));
  }
  xml.close();
  const auto name = std::find_if(permission_names.begin(), permission_names.end(),
                                 [&](const PermissionName& known) { return known.permission == grant.permission; });
  xml.element("Permission", name->name);
  xml.close();
}

}  // namespace

Outcome<std::optional<Acl>> acl_of_headers(const Fields& headers, const std::string& owner,
                                           const std::string& bucket_owner) {
  const auto canned = headers.get("x-amz-acl");
  const bool granted = std::any_of(permission_names.begin(), permission_names.end(),
                                   [&](const PermissionName& permission) { return headers.has(permission.header); });
  if (!canned && !granted) return std::optional<Acl>();
  if (canned && granted) {
    return s3_error(ErrorCode::invalid_request, "Specifying both Canned ACLs and Header Grants is not allowed");
  }
  if (canned) {
    auto acl = canned_acl(*canned, owner, bucket_owner);
    if (!acl) return invalid_argument("", "x-amz-acl", std::string(*canned));
    return acl;
  }
  Acl acl;
  acl.owner = owner;
  TRY_ASSIGN(acl.grants, grants_of_headers(headers));
  return std::optional<Acl>(std::move(acl));
}

Outcome<Acl> parse_acl(BytesView xml) {
  TRY_ASSIGN(const codec::XmlElement root, parse_document(xml, "AccessControlPolicy", ErrorCode::malformed_acl));
  const codec::XmlElement* owner = root.child("Owner");
  const codec::XmlElement* list = root.child("AccessControlList");
  if (!has_only(root, {"Owner", "AccessControlList"}) || root.children.size() != 2 || owner == nullptr ||
      list == nullptr || !has_only(*owner, {"ID", "DisplayName"}) || !has_only(*list, {"Grant"})) {
    return malformed();
  }
  const auto id = only_text_of(*owner, "ID");
  if (!id || list->children.size() > grants_max) return malformed();
  Acl acl;
  TRY_ASSIGN(Grantee owning, user(*id, "Owner/ID"));
  acl.owner = std::move(owning.id);
  for (const codec::XmlElement& child : list->children) {
    TRY_ASSIGN(Grant grant, parse_grant(child));
    acl.grants.push_back(std::move(grant));
  }
  return acl;
}

Bytes print_acl(const Acl& acl) {
  Bytes out;
  codec::XmlWriter xml(out);
  xml.declaration();
  xml.open("AccessControlPolicy", codec::s3_namespace);
  xml.open("Owner");
  xml.element("ID", acl.owner);
  xml.close();
  xml.open("AccessControlList");
  for (const Grant& grant : acl.grants) print_grant(xml, grant);
  xml.close();
  xml.close();
  return out;
}

}  // namespace reprise::s3
