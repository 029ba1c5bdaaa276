// Fuzzes the canonical form and the verifier. Oracles:
//   - whatever the bytes, verifying them unsigned does not crash and accepts nothing;
//   - a request made of the bytes and signed by our signer is accepted, as a header and as a presigned URL;
//   - with any one bit of its signature flipped, it is not;
//   - canonical paths and queries are fixed points where they must be (a canonical query is its own canonical form).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "auth/sigv4/amz_date.h"
#include "auth/sigv4/canonical.h"
#include "auth/sigv4/signer.h"
#include "auth/sigv4/verifier.h"

namespace reprise::auth::sigv4 {
namespace {

constexpr std::string_view date = "20150830T123600Z";

// Cuts the input into pieces at 0x0a bytes, as a request's lines.
std::string_view take_line(std::string_view& rest) {
  const auto at = rest.find('\n');
  const std::string_view line = rest.substr(0, at);
  rest.remove_prefix(at == rest.npos ? rest.size() : at + 1);
  return line;
}

struct Setting {
  ManualClock clock{static_cast<std::uint64_t>(*parse_amz_date(date)) * 1'000'000};
  std::shared_ptr<const CredentialStore> store =
      std::make_shared<CredentialStore>(std::vector{root_access_key("AKIDEXAMPLE", "secret")});
  Verifier dynamo{VerifierOptions{}, store, clock};
  Verifier s3{s3_verifier_options("us-east-1"), store, clock};
};

bool is_token_name(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    if (!letter) return false;
  }
  return true;
}

void check_signed(const Verifier& verifier, RequestView request, PathStyle style, std::string service,
                  std::size_t bit) {
  Signer signer({"AKIDEXAMPLE", "secret", "us-east-1", std::move(service), style});
  std::string value = signer.authorization(request, date);
  std::vector<Header> headers(request.headers.begin(), request.headers.end());
  headers.push_back({"Authorization", value});
  RequestView sent = request;
  sent.headers = headers;
  ASSERT(verifier.verify(sent).ok());
  char& flipped = value[value.size() - 1 - bit / 8 % 64];
  flipped = static_cast<char>(flipped ^ (1 << (bit % 8)));
  headers.back().value = value;
  ASSERT(!verifier.verify(sent).ok());

  std::string target = signer.presigned_target(request, date, 60);
  RequestView presigned = request;
  presigned.target = target;
  ASSERT(verifier.verify(presigned).ok());
  char& hex_digit = target[target.size() - 1 - bit / 8 % 64];
  hex_digit = hex_digit == '0' ? '1' : '0';
  presigned.target = target;
  ASSERT(!verifier.verify(presigned).ok());
}

void check_query(std::string_view query) {
  Bytes once, twice;
  append_canonical_query(once, query);
  append_canonical_query(twice, once);
  ASSERT(once == twice);
  Bytes encoded, decoded;
  append_uri_encoded(encoded, query, Slash::encode);
  append_uri_decoded(decoded, encoded, Plus::space);
  ASSERT(decoded == query);
}

void run(std::string_view input) {
  static const Setting setting;
  std::string_view rest = input;
  const std::string_view method = take_line(rest);
  const std::string_view target = take_line(rest);
  std::vector<Header> wild, tame = {{"Host", "localhost"}, {"X-Amz-Date", date}};
  for (std::string_view line; !(line = take_line(rest)).empty();) {
    const auto colon = std::min(line.find(':'), line.size());
    const Header header{line.substr(0, colon), line.substr(std::min(colon + 1, line.size()))};
    wild.push_back(header);
    const bool reserved = find_header({&header, 1}, "authorization") || find_header({&header, 1}, "x-amz-date") ||
                          find_header({&header, 1}, "x-amz-security-token");
    if (is_token_name(header.name) && !reserved) tame.push_back(header);
  }
  auto accepted = setting.dynamo.verify({method, target, wild, rest, {}});
  ASSERT(!accepted.ok());
  ASSERT(!dynamo_auth_error(accepted.error()).code.empty() && !s3_auth_error(accepted.error()).code.empty());
  ASSERT(!setting.s3.verify({method, target, wild, rest, "UNSIGNED-PAYLOAD"}).ok());
  check_query(split_target(target).query);
  if (target.find("X-Amz-") != target.npos) return;  // would be a presigned URL already
  // The rules of S3 want x-amz-* headers signed, and a header that is left unsigned is never one of those but
  // x-amzn-trace-id, which is none of them.
  check_signed(setting.dynamo, {method, target, tame, rest, {}}, PathStyle::normalized, "dynamodb", input.size() * 7);
  check_signed(setting.s3, {method, target, tame, rest, {}}, PathStyle::plain, "s3", input.size() * 13);
}

}  // namespace
}  // namespace reprise::auth::sigv4

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  reprise::auth::sigv4::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
