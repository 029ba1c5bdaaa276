#include "dynamo/streams/stream_record.h"

#include <cstdint>
#include <cstdio>

#include "codec/hash64.h"
#include "dynamo/model/item.h"
#include "dynamo/model/item_json.h"
#include "dynamo/model/key.h"
#include "dynamo/model/size.h"
#include "dynamo/streams/stream_shards.h"

namespace reprise::dynamo {

namespace {

constexpr std::uint64_t micros_per_second = 1'000'000;

ItemView image(const std::optional<Bytes>& stored) { return stored ? ItemView(*stored) : ItemView(); }

std::string_view event_name(const history::ImagedChange& change) {
  if (!change.after) return "REMOVE";
  return change.before ? "MODIFY" : "INSERT";
}

// The same for the same change, however often and through whichever stream it is read; different for any two changes.
std::string event_id(const TableDefinition& table, const history::LogEntry& entry) {
  Bytes what(table.id);
  append_be64(what, entry.at.bits());
  append_be32(what, entry.sequence);
  char text[40];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(codec::hash64(what, 1)),
                static_cast<unsigned long long>(codec::hash64(what, 2)));
  return text;
}

void write_item(codec::JsonWriter& w, std::string_view name, ItemView item) {
  w.key(name);
  print_item(w, item);
}

}  // namespace

StreamView view_of(std::string_view view_type) {
  const bool both = view_type == "NEW_AND_OLD_IMAGES";
  return {both || view_type == "NEW_IMAGE", both || view_type == "OLD_IMAGE"};
}

std::size_t record_size(const TableDefinition& table, const StreamView& view, const history::ImagedChange& change) {
  const Bytes key = key_attributes(table.key, change.entry.key);
  std::size_t size = item_size(ItemView(key));
  if (view.new_image) size += item_size(image(change.after));
  if (view.old_image) size += item_size(image(change.before));
  return size;
}

void write_record(codec::JsonWriter& w, const TableDefinition& table, const StreamSettings& stream,
                  std::string_view region, const history::ImagedChange& change, std::size_t size) {
  const history::LogEntry& entry = change.entry;
  const StreamView view = view_of(stream.view_type);
  w.begin_object();
  w.member("eventID", event_id(table, entry));
  w.member("eventName", event_name(change));
  w.member("eventVersion", "1.1");
  w.member("eventSource", "aws:dynamodb");
  w.member("awsRegion", region);
  w.key("dynamodb");
  w.begin_object();
  w.key("ApproximateCreationDateTime");
  w.unsigned_integer(entry.at.micros() / micros_per_second);
  const Bytes key = key_attributes(table.key, entry.key);
  write_item(w, "Keys", ItemView(key));
  if (view.new_image && change.after) write_item(w, "NewImage", image(change.after));
  if (view.old_image && change.before) write_item(w, "OldImage", image(change.before));
  w.member("SequenceNumber", sequence_number({entry.at, entry.sequence}));
  w.key("SizeBytes");
  w.unsigned_integer(size);
  w.member("StreamViewType", stream.view_type);
  w.end_object();
  if (entry.by_service) {
    w.key("userIdentity");
    w.begin_object();
    w.member("PrincipalId", "dynamodb.amazonaws.com");
    w.member("Type", "Service");
    w.end_object();
  }
  w.end_object();
}

}  // namespace reprise::dynamo
