// Fuzzes CSV. Oracles: records that were read are written with quotes around every field and read back the same; what
// is found does not depend on how the bytes came.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/assert.h"
#include "dynamo/archive/csv_reader.h"

using reprise::Bytes;
using reprise::BytesView;
namespace dynamo = reprise::dynamo;

namespace {

using Fields = std::vector<std::string>;

struct Found {
  std::vector<Fields> records;
  std::size_t faults = 0;
  bool operator==(const Found&) const = default;
};

Found read(BytesView text, char delimiter, std::size_t piece) {
  Found found;
  dynamo::CsvReader reader(delimiter, std::size_t{1} << 20, [&](const Fields& fields, std::string_view fault) {
    if (fault.empty()) {
      found.records.push_back(fields);
    } else {
      ++found.faults;
    }
  });
  for (std::size_t i = 0; i < text.size(); i += piece) reader.feed(text.substr(i, piece));
  reader.finish();
  return found;
}

Bytes write(const std::vector<Fields>& records, char delimiter) {
  Bytes out;
  for (const Fields& fields : records) {
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) out.push_back(delimiter);
      out.push_back('"');
      for (const char c : fields[i]) {
        out.push_back(c);
        if (c == '"') out.push_back(c);
      }
      out.push_back('"');
    }
    out.push_back('\n');
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr char delimiters[] = {',', ';', ':', '|', '\t', ' '};
  const char delimiter = delimiters[data[0] % sizeof delimiters];
  const BytesView input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Found whole = read(input, delimiter, size);
  ASSERT(whole == read(input, delimiter, 1));
  ASSERT(whole == read(input, delimiter, 3));
  const Found again = read(write(whole.records, delimiter), delimiter, 5);
  ASSERT(again.faults == 0 && again.records == whole.records);
  return 0;
}
