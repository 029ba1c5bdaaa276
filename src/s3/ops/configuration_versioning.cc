// The versioning of a bucket: never set, enabled or suspended, and never back to the first.
#include <string>

#include "codec/xml.h"
#include "s3/model/document.h"
#include "s3/ops/bucket_settings.h"
#include "s3/ops/configuration_operations.h"

namespace reprise::s3 {

namespace {

Outcome<Versioning> parse_versioning(BytesView document) {
  TRY_ASSIGN(const codec::XmlElement root, parse_document(document, "VersioningConfiguration"));
  if (!has_only(root, {"Status", "MfaDelete"}) || count_of(root, "Status") > 1 || count_of(root, "MfaDelete") > 1) {
    return s3_error(ErrorCode::malformed_xml);
  }
  const auto status = only_text_of(root, "Status");
  if (!status) return s3_error(ErrorCode::illegal_versioning_configuration);
  const std::string_view mfa = only_text_of(root, "MfaDelete").value_or("Disabled");
  if (mfa == "Enabled") {
    return s3_error(ErrorCode::not_implemented, "Reprise does not support MFA delete; see docs/compatibility.md");
  }
  if (mfa != "Disabled") return s3_error(ErrorCode::malformed_xml);
  if (*status == "Enabled") return Versioning::enabled;
  if (*status == "Suspended") return Versioning::suspended;
  return s3_error(ErrorCode::malformed_xml);
}

}  // namespace

Task<Outcome<Reply>> get_bucket_versioning(Services&, Call& call) {
  Bytes body;
  codec::XmlWriter xml(body);
  xml.declaration();
  xml.open("VersioningConfiguration", codec::s3_namespace);
  if (call.in().versioning == Versioning::enabled) xml.element("Status", "Enabled");
  if (call.in().versioning == Versioning::suspended) xml.element("Status", "Suspended");
  xml.close();
  co_return xml_reply(std::move(body));
}

Task<Outcome<Reply>> put_bucket_versioning(Services& services, Call& call) {
  CO_TRY_ASSIGN(const Versioning wanted, parse_versioning(call.document));
  Buckets::Edit change = [wanted](Bucket& bucket) -> Check {
    if (bucket.object_lock_enabled && wanted != Versioning::enabled) {
      return s3_error(ErrorCode::invalid_bucket_state,
                      "An Object Lock configuration is present on this bucket, so the versioning state cannot be "
                      "changed.");
    }
    bucket.versioning = wanted;
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change));
}

}  // namespace reprise::s3
