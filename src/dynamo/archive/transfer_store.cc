// Records are small and few (what is older than ninety days goes), so lists are scans.
#include "dynamo/archive/transfer_store.h"

#include <utility>

#include "base/rng.h"
#include "codec/json_members.h"
#include "history/store.h"

namespace reprise::dynamo {

namespace {

constexpr int rounds_max = 10;

Task<Status> put_once(Services& services, const RecordChanges& changes) {
  history::Commit commit;
  for (const auto& [key, value] : changes) {
    history::Change change;
    change.space = services.root.archives;
    change.key = key;
    CO_TRY_ASSIGN(change.before, co_await services.store.get(services.root.archives, key));
    if (!value && !change.before) continue;
    change.value = value;
    commit.changes.push_back(std::move(change));
  }
  if (commit.changes.empty()) co_return Status();
  CO_TRY(co_await services.store.commit(std::move(commit)));
  co_return Status();
}

std::string random_hex() {
  std::string hex;
  for (const char c : random_uuid()) {
    if (c != '-') hex.push_back(c);
  }
  return hex;
}

}  // namespace

std::string new_transfer_id(std::uint64_t micros) {
  std::string millis = std::to_string(micros / 1000);
  constexpr std::size_t digits = 14;
  if (millis.size() < digits) millis.insert(0, digits - millis.size(), '0');
  return millis + "-" + random_hex().substr(0, 8);
}

Task<Result<std::optional<Bytes>>> find_record(Services& services, Bytes key) {
  CO_TRY_ASSIGN(const history::Version found, co_await services.store.get(services.root.archives, key));
  if (!found) co_return std::optional<Bytes>();
  co_return std::optional<Bytes>(Bytes(found.value()));
}

Task<Status> put_record(Services& services, Bytes key, std::optional<Bytes> value) {
  RecordChanges changes;
  changes.emplace_back(std::move(key), std::move(value));
  co_return co_await put_records(services, std::move(changes));
}

Task<Status> put_records(Services& services, RecordChanges changes) {
  for (int round = 0;; ++round) {
    Status done = co_await put_once(services, changes);
    if (!done.is(Code::conflict) || round == rounds_max) co_return done;
  }
}

Task<Result<Records>> list_records(Services& services, Bytes prefix, Bytes after, std::size_t limit) {
  Records records;
  history::ScanRequest request;
  request.space = services.root.archives;
  request.range.lower = after.empty() ? prefix : after + '\0';
  request.range.upper = prefix_end(prefix);
  while (records.size() < limit) {
    request.max_rows = limit - records.size();
    CO_TRY_ASSIGN(const auto page, co_await services.store.scan(request));
    for (std::size_t i = 0; i < page.rows.size(); ++i) {
      records.emplace_back(Bytes(page.rows[i].key), Bytes(page.rows[i].value));
    }
    if (!page.resume_after) break;
    request.range.lower = *page.resume_after + '\0';
  }
  co_return std::move(records);
}

Task<history::KeyLocks::Guard> lock_records_of(Services& services, BytesView key) {
  return services.store.locks().lock(services.root.archives, key.substr(0, key.rfind('/') + 1));
}

void RecordWriter::operator()(std::string_view name, const std::vector<std::string>& values) {
  if (values.empty()) return;
  w_.key(name);
  w_.begin_array();
  for (const std::string& value : values) w_.string(value);
  w_.end_array();
}

void RecordReader::operator()(std::string_view name, std::string& value) const { value = text_of(object_, name); }

void RecordReader::operator()(std::string_view name, std::uint64_t& value) const { value = unsigned_of(object_, name); }

void RecordReader::operator()(std::string_view name, bool& value) const { value = text_of(object_, name) == "true"; }

void RecordReader::operator()(std::string_view name, std::vector<std::string>& values) const {
  values.clear();
  const auto member = object_.find(name);
  if (!member || !member->is(codec::JsonType::array)) return;
  for (auto element = member->first_element(); element; element.advance()) {
    if (element.value().is(codec::JsonType::string)) values.emplace_back(element.value().string());
  }
}

void append_json(codec::JsonWriter& writer, const codec::JsonValue& value) {
  switch (value.type()) {
    case codec::JsonType::null: return writer.null();
    case codec::JsonType::boolean: return writer.boolean(value.boolean());
    case codec::JsonType::string: return writer.string(value.string());
    case codec::JsonType::number:
      if (const auto whole = value.integer()) return writer.integer(*whole);
      return writer.number(value.number());
    case codec::JsonType::array:
      writer.begin_array();
      for (auto element = value.first_element(); element; element.advance()) append_json(writer, element.value());
      return writer.end_array();
    case codec::JsonType::object:
      writer.begin_object();
      for (auto member = value.first_member(); member; member.advance()) {
        writer.key(member.key());
        append_json(writer, member.value());
      }
      return writer.end_object();
  }
}

}  // namespace reprise::dynamo
