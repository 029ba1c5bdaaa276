// The operations on a bucket's settings, by file.
#pragma once

#include "s3/ops/operation.h"

namespace reprise::s3 {

// configuration_versioning.cc
Task<Outcome<Reply>> get_bucket_versioning(Services& services, Call& call);
Task<Outcome<Reply>> put_bucket_versioning(Services& services, Call& call);

// configuration_documents.cc: tags, CORS rules, default encryption
Task<Outcome<Reply>> get_bucket_tagging(Services& services, Call& call);
Task<Outcome<Reply>> put_bucket_tagging(Services& services, Call& call);
Task<Outcome<Reply>> delete_bucket_tagging(Services& services, Call& call);
Task<Outcome<Reply>> get_bucket_cors(Services& services, Call& call);
Task<Outcome<Reply>> put_bucket_cors(Services& services, Call& call);
Task<Outcome<Reply>> delete_bucket_cors(Services& services, Call& call);
Task<Outcome<Reply>> get_bucket_encryption(Services& services, Call& call);
Task<Outcome<Reply>> put_bucket_encryption(Services& services, Call& call);
Task<Outcome<Reply>> delete_bucket_encryption(Services& services, Call& call);

// configuration_policy.cc
Task<Outcome<Reply>> get_bucket_policy(Services& services, Call& call);
Task<Outcome<Reply>> put_bucket_policy(Services& services, Call& call);
Task<Outcome<Reply>> delete_bucket_policy(Services& services, Call& call);
Task<Outcome<Reply>> get_bucket_policy_status(Services& services, Call& call);

// configuration_access.cc: ACL, ownership controls, public access block
Task<Outcome<Reply>> get_bucket_acl(Services& services, Call& call);
Task<Outcome<Reply>> put_bucket_acl(Services& services, Call& call);
Task<Outcome<Reply>> get_bucket_ownership_controls(Services& services, Call& call);
Task<Outcome<Reply>> put_bucket_ownership_controls(Services& services, Call& call);
Task<Outcome<Reply>> delete_bucket_ownership_controls(Services& services, Call& call);
Task<Outcome<Reply>> get_public_access_block(Services& services, Call& call);
Task<Outcome<Reply>> put_public_access_block(Services& services, Call& call);
Task<Outcome<Reply>> delete_public_access_block(Services& services, Call& call);

// configuration_kept.cc: what is kept and answered, and changes nothing here
Task<Outcome<Reply>> get_bucket_request_payment(Services& services, Call& call);
Task<Outcome<Reply>> put_bucket_request_payment(Services& services, Call& call);
Task<Outcome<Reply>> get_bucket_accelerate(Services& services, Call& call);
Task<Outcome<Reply>> put_bucket_accelerate(Services& services, Call& call);
Task<Outcome<Reply>> get_bucket_logging(Services& services, Call& call);
Task<Outcome<Reply>> put_bucket_logging(Services& services, Call& call);

// configuration_notification.cc
Task<Outcome<Reply>> get_bucket_notification(Services& services, Call& call);
Task<Outcome<Reply>> put_bucket_notification(Services& services, Call& call);

// configuration_absent.cc: what no bucket here ever has
Task<Outcome<Reply>> get_bucket_analytics(Services& services, Call& call);
Task<Outcome<Reply>> get_bucket_inventory(Services& services, Call& call);
Task<Outcome<Reply>> get_bucket_metrics(Services& services, Call& call);
Task<Outcome<Reply>> get_bucket_intelligent_tiering(Services& services, Call& call);
Task<Outcome<Reply>> delete_absent_configuration(Services& services, Call& call);
Task<Outcome<Reply>> get_bucket_website(Services& services, Call& call);
Task<Outcome<Reply>> get_bucket_replication(Services& services, Call& call);
Task<Outcome<Reply>> delete_nothing(Services& services, Call& call);

}  // namespace reprise::s3
