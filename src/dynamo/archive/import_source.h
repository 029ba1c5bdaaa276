// The bytes of an object that is imported, decompressed piece by piece.
//
// Every call may block. Threading: belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/status.h"
#include "blob/object_store.h"

namespace reprise::dynamo {

enum class ImportCompression : std::uint8_t { none, gzip, zstd };

class ImportSource {
 public:
  // Fails as ObjectStore::open does.
  static Result<std::unique_ptr<ImportSource>> open(blob::ObjectStore& bucket, std::string key,
                                                    ImportCompression compression);
  virtual ~ImportSource() = default;

  // The next bytes, a few megabytes at most; empty at the end. Fails with Code::invalid when the object is not
  // compressed as it should be (or is, where it should not); otherwise as ObjectReader::read does.
  virtual Result<Bytes> read() = 0;
};

}  // namespace reprise::dynamo
