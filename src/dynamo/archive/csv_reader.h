// CSV as ImportTable reads it (developer guide, "Amazon S3 import formats for DynamoDB"; RFC 4180 for the quoting):
// records end with a line break (\n or \r\n), fields are separated by a delimiter; a field that holds a delimiter, a
// quote or a line break stands in double quotes, with quotes doubled; a quote anywhere else is a fault. Empty lines are
// passed over, as is a byte order mark.
//
// Threading: belongs to one thread at a time.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "dynamo/model/schema.h"

namespace reprise::dynamo {

class CsvReader {
 public:
  // Either the fields of a record, or a fault.
  using Sink = std::function<void(const std::vector<std::string>& fields, std::string_view fault)>;

  CsvReader(char delimiter, std::size_t record_size_max, Sink sink)
      : delimiter_(delimiter), record_size_max_(record_size_max), sink_(std::move(sink)) {}

  void feed(BytesView bytes);
  void finish();

 private:
  enum class Found : std::uint8_t { record, fault, more };  // `more`: its end is not there yet

  void run(bool last);
  void skip_line();
  Found record(bool last, std::size_t& end);
  Found field(bool last, std::size_t& position, bool& record_ends);
  Found quoted_field(bool last, std::size_t& position, bool& record_ends);

  const char delimiter_;
  const std::size_t record_size_max_;
  const Sink sink_;
  Bytes buffer_;  // from the record under way on
  std::size_t start_ = 0;
  std::size_t searched_ = 0;  // bytes that were there when the record's end was looked for last
  bool first_ = true;
  bool skipping_ = false;  // behind a fault, up to the line's end
  std::vector<std::string> fields_;
  std::string fault_;
};

// {"Item":{"name":{"S":"x"}}} of one record. An empty field is no attribute. A name that `attributes` has gets its
// type: numbers as they stand, binary from base64. The record has as many fields as the header (the caller's to check).
void append_csv_record_json(Bytes& out, const std::vector<std::string>& header, const std::vector<std::string>& fields,
                            const std::vector<AttributeDefinition>& attributes);

}  // namespace reprise::dynamo
