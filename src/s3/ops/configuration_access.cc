// Who may get at a bucket without its policy: its ACL, whether ACLs count at all (ownership controls), and what keeps
// the public out (public access block). Invariant: a bucket whose owner owns everything has no ACL but its own,
// whichever of the two is changed.
#include <array>
#include <string>
#include <utility>

#include "codec/xml.h"
#include "s3/model/document.h"
#include "s3/ops/access.h"
#include "s3/ops/bucket_settings.h"
#include "s3/ops/configuration_operations.h"

namespace reprise::s3 {

namespace {

// The list that the request asks for, in headers or in its document, never both.
Outcome<Acl> requested_acl(const Call& call) {
  const Bucket& bucket = call.in();
  TRY_ASSIGN(auto of_headers, acl_of_headers(call.headers, bucket.owner, bucket.owner));
  const bool has_document = !trimmed(call.document).empty();
  if (of_headers) {
    if (has_document) return s3_error(ErrorCode::unexpected_content);
    return std::move(*of_headers);
  }
  if (!has_document) {
    S3Error error = s3_error(ErrorCode::missing_security_header);
    error.details.emplace_back("MissingHeaderName", "x-amz-acl");
    return error;
  }
  TRY_ASSIGN(Acl acl, parse_acl(call.document));
  if (acl.owner != bucket.owner) return s3_error(ErrorCode::access_denied);
  return acl;
}

Outcome<ObjectOwnership> parse_ownership(BytesView document) {
  TRY_ASSIGN(const codec::XmlElement root, parse_document(document, "OwnershipControls"));
  if (!has_only(root, {"Rule"}) || root.children.size() != 1) return s3_error(ErrorCode::malformed_xml);
  const codec::XmlElement& rule = root.children.front();
  const auto name = only_text_of(rule, "ObjectOwnership");
  const auto ownership = name && has_only(rule, {"ObjectOwnership"}) ? ownership_named(*name) : std::nullopt;
  if (!ownership) return s3_error(ErrorCode::malformed_xml);
  return *ownership;
}

struct BlockMember {
  std::string_view name;
  bool PublicAccessBlock::*member;
};
constexpr std::array block_members{
    BlockMember{"BlockPublicAcls", &PublicAccessBlock::block_public_acls},
    BlockMember{"IgnorePublicAcls", &PublicAccessBlock::ignore_public_acls},
    BlockMember{"BlockPublicPolicy", &PublicAccessBlock::block_public_policy},
    BlockMember{"RestrictPublicBuckets", &PublicAccessBlock::restrict_public_buckets},
};

Outcome<PublicAccessBlock> parse_access_block(BytesView document) {
  TRY_ASSIGN(const codec::XmlElement root, parse_document(document, "PublicAccessBlockConfiguration"));
  if (root.children.empty()) {
    return s3_error(ErrorCode::invalid_request, "Must specify at least one configuration.");
  }
  PublicAccessBlock block{false, false, false, false};
  std::size_t known = 0;
  for (const auto& [name, member] : block_members) {
    if (root.child(name) == nullptr) continue;
    ++known;
    const auto value = only_text_of(root, name);
    const bool yes = value == "true" || value == "TRUE";
    if (!yes && value != "false" && value != "FALSE") return s3_error(ErrorCode::malformed_xml);
    block.*member = yes;
  }
  if (known != root.children.size()) return s3_error(ErrorCode::malformed_xml);
  return block;
}

}  // namespace

Task<Outcome<Reply>> get_bucket_acl(Services&, Call& call) { co_return xml_reply(print_acl(call.in().acl)); }

Task<Outcome<Reply>> put_bucket_acl(Services& services, Call& call) {
  if (call.in().ownership == ObjectOwnership::bucket_owner_enforced) {
    co_return s3_error(ErrorCode::access_control_list_not_supported);
  }
  CO_TRY_ASSIGN(Acl acl, requested_acl(call));
  Buckets::Edit change = [acl = std::move(acl), &call](Bucket& bucket) -> Check {
    if (bucket.ownership == ObjectOwnership::bucket_owner_enforced) {
      return s3_error(ErrorCode::access_control_list_not_supported);
    }
    bucket.acl = acl;
    if (blocks_own_acl(bucket)) return blocked_public_acl(call, "s3:PutBucketAcl");
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change));
}

Task<Outcome<Reply>> get_bucket_ownership_controls(Services&, Call& call) {
  if (!call.in().ownership_set) {
    S3Error error = s3_error(ErrorCode::ownership_controls_not_found);
    error.details.emplace_back("BucketName", call.in().name);
    co_return error;
  }
  Bytes body;
  codec::XmlWriter xml(body);
  xml.declaration();
  xml.open("OwnershipControls", codec::s3_namespace);
  xml.open("Rule");
  xml.element("ObjectOwnership", name_of(call.in().ownership));
  xml.close();
  xml.close();
  co_return xml_reply(std::move(body));
}

Task<Outcome<Reply>> put_bucket_ownership_controls(Services& services, Call& call) {
  CO_TRY_ASSIGN(const ObjectOwnership ownership, parse_ownership(call.document));
  Buckets::Edit change = [ownership](Bucket& bucket) -> Check {
    const bool enforced = ownership == ObjectOwnership::bucket_owner_enforced;
    if (enforced && !is_owner_only(bucket.acl)) {
      return s3_error(ErrorCode::invalid_bucket_acl_with_object_ownership);
    }
    bucket.ownership = ownership;
    bucket.ownership_set = true;
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change));
}

// Without controls whoever writes an object owns it.
Task<Outcome<Reply>> delete_bucket_ownership_controls(Services& services, Call& call) {
  Buckets::Edit change = [](Bucket& bucket) -> Check {
    bucket.ownership = ObjectOwnership::object_writer;
    bucket.ownership_set = false;
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change), 204);
}

Task<Outcome<Reply>> get_public_access_block(Services&, Call& call) {
  const auto& block = call.in().public_access_block;
  if (!block) {
    S3Error error = s3_error(ErrorCode::no_such_public_access_block);
    error.details.emplace_back("BucketName", call.in().name);
    co_return error;
  }
  Bytes body;
  codec::XmlWriter xml(body);
  xml.declaration();
  xml.open("PublicAccessBlockConfiguration", codec::s3_namespace);
  for (const auto& [name, member] : block_members) {
    xml.element(name, (*block).*member ? codec::XmlWriter::Truth::yes : codec::XmlWriter::Truth::no);
  }
  xml.close();
  co_return xml_reply(std::move(body));
}

Task<Outcome<Reply>> put_public_access_block(Services& services, Call& call) {
  CO_TRY_ASSIGN(const PublicAccessBlock block, parse_access_block(call.document));
  Buckets::Edit change = [block](Bucket& bucket) -> Check {
    bucket.public_access_block = block;
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change));
}

Task<Outcome<Reply>> delete_public_access_block(Services& services, Call& call) {
  Buckets::Edit change = [](Bucket& bucket) -> Check {
    bucket.public_access_block.reset();
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change), 204);
}

}  // namespace reprise::s3
