// Fuzzes DynamoDB JSON. Oracles: an item that parses is a valid encoding, prints to a text that parses to the same
// bytes, and has the right shape; a text refused for its shape is refused by the shape check as well.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "codec/json.h"
#include "dynamo/model/item_json.h"
#include "dynamo/model/size.h"

using reprise::Bytes;
using reprise::BytesView;
namespace codec = reprise::codec;
namespace dynamo = reprise::dynamo;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input(reinterpret_cast<const char*>(data), size);
  // The same bytes as an encoding of unknown origin: only the check may look at them.
  if (dynamo::is_valid_item(input)) {
    Bytes text;
    dynamo::append_item_json(text, dynamo::ItemView(input));
    ASSERT(dynamo::item_size(dynamo::ItemView(input)) <= 2 * input.size());
  }
  codec::JsonDocument document;
  const auto json = document.parse(input);
  if (!json.ok()) {
    json.error().ignore();
    return 0;
  }
  const auto shape = dynamo::check_item_shape(*json);
  const auto item = dynamo::parse_item(*json);
  if (!item.ok()) {
    ASSERT(item.error().kind != dynamo::ErrorKind::serialization || !shape.ok());
    return 0;
  }
  // Of members that come twice only the last is read, so a wrong one before it may go unseen; nothing else may.
  ASSERT(dynamo::is_valid_item(*item));
  Bytes printed;
  dynamo::append_item_json(printed, dynamo::ItemView(*item));
  codec::JsonDocument second;
  const auto again = second.parse(printed);
  ASSERT(again.ok());
  const auto item_again = dynamo::parse_item(*again);
  ASSERT(item_again.ok() && *item_again == *item);
  ASSERT(dynamo::check_item_shape(*again).ok());
  return 0;
}
