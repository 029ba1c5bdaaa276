// PutResourcePolicy, GetResourcePolicy, DeleteResourcePolicy: of a table, or of one of its streams. The policy is part
// of the table's definition. RevisionIds are the milliseconds of the change, strictly increasing for one resource.
//
// A put of the policy that is there already changes nothing and answers with its revision.
#include <algorithm>
#include <utility>

#include "dynamo/ops/catalog.h"
#include "dynamo/ops/policy_document.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/resource_arn.h"
#include "dynamo/ops/settings_operations.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/store_error.h"

namespace reprise::dynamo {

namespace {

// An ExpectedRevisionId that asks for there being no policy.
constexpr std::string_view no_policy = "NO_POLICY";

std::optional<ResourcePolicy>& policy_of(TableDefinition& table, const PolicyResource& resource) {
  return resource.stream_label.empty() ? table.policy : table.stream_policy;
}
const std::optional<ResourcePolicy>& policy_of(const TableDefinition& table, const PolicyResource& resource) {
  return resource.stream_label.empty() ? table.policy : table.stream_policy;
}

ApiError not_found(std::string_view what) {
  return api_error(ErrorKind::policy_not_found,
                   std::string("Resource-based policy not found for the provided ResourceArn: ").append(what));
}

Check check_revision(const std::optional<ResourcePolicy>& present, const std::optional<std::string>& expected,
                     const PolicyResource& resource) {
  if (!expected) return Passed{};
  const std::string wanted = "Requested update for policy with revision id " + *expected + ", but ";
  if (!present) {
    if (*expected == no_policy) return Passed{};
    return not_found(wanted + "table " + resource.table_name + " has no associated policy.");
  }
  if (present->revision_id == *expected) return Passed{};
  return not_found(wanted + "the policy associated to target table " + resource.table_name + " has revision id " +
                   present->revision_id + ".");
}

std::string next_revision(const Services& services, const std::optional<ResourcePolicy>& present) {
  constexpr std::uint64_t micros_per_milli = 1000;
  const std::uint64_t now = services.wall.now_micros() / micros_per_milli;
  if (!present) return std::to_string(now);
  return std::to_string(std::max<std::uint64_t>(now, std::stoull(present->revision_id) + 1));
}

Bytes revision_answer(const std::string& revision) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  if (!revision.empty()) w.member("RevisionId", revision);
  w.end_object();
  return out;
}

std::optional<std::string> expected_revision(const Fields& in) {
  const auto expected = in.string("ExpectedRevisionId");
  if (!expected) return std::nullopt;
  return std::string(*expected);
}

}  // namespace

Task<OperationResult> put_resource_policy(Services& services, OperationRequest request) {
  CO_TRY(check_request(shapes::put_resource_policy, request.body));
  const Fields in(request.body);
  const std::string arn(in.string_or("ResourceArn", ""));
  CO_TRY_ASSIGN(const PolicyResource resource, parse_policy_arn(services, request.caller, arn));
  const PolicyTarget target = resource.stream_label.empty() ? PolicyTarget::table : PolicyTarget::stream;
  CO_TRY_ASSIGN(const std::string document, canonical_policy(in.string_or("Policy", ""), target));
  if (!in.boolean("ConfirmRemoveSelfResourceAccess", false) &&
      policy_locks_out(document, request.caller.account, arn)) {
    co_return api_error(ErrorKind::access_denied,
                        "The new resource policy will not allow you to update the resource policy in the future.");
  }
  const auto guard = co_await services.catalog.lock_name(request.caller.account, resource.table_name);
  CO_TRY_ASSIGN(const TablePtr table, find_policy_table(services, request.caller, resource));
  const std::optional<ResourcePolicy>& present = policy_of(*table, resource);
  CO_TRY(check_revision(present, expected_revision(in), resource));
  if (present && present->document == document) co_return revision_answer(present->revision_id);
  const ResourcePolicy policy{document, next_revision(services, present)};
  const Catalog::Edit edit = [&](TableDefinition& definition) {
    policy_of(definition, resource) = policy;
    return Status();
  };
  const auto edited = co_await services.catalog.edit(table->account, table->name, table->id, edit);
  if (!edited.ok()) co_return store_error(edited.error());
  co_return revision_answer(policy.revision_id);
}

Task<OperationResult> get_resource_policy(Services& services, OperationRequest request) {
  CO_TRY(check_request(shapes::get_resource_policy, request.body));
  const std::string arn(Fields(request.body).string_or("ResourceArn", ""));
  CO_TRY_ASSIGN(const PolicyResource resource, parse_policy_arn(services, request.caller, arn));
  CO_TRY_ASSIGN(const TablePtr table, find_policy_table(services, request.caller, resource));
  const std::optional<ResourcePolicy>& policy = policy_of(*table, resource);
  if (!policy) co_return not_found(arn);
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.member("Policy", policy_as_read(policy->document));
  w.member("RevisionId", policy->revision_id);
  w.end_object();
  co_return std::move(out);
}

Task<OperationResult> delete_resource_policy(Services& services, OperationRequest request) {
  CO_TRY(check_request(shapes::delete_resource_policy, request.body));
  const Fields in(request.body);
  const std::string arn(in.string_or("ResourceArn", ""));
  CO_TRY_ASSIGN(const PolicyResource resource, parse_policy_arn(services, request.caller, arn));
  const auto guard = co_await services.catalog.lock_name(request.caller.account, resource.table_name);
  CO_TRY_ASSIGN(const TablePtr table, find_policy_table(services, request.caller, resource));
  const std::optional<ResourcePolicy>& present = policy_of(*table, resource);
  CO_TRY(check_revision(present, expected_revision(in), resource));
  if (!present) co_return revision_answer("");
  const Catalog::Edit edit = [&](TableDefinition& definition) {
    policy_of(definition, resource).reset();
    return Status();
  };
  const auto edited = co_await services.catalog.edit(table->account, table->name, table->id, edit);
  if (!edited.ok()) co_return store_error(edited.error());
  co_return revision_answer(present->revision_id);
}

}  // namespace reprise::dynamo
