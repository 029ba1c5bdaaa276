#include "dynamo/archive/shapes_backups.h"

#include <string_view>

#include "dynamo/ops/shape_atoms.h"

namespace reprise::dynamo::shapes {
namespace {

constexpr std::string_view backup_type_words[] = {"USER", "SYSTEM", "AWS_BACKUP", "ALL"};
constexpr Shape backup_type{.kind = ShapeKind::string, .values = backup_type_words};
constexpr Shape backup_arn{.kind = ShapeKind::string, .min = 37, .max = 1024};
constexpr Shape page_size{.kind = ShapeKind::integer, .min = 1, .max = 100};
constexpr Shape moment{.kind = ShapeKind::timestamp};

constexpr Member create_backup_members[] = {{"TableName", &table_name, true}, {"BackupName", &plain_name, true}};
constexpr Member backup_members[] = {{"BackupArn", &backup_arn, true}};
constexpr Member list_backups_members[] = {
    {"TableName", &table_name},
    {"Limit", &page_size},
    {"TimeRangeLowerBound", &moment},
    {"TimeRangeUpperBound", &moment},
    {"ExclusiveStartBackupArn", &backup_arn},
    {"BackupType", &backup_type},
};

}  // namespace

const Shape create_backup{.kind = ShapeKind::structure, .name = "CreateBackupInput", .members = create_backup_members};
const Shape describe_backup{.kind = ShapeKind::structure, .name = "DescribeBackupInput", .members = backup_members};
const Shape list_backups{.kind = ShapeKind::structure, .name = "ListBackupsInput", .members = list_backups_members};

}  // namespace reprise::dynamo::shapes
