// Invariant: a faulty record costs the line it begins on. Its quotes may have swallowed the lines behind it, so reading
// goes on with the second of them, whatever was made of it before.
#include "dynamo/archive/csv_reader.h"

#include <algorithm>

#include "codec/json.h"

namespace reprise::dynamo {

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";

std::string_view type_of(const std::vector<AttributeDefinition>& attributes, std::string_view name) {
  for (const AttributeDefinition& attribute : attributes) {
    if (attribute.name == name) return type_name(attribute.type);
  }
  return "S";
}

}  // namespace

void CsvReader::feed(BytesView bytes) {
  buffer_.append(bytes);
  if (first_ && buffer_.size() >= byte_order_mark.size()) {
    if (buffer_.starts_with(byte_order_mark)) buffer_.erase(0, byte_order_mark.size());
    first_ = false;
  }
  if (!first_) run(false);
}

void CsvReader::finish() { run(true); }

void CsvReader::run(bool last) {
  if (skipping_) skip_line();
  while (start_ < buffer_.size()) {
    // A record whose end was not there is looked at again when there is twice as much of it, so that a long one fed in
    // small pieces is not read over and over.
    if (!last && buffer_.size() - start_ < 2 * searched_) break;
    std::size_t end = 0;
    Found found = record(last, end);
    if (found == Found::more && buffer_.size() - start_ > record_size_max_) {
      found = Found::fault;
      fault_ = "the record is too long, or a quote does not end";
    }
    if (found == Found::more) {
      searched_ = buffer_.size() - start_;
      break;
    }
    searched_ = 0;
    if (found == Found::record) {
      const bool blank = fields_.size() == 1 && fields_[0].empty();
      if (!blank) sink_(fields_, {});
      start_ = end;
      continue;
    }
    sink_({}, fault_);
    skip_line();
  }
  buffer_.erase(0, start_);
  start_ = 0;
}

// Up to the line behind the one at start_, which may not be there yet.
void CsvReader::skip_line() {
  const std::size_t line = buffer_.find('\n', start_);
  skipping_ = line == std::string::npos;
  start_ = skipping_ ? buffer_.size() : line + 1;
}

// The record at start_.
CsvReader::Found CsvReader::record(bool last, std::size_t& end) {
  fields_.clear();
  end = start_;
  for (bool record_ends = false; !record_ends;) {
    const Found found = field(last, end, record_ends);
    if (found != Found::record) return found;
  }
  return Found::record;
}

CsvReader::Found CsvReader::field(bool last, std::size_t& position, bool& record_ends) {
  if (position < buffer_.size() && buffer_[position] == '"') return quoted_field(last, position, record_ends);
  const std::size_t begin = position;
  bool quote = false;
  while (position < buffer_.size() && buffer_[position] != delimiter_ && buffer_[position] != '\n') {
    quote = quote || buffer_[position] == '"';
    ++position;
  }
  if (position == buffer_.size() && !last) return Found::more;
  if (quote) {
    fault_ = "a quote stands in a field that is not quoted";
    return Found::fault;
  }
  record_ends = position == buffer_.size() || buffer_[position] == '\n';
  std::size_t size = position - begin;
  if (record_ends && size > 0 && buffer_[begin + size - 1] == '\r') --size;
  fields_.emplace_back(buffer_, begin, size);
  if (position < buffer_.size()) ++position;
  return Found::record;
}

CsvReader::Found CsvReader::quoted_field(bool last, std::size_t& position, bool& record_ends) {
  std::string content;
  for (++position;; ++position) {
    const std::size_t quote = buffer_.find('"', position);
    if (quote == std::string::npos || (quote + 1 == buffer_.size() && !last)) {
      if (!last) return Found::more;
      fault_ = "a quote does not end";
      return Found::fault;
    }
    content.append(buffer_, position, quote - position);
    position = quote + 1;
    if (position == buffer_.size() || buffer_[position] != '"') break;
    content.push_back('"');
  }
  if (position < buffer_.size() && buffer_[position] == '\r') {
    if (position + 1 == buffer_.size() && !last) return Found::more;
    if (position + 1 == buffer_.size() || buffer_[position + 1] == '\n') ++position;
  }
  record_ends = position == buffer_.size() || buffer_[position] == '\n';
  if (!record_ends && buffer_[position] != delimiter_) {
    fault_ = "there is something behind a quoted field";
    return Found::fault;
  }
  fields_.push_back(std::move(content));
  if (position < buffer_.size()) ++position;
  return Found::record;
}

void append_csv_record_json(Bytes& out, const std::vector<std::string>& header, const std::vector<std::string>& fields,
                            const std::vector<AttributeDefinition>& attributes) {
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("Item");
  w.begin_object();
  for (std::size_t i = 0; i < std::min(header.size(), fields.size()); ++i) {
    if (fields[i].empty()) continue;
    w.key(header[i]);
    w.begin_object();
    w.member(type_of(attributes, header[i]), fields[i]);
    w.end_object();
  }
  w.end_object();
  w.end_object();
}

}  // namespace reprise::dynamo
