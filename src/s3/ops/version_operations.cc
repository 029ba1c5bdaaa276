// The table of the operations on versions.
#include "s3/ops/version_operations.h"

namespace reprise::s3 {

namespace {

// A thousand keys of the longest kind, escaped, with all that an entry may have.
constexpr std::size_t delete_document_bytes_max = std::size_t{8} << 20;
constexpr std::size_t tagging_document_bytes_max = std::size_t{64} << 10;
constexpr std::size_t acl_document_bytes_max = std::size_t{256} << 10;
constexpr std::size_t encryption_document_bytes_max = std::size_t{64} << 10;

Operation listing(std::string_view name, std::string_view subresource, OperationFunction run, std::string_view action) {
  Operation row;
  row.name = name;
  row.level = Level::bucket;
  row.method = "GET";
  row.subresource = subresource;
  row.run = run;
  row.action = action;
  row.takes_as_of = true;
  return row;
}

Operation of_version(std::string_view name, std::string_view method, std::string_view subresource,
                     OperationFunction run, std::string_view action, std::string_view version_action) {
  Operation row;
  row.name = name;
  row.method = method;
  row.subresource = subresource;
  row.run = run;
  row.action = action;
  row.version_action = version_action;
  row.takes_as_of = method == "GET";
  return row;
}

std::vector<Operation> table() {
  std::vector<Operation> rows;
  rows.push_back(listing("ListObjects", "", list_objects, "s3:ListBucket"));
  rows.push_back(listing("ListObjectsV2", "list-type", list_objects_v2, "s3:ListBucket"));
  rows.push_back(listing("ListObjectVersions", "versions", list_object_versions, "s3:ListBucketVersions"));

  rows.push_back(of_version("DeleteObject", "DELETE", "", delete_object, "s3:DeleteObject", "s3:DeleteObjectVersion"));
  // Asks for each key.
  rows.push_back(of_version("DeleteObjects", "POST", "delete", delete_objects, "", ""));
  rows.back().level = Level::bucket;
  rows.back().document_bytes_max = delete_document_bytes_max;
  rows.back().needs_digest = true;

  rows.push_back(of_version("GetObjectTagging", "GET", "tagging", get_object_tagging, "s3:GetObjectTagging",
                            "s3:GetObjectVersionTagging"));
  // Asks when it knows the tags.
  rows.push_back(of_version("PutObjectTagging", "PUT", "tagging", put_object_tagging, "", ""));
  rows.back().document_bytes_max = tagging_document_bytes_max;
  rows.back().needs_digest = true;
  rows.push_back(of_version("DeleteObjectTagging", "DELETE", "tagging", delete_object_tagging, "s3:DeleteObjectTagging",
                            "s3:DeleteObjectVersionTagging"));

  rows.push_back(of_version("GetObjectAcl", "GET", "acl", get_object_acl, "s3:GetObjectAcl", "s3:GetObjectVersionAcl"));
  rows.push_back(of_version("PutObjectAcl", "PUT", "acl", put_object_acl, "s3:PutObjectAcl", "s3:PutObjectVersionAcl"));
  rows.back().document_bytes_max = acl_document_bytes_max;
  rows.push_back(of_version("UpdateObjectEncryption", "PUT", "encryption", update_object_encryption,
                            "s3:UpdateObjectEncryption", ""));
  rows.back().document_bytes_max = encryption_document_bytes_max;
  rows.back().needs_digest = true;
  return rows;
}

}  // namespace

std::span<const Operation> version_operations() {
  static const std::vector<Operation> rows = table();
  return rows;
}

}  // namespace reprise::s3
