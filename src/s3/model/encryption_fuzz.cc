// Fuzzes what outsiders say of encryption. Oracle: a configuration that parses is printed and parsed again to the same
// one; headers that are taken hold what the checks promise (a key of 32 bytes whose MD5 was sent; no mixture of kinds);
// an ARN that parses prints as it came; a key record that decodes encodes to the same bytes.
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "s3/model/encryption.h"
#include "s3/model/kms_key.h"

namespace reprise::s3 {
namespace {

void check_document(BytesView input) {
  const auto parsed = parse_bucket_encryption(input);
  if (!parsed.ok()) return;
  const auto again = parse_bucket_encryption(print_bucket_encryption(*parsed));
  ASSERT(again.ok() && *again == *parsed);
  ASSERT(parsed->kind == SseKind::s3 || parsed->kind == SseKind::kms);
}

// Lines "name-ending:value" become the headers.
void check_headers(BytesView input) {
  constexpr std::string_view prefix = "x-amz-server-side-encryption";
  Fields headers;
  while (!input.empty()) {
    const auto line = input.substr(0, input.find('\n'));
    input.remove_prefix(std::min(input.size(), line.size() + 1));
    const auto colon = line.find(':');
    if (colon == line.npos) continue;
    headers.add(std::string(prefix).append(line.substr(0, colon)), std::string(line.substr(colon + 1)));
  }
  const auto sse = sse_of_headers(headers, prefix);
  if (!sse.ok()) return;
  ASSERT((sse->kind == SseKind::customer) == (sse->customer_key.size() == 32));
  ASSERT(sse->kind == SseKind::kms || (sse->kms_key.empty() && sse->kms_context.empty()));
}

void check_names(BytesView input) {
  if (const auto arn = parse_kms_arn(input)) ASSERT(print_kms_arn(*arn) == input);
  const auto key = decode_kms_key(input);
  if (key.ok()) ASSERT(encode_kms_key(*key) == input);
}

}  // namespace
}  // namespace reprise::s3

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const reprise::BytesView input(reinterpret_cast<const char*>(data), size);
  reprise::s3::check_document(input);
  reprise::s3::check_headers(input);
  reprise::s3::check_names(input);
  return 0;
}
