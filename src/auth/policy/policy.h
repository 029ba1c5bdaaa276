// IAM policy documents: read once, asked for every request.
//
// A document says for (who, action, resource, context) one of: deny, allow, or nothing. Deny wins, whatever else is
// said; that is for the caller to put together over several documents (PolicySet does it for one identity's).
// Source: IAM user guide, "IAM JSON policy reference"; S3 user guide, "Bucket policies".
//
// Threading: documents are immutable and shared freely. Asking allocates nothing once a thread's buffers have grown.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "auth/policy/context.h"
#include "base/status.h"

namespace reprise::auth::policy {

inline constexpr std::size_t policy_bytes_max = 20480;

// What a document is attached to.
enum class Kind : std::uint8_t {
  identity,  // a user: no Principal
  bucket,    // Principal needed; S3 actions on the bucket and what is in it
  table,     // a DynamoDB table or stream (checked before by dynamo/ops/policy_document.h)
};

enum class Decision : std::uint8_t {
  nothing,
  // A resource's policy gives it to the caller's account as a whole: its root has it, its users have it when their own
  // policies hand it on.
  allow_account,
  allow,
  deny,
};
// Of two documents: the one that weighs more.
[[nodiscard]] constexpr Decision stronger(Decision a, Decision b) { return a < b ? b : a; }

struct Question {
  std::string_view action;    // "s3:GetObject"; case does not matter
  std::string_view resource;  // an ARN
  const Context& context;     // and who asks
};

struct Statement;  // statement.h

class Document {
 public:
  // invalid: with the service's own text: MalformedPolicy of S3 for a bucket's, MalformedPolicyDocument of IAM for an
  // identity's. `bucket`: of Kind::bucket, the name of the bucket that the policy is for.
  static Result<std::shared_ptr<const Document>> parse(std::string_view text, Kind kind, std::string_view bucket = {});

  [[nodiscard]] Decision evaluate(const Question& question) const;
  // S3's meaning of public: some Allow reaches everybody without a condition that holds it to fixed values
  // (S3 user guide, "The meaning of public").
  [[nodiscard]] bool is_public() const;
  // Whether some statement denies: without one, who owns everything need not ask.
  [[nodiscard]] bool has_deny() const { return has_deny_; }

  Document(std::vector<Statement> statements);  // of parse
  ~Document();

 private:
  std::vector<Statement> statements_;
  bool has_deny_ = false;
};
using DocumentPtr = std::shared_ptr<const Document>;

// A bucket's policy, as PutBucketPolicy takes it.
[[nodiscard]] inline Result<DocumentPtr> parse_bucket_policy(std::string_view text, std::string_view bucket) {
  return Document::parse(text, Kind::bucket, bucket);
}

// What is attached to one identity.
class PolicySet {
 public:
  explicit PolicySet(std::vector<DocumentPtr> documents) : documents_(std::move(documents)) {}
  [[nodiscard]] Decision evaluate(const Question& question) const;

 private:
  std::vector<DocumentPtr> documents_;
};

// Asked where the set may be null: nothing is allowed.
[[nodiscard]] Decision evaluate(const std::shared_ptr<const PolicySet>& policies, const Question& question);

}  // namespace reprise::auth::policy
