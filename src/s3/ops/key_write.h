// The versions of one key: looked up, and changed under the key's lock, one commit for one change.
//
// Invariants
//   - heads holds the newest version of a key exactly when that is an object; versions holds all others, and the newest
//     when it is a delete marker: a listing of current objects never walks old versions;
//   - at most one version of a key is the null version;
//   - a blob's number of names (blob_names.h) is changed in the commit that changes its names;
//   - what a commit removes for good, the past still names: its blobs are released, not removed.
//
// Threading: the functions from any thread; a KeyWrite belongs to one coroutine.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/task.h"
#include "history/store.h"
#include "s3/model/object.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

// What a request names: the newest version (delete marker or not), or the one with that id. Nothing: there is none.
// As of `as_of` when it is set (InvalidArgument with a text when that is outside the bucket's window).
struct FoundVersion {
  ObjectVersion version;
  bool newest = false;
};
Task<Outcome<std::optional<FoundVersion>>> find_newest(Services& services, const Bucket& bucket, std::string key,
                                                       std::optional<Timestamp> as_of);
Task<Outcome<std::optional<FoundVersion>>> find_version(Services& services, const Bucket& bucket, std::string key,
                                                        VersionId id, std::optional<Timestamp> as_of);
// The object that a GET, HEAD or the like of `call` names, by key and versionId, as of call.as_of: NoSuchKey (with
// x-amz-delete-marker where a marker is on top), NoSuchVersion, MethodNotAllowed (a marker by its id), "Invalid version
// id specified".
Task<Outcome<FoundVersion>> named_object(Services& services, const Call& call);

// Who named the blobs of a payload before the commit that puts it.
enum class Naming : std::uint8_t {
  made_now,       // nobody: this request has written them
  shared,         // another version, which keeps its names: a copy. NoSuchKey out of commit() when a blob has gone
  already_named,  // parts of an upload that this commit removes: their names pass to the version
};

// A key, locked: nobody else changes it until this object is gone or commit() is done.
class KeyWrite {
 public:
  // Locks the key and reads its newest version. NoSuchBucket when the bucket is gone. `shared`: whose blobs the change
  // is going to name once more; their entries are locked, too, so that many copies of one source come one after the
  // other instead of failing in turn.
  static Task<Outcome<std::unique_ptr<KeyWrite>>> open(Services& services, BucketPtr bucket, std::string key,
                                                       const Payload* shared = nullptr);
  virtual ~KeyWrite() = default;

  // The newest version, delete marker or not; null: the key has none.
  [[nodiscard]] virtual const ObjectVersion* newest() const = 0;
  // The newest version when it is an object: what conditional writes look at.
  [[nodiscard]] const ObjectVersion* current() const {
    return newest() != nullptr && !newest()->delete_marker ? newest() : nullptr;
  }
  // Null: no such version.
  virtual Task<Outcome<std::optional<ObjectVersion>>> find(VersionId id) = 0;

  // Changes, prepared; the last one before commit() is one of these three (or none: only add_change was called).
  // A new version on top, by the bucket's versioning (replaces the null version where it is not enabled). Fills in
  // sequence, id, null_below and modified_micros. `inline_bytes`: what goes into the space of payloads under
  // payload.inlined, an id that is new (versions never share inline bytes). The blobs of the payload are named once
  // more each, unless they are already_named.
  virtual Task<Outcome<ObjectVersion>> put(ObjectVersion version, Bytes inline_bytes, Naming naming) = 0;
  // What DELETE without a version id does: removes the object (never versioned), or puts a delete marker, which is
  // returned.
  virtual Task<Outcome<std::optional<ObjectVersion>>> remove_newest() = 0;
  // Removes that version for good and promotes the next one when it was the newest. Returns what was removed; nothing:
  // there is none such.
  virtual Task<Outcome<std::optional<ObjectVersion>>> remove(VersionId id) = 0;
  // Rewrites a version in place (tags, ACL, lock): same sequence and id.
  virtual Task<Outcome<Passed>> rewrite(ObjectVersion version) = 0;

  // Further changes of the same commit.
  virtual void add_change(history::Change change) = 0;

  // Durable when done. conflict never comes out: it is OperationAborted ("A conflicting conditional operation ...").
  // NoSuchBucket: the bucket has been deleted meanwhile. `by_service`: lifecycle's doing.
  virtual Task<Outcome<Timestamp>> commit(bool by_service = false) = 0;
};

}  // namespace reprise::s3
