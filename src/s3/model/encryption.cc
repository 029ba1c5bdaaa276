// What requests and buckets say of server-side encryption, with the checks and texts of the service.
#include "s3/model/encryption.h"

#include <algorithm>
#include <array>

#include "codec/base64.h"
#include "codec/json.h"
#include "codec/md5.h"
#include "codec/sha256.h"
#include "codec/utf8.h"
#include "codec/xml.h"
#include "s3/model/document.h"

namespace reprise::s3 {
namespace {

constexpr std::string_view sse_header = "x-amz-server-side-encryption";
constexpr std::string_view source_prefix = "x-amz-copy-source-server-side-encryption";
constexpr std::size_t customer_key_bytes = 32;
constexpr std::size_t context_bytes_max = 8192;

std::string named(std::string_view prefix, std::string_view rest) { return std::string(prefix).append(rest); }

// InvalidArgument about the encryption as a whole; an absent value is written "null", as the service does.
S3Error refused(std::string message, std::optional<std::string_view> value) {
  return invalid_argument(std::move(message), std::string(sse_header), std::string(value.value_or("null")));
}

bool has_customer_headers(const Fields& headers, std::string_view prefix) {
  return headers.has(named(prefix, "-customer-algorithm")) || headers.has(named(prefix, "-customer-key")) ||
         headers.has(named(prefix, "-customer-key-md5"));
}

Outcome<SseRequest> customer_request(const Fields& headers, std::string_view prefix) {
  const auto algorithm = headers.get(named(prefix, "-customer-algorithm"));
  const auto key = headers.get(named(prefix, "-customer-key"));
  const auto md5 = headers.get(named(prefix, "-customer-key-md5"));
  const std::string provided = "Requests specifying Server Side Encryption with Customer provided keys must provide ";
  if (!algorithm) return refused(provided + "a valid encryption algorithm.", std::nullopt);
  if (*algorithm != "AES256") return s3_error(ErrorCode::invalid_encryption_algorithm);
  if (!key) return refused(provided + "an appropriate secret key.", std::nullopt);
  if (!md5) return refused(provided + "the client calculated MD5 of the secret key.", std::nullopt);
  auto bytes = codec::from_base64(*key);
  if (!bytes.ok() || bytes->size() != customer_key_bytes) {
    return refused("The secret key was invalid for the specified algorithm.", std::nullopt);
  }
  const codec::Md5Digest digest = codec::md5(*bytes);
  if (!codec::equal_in_constant_time(codec::to_base64(codec::bytes_of(digest)), *md5)) {
    return refused("The calculated MD5 hash of the key did not match the hash that was provided.", std::nullopt);
  }
  SseRequest request;
  request.kind = SseKind::customer;
  request.customer_key = std::move(bytes).value();
  request.customer_md5 = *md5;
  return request;
}

// An encryption context is a JSON object whose members are texts.
bool is_kms_context(std::string_view base64) {
  if (base64.size() > context_bytes_max) return false;
  const auto text = codec::from_base64(base64);
  if (!text.ok() || !codec::is_utf8(*text)) return false;
  codec::JsonDocument document;
  const auto root = document.parse(*text);
  if (!root.ok() || !root->is(codec::JsonType::object)) return false;
  for (auto member = root->first_member(); member; member.advance()) {
    if (!member.value().is(codec::JsonType::string)) return false;
  }
  return true;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

Check read_bucket_key(const Fields& headers, SseRequest& request) {
  const std::string name = named(sse_header, "-bucket-key-enabled");
  const auto value = headers.get(name);
  if (!value) return Passed{};
  request.bucket_key_told = true;
  request.bucket_key = equals_ignoring_case(*value, "true");
  if (request.bucket_key || equals_ignoring_case(*value, "false")) return Passed{};
  return invalid_argument("The value specified for " + name + " is not valid: it must be true or false", name,
                          std::string(*value));
}

Outcome<SseRequest> service_request(const Fields& headers) {
  const auto method = headers.get(sse_header);
  const auto key = headers.get(named(sse_header, "-aws-kms-key-id"));
  const auto context = headers.get(named(sse_header, "-context"));
  SseRequest request;
  TRY(read_bucket_key(headers, request));
  if (method == "aws:kms:dsse") {
    return s3_error(ErrorCode::not_implemented,
                    "Dual-layer server-side encryption (aws:kms:dsse) is not supported; aws:kms is");
  }
  if (method && *method != "AES256" && *method != "aws:kms") {
    return refused("The encryption method specified is not supported", method);
  }
  if (method != "aws:kms" && (key || context)) {
    return refused(
        "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
        method);
  }
  if (!method) return request;
  request.kind = *method == "AES256" ? SseKind::s3 : SseKind::kms;
  if (key) request.kms_key = *key;
  if (context && !is_kms_context(*context)) {
    return invalid_argument(
        "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which "
        "represents a string-string map",
        named(sse_header, "-context"), std::string(*context));
  }
  if (context) request.kms_context = *context;
  return request;
}

bool is_loopback(std::string_view peer) {
  constexpr std::string_view mapped = "::ffff:";
  if (peer.starts_with(mapped)) peer.remove_prefix(mapped.size());
  return peer == "::1" || peer.starts_with("127.");
}

// ---- The document of a bucket ---------------------------------------------------------------------------------------

Outcome<bool> parse_truth(const codec::XmlElement& rule, std::string_view name) {
  const codec::XmlElement* element = rule.child(name);
  if (element == nullptr) return false;
  if (element->text == "true") return true;
  if (element->text == "false") return false;
  return s3_error(ErrorCode::malformed_xml);
}

Check parse_default(const codec::XmlElement& element, BucketEncryption& encryption) {
  const codec::XmlElement* algorithm = element.child("SSEAlgorithm");
  if (algorithm == nullptr) return s3_error(ErrorCode::malformed_xml);
  if (algorithm->text == "aws:kms:dsse") {
    return s3_error(ErrorCode::not_implemented,
                    "Dual-layer server-side encryption (aws:kms:dsse) is not supported; aws:kms is");
  }
  if (algorithm->text != "AES256" && algorithm->text != "aws:kms") return s3_error(ErrorCode::malformed_xml);
  encryption.kind = algorithm->text == "AES256" ? SseKind::s3 : SseKind::kms;
  encryption.kms_key = element.text_of("KMSMasterKeyID");
  if (encryption.kind == SseKind::s3 && element.child("KMSMasterKeyID") != nullptr) {
    return s3_error(ErrorCode::invalid_argument,
                    "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse");
  }
  return Passed{};
}

Check parse_blocked(const codec::XmlElement& rule, BucketEncryption& encryption) {
  const codec::XmlElement* blocked = rule.child("BlockedEncryptionTypes");
  if (blocked == nullptr) return Passed{};
  bool none = false;
  for (const codec::XmlElement& type : blocked->children) {
    if (type.name != "EncryptionType" || (type.text != "SSE-C" && type.text != "NONE")) {
      return s3_error(ErrorCode::malformed_xml);
    }
    (type.text == "NONE" ? none : encryption.block_customer_keys) = true;
  }
  if (none && encryption.block_customer_keys) return s3_error(ErrorCode::malformed_xml);
  return Passed{};
}

}  // namespace

Outcome<SseRequest> sse_of_headers(const Fields& headers, std::string_view prefix) {
  const bool customer = has_customer_headers(headers, prefix);
  if (prefix == source_prefix) return customer ? customer_request(headers, prefix) : Outcome<SseRequest>(SseRequest());
  const auto method = headers.get(sse_header);
  if (customer && (method || headers.has(named(sse_header, "-aws-kms-key-id")))) {
    return refused(
        "Server Side Encryption with Customer provided key is incompatible with the encryption method specified",
        method);
  }
  return customer ? customer_request(headers, prefix) : service_request(headers);
}

Outcome<SseRequest> sse_of_read(const Fields& headers) {
  for (const std::string_view rest : {"", "-aws-kms-key-id", "-context", "-bucket-key-enabled"}) {
    const std::string name = named(sse_header, rest);
    if (const auto value = headers.get(name)) {
      return invalid_argument(name + " header is not supported for this operation.", name, std::string(*value));
    }
  }
  if (!has_customer_headers(headers, sse_header)) return SseRequest();
  return customer_request(headers, sse_header);
}

Check check_customer_key_transport(const Fields& headers, bool secure, std::string_view peer) {
  if (secure || is_loopback(peer)) return Passed{};
  if (!has_customer_headers(headers, sse_header) && !has_customer_headers(headers, source_prefix)) return Passed{};
  return refused(
      "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection.",
      std::nullopt);
}

Outcome<SseRequest> effective_sse(SseRequest asked, const std::optional<BucketEncryption>& bucket) {
  if (!bucket) return asked;
  if (asked.kind == SseKind::customer && bucket->block_customer_keys) {
    return s3_error(ErrorCode::access_denied,
                    "Access Denied because this bucket blocks server-side encryption with customer-provided keys "
                    "(SSE-C)");
  }
  const bool by_default = asked.kind == SseKind::none;
  if (by_default) {
    asked.kind = bucket->kind;
    asked.kms_key = bucket->kms_key;
  }
  if (asked.kind == SseKind::kms && !asked.bucket_key_told) asked.bucket_key = bucket->bucket_key;
  if (asked.kind != SseKind::kms) asked.bucket_key = false;
  return asked;
}

void add_sse_headers(Fields& headers, const Envelope& envelope, SseAnswer answer) {
  switch (envelope.kind) {
    case SseKind::none: return;
    case SseKind::s3: headers.add(std::string(sse_header), "AES256"); return;
    case SseKind::kms:
      headers.add(std::string(sse_header), "aws:kms");
      headers.add(named(sse_header, "-aws-kms-key-id"), envelope.key_id);
      if (envelope.bucket_key) headers.add(named(sse_header, "-bucket-key-enabled"), "true");
      if (answer == SseAnswer::write && !envelope.kms_context.empty()) {
        headers.add(named(sse_header, "-context"), envelope.kms_context);
      }
      return;
    case SseKind::customer:
      headers.add(named(sse_header, "-customer-algorithm"), "AES256");
      headers.add(named(sse_header, "-customer-key-MD5"), envelope.customer_md5);
      return;
  }
}

Outcome<BucketEncryption> parse_bucket_encryption(BytesView xml) {
  TRY_ASSIGN(const codec::XmlElement root, parse_document(xml, "ServerSideEncryptionConfiguration"));
  if (root.children.size() != 1 || root.children[0].name != "Rule") return s3_error(ErrorCode::malformed_xml);
  const codec::XmlElement& rule = root.children[0];
  constexpr std::array<std::string_view, 3> known = {"ApplyServerSideEncryptionByDefault", "BucketKeyEnabled",
                                                     "BlockedEncryptionTypes"};
  for (const codec::XmlElement& element : rule.children) {
    if (std::ranges::find(known, element.name) == known.end()) return s3_error(ErrorCode::malformed_xml);
  }
  BucketEncryption encryption;
  if (rule.children.empty()) return s3_error(ErrorCode::malformed_xml);
  if (const codec::XmlElement* chosen = rule.child(known[0])) TRY(parse_default(*chosen, encryption));
  TRY_ASSIGN(encryption.bucket_key, parse_truth(rule, known[1]));
  TRY(parse_blocked(rule, encryption));
  return encryption;
}

Bytes print_bucket_encryption(const BucketEncryption& encryption) {
  Bytes out;
  codec::XmlWriter xml(out);
  using Truth = codec::XmlWriter::Truth;
  xml.declaration();
  xml.open("ServerSideEncryptionConfiguration", codec::s3_namespace);
  xml.open("Rule");
  xml.open("ApplyServerSideEncryptionByDefault");
  xml.element("SSEAlgorithm", encryption.kind == SseKind::kms ? "aws:kms" : "AES256");
  if (!encryption.kms_key.empty()) xml.element("KMSMasterKeyID", encryption.kms_key);
  xml.close();
  xml.element("BucketKeyEnabled", encryption.bucket_key ? Truth::yes : Truth::no);
  if (encryption.block_customer_keys) {
    xml.open("BlockedEncryptionTypes");
    xml.element("EncryptionType", "SSE-C");
    xml.close();
  }
  xml.close();
  xml.close();
  return out;
}

}  // namespace reprise::s3
