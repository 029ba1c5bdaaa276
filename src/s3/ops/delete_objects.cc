// DeleteObjects: up to 1,000 keys and versions in one request, each with an answer of its own.
//
// Several are under way at a time, so that their commits share the disk's syncs; the answers are in the request's
// order.
#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "codec/xml.h"
#include "s3/model/document.h"
#include "s3/ops/access.h"
#include "s3/ops/object_headers.h"
#include "s3/ops/object_locks.h"
#include "s3/ops/object_removal.h"
#include "s3/ops/version_operations.h"

namespace reprise::s3 {

namespace {

using codec::XmlWriter;

constexpr std::size_t entries_max = 1000;
constexpr std::size_t under_way_max = 16;

struct Entry {
  std::string key;
  std::string version_id;  // as sent; empty: none
  std::optional<std::string> etag;
  bool other_condition = false;  // of directory buckets alone
};

struct Request {
  std::vector<Entry> entries;
  bool quiet = false;
};

Outcome<Entry> parse_entry(const codec::XmlElement& object) {
  const bool known = has_only(object, {"Key", "VersionId", "ETag", "LastModifiedTime", "Size"});
  const bool repeated = count_of(object, "VersionId") > 1 || count_of(object, "ETag") > 1;
  if (!known || repeated || count_of(object, "Key") != 1 || object.text_of("Key").empty()) {
    return s3_error(ErrorCode::malformed_xml);
  }
  Entry entry;
  entry.key = object.text_of("Key");
  entry.version_id = trimmed(object.text_of("VersionId"));
  if (const auto* etag = object.child("ETag"); etag != nullptr) entry.etag = trimmed(etag->text);
  entry.other_condition = object.child("LastModifiedTime") != nullptr || object.child("Size") != nullptr;
  return entry;
}

// A truth value of XML Schema, in any case.
Outcome<bool> parse_quiet(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  if (lowered == "true" || lowered == "1") return true;
  if (lowered == "false" || lowered == "0" || lowered.empty()) return false;
  return s3_error(ErrorCode::malformed_xml);
}

Outcome<Request> parse_request(BytesView document) {
  codec::XmlLimits limits;
  limits.nul_references = true;
  TRY_ASSIGN(const codec::XmlElement root, parse_document(document, "Delete", ErrorCode::malformed_xml, limits));
  if (count_of(root, "Quiet") > 1) return s3_error(ErrorCode::malformed_xml);
  Request request;
  for (const auto& child : root.children) {
    if (child.name == "Quiet") {
      TRY_ASSIGN(request.quiet, parse_quiet(trimmed(child.text)));
    } else if (child.name == "Object") {
      TRY_ASSIGN(Entry entry, parse_entry(child));
      request.entries.push_back(std::move(entry));
    } else {
      return s3_error(ErrorCode::malformed_xml);
    }
  }
  if (request.entries.empty() || request.entries.size() > entries_max) return s3_error(ErrorCode::malformed_xml);
  return request;
}

// The removals of one request. Lives until run() is done.
class Removals {
 public:
  Removals(Services& services, const Call& call, const std::vector<Entry>& entries)
      : services_(services), call_(call), entries_(entries), outcomes_(entries.size(), Outcome<Removed>(Removed())) {}

  Task<void> run() {
    Executor* const executor = Executor::current();
    const std::size_t workers = executor == nullptr ? 1 : std::min(under_way_max, entries_.size());
    running_ = workers;
    if (workers == 1) {
      co_await work();
      co_return;
    }
    for (std::size_t i = 0; i < workers; ++i) spawn(*executor, work());
    co_await done_;
  }
  [[nodiscard]] const Outcome<Removed>& outcome(std::size_t i) const { return outcomes_[i]; }

 private:
  Task<void> work() {
    for (std::size_t i = next_++; i < entries_.size(); i = next_++) outcomes_[i] = co_await remove(entries_[i]);
    const bool last = running_.fetch_sub(1) == 1;
    if (last && entries_.size() > 1) done_.complete(true);
  }

  Task<Outcome<Removed>> remove(const Entry& entry) {
    if (entry.other_condition) co_return s3_error(ErrorCode::not_implemented);
    AccessTarget target;
    target.bucket = call_.bucket_info;
    target.bucket_name = call_.bucket;
    target.key = entry.key;
    if (!entry.version_id.empty()) target.context.emplace_back("s3:VersionId", entry.version_id);
    if (entry.etag) target.context.emplace_back("s3:if-match", *entry.etag);
    std::string action(entry.version_id.empty() ? "s3:DeleteObject" : "s3:DeleteObjectVersion");
    CO_TRY(co_await authorize(services_, call_, std::move(action), std::move(target)));
    if (entry.etag) CO_TRY(co_await authorize_match(services_, call_, entry.key, *entry.etag));
    Removal removal;
    removal.key = entry.key;
    removal.if_match = entry.etag;
    if (!entry.version_id.empty()) {
      removal.version = VersionId::parse(entry.version_id);
      if (!removal.version) co_return s3_error(ErrorCode::no_such_version);
    }
    co_return co_await remove_object(services_, call_, std::move(removal));
  }

  Services& services_;
  const Call& call_;
  const std::vector<Entry>& entries_;
  std::vector<Outcome<Removed>> outcomes_;
  std::atomic<std::size_t> next_{0};
  std::atomic<std::size_t> running_{0};
  Completion<bool> done_;
};

// Policies that want deletes to be conditional are asked of each entry: a condition on the request as a whole, which is
// a condition on nothing, must not stand for the entries' own.
void forget_conditions(Call& call) {
  Fields headers;
  for (const auto& [name, value] : call.headers) {
    if (name != "if-match" && name != "if-none-match") headers.add(name, value);
  }
  call.headers = std::move(headers);
  call.query = Fields();
}

void print_removed(XmlWriter& xml, const Entry& entry, const Removed& removed) {
  xml.open("Deleted");
  xml.element("Key", entry.key);
  if (!entry.version_id.empty()) xml.element("VersionId", entry.version_id);
  if (removed.delete_marker) {
    xml.element("DeleteMarker", XmlWriter::Truth::yes);
    xml.element("DeleteMarkerVersionId", removed.version->text());
  }
  xml.close();
}

void print_failure(XmlWriter& xml, const Entry& entry, const S3Error& error) {
  xml.open("Error");
  xml.element("Key", entry.key);
  if (!entry.version_id.empty()) xml.element("VersionId", entry.version_id);
  xml.element("Code", spelling_of(error.code).name);
  xml.element("Message", error.message);
  xml.close();
}

}  // namespace

Task<Outcome<Reply>> delete_objects(Services& services, Call& call) {
  CO_TRY_ASSIGN(const Request request, parse_request(call.document));
  CO_TRY(check_bypass_header(call.headers, call.in()));
  forget_conditions(call);
  Removals removals(services, call, request.entries);
  co_await removals.run();

  Bytes document;
  XmlWriter xml(document);
  xml.declaration();
  xml.open("DeleteResult", codec::s3_namespace);
  for (std::size_t i = 0; i < request.entries.size(); ++i) {
    const auto& outcome = removals.outcome(i);
    if (!outcome.ok()) {
      print_failure(xml, request.entries[i], outcome.error());
    } else if (!request.quiet) {
      print_removed(xml, request.entries[i], *outcome);
    }
  }
  xml.close();
  co_return xml_reply(std::move(document));
}

}  // namespace reprise::s3
