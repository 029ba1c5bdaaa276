// Invariant: whatever table, index, stream or backup an operation will look at is among the targets, under the names by
// which the operation finds it; so no text names a resource past a policy (another region in an ARN, for one).
#include "dynamo/api/access_target.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "dynamo/ops/request.h"
#include "dynamo/partiql/parser.h"

namespace reprise::dynamo {
namespace {

using codec::JsonType;
using codec::JsonValue;

enum class Form : std::uint8_t {
  table,              // TableName
  index,              // TableName, IndexName
  batch,              // RequestItems
  transaction,        // TransactItems
  resource,           // ResourceArn
  stream,             // StreamArn
  iterator,           // ShardIterator
  backup,             // BackupArn
  export_of_table,    // ExportArn
  import_of_table,    // ImportArn
  export_now,         // TableArn, S3Bucket
  import_now,         // TableCreationParameters, S3BucketSource
  restore_backup,     // BackupArn, TargetTableName
  restore_time,       // SourceTableName or SourceTableArn, TargetTableName
  statement,          // Statement
  statements,         // Statements, TransactStatements
  global_table,       // GlobalTableName
  all_tables,         // none: "table/*"
  all_streams,        // none: "table/*/stream/*"
  all_global_tables,  // none: "global-table/*"
};
struct Named {
  std::string_view operation;
  Form form;
};
// The operations that are not about the one table in TableName.
constexpr Named forms[] = {
    {"BatchExecuteStatement", Form::statements},
    {"BatchGetItem", Form::batch},
    {"BatchWriteItem", Form::batch},
    {"CreateGlobalTable", Form::global_table},
    {"DeleteBackup", Form::backup},
    {"DeleteResourcePolicy", Form::resource},
    {"DescribeBackup", Form::backup},
    {"DescribeEndpoints", Form::all_tables},
    {"DescribeExport", Form::export_of_table},
    {"DescribeGlobalTable", Form::global_table},
    {"DescribeGlobalTableSettings", Form::global_table},
    {"DescribeImport", Form::import_of_table},
    {"DescribeLimits", Form::all_tables},
    {"DescribeStream", Form::stream},
    {"ExecuteStatement", Form::statement},
    {"ExecuteTransaction", Form::statements},
    {"ExportTableToPointInTime", Form::export_now},
    {"GetRecords", Form::iterator},
    {"GetResourcePolicy", Form::resource},
    {"GetShardIterator", Form::stream},
    {"ImportTable", Form::import_now},
    {"ListBackups", Form::all_tables},
    {"ListContributorInsights", Form::all_tables},
    {"ListExports", Form::all_tables},
    {"ListGlobalTables", Form::all_global_tables},
    {"ListImports", Form::all_tables},
    {"ListStreams", Form::all_streams},
    {"ListTables", Form::all_tables},
    {"ListTagsOfResource", Form::resource},
    {"PutResourcePolicy", Form::resource},
    {"Query", Form::index},
    {"RestoreTableFromBackup", Form::restore_backup},
    {"RestoreTableToPointInTime", Form::restore_time},
    {"Scan", Form::index},
    {"TagResource", Form::resource},
    {"TransactGetItems", Form::transaction},
    {"TransactWriteItems", Form::transaction},
    {"UntagResource", Form::resource},
    {"UpdateGlobalTable", Form::global_table},
    {"UpdateGlobalTableSettings", Form::global_table},
};
// What a restore writes its table with, which AWS wants to be allowed on it.
constexpr std::string_view filling[] = {"BatchWriteItem", "DeleteItem", "GetItem",   "PutItem",
                                        "Query",          "Scan",       "UpdateItem"};

std::optional<std::string> text(const JsonValue& object, std::string_view name) {
  if (!object.is(JsonType::object)) return std::nullopt;
  const auto value = find_present(object, name);
  if (!value || !value->is(JsonType::string)) return std::nullopt;
  return std::string(value->string());
}

std::optional<JsonValue> member(const JsonValue& object, std::string_view name, JsonType type) {
  if (!object.is(JsonType::object)) return std::nullopt;
  auto value = find_present(object, name);
  if (!value || !value->is(type)) return std::nullopt;
  return value;
}

std::string_view take(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const auto part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

class Collector {
 public:
  Collector(const Services& services, std::string_view operation, std::string_view account)
      : region_(services.settings.region), operation_(operation), account_(account) {}

  void collect(Form form, const JsonValue& body);
  AccessTargets take_found() { return std::move(found_); }

 private:
  [[nodiscard]] std::string arn(std::string_view account, std::string_view rest) const {
    return "arn:aws:dynamodb:" + region_ + ":" + std::string(account) + ":" + std::string(rest);
  }
  AccessTarget& add(std::string_view operation, std::string resource, const JsonValue& part);
  // `name` as TableName has it: a name, or an ARN.
  void add_table(std::string_view operation, std::string_view name, const JsonValue& part,
                 const std::optional<std::string>& index = {});
  void add_arn(std::string_view operation, std::string_view text, const JsonValue& part);
  void add_bucket(std::string_view action, const JsonValue& body, std::string_view bucket, std::string_view prefix);
  void add_batch(const JsonValue& body);
  void add_transaction(const JsonValue& body);
  void add_statement(const JsonValue& in, bool enclosed);
  void add_statements(const JsonValue& body);
  void add_restore(const JsonValue& body, bool from_backup);

  std::string region_;
  std::string_view operation_;
  std::string_view account_;
  AccessTargets found_;
};

AccessTarget& Collector::add(std::string_view operation, std::string resource, const JsonValue& part) {
  AccessTarget target;
  target.action = "dynamodb:" + std::string(operation);
  target.resource = std::move(resource);
  target.account = account_;
  target.part = part;
  return found_.targets.emplace_back(std::move(target));
}

void Collector::add_table(std::string_view operation, std::string_view name, const JsonValue& part,
                          const std::optional<std::string>& index) {
  const auto reference = parse_table_reference(name, account_, region_);
  if (!reference.ok()) return;
  std::string rest = "table/" + reference->name;
  if (index) rest += "/index/" + *index;
  AccessTarget& target = add(operation, arn(reference->account, rest), part);
  target.account = reference->account;
  target.table = reference->name;
  target.index = index.value_or("");
  target.by_name = !name.starts_with("arn:");
}

// Any ARN of DynamoDB's, brought into the server's own region and partition, because the operations do not look at
// them.
void Collector::add_arn(std::string_view operation, std::string_view text, const JsonValue& part) {
  std::string_view rest = text;
  if (take(rest, ':') != "arn") return;
  take(rest, ':');
  if (take(rest, ':') != "dynamodb") return;
  take(rest, ':');
  const std::string_view account = take(rest, ':');
  AccessTarget& target = add(operation, arn(account, rest), part);
  target.account = account;
  if (take(rest, '/') != "table") return;
  target.table = take(rest, '/');
  target.stream = take(rest, '/') == "stream";
}

// A right of S3's that DynamoDB makes use of in the caller's name.
void Collector::add_bucket(std::string_view action, const JsonValue& body, std::string_view bucket,
                           std::string_view prefix) {
  AccessTarget target;
  target.action = action;
  target.resource = "arn:aws:s3:::" + std::string(bucket);
  if (action != "s3:ListBucket") target.resource += "/" + std::string(prefix) + "AWSDynamoDB";
  target.account = account_;
  target.part = body;
  found_.targets.push_back(std::move(target));
}

void Collector::add_batch(const JsonValue& body) {
  const auto items = member(body, "RequestItems", JsonType::object);
  if (!items) return;
  for (auto entry = items->first_member(); entry; entry.advance()) add_table(operation_, entry.key(), entry.value());
}

void Collector::add_transaction(const JsonValue& body) {
  static constexpr std::pair<std::string_view, std::string_view> actions[] = {{"Get", "GetItem"},
                                                                              {"Put", "PutItem"},
                                                                              {"Update", "UpdateItem"},
                                                                              {"Delete", "DeleteItem"},
                                                                              {"ConditionCheck", "ConditionCheckItem"}};
  const auto items = member(body, "TransactItems", JsonType::array);
  if (!items) return;
  for (auto entry = items->first_element(); entry; entry.advance()) {
    for (const auto& [name, action] : actions) {
      const auto part = member(entry.value(), name, JsonType::object);
      if (!part) continue;
      const std::size_t before = found_.targets.size();
      add_table(action, text(*part, "TableName").value_or(""), *part);
      if (found_.targets.size() > before) found_.targets.back().enclosing = operation_;
    }
  }
}

void Collector::add_statement(const JsonValue& in, bool enclosed) {
  auto parsed = partiql::parse(text(in, "Statement").value_or(""));
  if (!parsed.ok()) return;
  const auto& statement =
      found_.statements.emplace_back(std::make_unique<partiql::Statement>(std::move(parsed).value()));
  std::string_view action = "PartiQLSelect";
  switch (statement->kind) {
    case partiql::StatementKind::select:
    case partiql::StatementKind::exists: break;
    case partiql::StatementKind::insert: action = "PartiQLInsert"; break;
    case partiql::StatementKind::update: action = "PartiQLUpdate"; break;
    case partiql::StatementKind::remove: action = "PartiQLDelete"; break;
  }
  const std::size_t before = found_.targets.size();
  add_table(action, statement->source.table, in, statement->source.index);
  if (found_.targets.size() == before) return;
  found_.targets.back().statement = statement.get();
  if (enclosed) found_.targets.back().enclosing = operation_;
}

void Collector::add_statements(const JsonValue& body) {
  const bool transaction = operation_ == "ExecuteTransaction";
  const auto list = member(body, transaction ? "TransactStatements" : "Statements", JsonType::array);
  if (!list) return;
  for (auto entry = list->first_element(); entry; entry.advance()) add_statement(entry.value(), transaction);
}

void Collector::add_restore(const JsonValue& body, bool from_backup) {
  if (from_backup) {
    if (const auto backup = text(body, "BackupArn")) add_arn(operation_, *backup, body);
  } else {
    if (const auto name = text(body, "SourceTableName")) add_table(operation_, *name, body);
    if (const auto source = text(body, "SourceTableArn")) add_arn(operation_, *source, body);
  }
  const auto target = text(body, "TargetTableName");
  if (!target) return;
  for (const std::string_view action : filling) add_table(action, *target, body);
}

void Collector::collect(Form form, const JsonValue& body) {
  const auto by_arn = [&](std::string_view name) {
    if (const auto named = text(body, name)) add_arn(operation_, *named, body);
  };
  switch (form) {
    case Form::table:
      if (const auto name = text(body, "TableName")) add_table(operation_, *name, body);
      return;
    case Form::index:
      if (const auto name = text(body, "TableName")) add_table(operation_, *name, body, text(body, "IndexName"));
      return;
    case Form::batch: return add_batch(body);
    case Form::transaction: return add_transaction(body);
    case Form::resource: return by_arn("ResourceArn");
    case Form::stream: return by_arn("StreamArn");
    case Form::backup: return by_arn("BackupArn");
    case Form::export_of_table: return by_arn("ExportArn");
    case Form::import_of_table: return by_arn("ImportArn");
    case Form::iterator:
      // STREAM-ARN|1|...
      if (const auto iterator = text(body, "ShardIterator")) {
        add_arn(operation_, std::string_view(*iterator).substr(0, iterator->find('|')), body);
      }
      return;
    case Form::export_now:
      by_arn("TableArn");
      add_bucket("s3:PutObject", body, text(body, "S3Bucket").value_or(""),
                 text(body, "S3Prefix").value_or("") + (text(body, "S3Prefix") ? "/" : ""));
      return;
    case Form::import_now: {
      const auto table = member(body, "TableCreationParameters", JsonType::object);
      if (table) add_table(operation_, text(*table, "TableName").value_or(""), body);
      const auto source = member(body, "S3BucketSource", JsonType::object);
      if (!source) return;
      const std::string bucket = text(*source, "S3Bucket").value_or("");
      add_bucket("s3:ListBucket", body, bucket, "");
      return add_bucket("s3:GetObject", body, bucket, text(*source, "S3KeyPrefix").value_or(""));
    }
    case Form::restore_backup: return add_restore(body, true);
    case Form::restore_time: return add_restore(body, false);
    case Form::statement: return add_statement(body, false);
    case Form::statements: return add_statements(body);
    case Form::global_table:
      add(operation_,
          "arn:aws:dynamodb::" + std::string(account_) + ":global-table/" + text(body, "GlobalTableName").value_or(""),
          body);
      return;
    case Form::all_tables: add(operation_, arn(account_, "table/*"), body); return;
    case Form::all_streams: add(operation_, arn(account_, "table/*/stream/*"), body); return;
    case Form::all_global_tables:
      add(operation_, "arn:aws:dynamodb::" + std::string(account_) + ":global-table/*", body);
      return;
  }
}

}  // namespace

AccessTargets access_targets(const Services& services, std::string_view operation, const JsonValue& body,
                             std::string_view account) {
  Collector collector(services, operation, account);
  const auto* named = std::ranges::find(forms, operation, &Named::operation);
  collector.collect(named == std::end(forms) ? Form::table : named->form, body);
  return collector.take_found();
}

}  // namespace reprise::dynamo
