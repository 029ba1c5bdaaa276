// The job "verify": reads everything that S3 keeps and says what is damaged.
//
// It goes through every blob that is named (the checksum of each block), then through every bucket's records: each must
// decode, each payload it names must be there, and a small object's bytes must match the object's checksum (where the
// server has the key: not SSE-C). A damaged blob is reported with each version that uses it, in the present; one that
// only the past names is reported without a key.
//
// The job goes on from its checkpoint after a restart and can be cancelled; its findings stand in its record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "base/task.h"
#include "recovery/jobs.h"
#include "s3/ops/operation.h"

namespace reprise::s3 {

inline constexpr std::string_view verify_kind = "verify";
// Further ones are counted, not listed.
inline constexpr std::size_t findings_max = 1'000;

struct VerifyFinding {
  std::string bucket;        // empty: only the past names the blob, or a root space is damaged
  std::string key;           // of the object
  std::string version;       // id; empty: a part of an upload
  std::string blob;          // id; empty: the record, or a payload inside the store
  std::string what;          // "3 of 80 blocks are damaged, the first is 17", "the blob is missing"
  std::uint64_t block = 0;   // the first damaged one
  std::uint64_t offset = 0;  // of that block in the payload
  bool operator==(const VerifyFinding&) const = default;
};

struct VerifyReport {
  std::uint64_t blobs = 0;     // read so far
  std::uint64_t bytes = 0;     // of them
  std::uint64_t records = 0;   // versions and parts looked at
  std::uint64_t findings = 0;  // all, listed or not
  std::vector<VerifyFinding> listed;
};

// Before Jobs::resume().
void register_verification(Services& services);
// Starts the job, or finds the one that is running; its id.
Task<Result<std::string>> start_verify(Services& services);
// What a job of this kind has found so far. invalid: it is of another kind.
[[nodiscard]] Result<VerifyReport> verify_report(const recovery::Job& job);

}  // namespace reprise::s3
