// Fields in order, numbers big-endian, texts with their length in front. Strict: a record that is too short or too long
// is no record.
#include "recovery/job_record.h"

#include <optional>
#include <utility>

namespace reprise::recovery {

namespace {

constexpr char record_version = 1;

void append_text(Bytes& out, BytesView text) {
  append_be32(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

// Takes fields off the front; one that is cut short makes every later one empty and `whole` false.
class Fields {
 public:
  explicit Fields(BytesView rest) : rest_(rest) {}

  std::uint64_t number() {
    const BytesView bytes = take(8);
    return bytes.size() == 8 ? read_be64(bytes) : 0;
  }
  Bytes text() {
    const BytesView length = take(4);
    return Bytes(take(length.size() == 4 ? read_be32(length) : 0));
  }
  char byte() {
    const BytesView bytes = take(1);
    return bytes.empty() ? '\0' : bytes.front();
  }
  [[nodiscard]] bool whole() const { return whole_ && rest_.empty(); }

 private:
  BytesView take(std::size_t count) {
    if (rest_.size() < count) {
      whole_ = false;
      rest_ = {};
      return {};
    }
    const BytesView front = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return front;
  }

  BytesView rest_;
  bool whole_ = true;
};

}  // namespace

Bytes encode_job(const Job& job) {
  Bytes out;
  out.push_back(record_version);
  out.push_back(static_cast<char>(job.state));
  append_text(out, job.kind);
  append_text(out, job.subject);
  append_text(out, job.arguments);
  append_text(out, job.checkpoint);
  append_text(out, job.message);
  append_be64(out, job.done);
  append_be64(out, job.total);
  append_be64(out, job.started_micros);
  append_be64(out, job.ended_micros);
  return out;
}

Result<Job> decode_job(BytesView id, BytesView record) {
  if (record.empty()) return corruption("job " + std::string(id) + ": the record is empty");
  if (record.front() > record_version) {
    return unsupported("job " + std::string(id) + ": the record is of a newer version of this program");
  }
  Fields fields(record.substr(1));
  Job job;
  job.id = id;
  const char state = fields.byte();
  job.kind = fields.text();
  job.subject = fields.text();
  job.arguments = fields.text();
  job.checkpoint = fields.text();
  job.message = fields.text();
  job.done = fields.number();
  job.total = fields.number();
  job.started_micros = fields.number();
  job.ended_micros = fields.number();
  const bool known = state >= 0 && state <= static_cast<char>(JobState::cancelled);
  if (record.front() != record_version || !fields.whole() || !known) {
    return corruption("job " + std::string(id) + ": the record cannot be read");
  }
  job.state = static_cast<JobState>(state);
  return job;
}

}  // namespace reprise::recovery
