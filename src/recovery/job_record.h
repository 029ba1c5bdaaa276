// How a job is stored: one value of the jobs space under the job's id. Written down in docs/formats/jobs.md.
#pragma once

#include "base/bytes.h"
#include "base/status.h"
#include "recovery/jobs.h"

namespace reprise::recovery {

// Everything but the id, which is the key.
Bytes encode_job(const Job& job);
// Fails with Code::corruption when the bytes are no job, Code::unsupported when they are of a newer version.
Result<Job> decode_job(BytesView id, BytesView record);

}  // namespace reprise::recovery
