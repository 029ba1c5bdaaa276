#include "auth/sigv4/signer.h"

#include <algorithm>
#include <array>

#include "auth/sigv4/amz_date.h"
#include "auth/sigv4/canonical.h"
#include "base/assert.h"
#include "codec/hex.h"

namespace reprise::auth::sigv4 {
namespace {

bool left_unsigned(std::string_view name) {
  constexpr std::array<std::string_view, 6> names = {"authorization",     "connection", "expect",
                                                     "transfer-encoding", "user-agent", "x-amzn-trace-id"};
  return std::ranges::find(names, name) != names.end();
}

std::string signed_header_names(std::span<const Header> headers) {
  std::string all, storage;
  for (const Header& header : headers) {
    std::string name(header.name);
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    if (left_unsigned(name)) continue;
    if (!all.empty()) all.push_back(';');
    all.append(name);
  }
  return std::string(canonical_header_list(all, storage));
}

}  // namespace

std::string Signer::credential(std::string_view amz_date) const {
  std::string text = options_.access_key_id + "/";
  append_scope(text, {amz_date.substr(0, 8), options_.region, options_.service});
  return text;
}

std::string Signer::signature(const RequestView& request, std::string_view amz_date, std::string_view signed_headers) {
  ASSERT(amz_date.size() == amz_date_size);
  const Scope scope{amz_date.substr(0, 8), options_.region, options_.service};
  if (day_ != scope.day) {
    key_ = derive_signing_key(options_.secret, scope);
    day_ = scope.day;
  }
  Bytes canonical, scope_text, string_to_sign;
  append_canonical_request(canonical, request, options_.path_style, signed_headers);
  append_scope(scope_text, scope);
  append_string_to_sign(string_to_sign, amz_date, scope_text, canonical);
  return codec::to_hex(codec::bytes_of(key_->sign(string_to_sign)));
}

std::string Signer::authorization(const RequestView& request, std::string_view amz_date) {
  const std::string names = signed_header_names(request.headers);
  std::string text(algorithm);
  text.append(" Credential=").append(credential(amz_date));
  text.append(", SignedHeaders=").append(names);
  text.append(", Signature=").append(signature(request, amz_date, names));
  return text;
}

std::string Signer::presigned_target(const RequestView& request, std::string_view amz_date,
                                     std::int64_t expires_seconds) {
  const std::string names = signed_header_names(request.headers);
  std::string target(request.target);
  auto add = [&target](std::string_view name, std::string_view value) {
    target.push_back(target.find('?') == target.npos ? '?' : '&');
    target.append(name).append("=");
    append_uri_encoded(target, value, Slash::encode);
  };
  add("X-Amz-Algorithm", algorithm);
  add("X-Amz-Credential", credential(amz_date));
  add("X-Amz-Date", amz_date);
  add("X-Amz-Expires", std::to_string(expires_seconds));
  add("X-Amz-SignedHeaders", names);
  RequestView presigned = request;
  presigned.target = target;
  const std::string made = signature(presigned, amz_date, names);
  add("X-Amz-Signature", made);
  return target;
}

}  // namespace reprise::auth::sigv4
