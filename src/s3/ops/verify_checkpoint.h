// Where a verification is and what it has found: the checkpoint of its job (verify.h), and its stored form.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "blob/blob_id.h"
#include "s3/ops/verify.h"

namespace reprise::s3 {

struct VerifyCheckpoint {
  struct Damage {
    std::string what;
    std::uint64_t block = 0;
    std::uint64_t offset = 0;
    bool used = false;  // a record that names it was found
  };
  enum class Phase : std::uint8_t { blobs, records, ended };
  // The spaces of a bucket, in the order they are gone through.
  enum class Part : std::uint8_t { heads, versions, uploads, releases, none };

  Phase phase = Phase::blobs;
  std::string bucket;  // id; of those before it everything has been looked at
  Part part = Part::heads;
  Bytes position;  // in the space at work
  VerifyReport report;
  std::map<blob::BlobId, Damage> damaged;
};

Bytes encode_verify_checkpoint(const VerifyCheckpoint& checkpoint);
// A beginning when `stored` is empty. Fails with Code::unsupported or Code::corruption.
Result<VerifyCheckpoint> decode_verify_checkpoint(BytesView stored);

}  // namespace reprise::s3
