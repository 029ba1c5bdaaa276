// UpdateContributorInsights, DescribeContributorInsights, ListContributorInsights: which tables and global indexes
// insights were asked for. The setting is stored and described as the service does; nothing is collected.
//
// The answer of a change says ENABLING or DISABLING, every later one the settled state.
#include <algorithm>
#include <utility>
#include <vector>

#include "codec/base64.h"
#include "dynamo/ops/catalog.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/settings_operations.h"
#include "dynamo/ops/shapes.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/table_lookup.h"
#include "dynamo/ops/table_validation.h"

namespace reprise::dynamo {

namespace {

constexpr std::string_view default_mode = "ACCESSED_AND_THROTTLED_KEYS";
constexpr std::string_view throttled_mode = "THROTTLED_KEYS";

// The table and, empty for the table itself, the global index.
struct Subject {
  TablePtr table;
  std::string index;
};

const ContributorInsights* find_insights(const TableDefinition& table, std::string_view index) {
  const auto found = std::find_if(table.insights.begin(), table.insights.end(),
                                  [&](const ContributorInsights& one) { return one.index == index; });
  return found == table.insights.end() ? nullptr : &*found;
}

Check check_subject(const Shape& shape, const codec::JsonValue& body) {
  TRY(check_types(shape, body));
  const auto index = Fields(body).string("IndexName");
  if (index && (index->size() < 3 || index->size() > 255)) {
    return validation("IndexName must be at least 3 characters long and at most 255 characters long");
  }
  return check_table_request(shape, body);
}

Outcome<Subject> find_subject(const Services& services, const OperationRequest& request) {
  const Fields in(request.body);
  TRY_ASSIGN(const std::string name, own_table_name(services, request.caller, in.string_or("TableName", "")));
  Subject subject;
  subject.table = services.catalog.find(request.caller.account, name);
  if (!subject.table) return table_not_found(name);
  subject.index = in.string_or("IndexName", "");
  if (!subject.index.empty() && subject.table->global_index(subject.index) == nullptr) {
    return api_error(ErrorKind::resource_not_found,
                     "Requested resource not found: Index: " + subject.index + " not found for table: " + name);
  }
  return subject;
}

void write_subject(codec::JsonWriter& w, const TableDefinition& table, const std::string& index) {
  w.member("TableName", table.name);
  if (!index.empty()) w.member("IndexName", index);
}

Bytes change_answer(const Subject& subject, std::string_view status, std::string_view mode) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  write_subject(w, *subject.table, subject.index);
  w.member("ContributorInsightsStatus", status);
  if (!mode.empty()) w.member("ContributorInsightsMode", mode);
  w.end_object();
  return out;
}

// The names CloudWatch's rules would have: of partition keys and, where there are any, of sort keys.
std::vector<std::string> rule_names(const Subject& subject, const ContributorInsights& insights) {
  const KeySchema& key = subject.index.empty() ? subject.table->key : subject.table->global_index(subject.index)->key;
  std::vector<std::string> kinds;
  for (const std::string_view measure : {"C", "T"}) {
    if (measure == "C" && insights.mode == throttled_mode) continue;
    kinds.push_back("PK" + std::string(measure));
    if (!key.range.empty()) kinds.push_back("SK" + std::string(measure));
  }
  const std::string resource = subject.table->name + (subject.index.empty() ? "" : "-" + subject.index);
  for (std::string& kind : kinds) {
    kind =
        "DynamoDBContributorInsights-" + kind + "-" + resource + "-" + std::to_string(insights.changed_micros / 1000);
  }
  return kinds;
}

// One line of the list, and where it stands in it.
struct Entry {
  TablePtr table;
  const ContributorInsights* insights;
};

// The enabled ones of a table: its own first, then its indexes' in the order of the table.
void append_entries(const TablePtr& table, std::vector<Entry>& entries) {
  if (const auto* own = find_insights(*table, ""); own != nullptr && own->enabled) entries.push_back({table, own});
  for (const GlobalIndex& index : table->global_indexes) {
    const auto* insights = find_insights(*table, index.name);
    if (insights != nullptr && insights->enabled) entries.push_back({table, insights});
  }
}

// Of one entry; a list goes on behind the entry its token names.
std::string position_of(const Entry& entry) { return entry.table->name + "/" + entry.insights->index; }

std::vector<Entry> all_entries(const Services& services, const std::string& account) {
  std::vector<TablePtr> tables = services.catalog.all();
  std::erase_if(tables, [&](const TablePtr& table) { return table->account != account; });
  std::sort(tables.begin(), tables.end(), [](const auto& a, const auto& b) { return a->name < b->name; });
  std::vector<Entry> entries;
  for (const TablePtr& table : tables) append_entries(table, entries);
  return entries;
}

Outcome<std::size_t> first_entry(const std::vector<Entry>& entries, std::optional<std::string_view> token) {
  if (!token) return std::size_t{0};
  const auto position = codec::from_base64(*token);
  if (!position.ok()) return validation("Invalid NextToken");
  const auto after =
      std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return position_of(entry) == *position; });
  if (after == entries.end()) return validation("Invalid NextToken");
  return static_cast<std::size_t>(after - entries.begin()) + 1;
}

}  // namespace

