// What no bucket here ever has: analytics, inventory, metrics and tiering configurations, websites, replication. Lists
// of them are empty, one by its id is not found, and what is not there can be deleted as S3 says it can. Making one is
// refused by the router (registry.cc), which names the operation.
#include <string>
#include <utility>

#include "codec/xml.h"
#include "s3/ops/configuration_operations.h"

namespace reprise::s3 {

namespace {

// The list, or NoSuchConfiguration when the request names one.
Outcome<Reply> nothing_of(const Call& call, std::string_view root) {
  if (call.query.has("id")) return s3_error(ErrorCode::no_such_configuration);
  Bytes body;
  codec::XmlWriter xml(body);
  xml.declaration();
  xml.open(root, codec::s3_namespace);
  xml.element("IsTruncated", codec::XmlWriter::Truth::no);
  xml.close();
  return xml_reply(std::move(body));
}

S3Error missing(ErrorCode code, const Call& call) {
  S3Error error = s3_error(code);
  error.details.emplace_back("BucketName", call.in().name);
  return error;
}

}  // namespace

Task<Outcome<Reply>> get_bucket_analytics(Services&, Call& call) {
  co_return nothing_of(call, "ListBucketAnalyticsConfigurationResult");
}

Task<Outcome<Reply>> get_bucket_inventory(Services&, Call& call) {
  co_return nothing_of(call, "ListInventoryConfigurationsResult");
}

Task<Outcome<Reply>> get_bucket_metrics(Services&, Call& call) {
  co_return nothing_of(call, "ListMetricsConfigurationsResult");
}

Task<Outcome<Reply>> get_bucket_intelligent_tiering(Services&, Call& call) {
  co_return nothing_of(call, "ListBucketIntelligentTieringConfigurationsOutput");
}

Task<Outcome<Reply>> delete_absent_configuration(Services&, Call&) {
  co_return s3_error(ErrorCode::no_such_configuration);
}

Task<Outcome<Reply>> get_bucket_website(Services&, Call& call) {
  co_return missing(ErrorCode::no_such_website_configuration, call);
}

Task<Outcome<Reply>> get_bucket_replication(Services&, Call& call) {
  co_return missing(ErrorCode::replication_configuration_not_found, call);
}

Task<Outcome<Reply>> delete_nothing(Services&, Call&) {
  Reply reply;
  reply.status = 204;
  co_return reply;
}

}  // namespace reprise::s3
