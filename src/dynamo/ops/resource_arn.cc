// arn:PARTITION:dynamodb:REGION:ACCOUNT:table/NAME[/stream/LABEL]
#include "dynamo/ops/resource_arn.h"

#include <algorithm>
#include <array>

#include "dynamo/ops/table_validation.h"

namespace reprise::dynamo {

namespace {

struct Arn {
  std::string_view partition;
  std::string_view service;
  std::string_view region;
  std::string_view account;
  std::string_view table;
  std::string_view stream;
  // "index" or "backup", where the ARN names one; a policy or a tag is never about it.
  std::string_view other_kind;
};

std::string_view take(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const auto part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

// Fails with the texts that both families share.
Outcome<Arn> parse(std::string_view text) {
  std::string_view rest = text;
  if (take(rest, ':') != "arn") return invalid_parameter("ARNs must start with 'arn:': " + std::string(text));
  Arn arn;
  arn.partition = take(rest, ':');
  arn.service = take(rest, ':');
  arn.region = take(rest, ':');
  arn.account = take(rest, ':');
  if (arn.service != "dynamodb") return arn;
  const ApiError no_resource = invalid_parameter("Provided Arn is not a DynamoDB resource arn: " + std::string(text));
  if (take(rest, '/') != "table") return no_resource;
  arn.table = take(rest, '/');
  if (arn.table.empty()) return no_resource;
  const std::string_view kind = take(rest, '/');
  if (kind == "stream") {
    arn.stream = rest;
    if (rest.empty()) return no_resource;
  } else if (kind == "index") {
    return invalid_parameter(
        "Invalid resource arn provided, only table or stream is accepted. Provided resource arn: " + std::string(text));
  } else if (!kind.empty() || !rest.empty()) {
    return no_resource;
  }
  return arn;
}

ApiError not_authorized(const Caller& caller, std::string_view operation, std::string_view resource) {
  return api_error(ErrorKind::access_denied, "User: arn:aws:iam::" + caller.account +
                                                 ":root is not authorized to perform: dynamodb:" +
                                                 std::string(operation) + " on resource: " + std::string(resource));
}

}  // namespace

Outcome<TableResource> find_tagged(const Services& services, const Caller& caller, std::string_view arn,
                                   std::string_view operation) {
  TRY_ASSIGN(const Arn parsed, parse(arn));
  if (parsed.service != "dynamodb" || parsed.account != caller.account) return not_authorized(caller, operation, arn);
  if (parsed.region != services.settings.region || parsed.partition != "aws" || !parsed.stream.empty()) {
    return validation("Invalid TableArn: Invalid ResourceArn provided as input " + std::string(arn));
  }
  TableResource resource;
  resource.table = services.catalog.find(caller.account, parsed.table);
  if (!resource.table) {
    return api_error(ErrorKind::resource_not_found,
                     "Requested resource not found: ResourceArn: " + std::string(arn) + " not found");
  }
  return resource;
}

Outcome<PolicyResource> parse_policy_arn(const Services& services, const Caller& caller, std::string_view arn) {
  TRY_ASSIGN(const Arn parsed, parse(arn));
  if (parsed.service != "dynamodb") {
    return invalid_parameter("Provided Arn is not a DynamoDB resource arn: " + std::string(arn));
  }
  if (parsed.region != services.settings.region || parsed.partition != "aws") {
    return invalid_parameter("Invalid resource Arn: " + std::string(arn));
  }
  if (parsed.account != caller.account) {
    return validation("This action is only supported by accounts that match the resource owner\u2019s account.");
  }
  return PolicyResource{std::string(parsed.table), std::string(parsed.stream)};
}

Outcome<TablePtr> find_policy_table(const Services& services, const Caller& caller, const PolicyResource& resource) {
  TablePtr table = services.catalog.find(caller.account, resource.table_name);
  if (!table) return table_not_found(resource.table_name);
  if (resource.stream_label.empty()) return table;
  const bool past = std::any_of(table->past_streams.begin(), table->past_streams.end(),
                                [&](const StreamSettings& stream) { return stream.label == resource.stream_label; });
  if (table->stream.label == resource.stream_label || past) return table;
  return api_error(ErrorKind::resource_not_found, "Requested resource not found: Stream: " + resource.stream_label +
                                                      " not found for Table: " + table->name);
}

}  // namespace reprise::dynamo
