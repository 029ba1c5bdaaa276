// The verifier. Invariants: nothing is accepted before the signature has been compared, in constant time, with one
// computed from the request itself; and nothing a client without a secret can send makes us keep memory.
#include "auth/sigv4/verifier.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "auth/sigv4/amz_date.h"
#include "auth/sigv4/authorization.h"
#include "auth/sigv4/canonical.h"
#include "codec/hex.h"

namespace reprise::auth::sigv4 {
namespace {

constexpr std::int64_t expires_max_seconds = 604800;  // a week
constexpr std::size_t signature_size = 64;
constexpr std::size_t scratch_kept_max = 65536;

// Canonical requests are put together here; verify() never suspends, so one buffer a thread is enough.
Bytes& scratch() {
  thread_local Bytes buffer;
  if (buffer.capacity() > scratch_kept_max) Bytes().swap(buffer);  // an assignment would keep the memory
  buffer.clear();
  return buffer;
}

// What the checks share. Each returns the rejection, or nothing when the request passes it.
struct Check {
  const VerifierOptions& options;
  const RequestView& request;
  const Presented& presented;
  std::int64_t now;
  std::int64_t signed_at = 0;
  Credential credential{};
  std::string header_storage{};
  std::string_view signed_headers{};

  using Outcome = std::optional<Rejection>;

  [[nodiscard]] Rejection reject(Reason reason, std::string_view subject = {}) const {
    Rejection rejection;
    rejection.reason = reason;
    rejection.presigned = presented.presigned;
    rejection.subject = subject;
    return rejection;
  }

  [[nodiscard]] Outcome complete() {
    Missing missing;
    missing.algorithm = presented.algorithm.empty();
    missing.credential = presented.credential.empty();
    missing.signature = presented.signature.empty();
    missing.signed_headers = presented.signed_headers.empty();
    missing.date = presented.date.empty();
    missing.expires = presented.presigned && options.expires_required && presented.expires.empty();
    if (!missing.any()) return std::nullopt;
    Rejection rejection = reject(Reason::incomplete, presented.authorization);
    rejection.missing = missing;
    return rejection;
  }

  // Everything but the signature.
  [[nodiscard]] Outcome all() {
    for (const auto check : {&Check::complete, &Check::fresh, &Check::well_formed, &Check::scoped, &Check::covering}) {
      if (auto rejection = (this->*check)()) return rejection;
    }
    return std::nullopt;
  }

  [[nodiscard]] Outcome fresh();
  [[nodiscard]] Outcome well_formed();
  [[nodiscard]] Outcome scoped();
  [[nodiscard]] Outcome covering();
  [[nodiscard]] Rejection too_early_or_late(Reason reason, std::int64_t tolerance) const {
    Rejection rejection = reject(reason, presented.date);
    rejection.signed_at_seconds = signed_at;
    rejection.now_seconds = now;
    rejection.tolerance_seconds = tolerance;
    return rejection;
  }
};

Check::Outcome Check::fresh() {
  auto parsed = parse_amz_date(presented.date);
  if (!parsed && presented.http_date) parsed = parse_http_date(presented.date);
  if (!parsed) return reject(Reason::bad_date, presented.date);
  signed_at = *parsed;
  std::int64_t lifetime = options.skew_seconds;
  if (presented.presigned && !presented.expires.empty()) {
    const std::string_view text = presented.expires;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), lifetime);
    if (error != std::errc() || end != text.data() + text.size() || lifetime < 1 || lifetime > expires_max_seconds) {
      return reject(Reason::bad_expires, text);
    }
  }
  if (signed_at + lifetime < now) return too_early_or_late(Reason::expired, lifetime);
  if (signed_at - options.skew_seconds > now) return too_early_or_late(Reason::not_yet_valid, options.skew_seconds);
  return std::nullopt;
}

Check::Outcome Check::well_formed() {
  signed_headers = canonical_header_list(presented.signed_headers, header_storage);
  if (!lists_header(signed_headers, "host")) return reject(Reason::host_not_signed);
  if (presented.algorithm != algorithm) return reject(Reason::unsupported_algorithm, presented.algorithm);
  const auto parsed = parse_credential(presented.credential);
  if (!parsed) return reject(Reason::malformed_credential, presented.credential);
  credential = *parsed;
  return std::nullopt;
}

