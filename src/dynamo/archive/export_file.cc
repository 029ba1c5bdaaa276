// Lines go through the compressor into a buffer, and from there to the bucket.
#include "dynamo/archive/export_file.h"

#include <utility>

#include "base/fault_point.h"
#include "codec/base64.h"
#include "codec/gzip.h"
#include "codec/md5.h"

namespace reprise::dynamo {

namespace {

// Fast: an export runs beside requests, and shares the processor with them.
constexpr int level = 1;
constexpr std::size_t buffer_bytes = 256 * 1024;  // of compressed bytes, before they go to the bucket

class GzipFileWriter final : public ExportFileWriter {
 public:
  GzipFileWriter(std::unique_ptr<blob::ObjectWriter> writer, std::string key) : writer_(std::move(writer)) {
    file_.key = std::move(key);
  }

  Status append(BytesView lines, std::uint64_t items) override {
    file_.items += items;
    raw_bytes_ += lines.size();
    deflater_.append(lines, packed_);
    return packed_.size() < buffer_bytes ? Status() : flush();
  }

  [[nodiscard]] std::uint64_t raw_bytes() const override { return raw_bytes_; }

  Result<ExportedFile> finish() override {
    deflater_.finish(packed_);
    TRY(flush());
    FAULT_POINT("export.before_file");
    TRY_ASSIGN(const blob::ObjectInfo info, writer_->commit());
    FAULT_POINT("export.after_file");
    file_.md5 = codec::to_base64(codec::bytes_of(md5_.finish()));
    file_.etag = info.etag;
    return std::move(file_);
  }

 private:
  Status flush() {
    md5_.update(packed_);
    Status written = writer_->append(packed_);
    packed_.clear();
    return written;
  }

  std::unique_ptr<blob::ObjectWriter> writer_;
  codec::GzipDeflater deflater_{level};
  Bytes packed_;
  codec::Md5 md5_;
  std::uint64_t raw_bytes_ = 0;
  ExportedFile file_;
};

}  // namespace

Result<std::unique_ptr<ExportFileWriter>> ExportFileWriter::create(blob::ObjectStore& bucket, std::string key) {
  TRY_ASSIGN(auto writer, bucket.create(key));
  return std::unique_ptr<ExportFileWriter>(std::make_unique<GzipFileWriter>(std::move(writer), std::move(key)));
}

Result<std::string> write_object(blob::ObjectStore& bucket, std::string key, BytesView bytes) {
  TRY_ASSIGN(auto writer, bucket.create(std::move(key)));
  if (!bytes.empty()) TRY(writer->append(bytes));
  FAULT_POINT("export.before_object");
  TRY(writer->commit());
  FAULT_POINT("export.after_object");
  return codec::to_base64(codec::bytes_of(codec::md5(bytes)));
}

}  // namespace reprise::dynamo
