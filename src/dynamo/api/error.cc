// Prefixes and members as captured from the real service: ValidationException is its validator's, everything about
// signatures and routing its framework's, the rest DynamoDB's own.
#include "dynamo/api/error.h"

#include "codec/json.h"
#include "dynamo/model/item_json.h"

namespace reprise::dynamo {
namespace {

constexpr std::string_view own = "com.amazonaws.dynamodb.v20120810#";
constexpr std::string_view framework = "com.amazon.coral.service#";
constexpr std::string_view validator = "com.amazon.coral.validate#";
constexpr std::string_view availability = "com.amazon.coral.availability#";

void print_reasons(codec::JsonWriter& writer, const std::vector<CancellationReason>& reasons) {
  writer.key("CancellationReasons");
  writer.begin_array();
  for (const auto& reason : reasons) {
    writer.begin_object();
    writer.member("Code", reason.code);
    if (!reason.message.empty()) writer.member("Message", reason.message);
    if (!reason.item.empty()) {
      writer.key("Item");
      print_item(writer, ItemView(reason.item));
    }
    writer.end_object();
  }
  writer.end_array();
}

}  // namespace

WireError wire_error(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::validation: return {"ValidationException", validator};
    case ErrorKind::serialization: return {"SerializationException", framework, 400, "Message"};

    case ErrorKind::conditional_check_failed: return {"ConditionalCheckFailedException", own};
    case ErrorKind::item_collection_size_limit_exceeded: return {"ItemCollectionSizeLimitExceededException", own};
    case ErrorKind::provisioned_throughput_exceeded: return {"ProvisionedThroughputExceededException", own};
    case ErrorKind::request_limit_exceeded: return {"RequestLimitExceeded", own};
    case ErrorKind::throttling: return {"ThrottlingException", availability};
    case ErrorKind::transaction_canceled: return {"TransactionCanceledException", own, 400, "Message"};
    case ErrorKind::transaction_conflict: return {"TransactionConflictException", own};
    case ErrorKind::transaction_in_progress: return {"TransactionInProgressException", own, 400, "Message"};
    case ErrorKind::idempotent_parameter_mismatch: return {"IdempotentParameterMismatchException", own, 400, "Message"};
    case ErrorKind::duplicate_item: return {"DuplicateItemException", own};
    case ErrorKind::replicated_write_conflict: return {"ReplicatedWriteConflictException", own};

    case ErrorKind::resource_in_use: return {"ResourceInUseException", own};
    case ErrorKind::resource_not_found: return {"ResourceNotFoundException", own};
    case ErrorKind::limit_exceeded: return {"LimitExceededException", own};
    case ErrorKind::table_not_found: return {"TableNotFoundException", own};
    case ErrorKind::table_already_exists: return {"TableAlreadyExistsException", own};
    case ErrorKind::table_in_use: return {"TableInUseException", own};
    case ErrorKind::backup_not_found: return {"BackupNotFoundException", own};
    case ErrorKind::backup_in_use: return {"BackupInUseException", own};
    case ErrorKind::continuous_backups_unavailable: return {"ContinuousBackupsUnavailableException", own};
    case ErrorKind::point_in_time_recovery_unavailable: return {"PointInTimeRecoveryUnavailableException", own};
    case ErrorKind::invalid_restore_time: return {"InvalidRestoreTimeException", own};
    case ErrorKind::invalid_export_time: return {"InvalidExportTimeException", own};
    case ErrorKind::export_not_found: return {"ExportNotFoundException", own};
    case ErrorKind::export_conflict: return {"ExportConflictException", own};
    case ErrorKind::import_not_found: return {"ImportNotFoundException", own};
    case ErrorKind::import_conflict: return {"ImportConflictException", own};
    case ErrorKind::index_not_found: return {"IndexNotFoundException", own};
    case ErrorKind::policy_not_found: return {"PolicyNotFoundException", own};
    case ErrorKind::global_table_not_found: return {"GlobalTableNotFoundException", own};
    case ErrorKind::global_table_already_exists: return {"GlobalTableAlreadyExistsException", own};
    case ErrorKind::replica_not_found: return {"ReplicaNotFoundException", own};
    case ErrorKind::replica_already_exists: return {"ReplicaAlreadyExistsException", own};

    case ErrorKind::expired_iterator: return {"ExpiredIteratorException", own};
    case ErrorKind::trimmed_data_access: return {"TrimmedDataAccessException", own};

    case ErrorKind::unknown_operation: return {"UnknownOperationException", framework};
    case ErrorKind::access_denied: return {"AccessDeniedException", framework};
    case ErrorKind::missing_authentication_token: return {"MissingAuthenticationTokenException", framework};
    case ErrorKind::incomplete_signature: return {"IncompleteSignatureException", framework};
    case ErrorKind::invalid_signature: return {"InvalidSignatureException", framework};
    case ErrorKind::unrecognized_client: return {"UnrecognizedClientException", framework};
    case ErrorKind::request_expired: return {"RequestExpired", framework};
    case ErrorKind::internal_server_error: return {"InternalServerError", own, 500};
    case ErrorKind::service_unavailable: return {"ServiceUnavailable", framework, 503};
  }
  return {"InternalServerError", own, 500};
}

Bytes error_body(const ApiError& error) {
  const WireError wire = wire_error(error.kind);
  Bytes body;
  codec::JsonWriter writer(body);
  writer.begin_object();
  writer.member("__type", std::string(wire.prefix).append(wire.name));
  if (!error.message.empty()) writer.member(wire.message_key, error.message);
  if (!error.item.empty()) {
    writer.key("Item");
    print_item(writer, ItemView(error.item));
  }
  if (error.reasons != nullptr) print_reasons(writer, *error.reasons);
  writer.end_object();
  return body;
}

Bytes front_error_body(std::string_view name, std::string_view message) {
  Bytes body;
  codec::JsonWriter writer(body);
  writer.begin_object();
  writer.member("__type", std::string(framework).append(name));
  if (!message.empty()) writer.member("message", message);
  writer.end_object();
  return body;
}

}  // namespace reprise::dynamo
