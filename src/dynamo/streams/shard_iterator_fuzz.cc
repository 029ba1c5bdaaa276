// Fuzzes what clients hand back: iterators and sequence numbers. Oracle: what is read is what would have been printed.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "base/bytes.h"
#include "dynamo/streams/shard_iterator.h"

namespace reprise::dynamo {
namespace {

void run(BytesView input) {
  if (const auto iterator = parse_iterator(input)) ASSERT(print_iterator(*iterator) == input);
  if (const auto position = parse_sequence_number(input)) ASSERT(sequence_number(*position) == input);
  TableDefinition table;
  table.stream.enabled = true;
  table.stream.enabled_micros = 1'800'000'000'000'000;
  const Timestamp now = Timestamp::from_micros(1'900'000'000'000'000);
  if (const auto shard = find_shard(table, table.stream, input, now)) ASSERT(shard->id == input);
  // As an iterator's payload: the texts in front are long, and rarely come about by themselves.
  ShardIterator made;
  made.stream_arn = "arn";
  made.shard_id = Bytes(input);
  const auto back = parse_iterator(print_iterator(made));
  ASSERT(input.empty() ? !back : back->shard_id == input);
}

}  // namespace
}  // namespace reprise::dynamo

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::dynamo::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
