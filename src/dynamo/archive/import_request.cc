// The table of an import is made of CreateTable's own parts: its shapes, its rules, its way from a spec to a
// definition.
#include "dynamo/archive/import_request.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/rng.h"
#include "dynamo/archive/transfer_request.h"
#include "dynamo/archive/transfer_store.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/shape_atoms.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/table_description.h"
#include "dynamo/ops/table_validation.h"

namespace reprise::dynamo {

namespace {

constexpr std::string_view format_words[] = {"ION", "DYNAMODB_JSON", "CSV"};
constexpr std::string_view compression_words[] = {"ZSTD", "NONE", "GZIP"};
constexpr std::string_view delimiters = ",;:|\t ";
constexpr std::string_view delimiter_pattern = "[,;:|\\t ]";
constexpr std::string_view header_pattern = R"([\x20-\x21\x23-\x2B\x2D-\x7E]*)";

constexpr Shape bucket{.kind = ShapeKind::string, .max = 255};
constexpr Shape prefix{.kind = ShapeKind::string, .max = 1024};
constexpr Member source_members[] = {
    {"S3BucketOwner", &shapes::text}, {"S3Bucket", &bucket, true}, {"S3KeyPrefix", &prefix}};
constexpr Shape source{.kind = ShapeKind::structure, .name = "S3BucketSource", .members = source_members};

constexpr Shape header{.kind = ShapeKind::string, .min = 1, .max = 65536};
constexpr Shape header_list{.kind = ShapeKind::list, .min = 1, .max = 255, .element = &header};
constexpr Member csv_members[] = {{"Delimiter", &shapes::text}, {"HeaderList", &header_list}};
constexpr Shape csv{.kind = ShapeKind::structure, .name = "CsvOptions", .members = csv_members};
constexpr Member options_members[] = {{"Csv", &csv}};
constexpr Shape options{.kind = ShapeKind::structure, .name = "InputFormatOptions", .members = options_members};
constexpr Shape format{.kind = ShapeKind::string, .values = format_words};
constexpr Shape compression{.kind = ShapeKind::string, .values = compression_words};

constexpr std::array<std::string_view, 8> parameter_names = {
    "AttributeDefinitions",  "TableName",        "KeySchema",          "GlobalSecondaryIndexes", "BillingMode",
    "ProvisionedThroughput", "SSESpecification", "OnDemandThroughput",
};

// TableCreationParameters: members of CreateTable, whose shapes they are.
std::array<Member, parameter_names.size()> parameter_members() {
  std::array<Member, parameter_names.size()> members{};
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto& all = shapes::create_table.members;
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const Member& m) { return m.name == parameter_names[i]; });
    members[i] = *found;
    if (found->name == "TableName") members[i] = {"TableName", &shapes::plain_name, true};
  }
  return members;
}

const Shape& import_shape() {
  static const auto parameters = parameter_members();
  static const Shape creation{.kind = ShapeKind::structure, .name = "TableCreationParameters", .members = parameters};
  static const std::array<Member, 6> members = {
      Member{"ClientToken", &shapes::text},         Member{"S3BucketSource", &source, true},
      Member{"InputFormat", &format, true},         Member{"InputFormatOptions", &options},
      Member{"InputCompressionType", &compression}, Member{"TableCreationParameters", &creation, true},
  };
  static const Shape shape{.kind = ShapeKind::structure, .name = "ImportTableInput", .members = members};
  return shape;
}

std::optional<Fields> csv_of(const Fields& in) {
  const auto given = in.object("InputFormatOptions");
  return given ? given->object("Csv") : std::nullopt;
}

bool is_header_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7e && c != '"' && c != ','; });
}

void require_csv(ExtraConstraints& extra, const Fields& given) {
  if (const auto delimiter = given.string("Delimiter")) {
    constexpr std::string_view path = "inputFormatOptions.csv.delimiter";
    const bool known = delimiter->size() == 1 && delimiters.find((*delimiter)[0]) != std::string_view::npos;
    extra.require_pattern(known, *delimiter, path, delimiter_pattern);
    extra.require(delimiter->size() <= 1, *delimiter, path, "Member must have length less than or equal to 1");
    extra.require(!delimiter->empty(), *delimiter, path, "Member must have length greater than or equal to 1");
  }
  if (const auto list = given.value("HeaderList")) {
    std::string echo = "[";
    bool plain = true;
    for (auto element = list->first_element(); element; element.advance()) {
      const auto text = element.value().is(codec::JsonType::string) ? element.value().string() : std::string_view();
      echo.append(echo.size() > 1 ? ", " : "").append(text);
      plain = plain && is_header_text(text);
    }
    extra.require(plain, echo + "]", "inputFormatOptions.csv.headerList",
                  std::string("Member must satisfy constraint: [Member must have length less than or equal to 65536, "
                              "Member must have length greater than or equal to 1, Member must satisfy regular "
                              "expression pattern: ")
                      .append(header_pattern)
                      .append("]"));
  }
}

