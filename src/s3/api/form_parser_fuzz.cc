// Fuzzes forms and their policies. Oracle: a form reads the same in one piece and in pieces of any size; its fields
// stay within their bound; the file's bytes and each value stand in the body as they are. A policy that reads is kept
// by a form made of just its conditions, and refuses one with a further field.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "s3/api/form_parser.h"
#include "s3/api/post_policy.h"

namespace reprise::s3 {
namespace {

constexpr std::size_t fields_max = 300;

struct Parsed {
  std::vector<FormField> fields;
  Bytes file;
  std::string file_name;
  bool begun = false;
  bool done = false;
  std::optional<FormParser::Fault> fault;
};

Parsed parse(BytesView body, std::size_t piece) {
  FormParser parser("x", fields_max);
  Parsed parsed;
  for (std::size_t at = 0; at < body.size() && !parsed.fault; at += piece) {
    parsed.fault = parser.feed(body.substr(at, piece), parsed.file);
    if (parsed.fault) ASSERT(parser.feed("more", parsed.file) == parsed.fault);
  }
  parsed.fields = parser.fields();
  parsed.file_name = parser.file_name();
  parsed.begun = parser.file_begun();
  parsed.done = parser.done();
  return parsed;
}

void check_form(BytesView body) {
  const Parsed whole = parse(body, std::max<std::size_t>(1, body.size()));
  std::size_t fields_bytes = 0;
  for (const FormField& field : whole.fields) {
    ASSERT(body.find(field.value) != BytesView::npos);
    ASSERT(!field.name.empty());
    fields_bytes += field.name.size() + field.value.size();
  }
  ASSERT(fields_bytes <= fields_max);
  ASSERT(whole.file.empty() || whole.begun);
  ASSERT(body.find(whole.file) != BytesView::npos);
  ASSERT(whole.file.find("\r\n--x") == Bytes::npos);
  for (const std::size_t piece : {1UL, 2UL, 5UL, 64UL}) {
    const Parsed cut = parse(body, piece);
    ASSERT(cut.fault == whole.fault);
    if (cut.fault) continue;
    ASSERT(cut.file == whole.file && cut.file_name == whole.file_name);
    ASSERT(cut.begun == whole.begun && cut.done == whole.done);
    ASSERT(cut.fields.size() == whole.fields.size());
    for (std::size_t i = 0; i < cut.fields.size(); ++i) ASSERT(cut.fields[i].value == whole.fields[i].value);
  }
}

void check_policy(BytesView json) {
  const auto policy = parse_post_policy(json);
  if (!policy.ok()) {
    ASSERT(policy.error().code == ErrorCode::invalid_post_policy);
    return;
  }
  std::vector<FormField> fields;
  std::string bucket;
  std::string key;
  bool bucket_named = false;
  bool contradictory = false;
  for (const PolicyCondition& condition : policy->conditions) {
    if (condition.field == "bucket" || condition.field == "key") {
      std::string& value = condition.field == "bucket" ? bucket : key;
      bucket_named = bucket_named || condition.field == "bucket";
      contradictory = contradictory || (!value.empty() && value != condition.value);
      value = condition.value;
      continue;
    }
    const auto before = std::ranges::find(fields, condition.field, &FormField::name);
    if (before == fields.end()) {
      fields.push_back({condition.field, condition.value});
    } else {
      contradictory = contradictory || before->value != condition.value;
    }
  }
  const std::int64_t before_end = policy->expiration_micros - 1;
  const bool comma = std::ranges::any_of(policy->conditions, [](const auto& condition) {
    return condition.field == "content-type" && condition.value.find(',') != std::string::npos;
  });
  const bool senseless = std::ranges::any_of(
      policy->conditions, [](const auto& condition) { return condition.kind == PolicyCondition::Kind::never; });
  if (senseless) ASSERT(!check_post_policy(*policy, fields, bucket, key, before_end).ok());
  if (!contradictory && !comma && !senseless)
    ASSERT(check_post_policy(*policy, fields, bucket, key, before_end).ok() == bucket_named);
  ASSERT(!check_post_policy(*policy, fields, bucket, key, policy->expiration_micros).ok());
  fields.push_back({"\x01 no condition names this", ""});
  ASSERT(!check_post_policy(*policy, fields, bucket, key, before_end).ok());
}

}  // namespace
}  // namespace reprise::s3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const reprise::BytesView input(reinterpret_cast<const char*>(data), size);
  reprise::s3::check_form(input);
  reprise::s3::check_policy(input);
  if (const auto boundary = reprise::s3::boundary_of(input)) ASSERT(!boundary->empty());
  return 0;
}
