// The rules of a restore, in the order of its steps: shape, source and time, billing, indexes. What the real service
// says about overrides begins with "Invalid Request: ".
#include "dynamo/ops/restore_plan.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/rng.h"
#include "dynamo/ops/recovery_window.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/table_description.h"
#include "dynamo/ops/table_lookup.h"
#include "dynamo/ops/table_validation.h"

namespace reprise::dynamo {

namespace {

ApiError invalid_request(const std::string& message) { return validation("Invalid Request: " + message); }

// ---- Reading -------------------------------------------------------------------------------------------------------

// The source by its ARN: this account's, this region's.
Outcome<std::string> source_of_arn(const Services& services, const Caller& caller, std::string_view arn,
                                   bool encryption_given) {
  // The region is looked at apart: another one is not a malformed ARN.
  std::string_view region = arn;
  for (int colons = 0; colons < 3; ++colons) {
    const auto colon = region.find(':');
    region = colon == std::string_view::npos ? std::string_view() : region.substr(colon + 1);
  }
  region = region.substr(0, region.find(':'));
  const auto reference = parse_table_reference(arn, caller.account, region);
  if (!arn.starts_with("arn:") || !reference.ok() || region.empty())
    return validation("sourceTableArn is not a valid ARN");
  if (reference.value().account != caller.account) {
    return validation("This action is only supported by accounts that match the resource owner\u2019s account.");
  }
  if (region != services.settings.region) {
    if (!encryption_given) {
      return invalid_request("sseSpecificationOverride must be provided for cross-region restores");
    }
    return validation("Cross-region restores are not supported by this server");
  }
  return std::string(reference.value().name);
}

Check read_time(const Fields& in, RestoreRequest& request) {
  request.latest = in.boolean("UseLatestRestorableTime", false);
  const auto micros = in.timestamp_micros("RestoreDateTime");
  if (request.latest && micros) {
    return invalid_request(
        "Both RestoreDateTime and UseLatestRestorableTime cannot be set for point-in-time restore request. Please "
        "specify "
        "either RestoreDateTime or UseLatestRestorableTime");
  }
  if (!request.latest && !micros) {
    return invalid_request("Either one of RestoreDateTime or UseLatestRestorableTime must be specified, but not both");
  }
  request.micros = micros.value_or(0);
  return Passed{};
}

// ---- Billing -------------------------------------------------------------------------------------------------------

Check check_billing(const RestoreRequest& request, const TableDefinition& source) {
  const BillingMode billing = request.billing.value_or(source.billing);
  if (request.throughput) TRY(check_units(*request.throughput, ""));
  if (request.throughput && billing == BillingMode::pay_per_request) {
    return invalid_request(request.billing ? "Cannot override ProvisionedThroughput if BillingMode is overridden to "
                                             "PAY_PER_REQUEST"
                                           : "Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED");
  }
  if (request.billing == BillingMode::provisioned && !request.throughput) {
    return invalid_request("Must override ProvisionedThroughput if BillingMode is overridden to PROVISIONED");
  }
  if (!request.on_demand) return Passed{};
  for (const auto& [name, value] : {std::pair{"MaxReadRequestUnits", request.on_demand->max_read_units},
                                    std::pair{"MaxWriteRequestUnits", request.on_demand->max_write_units}}) {
    if (!value) continue;
    if (billing == BillingMode::provisioned) {
      return invalid_request(std::string("Cannot override ") + name +
                             " for OnDemandThroughput unless BillingModeOverride is PAY_PER_REQUEST");
    }
    if (*value < 1 && *value != -1) {
      return invalid_request(std::string("Requested ") + name + " for OnDemandThroughput is outside of valid range");
    }
  }
  return Passed{};
}

void apply_billing(const RestoreRequest& request, std::uint64_t now_micros, TableDefinition& table) {
  const BillingMode before = table.billing;
  table.billing = request.billing.value_or(before);
  if (request.throughput) table.throughput = make_throughput(request.throughput);
  if (table.billing == BillingMode::provisioned) {
    table.on_demand.reset();
    table.pay_per_request_since_micros = 0;
    return;
  }
  table.throughput = Throughput();
  table.pay_per_request_since_micros = static_cast<std::int64_t>(now_micros);
  if (request.on_demand) table.on_demand = make_on_demand(request.on_demand);
}

// ---- Indexes -------------------------------------------------------------------------------------------------------

ApiError no_such_index(const std::string& name) {
  return invalid_request(
      "Index " + name +
      " does not match a secondary index that existed in the source table and cannot be created during "
      "the restore operation");
}

bool same_key(const std::vector<KeyElementSpec>& spec, const KeySchema& key) {
  std::vector<KeyElementSpec> wanted;
  for (const KeyAttribute& attribute : key.hash) wanted.push_back({attribute.name, true});
  for (const KeyAttribute& attribute : key.range) wanted.push_back({attribute.name, false});
  return std::equal(spec.begin(), spec.end(), wanted.begin(), wanted.end(),
                    [](const auto& a, const auto& b) { return a.name == b.name && a.hash == b.hash; });
}

bool same_projection(const ProjectionSpec& spec, const IndexProjection& projection) {
  if (spec.type != projection.type) return false;
  const IndexProjection wanted = make_projection(spec);
  return std::set<std::string>(wanted.non_key_attributes.begin(), wanted.non_key_attributes.end()) ==
         std::set<std::string>(projection.non_key_attributes.begin(), projection.non_key_attributes.end());
}

// The indexes of `source` that `specs` list, under the names they give, each at most once. `names` are those taken.
template <class Index>
Outcome<std::vector<Index>> select(const std::vector<Index>& source, const std::vector<IndexSpec>& specs,
                                   std::set<std::string>& names, std::vector<std::string>& sources) {
  std::vector<Index> selected;
  for (const IndexSpec& spec : specs) {
    const Index* match = nullptr;
    for (const Index& index : source) {
      const bool taken = std::find(sources.begin(), sources.end(), index.name) != sources.end();
      if (taken || !same_key(spec.key, index.key) || !same_projection(spec.projection, index.projection)) continue;
      // Of two alike, the one of that name.
      if (match == nullptr || index.name == spec.name) match = &index;
    }
    if (match == nullptr) return no_such_index(spec.name);
    if (!names.insert(spec.name).second) return invalid_parameter("Duplicate index name: " + spec.name);
    sources.push_back(match->name);
    selected.push_back(*match);
    selected.back().name = spec.name;
  }
  return selected;
}

template <class Index>
std::vector<Index> select_all(const std::vector<Index>& source, std::set<std::string>& names,
                              std::vector<std::string>& sources) {
  for (const Index& index : source) {
    names.insert(index.name);
    sources.push_back(index.name);
  }
  return source;
}

// A global index of the new table: how much it may be used, and ready.
Check settle_index(const RestoreRequest& request, const IndexSpec* spec, const TableDefinition& table,
                   GlobalIndex& index) {
  const bool on_demand = table.billing == BillingMode::pay_per_request;
  if (spec != nullptr) {
    if (on_demand && spec->throughput) {
      return invalid_request(
          "Cannot override ProvisionedThroughput if BillingMode is overridden to PAY_PER_REQUEST for "
          "index " +
          spec->name);
    }
    if (!on_demand && !spec->throughput) {
      return invalid_request("Must specify provisioned throughput for index " + spec->name);
    }
    if (spec->throughput) {
      TRY(check_units(*spec->throughput, spec->name));
      index.throughput = make_throughput(spec->throughput);
    }
    if (spec->on_demand) index.on_demand = make_on_demand(spec->on_demand);
  } else if (!on_demand && index.throughput.read_units == 0 && request.billing) {
    // The source was on demand, so there is nothing to carry over.
    return invalid_request("Must specify provisioned throughput for index " + index.name);
  }
  if (on_demand) index.throughput = Throughput();
  if (!on_demand) index.on_demand.reset();
  index.status = IndexStatus::active;
  index.backfilling = false;
  return Passed{};
}

Check select_indexes(const RestoreRequest& request, const TableDefinition& source, RestorePlan& plan) {
  std::set<std::string> names;
  if (request.local_indexes) {
    TRY_ASSIGN(plan.table.local_indexes,
               select(source.local_indexes, *request.local_indexes, names, plan.local_sources));
  } else {
    plan.table.local_indexes = select_all(source.local_indexes, names, plan.local_sources);
  }
  if (request.global_indexes) {
    TRY_ASSIGN(plan.table.global_indexes,
               select(source.global_indexes, *request.global_indexes, names, plan.global_sources));
  } else {
    plan.table.global_indexes = select_all(source.global_indexes, names, plan.global_sources);
  }
  for (std::size_t i = 0; i < plan.table.global_indexes.size(); ++i) {
    const IndexSpec* spec = request.global_indexes ? &(*request.global_indexes)[i] : nullptr;
    TRY(settle_index(request, spec, plan.table, plan.table.global_indexes[i]));
  }
  return Passed{};
}

}  // namespace

Check read_overrides(const codec::JsonValue& body, RestoreRequest& request) {
  const Fields in(body);
  request.target = in.string_or("TargetTableName", "");
  if (const auto mode = in.string("BillingModeOverride")) request.billing = billing_mode(*mode);
  request.throughput = read_throughput(in, "ProvisionedThroughputOverride");
  request.on_demand = read_on_demand(in, "OnDemandThroughputOverride");
  request.global_indexes = read_indexes(in, "GlobalSecondaryIndexOverride");
  request.local_indexes = read_indexes(in, "LocalSecondaryIndexOverride");
  request.encryption = read_encryption(in, "SSESpecificationOverride");
  if (request.encryption) TRY(check_encryption(*request.encryption));
  return refuse_members(body, {"VectorIndexOverride"});
}

Outcome<RestoreRequest> read_restore(const Services& services, const Caller& caller, const codec::JsonValue& body) {
  TRY(check_types(shapes::restore_table_to_point_in_time, body));
  if (const auto target = Fields(body).string("TargetTableName")) TRY(check_plain_table_name(*target));
  TRY(check_constraints(shapes::restore_table_to_point_in_time, body));
  const Fields in(body);
  RestoreRequest request;
  const auto name = in.string("SourceTableName");
  const auto arn = in.string("SourceTableArn");
  if (name && arn) return validation("Must provide exactly one of: sourceTableArn, sourceTableName");
  if (!name && !arn) return validation("The parameter 'TableName' is required but was not present in the request");
  TRY(read_time(in, request));
  TRY(read_overrides(body, request));
  if (name) request.source = *name;
  if (arn) {
    TRY_ASSIGN(request.source, source_of_arn(services, caller, *arn, request.encryption.has_value()));
  }
  return request;
}

Outcome<RestorePlan> plan_restore(const RestoreRequest& request, const TableDefinition& source,
                                  const Settings& settings, std::uint64_t now_micros) {
  TRY(check_billing(request, source));
  RestorePlan plan;
  TableDefinition& table = plan.table;
  table.account = source.account;
  table.name = request.target;
  table.id = random_uuid();
  table.arn = table_arn(settings.region, table.account, table.name);
  table.creation_micros = static_cast<std::int64_t>(now_micros);
  table.key = source.key;
  table.billing = source.billing;
  table.throughput.read_units = source.throughput.read_units;
  table.throughput.write_units = source.throughput.write_units;
  table.on_demand = source.on_demand;
  table.encryption =
      request.encryption ? make_encryption(request.encryption, table.account, settings.region) : source.encryption;
  table.space = source.space;
  apply_billing(request, now_micros, table);
  TRY(select_indexes(request, source, plan));
  table.attributes = used_attributes(table);
  // AWS restores without protection; where the environment protects new tables, a restored one is new.
  protect_new_table(table, settings, std::nullopt);
  return plan;
}

}  // namespace reprise::dynamo
