// Settings that are kept and answered, and change nothing in a store of one's own: who pays for requests, transfer
// acceleration, the delivery of access logs. What cannot be right is refused as S3 refuses it.
#include <charconv>
#include <string>
#include <utility>

#include "codec/xml.h"
#include "s3/model/document.h"
#include "s3/ops/bucket_settings.h"
#include "s3/ops/configuration_operations.h"

namespace reprise::s3 {

namespace {

// The document that was put last, or an empty one.
Reply kept_document(const Bucket& bucket, const std::string& subresource, std::string_view root) {
  const auto found = bucket.documents.find(subresource);
  if (found != bucket.documents.end()) return xml_reply(found->second);
  Bytes body;
  codec::XmlWriter xml(body);
  xml.declaration();
  xml.open(root, codec::s3_namespace);
  xml.close();
  return xml_reply(std::move(body));
}

// What BucketLoggingStatus holds, unless it switches logging off by holding nothing.
Check check_logging(const Services& services, const Bucket& bucket, const codec::XmlElement& enabled) {
  if (!has_only(enabled, {"TargetBucket", "TargetPrefix", "TargetGrants", "TargetObjectKeyFormat"})) {
    return s3_error(ErrorCode::malformed_xml);
  }
  const auto name = only_text_of(enabled, "TargetBucket");
  if (!name || count_of(enabled, "TargetPrefix") != 1) return s3_error(ErrorCode::malformed_xml);
  const BucketPtr target = services.buckets.find(*name);
  if (target && target->account == bucket.account) return Passed{};
  S3Error error = target ? s3_error(ErrorCode::invalid_target_bucket_for_logging,
                                    "The owner for the bucket to be logged and the target bucket must be the same.")
                         : s3_error(ErrorCode::invalid_target_bucket_for_logging);
  error.details.emplace_back("TargetBucket", std::string(*name));
  return error;
}

}  // namespace

Task<Outcome<Reply>> get_bucket_request_payment(Services&, Call& call) {
  Bytes body;
  codec::XmlWriter xml(body);
  xml.declaration();
  xml.open("RequestPaymentConfiguration", codec::s3_namespace);
  xml.element("Payer", call.in().requester_pays ? "Requester" : "BucketOwner");
  xml.close();
  co_return xml_reply(std::move(body));
}

Task<Outcome<Reply>> put_bucket_request_payment(Services& services, Call& call) {
  CO_TRY_ASSIGN(const codec::XmlElement root, parse_document(call.document, "RequestPaymentConfiguration"));
  const auto payer = only_text_of(root, "Payer");
  const bool requester = payer == "Requester";
  if (!has_only(root, {"Payer"}) || (!requester && payer != "BucketOwner")) {
    co_return s3_error(ErrorCode::malformed_xml);
  }
  Buckets::Edit change = [requester](Bucket& bucket) -> Check {
    bucket.requester_pays = requester;
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change));
}

Task<Outcome<Reply>> get_bucket_accelerate(Services&, Call& call) {
  co_return kept_document(call.in(), "accelerate", "AccelerateConfiguration");
}

Task<Outcome<Reply>> put_bucket_accelerate(Services& services, Call& call) {
  CO_TRY_ASSIGN(const codec::XmlElement root, parse_document(call.document, "AccelerateConfiguration"));
  const auto status = only_text_of(root, "Status");
  if (!has_only(root, {"Status"}) || (status != "Enabled" && status != "Suspended")) {
    co_return s3_error(ErrorCode::malformed_xml);
  }
  if (call.in().name.find('.') != std::string::npos) {
    co_return s3_error(ErrorCode::invalid_request,
                       "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names");
  }
  Buckets::Edit change = [document = print_document(root)](Bucket& bucket) -> Check {
    bucket.documents["accelerate"] = document;
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change));
}

Task<Outcome<Reply>> get_bucket_logging(Services&, Call& call) {
  co_return kept_document(call.in(), "logging", "BucketLoggingStatus");
}

Task<Outcome<Reply>> put_bucket_logging(Services& services, Call& call) {
  CO_TRY_ASSIGN(const codec::XmlElement root, parse_document(call.document, "BucketLoggingStatus"));
  if (!has_only(root, {"LoggingEnabled"}) || root.children.size() > 1) co_return s3_error(ErrorCode::malformed_xml);
  Bytes document;
  if (const codec::XmlElement* enabled = root.child("LoggingEnabled")) {
    CO_TRY(check_logging(services, call.in(), *enabled));
    document = print_document(root);
  }
  Buckets::Edit change = [document = std::move(document)](Bucket& bucket) -> Check {
    if (document.empty()) {
      bucket.documents.erase("logging");
    } else {
      bucket.documents["logging"] = document;
    }
    return Passed{};
  };
  co_return co_await change_bucket(services, call, std::move(change));
}

}  // namespace reprise::s3
