// What a load consists of: the stream of DynamoDB requests one thread sends.
//
// The table is `--table`, with partition key `pk` (S); items carry `--item-bytes` of payload. A thread's stream depends
// only on its seed, so two runs send the same requests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/rng.h"

namespace reprise::bench {

// fill: BatchWriteItem of `batch` puts; transact: TransactWriteItems of as many; *_object(s): S3's requests; the others
// are what their names say.
enum class Mix : std::uint8_t {
  put,
  get,
  update,
  query,
  scan,
  mixed,
  fill,
  transact,
  put_object,
  get_object,
  list_objects
};

struct WorkloadOptions {
  Mix mix = Mix::put;
  std::string table = "load";
  std::uint64_t keys = 100'000;  // requests pick uniformly among these
  std::size_t item_bytes = 256;  // of payload in each item
  int batch = 25;                // puts in one request of fill and transact
  bool sequential = false;       // keys in order instead (to fill a table): thread t of n takes t, t+n, ...
  std::string bucket = "load";   // of objects; empty: keys stand at the root, as on a plain web server
  std::string as_of;             // sent as x-reprise-as-of with reads, when not empty
};

class Workload {
 public:
  Workload(const WorkloadOptions& options, std::uint64_t thread, std::uint64_t threads);

  // Makes the next request: returns the operation's name and puts its JSON into `body`; of objects, the method and the
  // target.
  std::string_view next(std::string& body);
  // What a PUT of an object sends. Valid until the next request of this workload is made, and then still of the same
  // length.
  [[nodiscard]] std::string_view payload() const { return payload_; }

 private:
  void append_key(std::string& body, std::uint64_t key) const;
  [[nodiscard]] std::uint64_t pick_key();
  void append_item(std::string& body);
  void put(std::string& body);
  void fill(std::string& body);
  void transact(std::string& body);
  void get(std::string& body);
  void update(std::string& body);
  void query(std::string& body);
  void object(std::string& target);

  const WorkloadOptions& options_;
  Rng rng_;
  std::uint64_t next_key_;
  std::uint64_t key_step_;
  std::string payload_;
};

}  // namespace reprise::bench
