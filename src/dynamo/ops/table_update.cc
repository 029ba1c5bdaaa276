// What UpdateTable makes of a definition: capacity first, then encryption, class, protection and indexes. A change that
// is refused changes nothing: the definition is a copy.
#include "dynamo/ops/table_update.h"

#include <algorithm>
#include <utility>

#include "dynamo/model/limits.h"
#include "dynamo/ops/table_streams.h"
#include "dynamo/ops/table_validation.h"
#include "dynamo/ops/warm_throughput.h"

namespace reprise::dynamo {

namespace {

constexpr std::int64_t micros_per_day = std::int64_t{24} * 3600 * 1'000'000;

std::string quantity(std::string_view unit, std::string_view where, std::int64_t current, std::int64_t requested) {
  return std::string("Current ").append(unit).append(" provisioned for ").append(where).append(": ") +
         std::to_string(current) + ". Requested " + std::string(unit) + ": " + std::to_string(requested) + ". ";
}

ApiError will_not_change(std::string_view what, std::string_view where, const Throughput& current,
                         const ThroughputSpec& requested) {
  return validation(
      std::string("The provisioned throughput for ").append(what) +
      " will not change. The requested value equals the current value. " +
      quantity("ReadCapacityUnits", where, current.read_units, requested.read_units) +
      quantity("WriteCapacityUnits", where, current.write_units, requested.write_units) +
      "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.");
}

void set_throughput(Throughput& throughput, const ThroughputSpec& spec, std::int64_t now_micros) {
  if (spec.read_units > throughput.read_units || spec.write_units > throughput.write_units) {
    throughput.last_increase_micros = now_micros;
  }
  if (spec.read_units < throughput.read_units || spec.write_units < throughput.write_units) {
    const bool again = throughput.last_decrease_micros / micros_per_day == now_micros / micros_per_day;
    throughput.decreases_today = again ? throughput.decreases_today + 1 : 1;
    throughput.last_decrease_micros = now_micros;
  }
  throughput.read_units = spec.read_units;
  throughput.write_units = spec.write_units;
}

Check set_on_demand(std::optional<OnDemandThroughput>& current, const OnDemandSpec& spec, std::string_view whose) {
  OnDemandThroughput merged = current.value_or(OnDemandThroughput());
  struct Cap {
    std::string_view name;
    const std::optional<std::int64_t>& requested;
    std::int64_t& value;
  };
  for (const Cap& cap : {Cap{"MaxReadRequestUnits", spec.max_read_units, merged.max_read_units},
                         Cap{"MaxWriteRequestUnits", spec.max_write_units, merged.max_write_units}}) {
    if (!cap.requested) continue;
    if (*cap.requested < 1 && *cap.requested != -1) {
      return invalid_parameter(
          std::string("Requested ").append(cap.name).append(" for OnDemandThroughput for ").append(whose) +
          " is outside of valid range");
    }
    cap.value = *cap.requested;
  }
  current = merged;
  return Passed{};
}

const IndexSpec* index_update(const TableUpdate& update, std::string_view name) {
  if (!update.indexes) return nullptr;
  for (const IndexChange& change : *update.indexes) {
    if (change.update && change.update->name == name) return &*change.update;
  }
  return nullptr;
}

Check switch_to_provisioned(const TableUpdate& update, TableDefinition& table) {
  table.billing = BillingMode::provisioned;
  table.on_demand.reset();
  for (GlobalIndex& index : table.global_indexes) {
    const IndexSpec* change = index_update(update, index.name);
    if (change == nullptr || !change->throughput) {
      return invalid_parameter("ProvisionedThroughput must be specified for index: " + index.name);
    }
    index.on_demand.reset();
  }
  return Passed{};
}

void switch_to_on_demand(TableDefinition& table, std::int64_t now_micros) {
  if (table.billing == BillingMode::pay_per_request) return;
  table.billing = BillingMode::pay_per_request;
  table.pay_per_request_since_micros = now_micros;
  table.throughput.read_units = 0;
  table.throughput.write_units = 0;
  for (GlobalIndex& index : table.global_indexes) {
    index.throughput.read_units = 0;
    index.throughput.write_units = 0;
  }
}

Check apply_capacity(const TableUpdate& update, std::int64_t now_micros, TableDefinition& table) {
  const bool was_on_demand = table.billing == BillingMode::pay_per_request;
  if (update.billing == BillingMode::pay_per_request) switch_to_on_demand(table, now_micros);
  if (update.billing == BillingMode::provisioned && was_on_demand) TRY(switch_to_provisioned(update, table));
  const bool on_demand = table.billing == BillingMode::pay_per_request;
  if (update.throughput) {
    if (on_demand) {
      return invalid_parameter(
          "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST");
    }
    if (update.throughput->read_units == table.throughput.read_units &&
        update.throughput->write_units == table.throughput.write_units) {
      return will_not_change("the table", "the table", table.throughput, *update.throughput);
    }
    set_throughput(table.throughput, *update.throughput, now_micros);
  }
  if (!update.on_demand) return Passed{};
  if (!on_demand) {
    return invalid_parameter(
        std::string(update.on_demand->max_read_units ? "MaxReadRequestUnits" : "MaxWriteRequestUnits") +
        " for OnDemandThroughput cannot be specified when the table BillingMode is PROVISIONED");
  }
  return set_on_demand(table.on_demand, *update.on_demand, "table");
}

ApiError index_not_found(const TableDefinition& table, const std::string& name, std::string_view action) {
  if (table.local_index(name) != nullptr) {
    return validation(std::string("Cannot ").append(action) + " an index that is not a GlobalSecondaryIndex: " + name);
  }
  return api_error(ErrorKind::resource_not_found,
                   "Requested resource not found: Index " + name + " for table " + table.name);
}

std::vector<GlobalIndex>::iterator find_global(TableDefinition& table, std::string_view name) {
  return std::find_if(table.global_indexes.begin(), table.global_indexes.end(),
                      [&](const GlobalIndex& index) { return index.name == name; });
}

ApiError only_on_demand_updates(const std::string& index) {
  return invalid_parameter("The only Updates for index: " + index +
                           " when TableThroughputMode is PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput");
}

Check update_index(const IndexSpec& spec, std::int64_t now_micros, TableDefinition& table) {
  const auto index = find_global(table, spec.name);
  if (index == table.global_indexes.end()) return index_not_found(table, spec.name, "update");
  const bool on_demand = table.billing == BillingMode::pay_per_request;
  if (spec.throughput) {
    if (on_demand) return only_on_demand_updates(spec.name);
    if (spec.throughput->read_units == index->throughput.read_units &&
        spec.throughput->write_units == index->throughput.write_units) {
      return will_not_change("the index " + spec.name, "index " + spec.name, index->throughput, *spec.throughput);
    }
    set_throughput(index->throughput, *spec.throughput, now_micros);
  }
  const bool caps = spec.on_demand && (spec.on_demand->max_read_units || spec.on_demand->max_write_units);
  if (spec.warm) {
    TRY_ASSIGN(index->warm, raised_warm(*spec.warm, warm_of(table, *index), "index " + spec.name));
  } else if (on_demand && !caps) {
    return only_on_demand_updates(spec.name);
  } else if (!on_demand && !spec.throughput && !caps) {
    return invalid_parameter("Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: " + spec.name);
  }
  if (!caps) return Passed{};
  if (!on_demand) {
    return invalid_parameter(
        std::string(spec.on_demand->max_read_units ? "MaxReadRequestUnits" : "MaxWriteRequestUnits") +
        " for OnDemandThroughput for index : " + spec.name +
        " cannot be specified when the table BillingMode is PROVISIONED");
  }
  return set_on_demand(index->on_demand, *spec.on_demand, "index : " + spec.name);
}

// The types of the new index's key attributes: what the request defines, or the table already has. An attribute cannot
// have two types.
Check merge_definitions(const TableUpdate& update, const IndexSpec& spec, TableDefinition& table) {
  if (!update.attributes) return invalid_parameter("AttributeDefinitions is not specified for index: " + spec.name);
  for (const AttributeDefinition& definition : *update.attributes) {
    const bool needed = std::any_of(spec.key.begin(), spec.key.end(),
                                    [&](const KeyElementSpec& element) { return element.name == definition.name; });
    if (!needed) continue;
    const auto known = std::find_if(table.attributes.begin(), table.attributes.end(),
                                    [&](const AttributeDefinition& one) { return one.name == definition.name; });
    if (known == table.attributes.end()) {
      table.attributes.push_back(definition);
    } else if (known->type != definition.type) {
      return invalid_parameter("AttributeDefinitions gives " + definition.name + " another type than the table has");
    }
  }
  auto all = *update.attributes;
  for (const AttributeDefinition& known : table.attributes) {
    if (std::find(all.begin(), all.end(), known) == all.end()) all.push_back(known);
  }
  Check defined = check_defined(spec.key, all);
  // A key of several attributes is refused in other words.
  if (!defined.ok() && spec.key.size() > 1) return key_has_no_definition();
  return defined;
}

Check create_index(const TableUpdate& update, const IndexSpec& spec, TableDefinition& table) {
  if (table.local_index(spec.name) != nullptr || table.global_index(spec.name) != nullptr) {
    return validation("Attempting to create an index which already exists");
  }
  TRY(merge_definitions(update, spec, table));
  const bool on_demand = table.billing == BillingMode::pay_per_request;
  if (!on_demand && !spec.throughput) {
    return invalid_parameter("Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: " + spec.name);
  }
  if (on_demand && spec.throughput) {
    return invalid_parameter("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: " +
                             spec.name + " when BillingMode is PAY_PER_REQUEST");
  }
  TRY(check_index_warm(spec, table.billing));
  if (table.global_indexes.size() >= limits::global_indexes_max) {
    return api_error(ErrorKind::limit_exceeded,
                     "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of 20");
  }
  GlobalIndex index;
  index.name = spec.name;
  index.key = make_key(spec.key, table.attributes);
  index.projection = make_projection(spec.projection);
  index.throughput = make_throughput(spec.throughput);
  if (spec.on_demand) TRY(set_on_demand(index.on_demand, *spec.on_demand, "index : " + spec.name));
  index.warm = make_warm(spec.warm, warm_of(table, index));
  index.status = IndexStatus::creating;
  index.backfilling = true;
  table.global_indexes.push_back(std::move(index));
  return check_projected_total(table);
}

Outcome<UpdateEffect> apply_indexes(const TableUpdate& update, std::int64_t now_micros, TableDefinition& table) {
  UpdateEffect effect;
  const bool busy = std::any_of(table.global_indexes.begin(), table.global_indexes.end(),
                                [](const GlobalIndex& index) { return index.status != IndexStatus::active; });
  for (const IndexChange& change : *update.indexes) {
    if (change.update) {
      TRY(update_index(*change.update, now_micros, table));
      continue;
    }
    if (change.remove && find_global(table, *change.remove) == table.global_indexes.end()) {
      return index_not_found(table, *change.remove, "delete");
    }
    // An index that is being made may itself be deleted: that is how its making is given up.
    const bool gives_up = change.remove && find_global(table, *change.remove)->status == IndexStatus::creating;
    if (busy && !gives_up) {
      return api_error(
          ErrorKind::limit_exceeded,
          "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table");
    }
    if (change.create) {
      TRY(create_index(update, *change.create, table));
      effect.created = change.create->name;
    } else {
      const auto index = find_global(table, *change.remove);
      effect.removed = std::move(*index);
      table.global_indexes.erase(index);
    }
  }
  table.attributes = used_attributes(table);
  return effect;
}

Check apply_encryption(const EncryptionSpec& spec, std::string_view region, TableDefinition& table) {
  if (!spec.enabled && !table.encryption) return invalid_parameter("Table is already encrypted by default");
  auto made = make_encryption(spec, table.account, region);
  // Another name of the present key is no error: AWS encrypts anew with it.
  if (table.encryption && spec.key_id && *spec.key_id == table.encryption->key_arn) {
    return invalid_parameter(
        "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to change "
        "Master Key");
  }
  table.encryption = std::move(made);
  return Passed{};
}

}  // namespace

Outcome<UpdateEffect> apply_table_update(const TableUpdate& update, std::string_view region, std::uint64_t now_micros,
                                         TableDefinition& table) {
  const auto now = static_cast<std::int64_t>(now_micros);
  const TableDefinition before = table;
  TRY(apply_capacity(update, now, table));
  if (update.warm) {
    TRY_ASSIGN(table.warm, raised_warm(*update.warm, warm_of(table), "table"));
  }
  if (update.stream_enabled) TRY(apply_stream_change(*update.stream_enabled, update.stream_view_type, now, table));
  if (update.encryption) TRY(apply_encryption(*update.encryption, region, table));
  if (update.table_class && *update.table_class != table.table_class) {
    table.table_class = *update.table_class;
    table.table_class_since_micros = now;
  }
  if (update.deletion_protection) table.deletion_protection = *update.deletion_protection;
  UpdateEffect effect;
  if (update.indexes) {
    TRY_ASSIGN(effect, apply_indexes(update, now, table));
  }
  keep_warm(before, table);
  return effect;
}

ShownUpdate updated_as_shown(const TableUpdate& update, const UpdateEffect& effect, const TableDefinition& before,
                             const TableDefinition& after) {
  ShownUpdate shown{after, {}};
  TableDefinition& table = shown.table;
  const bool updating = update.billing || update.throughput || update.table_class || update.stream_enabled ||
                        effect.created || effect.removed;
  if (updating) table.status = TableStatus::updating;
  table.table_class = before.table_class;
  table.table_class_since_micros = before.table_class_since_micros;
  shown.changes.on_demand = update.on_demand.has_value();
  shown.changes.encryption = update.encryption.has_value();
  if (update.encryption && before.encryption) table.encryption = before.encryption;
  shown.changes.warm = update.warm.has_value();
  table.warm = before.warm;
  if (update.throughput && before.billing == after.billing) table.throughput = before.throughput;
  for (GlobalIndex& index : table.global_indexes) {
    if (index.name == effect.created) index.backfilling = false;
    const GlobalIndex* old = before.global_index(index.name);
    const IndexSpec* asked = index_update(update, index.name);
    if (old == nullptr || asked == nullptr) continue;
    index.warm = old->warm;
    if (asked->warm) shown.changes.warm_indexes.push_back(index.name);
    if (asked->throughput || asked->on_demand) index.status = IndexStatus::updating;
    if (before.billing == after.billing) index.throughput = old->throughput;
  }
  if (effect.removed) {
    table.attributes = before.attributes;
    table.global_indexes.push_back(*effect.removed);
    table.global_indexes.back().status = IndexStatus::deleting;
  }
  return shown;
}

}  // namespace reprise::dynamo
