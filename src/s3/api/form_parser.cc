// Keeps: buffer_ holds at most the fields' bound while there are fields, and less than a delimiter and one piece while
// there is the file; bytes of the file are handed out as soon as they cannot be the beginning of its end.
#include "s3/api/form_parser.h"

#include <algorithm>

namespace reprise::s3 {
namespace {

constexpr std::size_t boundary_size_max = 200;  // RFC 2046 has 70

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  std::ranges::transform(lowered, lowered.begin(), lower);
  return lowered;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// The value of a parameter ("name" of `form-data; name="key"`), unquoted; nothing when it is not there.
std::optional<std::string> parameter_of(std::string_view header, std::string_view wanted) {
  std::size_t at = header.find(';');
  while (at != header.npos && at < header.size()) {
    ++at;
    while (at < header.size() && (header[at] == ' ' || header[at] == '\t')) ++at;
    const auto equals = header.find_first_of("=;", at);
    if (equals == header.npos) return std::nullopt;
    if (header[equals] == ';') {
      at = equals;
      continue;
    }
    const std::string name = lower_case(trimmed(header.substr(at, equals - at)));
    std::string value;
    at = equals + 1;
    if (at < header.size() && header[at] == '"') {
      for (++at; at < header.size() && header[at] != '"'; ++at) {
        // Browsers write %22 for a quote; others a backslash in front of it, and backslashes in paths as they are.
        if (header[at] == '\\' && at + 1 < header.size() && header[at + 1] == '"') ++at;
        value.push_back(header[at]);
      }
      at = header.find(';', at);
    } else {
      const auto end = header.find(';', at);
      value = trimmed(header.substr(at, end == header.npos ? end : end - at));
      at = end;
    }
    if (name == wanted) return value;
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> boundary_of(std::string_view content_type) {
  const std::string kind = lower_case(trimmed(content_type.substr(0, content_type.find(';'))));
  if (kind != "multipart/form-data") return std::nullopt;
  auto boundary = parameter_of(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > boundary_size_max) return std::nullopt;
  return boundary;
}

FormParser::FormParser(std::string_view boundary, std::size_t fields_bytes_max)
    : delimiter_("\r\n--" + std::string(boundary)), fields_bytes_max_(fields_bytes_max), buffer_("\r\n") {}

std::optional<FormParser::Fault> FormParser::fail(Fault fault) {
  state_ = State::failed;
  fault_ = fault;
  return fault_;
}

std::optional<FormParser::Fault> FormParser::feed(BytesView in, Bytes& file) {
  if (fault_) return fault_;
  while (!in.empty() && !done()) {
    // In front of the file, no more is taken than the fields may have.
    std::size_t taken = in.size();
    if (!file_begun()) {
      if (fields_bytes_ == fields_bytes_max_) return fail(Fault::fields_too_long);
      taken = std::min(taken, fields_bytes_max_ - fields_bytes_);
      fields_bytes_ += taken;
    }
    buffer_.append(in.substr(0, taken));
    in.remove_prefix(taken);
    while (step(file)) {
    }
    if (fault_) return fault_;
  }
  return std::nullopt;
}

bool FormParser::step(Bytes& file) {
  switch (state_) {
    case State::preamble: return skip_preamble();
    case State::after_delimiter: return pass_delimiter();
    case State::head: return read_head();
    case State::value: return read_value();
    case State::file: return read_file(file);
    default: return false;
  }
}

bool FormParser::skip_preamble() {
  const auto found = buffer_.find(delimiter_);
  if (found == Bytes::npos) return false;
  buffer_.erase(0, found + delimiter_.size());
  state_ = State::after_delimiter;
  return true;
}

bool FormParser::pass_delimiter() {
  if (buffer_.size() < 2) return false;
  if (buffer_.starts_with("--")) {
    state_ = State::without_file;
    return false;
  }
  const auto end = buffer_.find("\r\n");
  const BytesView blanks = BytesView(buffer_).substr(0, end);
  if (end == Bytes::npos ? blanks.find_first_not_of(" \t\r") != BytesView::npos
                         : blanks.find_first_not_of(" \t") != BytesView::npos) {
    fail(Fault::malformed);
    return false;
  }
  if (end == Bytes::npos) return false;
  buffer_.erase(0, end);  // the line end stays: it may be that of an empty head
  state_ = State::head;
  return true;
}

bool FormParser::read_head() {
  const auto end = buffer_.find("\r\n\r\n");
  if (end == Bytes::npos) return false;
  const std::string head = buffer_.substr(0, end);
  // The line end before the value stays, so that an empty value's delimiter is found.
  buffer_.erase(0, end + 4);
  if (!begin_part(head)) {
    fail(Fault::malformed);
    return false;
  }
  buffer_.insert(0, "\r\n");
  return true;
}

bool FormParser::begin_part(std::string_view head) {
  std::optional<std::string> name;
  std::optional<std::string> file_name;
  while (!head.empty()) {
    const auto end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(end == head.npos ? head.size() : end + 2);
    const auto colon = line.find(':');
    if (line.empty()) continue;
    if (colon == line.npos) return false;
    if (lower_case(trimmed(line.substr(0, colon))) != "content-disposition") continue;
    const std::string_view value = trimmed(line.substr(colon + 1));
    if (lower_case(trimmed(value.substr(0, value.find(';')))) != "form-data") return false;
    name = parameter_of(value, "name");
    file_name = parameter_of(value, "filename");
  }
  if (!name || name->empty()) return false;
  part_name_ = lower_case(*name);
  if (part_name_ != "file") {
    state_ = State::value;
    return true;
  }
  file_name_ = file_name.value_or("");
  file_name_.erase(0, file_name_.find_last_of("/\\") + 1);
  state_ = State::file;
  return true;
}

bool FormParser::read_value() {
  const auto found = buffer_.find(delimiter_);
  if (found == Bytes::npos) return false;
  FormField field;
  field.name = part_name_;
  if (found > 0) field.value = buffer_.substr(2, found - 2);
  fields_.push_back(std::move(field));
  buffer_.erase(0, found + delimiter_.size());
  state_ = State::after_delimiter;
  return true;
}

bool FormParser::read_file(Bytes& file) {
  const auto found = buffer_.find(delimiter_);
  // The last bytes may be the beginning of the delimiter.
  const std::size_t kept = delimiter_.size() - 1;
  const std::size_t out = found != Bytes::npos ? found : buffer_.size() > kept ? buffer_.size() - kept : 0;
  const std::size_t skipped = std::min(line_end_left_, out);
  line_end_left_ -= skipped;
  file.append(buffer_, skipped, out - skipped);
  buffer_.erase(0, out);
  if (found != Bytes::npos) state_ = State::done;
  return false;
}

}  // namespace reprise::s3
