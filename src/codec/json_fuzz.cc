// Fuzzes the JSON reader and writer. Oracle: what parses is printed again and parsed again to the same value; every
// string the reader gives is valid for the writer, and sizes agree with walks.
#include <cstddef>
#include <cstdint>

#include "codec/json.h"

namespace reprise::codec {
namespace {

void print(JsonWriter& writer, JsonValue value) {
  switch (value.type()) {
    case JsonType::null: writer.null(); return;
    case JsonType::boolean: writer.boolean(value.boolean()); return;
    case JsonType::string: writer.string(value.string()); return;
    case JsonType::number:
      if (const auto integer = value.integer()) {
        ASSERT(static_cast<double>(*integer) == value.number());
        writer.integer(*integer);
      } else {
        writer.number(value.number());
      }
      return;
    case JsonType::array: {
      std::size_t count = 0;
      writer.begin_array();
      for (auto it = value.first_element(); it; it.advance(), ++count) print(writer, it.value());
      writer.end_array();
      ASSERT(count == value.size());
      return;
    }
    case JsonType::object: {
      std::size_t count = 0;
      writer.begin_object();
      for (auto it = value.first_member(); it; it.advance(), ++count) {
        ASSERT(value.find(it.key()).has_value());
        writer.key(it.key());
        print(writer, it.value());
      }
      writer.end_object();
      ASSERT(count == value.size());
    }
  }
}

void run(BytesView input) {
  static JsonDocument document;  // reused, as servers do
  auto root = document.parse(input);
  if (!root.ok()) {
    ASSERT(root.error().is(Code::invalid));
    return;
  }
  Bytes once;
  JsonWriter first(once);
  print(first, *root);
  JsonDocument again;
  auto reread = again.parse(once);
  ASSERT(reread.ok());
  Bytes twice;
  JsonWriter second(twice);
  print(second, *reread);
  ASSERT(once == twice);
}

}  // namespace
}  // namespace reprise::codec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::codec::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
