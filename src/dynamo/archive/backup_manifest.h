// The manifest of a backup: the object `manifest.json` in the backup's folder, written last, so that a backup is there
// exactly when its manifest is. It holds everything a restore needs beside the segments: a store that lost its own
// records finds its backups again by them. Written down in docs/formats/backup.md.
//
// Calls with an ObjectStore block.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"
#include "blob/object_store.h"
#include "dynamo/archive/backup_record.h"
#include "recovery/segment_format.h"

namespace reprise::dynamo {

struct BackupManifest {
  Backup backup;
  std::vector<recovery::SegmentInfo> segments;  // in order of their rows; their keys are whole object keys
};

Bytes encode_manifest(const BackupManifest& manifest);
// corruption with what is wrong: not a manifest, or its checksum is.
Result<BackupManifest> decode_manifest(BytesView text);

// "segment-000001", in the backup's folder.
std::string segment_key(const Backup& backup, std::size_t number);
std::string manifest_key(const Backup& backup);

Status write_manifest(blob::ObjectStore& store, const BackupManifest& manifest);
// corruption names the object, also when it is missing.
Result<BackupManifest> read_manifest(blob::ObjectStore& store, const std::string& key);

// The segments' list as JSON, for manifests and checkpoints.
void append_segments(Bytes& out, const std::vector<recovery::SegmentInfo>& segments);
Result<std::vector<recovery::SegmentInfo>> decode_segments(BytesView text);

}  // namespace reprise::dynamo
