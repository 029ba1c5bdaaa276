// The table of the operations on objects.
#include "s3/ops/object_operations.h"

namespace reprise::s3 {
namespace {

constexpr std::size_t restore_bytes_max = std::size_t{1} << 20;

// GET and HEAD ask for themselves: what a caller may read depends on the version's ACL and tags.
constexpr Operation operations[] = {
    {.name = "PutObject", .method = "PUT", .run = put_object, .action = "s3:PutObject"},
    {.name = "CopyObject",
     .method = "PUT",
     .header = "x-amz-copy-source",
     .run = copy_object,
     .action = "s3:PutObject"},
    {.name = "GetObject", .method = "GET", .run = get_object, .takes_as_of = true},
    {.name = "HeadObject", .method = "HEAD", .run = head_object, .takes_as_of = true},
    {.name = "GetObjectAttributes",
     .method = "GET",
     .subresource = "attributes",
     .run = get_object_attributes,
     .takes_as_of = true},
    {.name = "RestoreObject",
     .method = "POST",
     .subresource = "restore",
     .run = restore_object,
     .action = "s3:RestoreObject",
     .document_bytes_max = restore_bytes_max},
};

}  // namespace

std::span<const Operation> object_operations() { return operations; }

}  // namespace reprise::s3
