// One data file of an export: lines, compressed with gzip and written to the bucket as they come, so that no more than
// a buffer of them is in memory; and what the manifest says about it.
//
// Every call may block (blob/object_store.h). Threading: belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "blob/object_store.h"

namespace reprise::dynamo {

struct ExportedFile {
  std::string key;
  std::uint64_t items = 0;
  std::string md5;  // of the object, base64
  std::string etag;
  bool operator==(const ExportedFile&) const = default;
};

class ExportFileWriter {
 public:
  static Result<std::unique_ptr<ExportFileWriter>> create(blob::ObjectStore& bucket, std::string key);
  virtual ~ExportFileWriter() = default;

  // `items` lines.
  virtual Status append(BytesView lines, std::uint64_t items) = 0;
  // Bytes of lines so far.
  [[nodiscard]] virtual std::uint64_t raw_bytes() const = 0;
  // The object is there, and durable, when this returns.
  virtual Result<ExportedFile> finish() = 0;
};

// A small object in one go; returns its MD5 in base64.
Result<std::string> write_object(blob::ObjectStore& bucket, std::string key, BytesView bytes);

}  // namespace reprise::dynamo