Task<OperationResult> update_contributor_insights(Services& services, OperationRequest request) {
  CO_TRY(check_subject(shapes::update_contributor_insights, request.body));
  const Fields in(request.body);
  CO_TRY_ASSIGN(const Subject subject, find_subject(services, request));
  const bool enable = in.string_or("ContributorInsightsAction", "") == "ENABLE";
  const ContributorInsights* present = find_insights(*subject.table, subject.index);
  const bool enabled = present != nullptr && present->enabled;
  const std::string present_mode = present == nullptr ? "" : present->mode;
  const std::string mode(enable ? in.string_or("ContributorInsightsMode", default_mode) : present_mode);
  if (enable && enabled && mode == present_mode) co_return change_answer(subject, "ENABLED", mode);
  if (!enable && !enabled) co_return change_answer(subject, "DISABLED", mode);

  const ContributorInsights wanted{subject.index, mode, enable, static_cast<std::int64_t>(services.wall.now_micros())};
  const Catalog::Edit edit = [&](TableDefinition& definition) {
    std::erase_if(definition.insights, [&](const ContributorInsights& one) { return one.index == subject.index; });
    definition.insights.push_back(wanted);
    return Status();
  };
  const TablePtr& table = subject.table;
  const auto edited = co_await services.catalog.edit(table->account, table->name, table->id, edit);
  if (!edited.ok()) co_return store_error(edited.error());
  co_return change_answer(subject, enable ? "ENABLING" : "DISABLING", mode);
}

Task<OperationResult> describe_contributor_insights(Services& services, OperationRequest request) {
  CO_TRY(check_subject(shapes::describe_contributor_insights, request.body));
  CO_TRY_ASSIGN(const Subject subject, find_subject(services, request));
  const ContributorInsights* insights = find_insights(*subject.table, subject.index);
  const bool enabled = insights != nullptr && insights->enabled;
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  write_subject(w, *subject.table, subject.index);
  if (enabled) {
    w.key("ContributorInsightsRuleList");
    w.begin_array();
    for (const std::string& name : rule_names(subject, *insights)) w.string(name);
    w.end_array();
  }
  w.member("ContributorInsightsStatus", enabled ? "ENABLED" : "DISABLED");
  if (insights != nullptr) {
    w.key("LastUpdateDateTime");
    w.epoch_seconds(static_cast<std::uint64_t>(insights->changed_micros));
    w.member("ContributorInsightsMode", insights->mode);
  }
  w.end_object();
  co_return std::move(out);
}

Task<OperationResult> list_contributor_insights(Services& services, OperationRequest request) {
  CO_TRY(check_request(shapes::list_contributor_insights, request.body));
  const Fields in(request.body);
  std::vector<Entry> entries;
  if (const auto text = in.string("TableName")) {
    CO_TRY_ASSIGN(const std::string name, own_table_name(services, request.caller, *text));
    const TablePtr table = services.catalog.find(request.caller.account, name);
    if (!table) co_return table_not_found(name);
    append_entries(table, entries);
  } else {
    entries = all_entries(services, request.caller.account);
  }
  CO_TRY_ASSIGN(const std::size_t first, first_entry(entries, in.string("NextToken")));
  constexpr std::int64_t page_max = 100;
  const std::int64_t asked = in.integer("MaxResults").value_or(0);
  const auto limit = static_cast<std::size_t>(asked > 0 ? asked : page_max);
  const std::size_t end = std::min(entries.size(), first + limit);

  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("ContributorInsightsSummaries");
  w.begin_array();
  for (std::size_t i = first; i < end; ++i) {
    w.begin_object();
    write_subject(w, *entries[i].table, entries[i].insights->index);
    w.member("ContributorInsightsStatus", "ENABLED");
    w.member("ContributorInsightsMode", entries[i].insights->mode);
    w.end_object();
  }
  w.end_array();
  if (end < entries.size()) w.member("NextToken", codec::to_base64(position_of(entries[end - 1])));
  w.end_object();
  co_return std::move(out);
}

}  // namespace reprise::dynamo