// A host's name counts too: git-annex and others on Haskell's library for S3 sign with that of an endpoint which is not
// AWS's for the region.
bool plausible_region(std::string_view region) {
  return !region.empty() && region.size() <= 253 && std::ranges::all_of(region, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

Check::Outcome Check::scoped() {
  const auto& [day, region, service] = credential.scope;
  const AmzDate date(signed_at);
  ScopeFault fault;
  fault.region = options.strict_region ? region != options.region : !plausible_region(region);
  fault.service = service != options.service;
  fault.terminator = credential.terminator != terminator;
  fault.day = day != date.day();
  if (!fault.any()) return std::nullopt;
  fault.claimed_region = region;
  fault.claimed_terminator = credential.terminator;
  fault.claimed_day = day;
  fault.expected_region = options.region;
  fault.expected_service = options.service;
  fault.date = date.text();
  Rejection rejection = reject(Reason::wrong_scope, presented.credential);
  rejection.scope = std::move(fault);
  return rejection;
}

// What a request does is its signer's to say: the operation (X-Amz-Target), and in a presigned one, which whoever was
// given it sends, the fields of Reprise's own that lead into the past.
Check::Outcome Check::covering() {
  for (const Header& header : request.headers) {
    if (!header.name.starts_with('x') && !header.name.starts_with('X')) continue;  // most: no copy of those
    std::string name(header.name);
    std::ranges::transform(name, name.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    const bool amz = name.starts_with("x-amz-") && (options.amz_headers_signed || name == "x-amz-target");
    const bool ours = name.starts_with("x-reprise-") && presented.presigned;
    if ((amz || ours) && !lists_header(signed_headers, name)) return reject(Reason::headers_not_signed, name);
  }
  return std::nullopt;
}

// The header fields a signature covers. Of a presigned request of S3's, x-amz-* fields that are listed as signed and
// came in the query alone are among them: older SDKs sign x-amz-acl and its like as a field and write it into the URL
// too, so that who uploads need not send it (aws-sdk-js-v3 issues 1576 and 5414 have such URLs and S3 taking them).
// The query is covered all the same, so nothing is taken that was not signed.
class CoveredFields {
 public:
  explicit CoveredFields(const Check& check) : fields_(check.request.headers) {
    if (!check.presented.presigned || !check.options.amz_headers_signed) return;
    take_from_query(check.request, check.signed_headers);
    if (texts_.empty()) return;
    joined_.assign(fields_.begin(), fields_.end());
    for (const auto& [name, value] : texts_) joined_.push_back({name, value});
    fields_ = joined_;
  }
  [[nodiscard]] std::span<const Header> fields() const { return fields_; }

 private:
  void take_from_query(const RequestView& request, std::string_view signed_headers) {
    for (std::string_view query = split_target(request.target).query; !query.empty();) {
      const std::string_view piece = query.substr(0, query.find('&'));
      query.remove_prefix(std::min(query.size(), piece.size() + 1));
      const std::size_t equals = std::min(piece.find('='), piece.size());
      Bytes name;
      append_uri_decoded(name, piece.substr(0, equals), Plus::space);
      if (!name.starts_with("x-amz-") || !lists_header(signed_headers, name)) continue;
      if (find_header(request.headers, name) != nullptr) continue;
      Bytes value;
      append_uri_decoded(value, piece.substr(std::min(equals + 1, piece.size())), Plus::space);
      texts_.emplace_back(std::move(name), std::move(value));
    }
  }

  std::span<const Header> fields_;
  std::vector<std::pair<Bytes, Bytes>> texts_;
  std::vector<Header> joined_;
};

// That the request presents a signature of version 4, in one place.
Check::Outcome check_mechanism(Mechanism mechanism) {
  if (mechanism == Mechanism::header || mechanism == Mechanism::query) return std::nullopt;
  Rejection rejection;
  rejection.reason = mechanism == Mechanism::none    ? Reason::missing_signature
                     : mechanism == Mechanism::other ? Reason::other_mechanism
                                                     : Reason::two_mechanisms;
  return rejection;
}

Presented presented_by(const RequestView& request, Mechanism mechanism) {
  return mechanism == Mechanism::header ? presented_in_header(request) : presented_in_query(request);
}

// Compares the presented signature with ours; nothing when they are the same.
Check::Outcome compare(const Check& check, const codec::HmacSha256Key& key) {
  Bytes& text = scratch();
  const CoveredFields covered(check);
  RequestView request = check.request;
  request.headers = covered.fields();
  append_canonical_request(text, request, check.options.path_style, check.signed_headers);
  const std::size_t split = text.size();
  // The string to sign goes behind the canonical request, in the same buffer; the hash in it needs the text to stand
  // still, so the room is made first.
  constexpr std::size_t string_to_sign_max = 256;
  text.reserve(split + string_to_sign_max + check.credential.scope_text.size());
  append_string_to_sign(text, AmzDate(check.signed_at).text(), check.credential.scope_text,
                        BytesView(text.data(), split));
  const auto digest = key.sign(BytesView(text).substr(split));
  char expected[signature_size];
  codec::encode_hex(codec::bytes_of(digest), expected);
  if (codec::equal_in_constant_time({expected, signature_size}, check.presented.signature)) return std::nullopt;
  Rejection rejection = check.reject(Reason::mismatch);
  rejection.canonical_request = text.substr(0, split);
  rejection.string_to_sign = text.substr(split);
  return rejection;
}

}  // namespace

VerifierOptions s3_verifier_options(std::string region) {
  VerifierOptions options;
  options.service = "s3";
  options.path_style = PathStyle::plain;
  options.region = std::move(region);
  options.amz_headers_signed = true;
  options.expires_required = true;
  return options;
}

Verifier::Verifier(VerifierOptions options, std::shared_ptr<const CredentialStore> credentials, const WallClock& clock)
    : Verifier(std::move(options), std::make_shared<const CredentialSource>(std::move(credentials)), clock) {}

Verifier::Verifier(VerifierOptions options, std::shared_ptr<const CredentialSource> credentials, const WallClock& clock)
    : options_(std::move(options)), credentials_(std::move(credentials)), clock_(clock) {
  ASSERT(credentials_ != nullptr);
}

Result<Verified, Rejection> Verifier::verify(const RequestView& request) const {
  const Mechanism mechanism = mechanism_of(request);
  if (auto rejection = check_mechanism(mechanism)) return std::move(*rejection);
  const Presented presented = presented_by(request, mechanism);
  Check check{options_, request, presented, static_cast<std::int64_t>(clock_.now_micros() / 1'000'000)};
  if (auto rejection = check.all()) return std::move(*rejection);

  const auto& [access_key_id, scope, scope_terminator, scope_text] = check.credential;
  const AccessKey* const access_key = credentials_->current().find(access_key_id);
  if (access_key == nullptr) return check.reject(Reason::unknown_access_key, access_key_id);
  auto signing_key = cache_.find(access_key_id, access_key->secret, scope);
  const bool cached = signing_key.has_value();
  if (!cached) signing_key = derive_signing_key(access_key->secret, scope);
  if (auto rejection = compare(check, *signing_key)) return std::move(*rejection);
  if (!cached) cache_.remember(access_key_id, access_key->secret, scope, *signing_key);
  // Keys of ours are long-lived: a session token belongs to some other key, or to some other server.
  if (!presented.session_token.empty()) return check.reject(Reason::bad_session_token);
  return Verified{access_key->identity, std::string(scope.region), presented.presigned};
}

std::optional<Rejection> Verifier::reject_before_body(const RequestView& request) const {
  const Mechanism mechanism = mechanism_of(request);
  if (auto rejection = check_mechanism(mechanism)) return rejection;
  const Presented presented = presented_by(request, mechanism);
  Check check{options_, request, presented, static_cast<std::int64_t>(clock_.now_micros() / 1'000'000)};
  if (auto rejection = check.all()) return rejection;
  const std::string_view id = check.credential.access_key_id;
  if (credentials_->current().find(id) != nullptr) return std::nullopt;
  return check.reject(Reason::unknown_access_key, id);
}

}  // namespace reprise::auth::sigv4
