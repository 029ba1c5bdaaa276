// An object out of a browser's form: POST to a bucket with multipart/form-data.
// Source: S3 API reference, "POST Object" and "Authenticating requests in browser-based uploads using POST".
#pragma once

#include "base/task.h"
#include "http/message.h"
#include "s3/api/authentication.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

// The fields in front of the file, together; S3's own bound.
inline constexpr std::size_t form_fields_bytes_max = 20'480;

// Reads the form, checks its policy and signature (a form without them is anonymous), stores the file and answers as
// success_action_redirect and success_action_status ask. `call` has no caller yet.
Task<Outcome<Reply>> post_object(Services& services, const Authentication& authentication, http::BodyReader& body,
                                 Call& call);

}  // namespace reprise::s3
