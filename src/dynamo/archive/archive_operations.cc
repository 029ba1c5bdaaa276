#include "dynamo/archive/archive_operations.h"

#include "dynamo/archive/backup_operations.h"
#include "dynamo/archive/export_operations.h"
#include "dynamo/archive/import_operations.h"

namespace reprise::dynamo {
namespace {

// In the order of their names.
constexpr Operation operations[] = {
    {"CreateBackup", create_backup},
    {"DeleteBackup", delete_backup},
    {"DescribeBackup", describe_backup},
    {"DescribeExport", describe_export},
    {"DescribeImport", describe_import},
    {"ExportTableToPointInTime", export_table_to_point_in_time},
    {"ImportTable", import_table},
    {"ListBackups", list_backups},
    {"ListExports", list_exports},
    {"ListImports", list_imports},
    {"RestoreTableFromBackup", restore_table_from_backup},
};

}  // namespace

std::span<const Operation> archive_operations() { return operations; }

}  // namespace reprise::dynamo
