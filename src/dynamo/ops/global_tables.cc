// Global tables: there are none, and none can be made (one region per server). The operations of their first version
// (2017.11.29) answer as AWS does today, where that version has been withdrawn; those of the second find no global
// table.
#include "dynamo/model/limits.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/settings_operations.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/table_lookup.h"
#include "dynamo/ops/table_validation.h"

namespace reprise::dynamo {

namespace {

Check check_global_request(const Shape& shape, const codec::JsonValue& body) {
  TRY(check_types(shape, body));
  if (const auto name = Fields(body).string("GlobalTableName")) TRY(check_plain_table_name(*name));
  return check_constraints(shape, body);
}

ApiError version_gone() {
  return invalid_parameter(
      "DynamoDB global tables version 2017.11.29 is not supported. We recommend using DynamoDB global tables version "
      "2019.11.21, instead of version 2017.11.29 (Legacy).");
}

std::string no_such(std::string_view name) {
  return std::string("Global table with name: '").append(name) + "' does not exist.";
}
ApiError not_found(const Fields& in, std::string_view prefix) {
  return api_error(ErrorKind::global_table_not_found,
                   std::string(prefix) + no_such(in.string_or("GlobalTableName", "")));
}

Outcome<std::string> checked_name(const Services& services, const OperationRequest& request, const Shape& shape) {
  TRY(check_table_request(shape, request.body));
  return own_table_name(services, request.caller, Fields(request.body).string_or("TableName", ""));
}

}  // namespace

Task<OperationResult> create_global_table(Services&, OperationRequest request) {
  CO_TRY(check_global_request(shapes::create_global_table, request.body));
  co_return version_gone();
}

Task<OperationResult> update_global_table(Services&, OperationRequest request) {
  CO_TRY(check_global_request(shapes::update_global_table, request.body));
  const Fields in(request.body);
  bool creates = false;
  bool deletes = false;
  const auto updates = in.value("ReplicaUpdates");
  for (auto update = updates->first_element(); update; update.advance()) {
    if (update.value().is(codec::JsonType::null)) continue;
    creates = creates || find_present(update.value(), "Create").has_value();
    deletes = deletes || find_present(update.value(), "Delete").has_value();
  }
  if (creates) co_return version_gone();
  if (!deletes) co_return validation("One or more parameter values were invalid");
  co_return not_found(in, "Global table not found: ");
}

Task<OperationResult> describe_global_table(Services&, OperationRequest request) {
  CO_TRY(check_global_request(shapes::describe_global_table, request.body));
  co_return not_found(Fields(request.body), "Global table not found: ");
}

Task<OperationResult> list_global_tables(Services&, OperationRequest request) {
  CO_TRY(check_request(shapes::list_global_tables, request.body));
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("GlobalTables");
  w.begin_array();
  w.end_array();
  w.end_object();
  co_return std::move(out);
}

Task<OperationResult> describe_global_table_settings(Services&, OperationRequest request) {
  CO_TRY(check_global_request(shapes::describe_global_table, request.body));
  co_return not_found(Fields(request.body), "");
}

Task<OperationResult> update_global_table_settings(Services&, OperationRequest request) {
  CO_TRY(check_global_request(shapes::update_global_table_settings, request.body));
  co_return not_found(Fields(request.body), "");
}

Task<OperationResult> describe_table_replica_auto_scaling(Services& services, OperationRequest request) {
  CO_TRY_ASSIGN(const std::string name, checked_name(services, request, shapes::describe_table));
  co_return api_error(ErrorKind::resource_not_found, no_such(name));
}

Task<OperationResult> update_table_replica_auto_scaling(Services& services, OperationRequest request) {
  CO_TRY_ASSIGN(const std::string name, checked_name(services, request, shapes::update_table_replica_auto_scaling));
  co_return api_error(ErrorKind::resource_not_found, no_such(name));
}

}  // namespace reprise::dynamo
