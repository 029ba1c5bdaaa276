// The catalogue of buckets: in memory for reading, in the root space `buckets` for keeping, with its past.
//
// Invariants: memory shows what is durable, never more; bucket names are unique over all accounts; one writer at a time
// for each name (the key's lock), and the store's guards behind it. A bucket that is gone from the catalogue takes no
// more writes: each write to a bucket guards on its entry of life (alive_guard).
//
// Threading: all calls from any thread; lookups never wait.
// Errors: not_found (the bucket is gone, or another incarnation), already_exists, conflict, the store's own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/status.h"
#include "base/task.h"
#include "history/store.h"
#include "recovery/root.h"
#include "s3/model/bucket.h"

namespace reprise::s3 {

class Buckets {
 public:
  // Loads the catalogue and finishes what a crash interrupted: a deleted bucket whose spaces still live.
  static Task<Result<std::unique_ptr<Buckets>>> open(history::Store& store, recovery::RootSpaces root);
  virtual ~Buckets() = default;

  // Null when there is none.
  [[nodiscard]] virtual BucketPtr find(std::string_view name) const = 0;
  // The bucket that had this name at T: the live one as it was then, or a deleted one whose past is kept. Null: none.
  // Who may read it is the present's to say, not the past's: owner, ACL, policy, ownership and public access block are
  // those of now (of a deleted one: the last it had). invalid: T is in the future.
  virtual Task<Result<BucketPtr>> find_as_of(std::string name, Timestamp at) = 0;
  // By name, all of one account.
  [[nodiscard]] virtual std::vector<BucketPtr> of_account(std::string_view account) const = 0;
  [[nodiscard]] virtual std::vector<BucketPtr> all() const = 0;
  // Deleted ones, newest first: those whose past can still be read (keep_until_micros), and those that have something
  // to be collected yet. Their spaces `uploads` and `releases` live on, without a present of their own to serve: the
  // collector aborts every upload at once, takes the releases when their time has come (all of them after
  // keep_until_micros), and purge_deleted() forgets the bucket when both are empty.
  [[nodiscard]] virtual std::vector<BucketPtr> deleted() const = 0;
  // Every space that a bucket, live or deleted, has: what is not to be dropped as an orphan.
  [[nodiscard]] virtual std::set<SpaceId> spaces() const = 0;

  // Makes the bucket's spaces (with its retention) and its entry; `bucket` comes without spaces, id and creation time.
  // already_exists: the name is taken.
  virtual Task<Result<BucketPtr>> add(Bucket bucket) = 0;
  // Changes the bucket's settings under its lock, and with recovery_days what the store keeps of its past. `change` may
  // refuse with an S3Error. NoSuchBucket: it is gone, or another one has its name.
  using Edit = std::function<Check(Bucket& bucket)>;
  virtual Task<Outcome<BucketPtr>> edit(BucketPtr bucket, Edit change) = 0;
  // Removes an empty bucket: BucketNotEmpty when it holds a version or a marker; uploads under way are no obstacle, as
  // on AWS. Its past stays for its recovery days.
  virtual Task<Check> remove(BucketPtr bucket) = 0;
  // Forgets deleted buckets whose time is over and which have nothing to be collected. Called by a background job.
  virtual Task<Status> purge_deleted() = 0;

  // A check that the bucket still is there, for the commit of whoever writes into it (no read; NoSuchBucket when it is
  // gone). While remove() looks whether the bucket is empty, commits with an older check fail with conflict: ask again;
  // NoSuchBucket then says that it has been removed, and another check that it stays, so that the commit is worth
  // another attempt.
  virtual Task<Outcome<history::Change>> alive_guard(const Bucket& bucket) = 0;
};

}  // namespace reprise::s3
