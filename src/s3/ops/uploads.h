// Multipart uploads of a bucket: found, listed, begun, given parts, and ended.
//
// Whoever ends an upload removes its entry; from that commit on no part can come (each part's commit checks the entry),
// and what parts are left belong to nobody: remove_parts() takes them and their blobs away, here at once, and in the
// collector's rounds (garbage.h) when a crash came between.
//
// Threading: from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/task.h"
#include "history/store.h"
#include "s3/model/upload.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

struct FoundUpload {
  std::string key;  // of the object
  UploadId id;
  Upload upload;
  history::Version before;  // for the guard of whoever changes it
};

// NoSuchUpload when there is none of that key and id.
Task<Outcome<FoundUpload>> find_upload(Services& services, const Bucket& bucket, std::string key, std::string id);

// Uploads in order, at most `limit`, from `position` on (empty: the first), of keys that begin with `prefix`.
struct UploadPage {
  std::vector<FoundUpload> uploads;
  std::optional<Bytes> next;  // the position to go on from; nothing: that was all
};
Task<Outcome<UploadPage>> scan_uploads(Services& services, const Bucket& bucket, std::string prefix, Bytes position,
                                       std::size_t limit);

// Parts by number, those behind `after`, at most `limit`.
struct FoundPart {
  UploadedPart part;
  history::Version before;
};
Task<Outcome<std::vector<FoundPart>>> scan_parts(Services& services, const Bucket& bucket, std::string key, UploadId id,
                                                 std::uint32_t after, std::size_t limit);

// Ends an upload and removes its parts; of very many a job removes the rest. NoSuchUpload when there is none such.
Task<Outcome<Passed>> abort_upload(Services& services, BucketPtr bucket, std::string key, UploadId id);

// Writes a part, whose blobs are held by the caller, in the place of an earlier one of that number, whose blobs go.
// `made_now`: as for add_names. NoSuchUpload: it has ended meanwhile. NoSuchKey, of one that was not made now: a blob
// has gone.
Task<Outcome<Passed>> put_part(Services& services, BucketPtr bucket, std::string key, UploadId id, UploadedPart part,
                               bool made_now);

// Removes blobs whose last name has gone, and those of a request that failed. What cannot be removed is logged, and an
// orphan.
Task<void> remove_unnamed_blobs(Services& services, std::vector<blob::BlobId> blobs);

// Removes the parts of an upload that has ended, and the blobs that lose their last name: all, or about `parts_max`.
// Idempotent.
Task<Outcome<Passed>> remove_parts(Services& services, const Bucket& bucket, std::string key, UploadId id,
                                   std::size_t parts_max = ~std::size_t{0});

// The job that removes what an abort has left of very many parts. Before Jobs::resume().
void register_parts_removal(Services& services);

}  // namespace reprise::s3
