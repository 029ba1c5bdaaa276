#include "load/workload.h"

#include <cstdio>

namespace reprise::bench {

Workload::Workload(const WorkloadOptions& options, std::uint64_t thread, std::uint64_t threads)
    : options_(options),
      rng_(0x9e37 + thread),
      next_key_(thread),
      key_step_(threads),
      payload_(options.item_bytes, 'x') {
  for (auto& c : payload_) c = static_cast<char>('a' + rng_.below(26));
}

std::uint64_t Workload::pick_key() {
  const bool in_order = options_.sequential || options_.mix == Mix::fill || options_.mix == Mix::transact;
  if (!in_order) return rng_.below(options_.keys);
  const auto key = next_key_ % options_.keys;
  next_key_ += key_step_;
  return key;
}

void Workload::append_key(std::string& body, std::uint64_t key) const {
  char text[48];
  const int length =
      std::snprintf(text, sizeof text, "\"pk\":{\"S\":\"item-%012lu\"}", static_cast<unsigned long>(key));
  body.append(text, static_cast<std::size_t>(length));
}

// A few bytes change with every item, so that an overwrite is a change.
void Workload::append_item(std::string& body) {
  payload_[rng_.below(payload_.size())] = static_cast<char>('a' + rng_.below(26));
  body.append("\"Item\":{");
  append_key(body, pick_key());
  body.append(",\"n\":{\"N\":\"").append(std::to_string(rng_.below(1'000'000))).append("\"},\"payload\":{\"S\":\"");
  body.append(payload_).append("\"}}");
}

void Workload::put(std::string& body) {
  body.append("{\"TableName\":\"").append(options_.table).append("\",");
  append_item(body);
  body.append("}");
}

// Keys of one batch must differ, which only a sequential stream guarantees.
void Workload::fill(std::string& body) {
  body.append("{\"RequestItems\":{\"").append(options_.table).append("\":[");
  for (int i = 0; i < options_.batch; ++i) {
    body.append(i == 0 ? "{\"PutRequest\":{" : ",{\"PutRequest\":{");
    append_item(body);
    body.append("}}");
  }
  body.append("]}}");
}

void Workload::transact(std::string& body) {
  body.append("{\"TransactItems\":[");
  for (int i = 0; i < options_.batch; ++i) {
    body.append(i == 0 ? "{\"Put\":{\"TableName\":\"" : ",{\"Put\":{\"TableName\":\"")
        .append(options_.table)
        .append("\",");
    append_item(body);
    body.append("}}");
  }
  body.append("]}");
}

void Workload::get(std::string& body) {
  body.append("{\"TableName\":\"").append(options_.table).append("\",\"Key\":{");
  append_key(body, pick_key());
  body.append("}}");
}

void Workload::update(std::string& body) {
  body.append("{\"TableName\":\"").append(options_.table).append("\",\"Key\":{");
  append_key(body, pick_key());
  body.append("},\"UpdateExpression\":\"SET n = :n ADD hits :one\",\"ExpressionAttributeValues\":{\":n\":{\"N\":\"");
  body.append(std::to_string(rng_.below(1'000'000))).append("\"},\":one\":{\"N\":\"1\"}}}");
}

void Workload::query(std::string& body) {
  body.append("{\"TableName\":\"").append(options_.table);
  body.append("\",\"KeyConditionExpression\":\"pk = :p\",\"ExpressionAttributeValues\":{\":p\":{\"S\":\"item-");
  char text[24];
  const int length = std::snprintf(text, sizeof text, "%012lu", static_cast<unsigned long>(pick_key()));
  body.append(text, static_cast<std::size_t>(length)).append("\"}}}");
}

void Workload::object(std::string& target) {
  if (!options_.bucket.empty()) target.append("/").append(options_.bucket);
  char text[32];
  const int length = std::snprintf(text, sizeof text, "/object-%08lu", static_cast<unsigned long>(pick_key()));
  target.append(text, static_cast<std::size_t>(length));
}

std::string_view Workload::next(std::string& body) {
  body.clear();
  Mix mix = options_.mix;
  if (mix == Mix::mixed) {
    // Half reads, three tenths puts, the rest updates and queries.
    const auto roll = rng_.below(10);
    mix = roll < 5 ? Mix::get : roll < 8 ? Mix::put : roll < 9 ? Mix::update : Mix::query;
  }
  switch (mix) {
    case Mix::put: put(body); return "PutItem";
    case Mix::update: update(body); return "UpdateItem";
    case Mix::query: query(body); return "Query";
    case Mix::scan: body.append("{\"TableName\":\"").append(options_.table).append("\"}"); return "Scan";
    case Mix::fill: fill(body); return "BatchWriteItem";
    case Mix::transact: transact(body); return "TransactWriteItems";
    case Mix::put_object: object(body); return "PUT";
    case Mix::get_object: object(body); return "GET";
    case Mix::list_objects: body.append("/").append(options_.bucket).append("?list-type=2&max-keys=1000"); return "GET";
    case Mix::get:
    case Mix::mixed: get(body); break;
  }
  return "GetItem";
}

}  // namespace reprise::bench
