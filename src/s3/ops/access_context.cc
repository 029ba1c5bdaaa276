// Condition keys, told when a policy asks for them. Invariant: what the request does not have is absent, never empty.
#include "s3/ops/access_context.h"

#include <algorithm>
#include <string>

#include "s3/model/object_lock.h"
#include "s3/model/tag.h"
#include "s3/ops/copy_source.h"

namespace reprise::s3 {
namespace {

using auth::policy::Values;

constexpr std::string_view existing_tag = "s3:existingobjecttag/";
constexpr std::string_view request_tag = "s3:requestobjecttag/";

// Keys that are a header field, or a parameter of the query.
struct Source {
  std::string_view key;
  std::string_view field;
};
constexpr Source header_keys[] = {
    {"aws:referer", "referer"},
    {"aws:useragent", "user-agent"},
    {"s3:if-match", "if-match"},
    {"s3:if-none-match", "if-none-match"},
    {"s3:object-lock-legal-hold", "x-amz-object-lock-legal-hold"},
    {"s3:object-lock-mode", "x-amz-object-lock-mode"},
    {"s3:object-lock-retain-until-date", "x-amz-object-lock-retain-until-date"},
    {"s3:x-amz-acl", "x-amz-acl"},
    {"s3:x-amz-content-sha256", "x-amz-content-sha256"},
    {"s3:x-amz-grant-full-control", "x-amz-grant-full-control"},
    {"s3:x-amz-grant-read", "x-amz-grant-read"},
    {"s3:x-amz-grant-read-acp", "x-amz-grant-read-acp"},
    {"s3:x-amz-grant-write", "x-amz-grant-write"},
    {"s3:x-amz-grant-write-acp", "x-amz-grant-write-acp"},
    {"s3:x-amz-metadata-directive", "x-amz-metadata-directive"},
    {"s3:x-amz-object-ownership", "x-amz-object-ownership"},
    {"s3:x-amz-server-side-encryption", "x-amz-server-side-encryption"},
    {"s3:x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-aws-kms-key-id"},
    {"s3:x-amz-server-side-encryption-customer-algorithm", "x-amz-server-side-encryption-customer-algorithm"},
    {"s3:x-amz-storage-class", "x-amz-storage-class"},
    {"s3:x-amz-website-redirect-location", "x-amz-website-redirect-location"},
};
// Of listings: a request for an object that has such a parameter lists nothing.
constexpr Source listing_keys[] = {
    {"s3:delimiter", "delimiter"},
    {"s3:max-keys", "max-keys"},
    {"s3:prefix", "prefix"},
};

template <class Sources>
const Source* find_source(const Sources& sources, std::string_view key) {
  const auto* found = std::ranges::find(sources, key, &Source::key);
  return found == std::end(sources) ? nullptr : found;
}

bool same_name(std::string_view name, std::string_view lower_case) {
  return std::ranges::equal(
      name, lower_case, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? static_cast<char>(a | 0x20) : a) == b; });
}

}  // namespace

AccessContext::AccessContext(const auth::policy::Requester& requester, const Services& services, const Call& call,
                             const AccessTarget& target)
    : Context(requester), services_(services), call_(call), target_(target) {
  now_micros = static_cast<std::int64_t>(services.wall.now_micros());
}

bool AccessContext::find_of_target(std::string_view key, Values& values) const {
  for (const auto& [name, value] : target_.context) {
    if (same_name(name.substr(0, std::min(name.find('/'), name.size())), key.substr(0, key.find('/'))) &&
        (name.find('/') == std::string::npos ||
         std::string_view(name).substr(name.find('/')) == key.substr(std::min(key.find('/'), key.size())))) {
      values.add(value);
    }
  }
  if (values.present()) return true;
  if (key.starts_with(existing_tag)) {
    if (target_.object == nullptr) {
      object_missed_ = true;
      return true;
    }
    const std::string_view name = key.substr(existing_tag.size());
    for (const Tag& tag : target_.object->tags) {
      if (tag.key == name) values.add(tag.value);
    }
    return true;
  }
  if (key == "aws:resourceaccount" || key == "s3:resourceaccount") {
    if (target_.bucket != nullptr) values.add(target_.bucket->account);
    return true;
  }
  return false;
}

