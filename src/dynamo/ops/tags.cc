// TagResource, UntagResource, ListTagsOfResource. Tags are part of the table's definition: a change is one edit of the
// catalogue and is read at once (AWS's are a few seconds late). The answer of a change is a body of no bytes.
#include <algorithm>
#include <utility>

#include "dynamo/ops/catalog.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/resource_arn.h"
#include "dynamo/ops/settings_operations.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/tag_rules.h"

namespace reprise::dynamo {

namespace {

// New keys behind those that are there, known keys with their new values.
void merge(const std::vector<TagSpec>& specs, std::vector<Tag>& tags) {
  for (const TagSpec& spec : specs) {
    const auto known = std::find_if(tags.begin(), tags.end(), [&](const Tag& tag) { return tag.key == *spec.key; });
    if (known == tags.end()) {
      tags.push_back({*spec.key, *spec.value});
    } else {
      known->value = *spec.value;
    }
  }
}

std::vector<std::string> read_keys(const Fields& request) {
  std::vector<std::string> keys;
  const auto list = request.value("TagKeys");
  for (auto key = list->first_element(); key; key.advance()) {
    if (key.value().is(codec::JsonType::string)) keys.emplace_back(key.value().string());
  }
  return keys;
}

// `edit` answers `conflict` when there would be too many tags.
Task<OperationResult> apply(Services& services, TablePtr table, Catalog::Edit edit) {
  const auto edited = co_await services.catalog.edit(table->account, table->name, table->id, std::move(edit));
  if (edited.ok()) co_return Bytes();
  if (edited.error().is(Code::conflict)) co_return too_many_tags();
  co_return store_error(edited.error());
}

}  // namespace

Task<OperationResult> tag_resource(Services& services, OperationRequest request) {
  CO_TRY(check_request(shapes::tag_resource, request.body));
  const Fields in(request.body);
  const std::vector<TagSpec> specs = read_tags(in).value_or(std::vector<TagSpec>());
  const auto arn = in.string_or("ResourceArn", "");
  if (specs.empty()) co_return validation("Atleast one Tag needs to be provided as Input.");
  CO_TRY(check_tags(specs));
  CO_TRY_ASSIGN(const TableResource resource, find_tagged(services, request.caller, arn, "TagResource"));
  const Catalog::Edit edit = [specs](TableDefinition& definition) -> Status {
    merge(specs, definition.tags);
    return definition.tags.size() > tags_max ? conflict("too many tags") : Status();
  };
  co_return co_await apply(services, resource.table, edit);
}

Task<OperationResult> untag_resource(Services& services, OperationRequest request) {
  CO_TRY(check_request(shapes::untag_resource, request.body));
  const Fields in(request.body);
  const std::vector<std::string> keys = read_keys(in);
  const auto arn = in.string_or("ResourceArn", "");
  if (keys.empty()) co_return validation("Atleast one Tag Key needs to be provided as Input.");
  CO_TRY(check_tag_keys(keys));
  CO_TRY_ASSIGN(const TableResource resource, find_tagged(services, request.caller, arn, "UntagResource"));
  const Catalog::Edit edit = [keys](TableDefinition& definition) {
    std::erase_if(definition.tags,
                  [&](const Tag& tag) { return std::find(keys.begin(), keys.end(), tag.key) != keys.end(); });
    return Status();
  };
  co_return co_await apply(services, resource.table, edit);
}

// All tags fit one page, so there is never a NextToken; one that is sent is not looked at, as AWS does.
Task<OperationResult> list_tags_of_resource(Services& services, OperationRequest request) {
  CO_TRY(check_request(shapes::list_tags_of_resource, request.body));
  const auto arn = Fields(request.body).string_or("ResourceArn", "");
  CO_TRY_ASSIGN(const TableResource resource, find_tagged(services, request.caller, arn, "ListTagsOfResource"));
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("Tags");
  w.begin_array();
  for (const Tag& tag : resource.table->tags) {
    w.begin_object();
    w.member("Key", tag.key);
    w.member("Value", tag.value);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  co_return std::move(out);
}

}  // namespace reprise::dynamo
