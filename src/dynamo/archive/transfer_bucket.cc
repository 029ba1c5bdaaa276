#include "dynamo/archive/transfer_bucket.h"

#include "blob/permission.h"

namespace reprise::dynamo {

Status TransferBucket::open(Services& services, const std::string& account, const std::string& owner,
                            const std::string& name) {
  if (store_) return {};
  if (services.buckets == nullptr) return blame(not_found("no buckets are configured"));
  if (!owner.empty() && owner != account) {
    return blame(blob::permission_denied("the bucket is not of account " + owner));
  }
  TRY_ASSIGN(store_, blame(services.buckets->bucket(account, name)));
  return {};
}

}  // namespace reprise::dynamo
