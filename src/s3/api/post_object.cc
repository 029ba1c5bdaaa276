// Keeps: not a byte of the file is stored before the form's policy, its signature and the right to write have been
// checked; what they covered is exactly what is stored.
#include "s3/api/post_object.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <utility>

#include "auth/credential_source.h"
#include "auth/sigv4/amz_date.h"
#include "auth/sigv4/authorization.h"
#include "auth/sigv4/canonical.h"
#include "auth/sigv4/presigned_v2.h"
#include "auth/sigv4/signing_key.h"
#include "base/clock.h"
#include "codec/base64.h"
#include "codec/hex.h"
#include "codec/utf8.h"
#include "codec/xml.h"
#include "s3/api/form_parser.h"
#include "s3/api/post_policy.h"
#include "s3/ops/access.h"
#include "s3/ops/buckets.h"
#include "s3/ops/put_object.h"

namespace reprise::s3 {
namespace {

namespace sigv4 = auth::sigv4;

// A form being read: its fields, and then its file as a source.
class Form final : public PayloadSource {
 public:
  Form(http::BodyReader& body, std::string_view boundary) : body_(body), parser_(boundary, form_fields_bytes_max) {}

  // Up to the first bytes of the file.
  Task<Check> read_fields() {
    while (!parser_.file_begun() && !parser_.done()) {
      CO_TRY_ASSIGN(const bool more, co_await advance());
      if (!more) break;
    }
    if (!parser_.file_begun()) {
      // A form ends with its delimiter; what never comes to one is none.
      if (!parser_.done()) co_return s3_error(ErrorCode::malformed_post_request);
      S3Error error = invalid_argument("POST requires exactly one file upload per request.", "file", "0");
      co_return error;
    }
    fields_ = parser_.fields();
    co_return fill_in_file_name();
  }

  Task<Outcome<Bytes>> read() override {
    while (file_.empty() && !parser_.done()) {
      CO_TRY_ASSIGN(const bool more, co_await advance());
      if (!more) co_return s3_error(ErrorCode::malformed_post_request);  // no delimiter behind the file
    }
    co_return std::exchange(file_, Bytes());
  }
  [[nodiscard]] std::optional<std::uint64_t> length() const override { return std::nullopt; }
  [[nodiscard]] const Fields& trailers() const override { return trailers_; }

  [[nodiscard]] const std::vector<FormField>& fields() const { return fields_; }
  [[nodiscard]] std::string_view field(std::string_view name) const {
    const auto found = std::ranges::find(fields(), name, &FormField::name);
    return found == fields().end() ? std::string_view() : std::string_view(found->value);
  }

 private:
  // Takes the next piece of the body; false at its end.
  Task<Outcome<bool>> advance() {
    const auto piece = co_await body_.read();
    if (!piece.ok()) co_return s3_error(ErrorCode::incomplete_body);
    if (piece->empty()) co_return false;
    const auto fault = parser_.feed(*piece, file_);
    if (!fault) co_return true;
    if (*fault == FormParser::Fault::malformed) co_return s3_error(ErrorCode::malformed_post_request);
    co_return fields_too_long();
  }

  static S3Error fields_too_long() {
    S3Error error = s3_error(ErrorCode::max_post_pre_data_length_exceeded);
    error.details.emplace_back("MaxPostPreDataLengthBytes", std::to_string(form_fields_bytes_max));
    return error;
  }

  // Every field knows ${filename}, what the browser calls the file, and a policy is about the fields with it filled in.
  // (Amazon S3 developer guide, "HTML forms": fields, and expansion of variables.)
  Check fill_in_file_name() {
    constexpr std::string_view variable = "${filename}";
    const std::string& file_name = parser_.file_name();
    for (FormField& field : fields_) {
      std::size_t at = 0;
      while ((at = field.value.find(variable, at)) != std::string::npos) {
        field.value.replace(at, variable.size(), file_name);
        at += file_name.size();
        if (field.value.size() > form_fields_bytes_max) return fields_too_long();
      }
    }
    return Passed{};
  }

