// Fuzzes Ion. Oracles: an item that was read is written and read back as the same item; what the framer finds does not
// depend on how the bytes came; a text of rubbish is refused, not crashed on.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/assert.h"
#include "codec/json.h"
#include "dynamo/archive/ion_framer.h"
#include "dynamo/archive/ion_reader.h"
#include "dynamo/archive/ion_writer.h"
#include "dynamo/model/item_json.h"

using reprise::Bytes;
using reprise::BytesView;
namespace codec = reprise::codec;
namespace dynamo = reprise::dynamo;

namespace {

// The item of a record; empty when there is none.
Bytes item_of(BytesView ion) {
  Bytes json;
  if (!dynamo::append_ion_record_json(json, ion).ok()) return {};
  codec::JsonDocument document;
  const auto parsed = document.parse(json);
  if (!parsed.ok()) return {};
  const auto member = parsed->find("Item");
  if (!member || !member->is(codec::JsonType::object)) return {};
  if (!dynamo::check_item_shape(*member).ok()) return {};
  auto item = dynamo::parse_item(*member);
  return item.ok() ? std::move(item).value() : Bytes();
}

void check_round_trip(const Bytes& item) {
  Bytes line = "$ion_1_0 {Item:";
  dynamo::append_ion_item(line, dynamo::ItemView(item));
  line += "}";
  ASSERT(line.find('\n') == Bytes::npos);
  ASSERT(item_of(line) == item);
}

std::vector<std::string> frames(BytesView text, std::size_t piece) {
  std::vector<std::string> found;
  dynamo::IonFramer framer(4096, [&](std::string_view item, std::string_view fault) {
    found.emplace_back(std::string(item).append("|").append(fault));
  });
  for (std::size_t i = 0; i < text.size(); i += piece) framer.feed(text.substr(i, piece));
  framer.finish();
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(reinterpret_cast<const char*>(data), size);
  if (const Bytes item = item_of(input); !item.empty()) check_round_trip(item);
  // The same bytes as DynamoDB JSON: items of every kind without having to guess Ion.
  codec::JsonDocument document;
  const auto json = document.parse(input);
  if (json.ok() && json->is(codec::JsonType::object)) {
    const auto item = dynamo::parse_item(*json);
    if (item.ok()) check_round_trip(*item);
  }
  const auto whole = frames(input, size + 1);
  ASSERT(whole == frames(input, 1));
  ASSERT(whole == frames(input, 3));
  return 0;
}
