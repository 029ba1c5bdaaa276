// The Kinesis destinations of a table: there are none, and none can be made, because this server reaches no Kinesis
// streams. What there is to say about none is said in AWS's words.
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/settings_operations.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/table_lookup.h"
#include "dynamo/ops/table_validation.h"

namespace reprise::dynamo {

namespace {

Outcome<TablePtr> find_table(const Services& services, const OperationRequest& request, const Shape& shape) {
  TRY(check_table_request(shape, request.body));
  const auto text = Fields(request.body).string_or("TableName", "");
  TRY_ASSIGN(const std::string name, own_table_name(services, request.caller, text));
  TablePtr table = services.catalog.find(request.caller.account, name);
  if (!table) return table_not_found(name);
  return table;
}

ApiError wrong_state(const std::string& why) {
  return validation("Table is not in a valid state to enable Kinesis Streaming Destination: " + why);
}

}  // namespace

Task<OperationResult> describe_kinesis_destination(Services& services, OperationRequest request) {
  CO_TRY_ASSIGN(const TablePtr table, find_table(services, request, shapes::describe_kinesis_destination));
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("KinesisDataStreamDestinations");
  w.begin_array();
  w.end_array();
  w.member("TableName", table->name);
  w.end_object();
  co_return std::move(out);
}

Task<OperationResult> enable_kinesis_destination(Services& services, OperationRequest request) {
  CO_TRY_ASSIGN(const TablePtr table, find_table(services, request, shapes::enable_kinesis_destination));
  const std::string arn(Fields(request.body).string_or("StreamArn", ""));
  co_return api_error(ErrorKind::resource_not_found, "Requested resource not found: Kinesis stream: " + arn +
                                                         " not found (this server reaches no Kinesis streams)");
}

Task<OperationResult> disable_kinesis_destination(Services& services, OperationRequest request) {
  CO_TRY_ASSIGN(const TablePtr table, find_table(services, request, shapes::disable_kinesis_destination));
  if (Fields(request.body).has("EnableKinesisStreamingConfiguration")) {
    co_return validation("Stream cannot be disabled using EnableKinesisStreamingConfiguration parameters");
  }
  co_return wrong_state("KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.");
}

Task<OperationResult> update_kinesis_destination(Services& services, OperationRequest request) {
  CO_TRY_ASSIGN(const TablePtr table, find_table(services, request, shapes::update_kinesis_destination));
  const Fields in(request.body);
  const auto configuration = in.object("UpdateKinesisStreamingConfiguration");
  if (!configuration || !configuration->has("ApproximateCreationDateTimePrecision")) {
    co_return validation(
        "Streaming destination cannot be updated with given parameters: UpdateKinesisStreamingConfiguration cannot be "
        "null or contain only null values");
  }
  co_return wrong_state(
      "Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE state. TableName: " + table->name +
      ", kdsArn: " + std::string(in.string_or("StreamArn", "")));
}

}  // namespace reprise::dynamo
