// One reader for each format, all with the same way out: JSON text that item_json.h judges.
#include "dynamo/archive/import_reader.h"

#include <algorithm>
#include <utility>

#include "dynamo/archive/csv_reader.h"
#include "dynamo/archive/ion_framer.h"
#include "dynamo/archive/ion_reader.h"

namespace reprise::dynamo {

namespace {

ImportRecord faulty(std::string_view message) { return {Bytes(), std::string(message)}; }

// DynamoDB JSON: each line that is not blank is a record. Whether it is JSON, whoever parses it finds out.
class LineReader final : public ImportReader {
 public:
  void feed(BytesView bytes, std::vector<ImportRecord>& records) override {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const BytesView piece = bytes.substr(0, end);
      if (line_.size() + piece.size() > import_record_size_max) {
        too_long_ = true;
        line_.clear();
      } else if (!too_long_) {
        line_.append(piece);
      }
      if (end == BytesView::npos) return;
      finish(records);
      bytes.remove_prefix(end + 1);
    }
  }

  void finish(std::vector<ImportRecord>& records) override {
    if (std::exchange(too_long_, false)) {
      records.push_back(faulty("the line is too long"));
    } else if (line_.find_first_not_of(" \t\r") != Bytes::npos) {
      records.push_back({std::exchange(line_, Bytes()), {}});
    }
    line_.clear();
  }

 private:
  Bytes line_;
  bool too_long_ = false;
};

class IonRecordReader final : public ImportReader {
 public:
  void feed(BytesView bytes, std::vector<ImportRecord>& records) override {
    records_ = &records;
    framer_.feed(bytes);
  }
  void finish(std::vector<ImportRecord>& records) override {
    records_ = &records;
    framer_.finish();
  }

 private:
  void take(std::string_view item, std::string_view fault) {
    if (!fault.empty()) {
      records_->push_back(faulty(std::string("Ion: ").append(fault)));
      return;
    }
    ImportRecord record;
    const Status read = append_ion_record_json(record.json, item);
    if (!read.ok()) record = faulty(read.message());
    records_->push_back(std::move(record));
  }

  std::vector<ImportRecord>* records_ = nullptr;
  IonFramer framer_{import_record_size_max, [this](auto item, auto fault) { take(item, fault); }};
};

class CsvRecordReader final : public ImportReader {
 public:
  CsvRecordReader(CsvOptions options, std::vector<AttributeDefinition> attributes)
      : header_(std::move(options.header)),
        attributes_(std::move(attributes)),
        reader_(options.delimiter, import_record_size_max, [this](auto& fields, auto fault) { take(fields, fault); }) {}

  void feed(BytesView bytes, std::vector<ImportRecord>& records) override {
    records_ = &records;
    reader_.feed(bytes);
  }
  void finish(std::vector<ImportRecord>& records) override {
    records_ = &records;
    reader_.finish();
  }

 private:
  void take(const std::vector<std::string>& fields, std::string_view fault) {
    if (headless_) return;
    if (!fault.empty()) {
      records_->push_back(faulty(std::string("CSV: ").append(fault)));
      headless_ = header_.empty();
    } else if (header_.empty()) {
      take_header(fields);
    } else if (fields.size() != header_.size()) {
      records_->push_back(faulty("CSV: the record has " + std::to_string(fields.size()) + " fields, the header " +
                                 std::to_string(header_.size())));
    } else {
      ImportRecord record;
      append_csv_record_json(record.json, header_, fields, attributes_);
      records_->push_back(std::move(record));
    }
  }

  void take_header(const std::vector<std::string>& fields) {
    auto names = fields;
    std::sort(names.begin(), names.end());
    if (names.front().empty()) return give_up("CSV: a column has no name in the header");
    const bool twice = std::adjacent_find(names.begin(), names.end()) != names.end();
    if (twice) return give_up("CSV: the header names a column twice");
    header_ = fields;
  }

  // Without a header the rest of the object means nothing.
  void give_up(std::string_view message) {
    records_->push_back(faulty(message));
    headless_ = true;
  }

  std::vector<std::string> header_;
  bool headless_ = false;
  const std::vector<AttributeDefinition> attributes_;
  std::vector<ImportRecord>* records_ = nullptr;
  CsvReader reader_;
};

}  // namespace

std::unique_ptr<ImportReader> make_import_reader(ImportFormat format, CsvOptions csv,
                                                 std::vector<AttributeDefinition> attributes) {
  switch (format) {
    case ImportFormat::dynamodb_json: return std::make_unique<LineReader>();
    case ImportFormat::ion: return std::make_unique<IonRecordReader>();
    case ImportFormat::csv: return std::make_unique<CsvRecordReader>(std::move(csv), std::move(attributes));
  }
  return nullptr;
}

}  // namespace reprise::dynamo
