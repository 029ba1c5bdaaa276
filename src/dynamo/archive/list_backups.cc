// ListBackups: by time of creation, oldest first. The cursor is a position in that order, so the ARN of a backup that
// is gone, or that never was, resumes as well. Who asks for no type gets the backups that were asked for, not those
// that the server keeps of deleted tables.
#include <algorithm>
#include <utility>
#include <vector>

#include "dynamo/archive/backup_arn.h"
#include "dynamo/archive/backup_description.h"
#include "dynamo/archive/backup_operations.h"
#include "dynamo/archive/backup_record.h"
#include "dynamo/archive/shapes_backups.h"
#include "dynamo/archive/system_backup.h"
#include "dynamo/ops/request.h"
#include "dynamo/ops/store_error.h"
#include "dynamo/ops/table_lookup.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t page_max = 100;

struct Listing {
  std::string table;  // empty: every table
  std::size_t limit = page_max;
  std::uint64_t from_micros = 0;
  std::uint64_t to_micros = ~std::uint64_t{0};
  std::string after;  // a position: "<id>/<table>"
  bool users = true;
  bool systems = false;
};

std::string position_of(const Backup& backup) { return backup.id + "/" + backup.table.name; }

Outcome<Listing> read_listing(const Services& services, const Caller& caller, const Fields& in) {
  Listing listing;
  if (const auto name = in.string("TableName")) {
    TRY_ASSIGN(listing.table, own_table_name(services, caller, *name));
  }
  listing.limit = static_cast<std::size_t>(in.integer("Limit").value_or(page_max));
  const std::string_view type = in.string_or("BackupType", "USER");
  listing.users = type == "USER" || type == "ALL";
  listing.systems = type == "SYSTEM" || type == "ALL";
  listing.from_micros = in.timestamp_micros("TimeRangeLowerBound").value_or(listing.from_micros);
  listing.to_micros = in.timestamp_micros("TimeRangeUpperBound").value_or(listing.to_micros);
  if (listing.from_micros > listing.to_micros) {
    return validation("Time range lower bound must be less than or equal to upper bound");
  }
  if (const auto start = in.string("ExclusiveStartBackupArn")) {
    TRY_ASSIGN(const BackupArn arn, parse_backup_arn(services, caller, *start));
    if (region_of_arn(*start) != services.settings.region) {
      return validation("ExclusiveStartBackupArn does not match the region");
    }
    listing.after = arn.id + "/" + arn.table;
  }
  return listing;
}

bool wanted(const Listing& listing, const Backup& backup) {
  return backup.status != BackupStatus::deleting && (listing.table.empty() || backup.table.name == listing.table) &&
         backup.created_micros >= listing.from_micros && backup.created_micros < listing.to_micros;
}

// A backup of either kind.
struct Found {
  Backup backup;
  std::uint64_t expiry_micros = 0;
};

// One more than a page, so that it shows whether there are others.
Task<Result<std::vector<Found>>> find_users(Services& services, std::string account, Listing listing) {
  std::vector<Found> found;
  std::string after = listing.after;
  // Ids begin with their time.
  if (after.empty() && listing.from_micros > 0) after = backup_id(listing.from_micros, 0);
  while (found.size() <= listing.limit) {
    CO_TRY_ASSIGN(auto backups, co_await list_backups_after(services, account, after, page_max));
    if (backups.empty()) break;
    after = position_of(backups.back());
    const bool past = backups.back().created_micros >= listing.to_micros;
    for (Backup& backup : backups) {
      if (wanted(listing, backup)) found.push_back({std::move(backup)});
    }
    if (past) break;
  }
  co_return std::move(found);
}

Bytes print(const Listing& listing, const std::vector<Found>& found) {
  Bytes out;
  codec::JsonWriter w(out);
  w.begin_object();
  w.key("BackupSummaries");
  w.begin_array();
  const std::size_t count = std::min(listing.limit, found.size());
  for (std::size_t i = 0; i < count; ++i) {
    BackupView view = view_of(found[i].backup);
    view.expiry_micros = found[i].expiry_micros;
    write_backup_summary(w, view);
  }
  w.end_array();
  if (found.size() > count) w.member("LastEvaluatedBackupArn", view_of(found[count - 1].backup).arn);
  w.end_object();
  return out;
}

}  // namespace

Task<OperationResult> list_backups(Services& services, OperationRequest request) {
  CO_TRY(check_request(shapes::list_backups, request.body));
  CO_TRY_ASSIGN(const Listing listing, read_listing(services, request.caller, Fields(request.body)));
  std::vector<Found> found;
  if (listing.users) {
    auto users = co_await find_users(services, request.caller.account, listing);
    if (!users.ok()) co_return store_error(users.error());
    found = std::move(users).value();
  }
  if (listing.systems) {
    for (SystemBackup& system : system_backups(services, request.caller.account, listing.table)) {
      const bool behind = listing.after.empty() || position_of(system.backup) > listing.after;
      if (behind && wanted(listing, system.backup)) found.push_back({std::move(system.backup), system.expiry_micros});
    }
    std::sort(found.begin(), found.end(),
              [](const Found& a, const Found& b) { return position_of(a.backup) < position_of(b.backup); });
  }
  co_return print(listing, found);
}

}  // namespace reprise::dynamo
