// The table of the operations on buckets, and all of them but CreateBucket (create_bucket.cc).
#include <charconv>
#include <string>
#include <utility>

#include "codec/base64.h"
#include "codec/xml.h"
#include "s3/ops/buckets.h"
#include "s3/ops/create_bucket.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

namespace {

constexpr std::size_t configuration_bytes_max = std::size_t{64} << 10;
constexpr std::size_t page_max = 10'000;

// S3 shows the times of buckets in whole seconds.
std::string shown_time(std::int64_t micros) {
  constexpr std::uint64_t second = 1'000'000;
  return format_iso8601(static_cast<std::uint64_t>(micros) / second * second, 3);
}

struct ListQuery {
  std::size_t max = page_max;
  std::string prefix;
  std::string after;      // the last name of the page before
  bool detailed = false;  // with a parameter the answer tells the regions
};

Outcome<ListQuery> list_query(const Settings& settings, const Call& call) {
  ListQuery query;
  if (const auto max = call.query.get("max-buckets")) {
    const auto read = std::from_chars(max->data(), max->data() + max->size(), query.max);
    if (read.ec != std::errc() || read.ptr != max->data() + max->size() || query.max < 1 || query.max > page_max) {
      return invalid_argument("Argument max-buckets must be an integer between 1 and 10000", "max-buckets",
                              std::string(*max));
    }
    query.detailed = true;
  }
  if (const auto prefix = call.query.get("prefix")) {
    query.prefix = std::string(*prefix);
    query.detailed = true;
  }
  // An empty token is none (S3 API reference, ListBuckets: its length is 0 to 1,024).
  if (const auto token = call.query.get("continuation-token"); token && !token->empty()) {
    auto name = codec::from_base64(*token);
    if (!name.ok() || !check_bucket_name(*name).ok()) {
      return invalid_argument("The continuation token provided is incorrect", "continuation-token",
                              std::string(*token));
    }
    query.after = std::move(name).value();
    query.detailed = true;
  }
  if (const auto region = call.query.get("bucket-region")) {
    if (*region != settings.region) {
      return invalid_argument("Argument value " + std::string(*region) + " is not the region of this endpoint",
                              "bucket-region", std::string(*region));
    }
    query.detailed = true;
  }
  return query;
}

Task<Outcome<Reply>> list_buckets(Services& services, Call& call) {
  CO_TRY_ASSIGN(const ListQuery query, list_query(services.settings, call));
  const std::string account = call.caller.identity ? call.caller.identity->account : "";
  Bytes body;
  codec::XmlWriter xml(body);
  xml.declaration();
  xml.open("ListAllMyBucketsResult", codec::s3_namespace);
  xml.open("Owner");
  xml.element("ID", canonical_id_of(account));
  xml.close();
  xml.open("Buckets");
  std::size_t listed = 0;
  std::string last;
  bool more = false;
  for (const BucketPtr& bucket : services.buckets.of_account(account)) {
    if (bucket->name <= query.after || !bucket->name.starts_with(query.prefix)) continue;
    more = listed == query.max;
    if (more) break;
    xml.open("Bucket");
    xml.element("Name", bucket->name);
    xml.element("CreationDate", shown_time(bucket->created_micros));
    if (query.detailed) xml.element("BucketRegion", bucket->region);
    xml.close();
    last = bucket->name;
    ++listed;
  }
  xml.close();
  if (call.query.has("prefix")) xml.element("Prefix", query.prefix);
  if (more) xml.element("ContinuationToken", codec::to_base64(last));
  xml.close();
  co_return xml_reply(std::move(body));
}

Task<Outcome<Reply>> head_bucket(Services&, Call& call) {
  Reply reply;
  reply.headers.add("x-amz-bucket-region", call.in().region);
  reply.headers.add("x-amz-access-point-alias", "false");
  reply.headers.add("Content-Type", "application/xml");
  co_return reply;
}

Task<Outcome<Reply>> delete_bucket(Services& services, Call& call) {
  CO_TRY(co_await services.buckets.remove(call.bucket_info));
  Reply reply;
  reply.status = 204;
  co_return reply;
}

Task<Outcome<Reply>> get_bucket_location(Services&, Call& call) {
  Bytes body;
  codec::XmlWriter xml(body);
  xml.declaration();
  xml.open("LocationConstraint", codec::s3_namespace);
  if (call.in().region != "us-east-1") codec::append_xml_text(body, call.in().region);
  xml.close();
  co_return xml_reply(std::move(body));
}

constexpr Operation operations[] = {
    {.name = "ListBuckets",
     .level = Level::service,
     .method = "GET",
     .run = list_buckets,
     .action = "s3:ListAllMyBuckets"},
    {.name = "CreateBucket",
     .level = Level::bucket,
     .method = "PUT",
     .run = create_bucket,
     .document_bytes_max = configuration_bytes_max},
    {.name = "HeadBucket",
     .level = Level::bucket,
     .method = "HEAD",
     .run = head_bucket,
     .action = "s3:ListBucket",
     .takes_as_of = true},
    {.name = "DeleteBucket",
     .level = Level::bucket,
     .method = "DELETE",
     .run = delete_bucket,
     .action = "s3:DeleteBucket"},
    {.name = "GetBucketLocation",
     .level = Level::bucket,
     .method = "GET",
     .subresource = "location",
     .run = get_bucket_location,
     .action = "s3:GetBucketLocation"},
};

}  // namespace

std::span<const Operation> bucket_operations() { return operations; }

}  // namespace reprise::s3
