// From the bytes of an object that is imported to records: one JSON text {"Item":{...}} for each item in it, whatever
// the format, or what is wrong with that part of the object.
//
// A reader is fed the (decompressed) bytes piece by piece and keeps only the record it is in the middle of. What is not
// well formed costs the record it stands in and no more: the readers find their way back at the next line (Ion: at the
// next line or version marker, see ion_framer.cc; CSV: at the line after the one the faulty record began on). A record
// that is longer than record_size_max is faulty.
//
// Threading: a reader belongs to one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "dynamo/model/schema.h"

namespace reprise::dynamo {

enum class ImportFormat : std::uint8_t { dynamodb_json, ion, csv };

struct CsvOptions {
  char delimiter = ',';
  std::vector<std::string> header;  // empty: the object's first record
  bool operator==(const CsvOptions&) const = default;
};

// No record of an item is longer; a line of DynamoDB JSON takes at most a few times the 400 KB of an item.
inline constexpr std::size_t import_record_size_max = std::size_t{4} * 1024 * 1024;

struct ImportRecord {
  Bytes json;         // {"Item":{...}}; empty when there is a fault
  std::string fault;  // what is wrong, for the error report
};

class ImportReader {
 public:
  virtual ~ImportReader() = default;
  // Takes all of `bytes` and appends the records that are complete.
  virtual void feed(BytesView bytes, std::vector<ImportRecord>& records) = 0;
  // The object has ended.
  virtual void finish(std::vector<ImportRecord>& records) = 0;
};

// `attributes` says which columns of a CSV are numbers or binary (base64): those of keys. The others are strings.
std::unique_ptr<ImportReader> make_import_reader(ImportFormat format, CsvOptions csv,
                                                 std::vector<AttributeDefinition> attributes);

}  // namespace reprise::dynamo