void AccessContext::find_request_tags(std::string_view name, Values& values) const {
  const auto header = call_.headers.get("x-amz-tagging");
  if (!header) return;
  const auto tags = parse_tagging_header(*header);
  if (!tags.ok()) return;
  if (name.empty()) values.set_present();
  for (const Tag& tag : *tags) {
    if (name.empty()) {
      values.add_owned(tag.key);
    } else if (tag.key == name) {
      values.add_owned(tag.value);
    }
  }
}

// "bucket/key", however the header spells it: a leading slash or a letter in percent-encoding must not lead past a
// policy.
void AccessContext::find_copy_source(Values& values) const {
  const auto header = call_.headers.get("x-amz-copy-source");
  if (!header) return;
  const auto name = parse_copy_source(*header);
  if (!name.ok()) return values.add(*header);
  values.add_owned(name->bucket + '/' + name->key);
}

bool AccessContext::find_of_request(std::string_view key, Values& values) const {
  if (key == "aws:sourceip") {
    values.add(call_.peer);
  } else if (key == "aws:securetransport") {
    values.add(call_.secure ? "true" : "false");
  } else if (key == "aws:requestedregion") {
    values.add(services_.settings.region);
  } else if (key == "aws:viaawsservice" || key == "aws:principalisawsservice") {
    values.add("false");
  } else if (key == "s3:tlsversion") {
    // What came in plain is older than any version, so that who denies old ones denies it, too (AWS knowledge center,
    // "enforce TLS 1.2 or higher": that policy wants aws:SecureTransport besides to let plain HTTP through).
    values.add(call_.secure ? call_.tls_version : std::string_view("0"));
  } else if (key == "s3:versionid") {
    if (const auto value = call_.query.get("versionId")) values.add(*value);
  } else if (key == "s3:x-amz-copy-source") {
    find_copy_source(values);
  } else if (key == "s3:requestobjecttagkeys") {
    find_request_tags({}, values);
  } else if (key.starts_with(request_tag)) {
    find_request_tags(key.substr(request_tag.size()), values);
  } else if (key == "s3:object-lock-remaining-retention-days") {
    const auto until = parse_lock_time(call_.headers.get_or("x-amz-object-lock-retain-until-date", ""));
    if (until) values.add_owned(std::to_string(remaining_retention_days(*until, now_micros)));
  } else if (key == "s3:objectcreationoperation") {
    // Whether s3:PutObject is asked for a request that makes an object, and not for a part of one to be.
    // (A completion that has a partNumber besides, which means nothing there, still makes an object.)
    const bool put = call_.method == "PUT";
    const bool part = call_.query.has(put ? "uploadId" : "uploads");
    if (put || call_.method == "POST") values.add(part ? "false" : "true");
  } else {
    return false;
  }
  return true;
}

void AccessContext::find_more(std::string_view key, Values& values) const {
  if (find_of_target(key, values) || find_of_request(key, values)) return;
  if (const Source* source = find_source(header_keys, key)) {
    if (const auto value = call_.headers.get(source->field)) values.add(*value);
    return;
  }
  if (const Source* source = find_source(listing_keys, key)) {
    const auto value = call_.query.get(source->field);
    if (value && call_.key.empty()) values.add(*value);
    return;
  }
  if (call_.caller.anonymous()) return;
  const bool form = !call_.presigned && call_.signed_at_seconds;
  if (key == "s3:authtype") {
    values.add(call_.presigned ? "REST-QUERY-STRING" : form ? "POST" : "REST-HEADER");
  } else if (key == "s3:signatureversion") {
    values.add(call_.signature_version);
  } else if (key == "s3:signatureage" && call_.signed_at_seconds) {
    constexpr std::int64_t micros_per_second = 1'000'000;
    constexpr std::int64_t millis_per_second = 1'000;
    const std::int64_t seconds = now_micros / micros_per_second - *call_.signed_at_seconds;
    values.add_owned(std::to_string(seconds * millis_per_second));
  }
}

}  // namespace reprise::s3
