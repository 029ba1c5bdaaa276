// Backup ARNs: arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/backup/ID, where ID is the time of creation as 14 digits of
// milliseconds since the epoch, a dash, and 8 hexadecimal digits (all zero for a system backup).
//
// Sources: developer guide's examples; answers of the real service recorded by a public probe laboratory (2026-10).
// All functions are pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dynamo/model/error.h"
#include "dynamo/ops/operation.h"

namespace reprise::dynamo {

struct BackupArn {
  std::string table;
  std::string id;
  [[nodiscard]] bool system() const { return id.ends_with("-00000000"); }
};

// The one in a request. The real service does not look at the region, as long as there is one of that name: so an ARN
// of another region means this region's backup. ValidationException for what is none; AccessDeniedException for another
// account's.
Outcome<BackupArn> parse_backup_arn(const Services& services, const Caller& caller, std::string_view text);
// The region written in an ARN that parse_backup_arn has accepted.
std::string_view region_of_arn(std::string_view arn);

std::string backup_arn(std::string_view table_arn, std::string_view id);
std::string backup_id(std::uint64_t created_micros, std::uint32_t distinguisher);

}  // namespace reprise::dynamo
