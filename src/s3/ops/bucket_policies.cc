// Invariant: an answer always belongs to the text that the bucket at hand has; the table only saves compiling it again.
#include "s3/ops/bucket_policies.h"

#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>

#include "base/log.h"

namespace reprise::s3 {
namespace {

constexpr std::size_t entries_max = 4096;

class Table {
 public:
  CompiledPolicy find(const Bucket& bucket) {
    {
      const std::shared_lock lock(mutex_);
      const auto found = entries_.find(bucket.id);
      if (found != entries_.end() && found->second.text == bucket.policy) return found->second.policy;
    }
    Entry entry{bucket.policy, compile(bucket)};
    const CompiledPolicy policy = entry.policy;
    const std::unique_lock lock(mutex_);
    if (entries_.size() >= entries_max) entries_.clear();
    entries_.insert_or_assign(bucket.id, std::move(entry));
    return policy;
  }

 private:
  struct Entry {
    Bytes text;
    CompiledPolicy policy;
  };

  static CompiledPolicy compile(const Bucket& bucket) {
    CompiledPolicy policy;
    auto document = auth::policy::parse_bucket_policy(bucket.policy, bucket.name);
    if (!document.ok()) {
      log_line(LogLevel::error, "s3", "a bucket's policy cannot be read: only its owner's root gets past it",
               log_field("bucket", bucket.name) + log_field("why", document.error().message()));
      policy.unreadable = true;
      return policy;
    }
    policy.document = std::move(document).value();
    policy.is_public = policy.document->is_public();
    return policy;
  }

  std::shared_mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace

CompiledPolicy policy_of(const Bucket& bucket) {
  if (bucket.policy.empty()) return {};
  static Table table;
  return table.find(bucket);
}

}  // namespace reprise::s3