Check check_shape(const codec::JsonValue& body) {
  TRY(check_types(import_shape(), body));
  const Fields in(body);
  ExtraConstraints extra;
  const auto from = in.object("S3BucketSource");
  require_common(extra, in.string("ClientToken"), from ? from->string("S3Bucket") : std::nullopt,
                 "s3BucketSource.s3Bucket", from ? from->string("S3BucketOwner") : std::nullopt,
                 "s3BucketSource.s3BucketOwner");
  if (const auto given = csv_of(in)) require_csv(extra, *given);
  return extra.check(import_shape(), body);
}

TableDefinition define(const TableSpec& spec, const Services& services, const std::string& account,
                       std::uint64_t now_micros) {
  TableDefinition table;
  table.account = account;
  table.name = spec.name;
  table.id = random_uuid();
  table.arn = table_arn(services.settings.region, account, spec.name);
  table.status = TableStatus::creating;
  table.creation_micros = static_cast<std::int64_t>(now_micros);
  table.billing = spec.billing.value_or(BillingMode::provisioned);
  if (table.billing == BillingMode::pay_per_request) table.pay_per_request_since_micros = table.creation_micros;
  table.key = make_key(spec.key, spec.attributes);
  for (const IndexSpec& index : spec.global_indexes.value_or(std::vector<IndexSpec>())) {
    table.global_indexes.push_back(make_global_index(index, spec.attributes));
  }
  table.attributes = used_attributes(table);
  table.throughput = make_throughput(spec.throughput);
  table.on_demand = make_on_demand(spec.on_demand);
  table.encryption = make_encryption(spec.encryption, account, services.settings.region);
  protect_new_table(table, services.settings, std::nullopt);
  return table;
}

// The members that count, as they were sent.
std::string parameters_text(const Fields& parameters) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  for (auto member = parameters.json().first_member(); member; member.advance()) {
    const bool known = std::find(parameter_names.begin(), parameter_names.end(), member.key()) != parameter_names.end();
    if (!known || member.value().is(codec::JsonType::null)) continue;
    w.key(member.key());
    append_json(w, member.value());
  }
  w.end_object();
  return out;
}

void read_options(const Fields& in, ImportTableRecord& record) {
  const auto given = csv_of(in);
  if (!given) return;
  record.has_options = true;
  record.csv_delimiter = given->string_or("Delimiter", "");
  if (const auto list = given->value("HeaderList")) {
    for (auto element = list->first_element(); element; element.advance()) {
      record.csv_header.emplace_back(element.value().string());
    }
  }
}

}  // namespace

Outcome<ImportRequest> read_import(const Services& services, const OperationRequest& request,
                                   std::uint64_t now_micros) {
  TRY(check_shape(request.body));
  const Fields in(request.body);
  const Fields from = *in.object("S3BucketSource");
  const Fields parameters = *in.object("TableCreationParameters");
  ImportRequest wanted;
  ImportTableRecord& record = wanted.record;
  record.format = in.string_or("InputFormat", "");
  if (record.format != "CSV" && csv_of(in)) {
    return validation("Invalid Request: Unsupported InputFormatOptions for the given input format: " + record.format +
                      ".");
  }
  const TableSpec spec = read_table_spec(parameters);
  TRY(check_new_table(spec));
  if (services.buckets == nullptr) {
    return validation("This server has no buckets: start it with --buckets-dir or --s3-endpoint");
  }
  wanted.table = define(spec, services, request.caller.account, now_micros);
  record.account = request.caller.account;
  record.table_name = wanted.table.name;
  record.table_arn = wanted.table.arn;
  record.table_id = wanted.table.id;
  record.definition = encode_table(wanted.table);
  record.parameters = parameters_text(parameters);
  record.bucket = from.string_or("S3Bucket", "");
  record.bucket_owner = from.string_or("S3BucketOwner", request.caller.account);
  record.has_key_prefix = from.has("S3KeyPrefix");
  record.key_prefix = from.string_or("S3KeyPrefix", "");
  record.compression = in.string_or("InputCompressionType", "NONE");
  read_options(in, record);
  wanted.has_token = in.has("ClientToken");
  record.client_token = wanted.has_token ? std::string(in.string_or("ClientToken", "")) : random_uuid();
  record.log_group =
      "arn:aws:logs:" + services.settings.region + ":" + record.account + ":log-group:/aws-dynamodb/imports:*";
  return wanted;
}

ImportFormat import_format(const ImportTableRecord& record) {
  if (record.format == "ION") return ImportFormat::ion;
  return record.format == "CSV" ? ImportFormat::csv : ImportFormat::dynamodb_json;
}

ImportCompression import_compression(const ImportTableRecord& record) {
  if (record.compression == "GZIP") return ImportCompression::gzip;
  return record.compression == "ZSTD" ? ImportCompression::zstd : ImportCompression::none;
}

CsvOptions csv_options(const ImportTableRecord& record) {
  CsvOptions made;
  if (!record.csv_delimiter.empty()) made.delimiter = record.csv_delimiter[0];
  made.header = record.csv_header;
  return made;
}

}  // namespace reprise::dynamo
