// The operations on what happens to a bucket's old versions: lifecycle rules, and how long its past can be read.
//
// The latter is Reprise's own, GET and PUT ?reprise-recovery:
//   <RecoveryConfiguration><Days>35</Days></RecoveryConfiguration>
// answered with <EarliestRecoverableTime> and <LatestRecoverableTime> as well while there is a past. 0 days turn it
// off, and what was kept is gone at once.
#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <utility>

#include "codec/xml.h"
#include "history/store.h"
#include "s3/model/document.h"
#include "s3/ops/buckets.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {
namespace {

constexpr std::size_t lifecycle_bytes_max = std::size_t{2} << 20;
constexpr std::size_t recovery_bytes_max = std::size_t{4} << 10;
constexpr std::string_view minimum_header = "x-amz-transition-default-minimum-object-size";
constexpr std::string_view minimum_default = "all_storage_classes_128K";

// ---- Lifecycle -----------------------------------------------------------------------------------------------------

void add_minimum(Reply& reply, const Lifecycle& lifecycle) {
  const std::string& minimum = lifecycle.transition_default_minimum_object_size;
  reply.headers.add(std::string(minimum_header), minimum.empty() ? std::string(minimum_default) : minimum);
}

Task<Outcome<Reply>> put_lifecycle(Services& services, Call& call) {
  const std::string minimum(call.headers.get_or(minimum_header, minimum_default));
  CO_TRY(check_transition_minimum(minimum));
  CO_TRY_ASSIGN(Lifecycle parsed, parse_lifecycle(call.document));
  if (minimum != minimum_default) parsed.transition_default_minimum_object_size = minimum;
  const auto lifecycle = std::make_shared<const Lifecycle>(std::move(parsed));
  Buckets::Edit change = [lifecycle](Bucket& bucket) -> Check {
    bucket.lifecycle = lifecycle;
    return Passed{};
  };
  CO_TRY(co_await services.buckets.edit(call.bucket_info, std::move(change)));
  Reply reply;
  add_minimum(reply, *lifecycle);
  co_return reply;
}

Task<Outcome<Reply>> get_lifecycle(Services&, Call& call) {
  const auto& lifecycle = call.in().lifecycle;
  if (!lifecycle) {
    S3Error error = s3_error(ErrorCode::no_such_lifecycle_configuration);
    error.details.emplace_back("BucketName", call.in().name);
    co_return error;
  }
  Reply reply = xml_reply(print_lifecycle(*lifecycle));
  add_minimum(reply, *lifecycle);
  co_return reply;
}

Task<Outcome<Reply>> delete_lifecycle(Services& services, Call& call) {
  if (call.in().lifecycle) {
    Buckets::Edit change = [](Bucket& bucket) -> Check {
      bucket.lifecycle.reset();
      return Passed{};
    };
    CO_TRY(co_await services.buckets.edit(call.bucket_info, std::move(change)));
  }
  Reply reply;
  reply.status = 204;
  co_return reply;
}

// ---- Recovery ------------------------------------------------------------------------------------------------------

Outcome<std::int64_t> parse_recovery(BytesView document, std::int64_t days_max) {
  TRY_ASSIGN(const codec::XmlElement root, parse_document(document, "RecoveryConfiguration"));
  // What GET answers may be put back as it is.
  if (!has_only(root, {"Days", "EarliestRecoverableTime", "LatestRecoverableTime"})) {
    return s3_error(ErrorCode::malformed_xml);
  }
  const auto text = only_text_of(root, "Days");
  if (!text) return s3_error(ErrorCode::malformed_xml);
  std::int64_t days = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), days);
  if (fault == std::errc::invalid_argument || end != text->data() + text->size()) {
    return s3_error(ErrorCode::malformed_xml);
  }
  if (fault != std::errc() || days < 0 || days > days_max) {
    return invalid_argument("'Days' of a RecoveryConfiguration must be between 0 and " + std::to_string(days_max),
                            "Days", std::string(*text));
  }
  return days;
}

// The spaces whose past a bucket's past is made of.
Outcome<Timestamp> horizon_of(Services& services, const Bucket& bucket) {
  Timestamp horizon;
  for (const SpaceId space : {bucket.spaces.heads, bucket.spaces.versions, bucket.spaces.payloads}) {
    const auto info = services.store.info(space);
    if (!info.ok()) return store_error(info.error());
    horizon = std::max(horizon, info->horizon);
  }
  return horizon;
}

Outcome<Reply> recovery_reply(Services& services, const Bucket& bucket) {
  Bytes body;
  codec::XmlWriter xml(body);
  xml.declaration();
  xml.open("RecoveryConfiguration", codec::s3_namespace);
  xml.element("Days", static_cast<std::uint64_t>(bucket.recovery_days));
  if (bucket.recovery_days > 0) {
    TRY_ASSIGN(const Timestamp horizon, horizon_of(services, bucket));
    const std::uint64_t latest = services.store.closed().micros();
    // A time as text names the whole of its microsecond; rounded up, it is within the window for certain.
    const std::uint64_t earliest = std::min(horizon.micros() + 1, latest);
    xml.element("EarliestRecoverableTime", format_iso8601(earliest, 6));
    xml.element("LatestRecoverableTime", format_iso8601(latest, 6));
  }
  xml.close();
  return xml_reply(std::move(body));
}

Task<Outcome<Reply>> get_recovery(Services& services, Call& call) { co_return recovery_reply(services, call.in()); }

Task<Outcome<Reply>> put_recovery(Services& services, Call& call) {
  CO_TRY_ASSIGN(const std::int64_t days, parse_recovery(call.document, services.settings.recovery_days_max));
  Buckets::Edit change = [days](Bucket& bucket) -> Check {
    bucket.recovery_days = days;
    return Passed{};
  };
  CO_TRY_ASSIGN(const BucketPtr bucket, co_await services.buckets.edit(call.bucket_info, std::move(change)));
  co_return recovery_reply(services, *bucket);
}

constexpr Operation operations[] = {
    {.name = "PutBucketLifecycleConfiguration",
     .level = Level::bucket,
     .method = "PUT",
     .subresource = "lifecycle",
     .run = put_lifecycle,
     .action = "s3:PutLifecycleConfiguration",
     .document_bytes_max = lifecycle_bytes_max,
     .needs_digest = true},
    {.name = "GetBucketLifecycleConfiguration",
     .level = Level::bucket,
     .method = "GET",
     .subresource = "lifecycle",
     .run = get_lifecycle,
     .action = "s3:GetLifecycleConfiguration",
     .takes_as_of = true},
    {.name = "DeleteBucketLifecycle",
     .level = Level::bucket,
     .method = "DELETE",
     .subresource = "lifecycle",
     .run = delete_lifecycle,
     .action = "s3:PutLifecycleConfiguration"},
    {.name = "GetBucketRecovery",
     .level = Level::bucket,
     .method = "GET",
     .subresource = "reprise-recovery",
     .run = get_recovery,
     .action = "reprise:GetBucketRecovery"},
    {.name = "PutBucketRecovery",
     .level = Level::bucket,
     .method = "PUT",
     .subresource = "reprise-recovery",
     .run = put_recovery,
     .action = "reprise:PutBucketRecovery",
     .document_bytes_max = recovery_bytes_max},
};

}  // namespace

std::span<const Operation> lifecycle_operations() { return operations; }

}  // namespace reprise::s3