  http::BodyReader& body_;
  FormParser parser_;
  std::vector<FormField> fields_;  // the form's, once the file has begun
  Bytes file_;                     // decoded and not yet read
  Fields trailers_;
};

S3Error field_missing(std::string_view name) {
  return invalid_argument("Bucket POST must contain a field named '" + std::string(name) +
                              "'.  If it is specified, please check the order of the fields.",
                          std::string(name), "");
}

Check check_no_repeats(const std::vector<FormField>& fields) {
  for (auto field = fields.begin(); field != fields.end(); ++field) {
    const bool again =
        std::any_of(std::next(field), fields.end(), [&](const auto& other) { return other.name == field->name; });
    if (again && !field->name.starts_with("x-ignore-")) {
      return invalid_argument("A POST form may have each field once", field->name, field->value);
    }
  }
  return Passed{};
}

S3Error unknown_key(std::string_view id) {
  S3Error error = s3_error(ErrorCode::invalid_access_key_id);
  error.details.emplace_back("AWSAccessKeyId", id);
  return error;
}

S3Error wrong_signature(std::string_view id, std::string_view policy, std::string_view signature) {
  S3Error error = s3_error(ErrorCode::signature_does_not_match);
  error.details.emplace_back("AWSAccessKeyId", id);
  error.details.emplace_back("StringToSign", policy);
  error.details.emplace_back("SignatureProvided", signature);
  return error;
}

// Signature Version 2, which older clients make.
Outcome<Caller> signer_by_version_2(const Authentication& authentication, const Form& form) {
  const std::string_view id = form.field("awsaccesskeyid");
  const std::string_view policy = form.field("policy");
  const std::string_view signature = form.field("signature");
  if (!form.field("x-amz-signature").empty()) {
    return invalid_argument("Only one auth mechanism allowed; a form is signed by either version 2 or version 4",
                            "Signature", std::string(signature));
  }
  if (id.empty()) return field_missing("AWSAccessKeyId");
  if (policy.empty()) return field_missing("policy");
  if (signature.empty()) return field_missing("signature");
  const auto* const key = authentication.credentials->current().find(id);
  if (key == nullptr) return unknown_key(id);
  if (!sigv4::is_signature_v2(signature, key->secret, policy)) return wrong_signature(id, policy, signature);
  return caller_of(key->identity);
}

// How and when it was signed, which policies may ask. Of version 2 nothing tells when, and S3 has the age as 0.
void note_signature(const Form& form, std::int64_t now_seconds, Call& call) {
  if (call.caller.anonymous()) return;
  const bool v2 = form.field("x-amz-signature").empty();
  call.signature_version = v2 ? signature_version_2 : sigv4::algorithm;
  call.signed_at_seconds = v2 ? now_seconds : sigv4::parse_amz_date(form.field("x-amz-date")).value_or(0);
}

// Who signed the form's policy; nobody when it has none.
Outcome<Caller> signer_of(const Authentication& authentication, const Form& form) {
  const std::string_view policy = form.field("policy");
  const std::string_view signature = form.field("x-amz-signature");
  if (!form.field("x-amz-security-token").empty()) return s3_error(ErrorCode::invalid_token);
  if (!form.field("awsaccesskeyid").empty() || !form.field("signature").empty()) {
    return signer_by_version_2(authentication, form);
  }
  if (policy.empty() && signature.empty()) return Caller();
  for (const std::string_view name :
       {"policy", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Signature"}) {
    std::string lowered(name);
    std::ranges::transform(lowered, lowered.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
    if (form.field(lowered).empty()) return field_missing(name);
  }
  if (form.field("x-amz-algorithm") != sigv4::algorithm) {
    return invalid_argument("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"", "X-Amz-Algorithm",
                            std::string(form.field("x-amz-algorithm")));
  }
  const std::string_view presented = form.field("x-amz-credential");
  const auto credential = sigv4::parse_credential(presented);
  if (!credential || credential->scope.service != "s3" || credential->terminator != sigv4::terminator ||
      credential->scope.day != form.field("x-amz-date").substr(0, 8)) {
    return invalid_argument(
        "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
        "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
        "X-Amz-Credential", std::string(presented));
  }
  const auto* const key = authentication.credentials->current().find(credential->access_key_id);
  if (key == nullptr) return unknown_key(credential->access_key_id);
  const auto digest = sigv4::derive_signing_key(key->secret, credential->scope).sign(policy);
  if (!codec::equal_in_constant_time(codec::to_hex(codec::bytes_of(digest)), signature)) {
    return wrong_signature(credential->access_key_id, policy, signature);
  }
  return caller_of(key->identity);
}

// Fields that describe the object, under the names that PutObject's headers have.
Fields headers_of(const Form& form) {
  constexpr std::array<std::string_view, 7> content = {"cache-control",    "content-type",     "content-disposition",
                                                       "content-encoding", "content-language", "expires",
                                                       "content-md5"};
  constexpr std::array<std::string_view, 6> signing = {"x-amz-algorithm", "x-amz-credential",     "x-amz-date",
                                                       "x-amz-signature", "x-amz-security-token", "x-amz-tagging"};
  Fields headers;
  for (const FormField& field : form.fields()) {
    if (field.name == "acl") {
      headers.add("x-amz-acl", field.value);
    } else if (std::ranges::find(content, field.name) != content.end() ||
               (field.name.starts_with("x-amz-") && std::ranges::find(signing, field.name) == signing.end())) {
      headers.add(field.name, field.value);
    }
  }
  return headers;
}

std::string uri_encoded(std::string_view text, sigv4::Slash slash) {
  Bytes out;
  sigv4::append_uri_encoded(out, text, slash);
  return out;
}

// Where the object now is.
std::string location_of(const Call& call, std::string_view key) {
  const bool in_path = call.resource != "/";  // else the host names the bucket
  return std::string(call.secure ? "https://" : "http://") + std::string(call.headers.get_or("host", "localhost")) +
         (in_path ? "/" + call.bucket : "") + "/" + uri_encoded(key, sigv4::Slash::keep);
}

// Nothing when it is none that a browser may be sent to.
std::optional<std::string> redirect_of(const Form& form, const Call& call, std::string_view key,
                                       std::string_view etag) {
  std::string url(form.field("success_action_redirect"));
  if (url.empty()) url = form.field("redirect");
  const bool web = url.starts_with("http://") || url.starts_with("https://");
  const bool clean = std::ranges::all_of(url, [](char c) { return c > ' ' && c < '\x7f'; });
  if (!web || !clean) return std::nullopt;
  std::string fragment;
  if (const auto hash = url.find('#'); hash != std::string::npos) {
    fragment = url.substr(hash);
    url.resize(hash);
  }
  url += url.find('?') == std::string::npos ? "?" : "&";
  return url + "bucket=" + uri_encoded(call.bucket, sigv4::Slash::encode) +
         "&key=" + uri_encoded(key, sigv4::Slash::encode) + "&etag=" + uri_encoded(etag, sigv4::Slash::encode) +
         fragment;
}

Reply reply_of(const Form& form, const Call& call, const std::string& key, const StoredObject& stored) {
  Reply reply;
  reply.headers = stored.headers;
  const std::string etag = "\"" + stored.version.etag + "\"";
  if (auto url = redirect_of(form, call, key, etag)) {
    reply.status = 303;
    reply.headers.add("Location", *std::move(url));
    return reply;
  }
  const std::string location = location_of(call, key);
  reply.headers.add("Location", location);
  const std::string_view wanted = form.field("success_action_status");
  reply.status = wanted == "200" ? 200 : wanted == "201" ? 201 : 204;
  if (reply.status != 201) return reply;
  reply.headers.add("Content-Type", "application/xml");
  codec::XmlWriter xml(reply.body);
  xml.declaration();
  xml.open("PostResponse");
  xml.element("Location", location);
  xml.element("Bucket", call.bucket);
  xml.element("Key", key);
  xml.element("ETag", etag);
  xml.close();
  return reply;
}

std::string tagging_header(const Tags& tags) {
  Bytes header;
  for (const Tag& tag : tags) {
    if (!header.empty()) header += '&';
    auth::sigv4::append_uri_encoded(header, tag.key, auth::sigv4::Slash::encode);
    header += '=';
    auth::sigv4::append_uri_encoded(header, tag.value, auth::sigv4::Slash::encode);
  }
  return header;
}

// What the form says of the object to be. Its policy, if it has one, is checked here.
Outcome<ObjectUpload> upload_of(const Services& services, const Form& form, const Call& call) {
  ObjectUpload upload;
  if (form.field("key").empty()) return field_missing("key");
  upload.key = form.field("key");
  // As in a path: under any other key the object could be neither read nor removed.
  if (!codec::is_utf8(upload.key)) return s3_error(ErrorCode::invalid_uri);
  if (const std::string_view encoded = form.field("policy"); !encoded.empty()) {
    const auto json = codec::from_base64(encoded);
    if (!json.ok()) return s3_error(ErrorCode::invalid_post_policy, "Invalid Policy: Invalid Base64 encoding.");
    TRY_ASSIGN(const PostPolicy policy, parse_post_policy(*json));
    TRY(check_post_policy(policy, form.fields(), call.bucket, upload.key,
                          static_cast<std::int64_t>(services.wall.now_micros())));
    upload.bytes_min = policy.bytes_min;
    upload.bytes_max = std::min(upload.bytes_max, policy.bytes_max);
  }
  upload.headers = headers_of(form);
  if (const std::string_view tagging = form.field("tagging"); !tagging.empty()) {
    TRY_ASSIGN(upload.tags, parse_tagging(tagging, object_tags_max));
    // As the header of another upload, so that the right to set them is asked for, and policies see them.
    if (!upload.tags->empty()) upload.headers.add("x-amz-tagging", tagging_header(*upload.tags));
  }
  return upload;
}

// Policies of users and buckets ask for the headers of an upload: of a form the fields are those, and what its request
// has itself, which nobody signed, says nothing. A form has no conditions.
Fields with_fields(const Fields& request, const Fields& form) {
  Fields headers;
  for (const auto& [name, value] : request) {
    const bool condition = name == "if-match" || name == "if-none-match";
    if (!condition && !name.starts_with("x-amz-") && !form.has(name)) headers.add(name, value);
  }
  for (const auto& [name, value] : form) headers.add(name, value);
  return headers;
}

}  // namespace

Task<Outcome<Reply>> post_object(Services& services, const Authentication& authentication, http::BodyReader& body,
                                 Call& call) {
  const auto boundary = boundary_of(call.headers.get_or("content-type", ""));
  if (!boundary) co_return s3_error(ErrorCode::malformed_post_request);
  if (!call.headers.has("content-length")) co_return s3_error(ErrorCode::missing_content_length);
  Form form(body, *boundary);
  CO_TRY(co_await form.read_fields());
  CO_TRY(check_no_repeats(form.fields()));
  call.bucket_info = services.buckets.find(call.bucket);
  if (call.bucket_info == nullptr) co_return s3_error(ErrorCode::no_such_bucket);
  CO_TRY_ASSIGN(call.caller, signer_of(authentication, form));
  note_signature(form, static_cast<std::int64_t>(services.wall.now_micros() / 1'000'000), call);
  CO_TRY_ASSIGN(ObjectUpload upload, upload_of(services, form, call));
  call.headers = with_fields(call.headers, upload.headers);
  call.query = Fields();
  call.key = upload.key;
  CO_TRY(check_payer(call, *call.bucket_info));
  AccessTarget target;
  target.bucket = call.bucket_info;
  target.bucket_name = call.bucket;
  target.key = upload.key;
  CO_TRY(co_await authorize(services, call, "s3:PutObject", std::move(target)));
  const std::string key = upload.key;
  CO_TRY_ASSIGN(const StoredObject stored, co_await store_object(services, call, std::move(upload), form));
  co_return reply_of(form, call, key, stored);
}

}  // namespace reprise::s3
