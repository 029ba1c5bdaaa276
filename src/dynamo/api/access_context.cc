// Condition keys, told when a policy asks for them. Invariant: what the request does not have is absent, but for the
// parameters that say "NONE"; and what is told of a body is never less than what its operation will take from it.
#include "dynamo/api/access_context.h"

#include <optional>

#include "dynamo/api/item_names.h"
#include "dynamo/ops/request.h"
#include "dynamo/partiql/key_plan.h"
#include "dynamo/partiql/values.h"

namespace reprise::dynamo {
namespace {

using KeyValues = auth::policy::Values;
using codec::JsonType;
using codec::JsonValue;

constexpr std::string_view resource_tag = "aws:resourcetag/";
constexpr std::string_view request_tag = "aws:requesttag/";

std::optional<JsonValue> member(const JsonValue& object, std::string_view name, JsonType type) {
  if (!object.is(JsonType::object)) return std::nullopt;
  auto value = find_present(object, name);
  if (!value || !value->is(type)) return std::nullopt;
  return value;
}

}  // namespace

std::string_view address_of(std::string_view peer) {
  std::string_view address = peer.substr(0, peer.rfind(':'));
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  return address;
}

bool find_of_http(std::string_view key, const http::Request& request, std::string_view region, std::string_view account,
                  KeyValues& values) {
  const auto header = [&](std::string_view name) {
    if (const auto value = request.headers.get(name)) values.add(*value);
    return true;
  };
  if (key == "aws:useragent") return header("User-Agent");
  if (key == "aws:referer") return header("Referer");
  if (key == "aws:sourceip") {
    values.add(address_of(request.peer));
  } else if (key == "aws:securetransport") {
    values.add(request.secure ? "true" : "false");
  } else if (key == "aws:requestedregion") {
    values.add(region);
  } else if (key == "aws:resourceaccount") {
    values.add(account);
  } else if (key == "aws:viaawsservice" || key == "aws:principalisawsservice") {
    values.add("false");
  } else {
    return false;
  }
  return true;
}

AccessContext::AccessContext(const auth::policy::Requester& requester, const Services& services,
                             const http::Request& request, const AccessTarget& target, const TableDefinition* table)
    : Context(requester), services_(services), request_(request), target_(target), table_(table) {
  now_micros = static_cast<std::int64_t>(services.wall.now_micros());
}

const KeySchema* AccessContext::schema() const {
  if (table_ == nullptr) return nullptr;
  if (target_.index.empty()) return &table_->key;
  if (const LocalIndex* index = table_->local_index(target_.index)) return &index->key;
  if (const GlobalIndex* index = table_->global_index(target_.index)) return &index->key;
  return nullptr;
}

void AccessContext::find_leading_keys(KeyValues& values) const {
  const KeySchema* key = schema();
  if (key == nullptr || key->hash.empty()) return;
  const std::string& name = key->hash.front().name;
  auto found = target_.statement != nullptr ? leading_keys(*target_.statement, target_.part, name)
                                            : leading_keys(target_.part, name);
  for (std::string& text : found) values.add_owned(std::move(text));
}

void AccessContext::find_attributes(KeyValues& values) const {
  const auto names =
      target_.statement != nullptr ? attributes_named(*target_.statement) : attributes_named(target_.part);
  for (const std::string& name : names) values.add_owned(name);
}

// Developer guide, "IAM security policies with PartiQL for DynamoDB": deny full table scan statements. What is no key
// condition that can be read is one, too: the operation says what is wrong with it.
void AccessContext::find_full_table_scan(KeyValues& values) const {
  const KeySchema* key = schema();
  if (target_.statement == nullptr || target_.statement->kind != partiql::StatementKind::select) return;
  bool scans = true;
  const auto parameters = partiql::Values::parse(member(target_.part, "Parameters", JsonType::array));
  if (key != nullptr && parameters.ok() && parameters->check_count(*target_.statement).ok()) {
    const auto ranges = partiql::find_ranges(target_.statement->select, *key, *parameters);
    scans = !ranges.ok() || ranges->whole;
  }
  values.add(scans ? "true" : "false");
}

void AccessContext::find_select(KeyValues& values) const {
  if (const auto select = member(target_.part, "Select", JsonType::string)) return values.add(select->string());
  bool some = member(target_.part, "ProjectionExpression", JsonType::string) ||
              member(target_.part, "AttributesToGet", JsonType::array);
  if (target_.statement != nullptr) some = !target_.statement->select.columns.empty();
  if (some) return values.add("SPECIFIC_ATTRIBUTES");
  values.add(target_.index.empty() ? "ALL_ATTRIBUTES" : "ALL_PROJECTED_ATTRIBUTES");
}

void AccessContext::find_tags(std::string_view key, KeyValues& values) const {
  if (key.starts_with(resource_tag)) {
    if (table_ == nullptr) return;
    for (const Tag& tag : table_->tags) {
      if (tag.key == key.substr(resource_tag.size())) values.add(tag.value);
    }
    return;
  }
  const auto list = member(target_.part, "Tags", JsonType::array);
  if (!list) return;
  for (auto entry = list->first_element(); entry; entry.advance()) {
    const auto name = member(entry.value(), "Key", JsonType::string);
    const auto value = member(entry.value(), "Value", JsonType::string);
    if (!name) continue;
    if (key == "aws:tagkeys") {
      values.add(name->string());
    } else if (value && name->string() == key.substr(request_tag.size())) {
      values.add(value->string());
    }
  }
}

void AccessContext::find_more(std::string_view key, KeyValues& values) const {
  if (find_of_http(key, request_, services_.settings.region, target_.account, values)) return;
  const auto parameter = [&](std::string_view name) {
    const auto value = member(target_.part, name, JsonType::string);
    values.add(value ? value->string() : std::string_view("NONE"));
  };
  if (key == "dynamodb:leadingkeys") return find_leading_keys(values);
  if (key == "dynamodb:attributes") return find_attributes(values);
  if (key == "dynamodb:select") return find_select(values);
  if (key == "dynamodb:fulltablescan") return find_full_table_scan(values);
  if (key == "dynamodb:returnvalues") return parameter("ReturnValues");
  if (key == "dynamodb:returnconsumedcapacity") return parameter("ReturnConsumedCapacity");
  if (key == "dynamodb:enclosingoperation") {
    if (!target_.enclosing.empty()) values.add(target_.enclosing);
    return;
  }
  if (key.starts_with(resource_tag) || key.starts_with(request_tag) || key == "aws:tagkeys") find_tags(key, values);
}

}  // namespace reprise::dynamo
