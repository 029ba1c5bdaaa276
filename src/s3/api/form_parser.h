// multipart/form-data (RFC 7578) as browsers send it, piece by piece: the fields in front of a file, and the file as a
// stream. What stands behind the file is not looked at, as on S3.
//
// A push parser: it takes pieces of any size, and holds no more than the fields (bounded) and one delimiter.
// Threading: belongs to one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace reprise::s3 {

struct FormField {
  std::string name;  // in lower case
  std::string value;
};

// The boundary that a Content-Type names; nothing when it is no multipart/form-data or names none.
[[nodiscard]] std::optional<std::string> boundary_of(std::string_view content_type);

class FormParser {
 public:
  enum class Fault : unsigned char { malformed, fields_too_long };

  // `fields_bytes_max` bounds everything in front of the file's first byte.
  FormParser(std::string_view boundary, std::size_t fields_bytes_max);

  // Takes all of `in`; appends what it holds of the file to `file`. After a fault every call gives it again.
  [[nodiscard]] std::optional<Fault> feed(BytesView in, Bytes& file);

  // The field "file" has begun: fields() is complete.
  [[nodiscard]] bool file_begun() const { return state_ == State::file || state_ == State::done; }
  // The file has ended, or the form has without one.
  [[nodiscard]] bool done() const { return state_ == State::done || state_ == State::without_file; }
  // In the order they came, the file left out.
  [[nodiscard]] const std::vector<FormField>& fields() const { return fields_; }
  // What the browser calls the file, without its folders.
  [[nodiscard]] const std::string& file_name() const { return file_name_; }

 private:
  enum class State : unsigned char { preamble, after_delimiter, head, value, file, done, without_file, failed };

  std::optional<Fault> fail(Fault fault);
  // One step over buffer_; false when more bytes are needed.
  bool step(Bytes& file);
  bool skip_preamble();
  bool pass_delimiter();
  bool read_head();
  bool read_value();
  bool read_file(Bytes& file);
  bool begin_part(std::string_view head);

  std::string delimiter_;  // "\r\n--boundary"
  std::size_t fields_bytes_max_;
  std::size_t fields_bytes_ = 0;
  State state_ = State::preamble;
  Bytes buffer_;  // what was not consumed yet
  std::vector<FormField> fields_;
  std::string part_name_;
  std::size_t line_end_left_ = 2;  // of the line end in front of the file's bytes, which is not part of them
  std::string file_name_;
  std::optional<Fault> fault_;
};

}  // namespace reprise::s3
