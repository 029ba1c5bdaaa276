// The table of the operations on multipart uploads, and the pieces of their answers.
#include "s3/ops/multipart_operations.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include "s3/ops/conditions.h"
#include "s3/ops/expiration.h"
#include "s3/ops/operation.h"
#include "s3/ops/services.h"
#include "s3/ops/uploads.h"

namespace reprise::s3 {

namespace {

// Room for 10,000 parts with their ETags and checksums.
constexpr std::size_t complete_document_bytes_max = std::size_t{8} << 20;

constexpr Operation operations[] = {
    {.name = "CreateMultipartUpload",
     .level = Level::object,
     .method = "POST",
     .subresource = "uploads",
     .header = "",
     .run = create_multipart_upload,
     .action = "s3:PutObject"},
    {.name = "UploadPart",
     .level = Level::object,
     .method = "PUT",
     .subresource = "uploadId",
     .header = "",
     .run = upload_part,
     .action = "s3:PutObject"},
    {.name = "UploadPartCopy",
     .level = Level::object,
     .method = "PUT",
     .subresource = "uploadId",
     .header = "x-amz-copy-source",
     .run = upload_part_copy,
     .action = "s3:PutObject"},
    {.name = "CompleteMultipartUpload",
     .level = Level::object,
     .method = "POST",
     .subresource = "uploadId",
     .header = "",
     .run = complete_multipart_upload,
     .action = "s3:PutObject",
     .document_bytes_max = complete_document_bytes_max,
     .checksum_of_object = true},
    {.name = "AbortMultipartUpload",
     .level = Level::object,
     .method = "DELETE",
     .subresource = "uploadId",
     .header = "",
     .run = abort_multipart_upload,
     .action = "s3:AbortMultipartUpload"},
    {.name = "ListParts",
     .level = Level::object,
     .method = "GET",
     .subresource = "uploadId",
     .header = "",
     .run = list_parts,
     .action = "s3:ListMultipartUploadParts"},
    {.name = "ListMultipartUploads",
     .level = Level::bucket,
     .method = "GET",
     .subresource = "uploads",
     .header = "",
     .run = list_multipart_uploads,
     .action = "s3:ListBucketMultipartUploads"},
};

}  // namespace

std::span<const Operation> multipart_operations() { return operations; }

std::string upload_id_of(const Call& call) { return std::string(call.query.get_or("uploadId", "")); }

void write_user(codec::XmlWriter& xml, std::string_view element, std::string_view id) {
  xml.open(element);
  xml.element("ID", id);
  xml.close();
}

std::string_view checksum_type_name(ChecksumType type) {
  return type == ChecksumType::composite ? "COMPOSITE" : "FULL_OBJECT";
}

void write_checksum(codec::XmlWriter& xml, codec::ChecksumAlgorithm algorithm, std::string_view text) {
  const std::string name = "Checksum" + std::string(codec::checksum_name(algorithm));
  xml.element(name, text);
}

void add_abort_headers(Fields& headers, const Services& services, const Bucket& bucket, std::string_view key,
                       std::int64_t initiated_micros) {
  const auto abort = abort_headers(bucket, key, initiated_micros, services.settings.lifecycle_day);
  if (!abort) return;
  headers.add("x-amz-abort-date", abort->date);
  headers.add("x-amz-abort-rule-id", abort->rule_id);
}

Outcome<std::uint32_t> number_of_query(const Call& call, std::string_view name, std::uint32_t otherwise,
                                       std::uint32_t max) {
  const auto text = call.query.get(name);
  if (!text || text->empty()) return otherwise;
  std::int64_t number = 0;
  const auto read = std::from_chars(text->data(), text->data() + text->size(), number);
  if (read.ec != std::errc() || read.ptr != text->data() + text->size()) {
    return invalid_argument("Provided " + std::string(name) + " not an integer or within integer range",
                            std::string(name), std::string(*text));
  }
  if (number < 0 || number > std::numeric_limits<std::int32_t>::max()) {
    return invalid_argument("Argument " + std::string(name) + " must be an integer between 0 and 2147483647",
                            std::string(name), std::string(*text));
  }
  return static_cast<std::uint32_t>(std::min<std::int64_t>(number, max));
}

Task<Outcome<Reply>> abort_multipart_upload(Services& services, Call& call) {
  // A condition of directory buckets: what it guards must not go as if it held.
  CO_TRY(refuse_headers(call.headers, {"x-amz-if-match-initiated-time"}));
  const std::string text = upload_id_of(call);
  CO_TRY_ASSIGN(const FoundUpload found, co_await find_upload(services, call.in(), call.key, text));
  CO_TRY(co_await abort_upload(services, call.bucket_info, call.key, found.id));
  Reply reply;
  reply.status = 204;
  co_return reply;
}

}  // namespace reprise::s3
