// The tags of objects, version by version: GetObjectTagging, PutObjectTagging, DeleteObjectTagging.
#include <utility>

#include "s3/model/tag.h"
#include "s3/ops/access.h"
#include "s3/ops/key_write.h"
#include "s3/ops/object_change.h"
#include "s3/ops/version_operations.h"

namespace reprise::s3 {

namespace {

class SetTags final : public VersionChange {
 public:
  explicit SetTags(Tags tags) : tags_(std::move(tags)) {}
  Check apply(ObjectVersion& version) override {
    version.tags = tags_;
    return Passed{};
  }

 private:
  const Tags tags_;
};

// Policies may ask which tags a request sets, so the right is asked for when they are known.
Task<Check> authorize_tags(Services& services, const Call& call, const Tags& tags) {
  AccessTarget target;
  target.bucket = call.bucket_info;
  target.bucket_name = call.bucket;
  target.key = call.key;
  for (const Tag& tag : tags) {
    target.context.emplace_back("s3:RequestObjectTag/" + tag.key, tag.value);
    target.context.emplace_back("s3:RequestObjectTagKeys", tag.key);
  }
  std::string action(call.query.has("versionId") ? "s3:PutObjectVersionTagging" : "s3:PutObjectTagging");
  co_return co_await authorize(services, call, std::move(action), std::move(target));
}

}  // namespace

Task<Outcome<Reply>> get_object_tagging(Services& services, Call& call) {
  CO_TRY_ASSIGN(const FoundVersion found, co_await named_object(services, call));
  Reply reply = xml_reply(print_tagging(found.version.tags));
  add_version_header(reply, call.in(), found.version);
  co_return reply;
}

Task<Outcome<Reply>> put_object_tagging(Services& services, Call& call) {
  auto tags = parse_tagging(call.document, object_tags_max);
  const Tags asked = tags.ok() ? *tags : Tags();
  CO_TRY(co_await authorize_tags(services, call, asked));
  if (!tags.ok()) co_return std::move(tags).error();
  SetTags change(std::move(tags).value());
  co_return co_await change_version(services, call, change, 200);
}

Task<Outcome<Reply>> delete_object_tagging(Services& services, Call& call) {
  SetTags change({});
  co_return co_await change_version(services, call, change, 204);
}

}  // namespace reprise::s3
