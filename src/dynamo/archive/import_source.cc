// Small pieces of compressed bytes go in, so that what comes out of one stays small whatever the object is made of.
#include "dynamo/archive/import_source.h"

#include <limits>
#include <utility>

#include "codec/gzip.h"
#include "codec/zstd.h"

namespace reprise::dynamo {

namespace {

constexpr std::size_t plain_piece = 256 * 1024;
constexpr std::size_t packed_piece = 8 * 1024;
// An import may be of any size; what counts is what one piece becomes.
constexpr std::size_t output_max = std::numeric_limits<std::size_t>::max() / 2;
constexpr std::string_view gzip_magic = "\x1f\x8b";
constexpr std::string_view zstd_magic = "\x28\xb5\x2f\xfd";

class PlainSource final : public ImportSource {
 public:
  explicit PlainSource(std::unique_ptr<blob::ObjectReader> reader) : reader_(std::move(reader)) {}

  Result<Bytes> read() override {
    TRY_ASSIGN(Bytes bytes, reader_->read(plain_piece));
    if (std::exchange(first_, false) && (bytes.starts_with(gzip_magic) || bytes.starts_with(zstd_magic))) {
      return invalid("the object is compressed, and InputCompressionType says that it is not");
    }
    return bytes;
  }

 private:
  std::unique_ptr<blob::ObjectReader> reader_;
  bool first_ = true;
};

// Either compression: both inflaters are fed alike.
template <class Inflater>
class PackedSource final : public ImportSource {
 public:
  PackedSource(std::unique_ptr<blob::ObjectReader> reader, Inflater inflater)
      : reader_(std::move(reader)), inflater_(std::move(inflater)) {}

  Result<Bytes> read() override {
    Bytes out;
    while (out.empty()) {
      TRY_ASSIGN(const Bytes packed, reader_->read(packed_piece));
      if (packed.empty()) {
        if (any_ && !inflater_.complete()) return invalid("the compressed stream is cut short");
        return Bytes();
      }
      any_ = true;
      TRY(inflater_.feed(packed, out));
    }
    return out;
  }

 private:
  std::unique_ptr<blob::ObjectReader> reader_;
  Inflater inflater_;
  bool any_ = false;
};

template <class Inflater>
std::unique_ptr<ImportSource> packed_source(std::unique_ptr<blob::ObjectReader> reader, Inflater inflater) {
  return std::make_unique<PackedSource<Inflater>>(std::move(reader), std::move(inflater));
}

}  // namespace

Result<std::unique_ptr<ImportSource>> ImportSource::open(blob::ObjectStore& bucket, std::string key,
                                                         ImportCompression compression) {
  TRY_ASSIGN(auto reader, bucket.open(std::move(key)));
  std::unique_ptr<ImportSource> source;
  switch (compression) {
    case ImportCompression::none: source = std::make_unique<PlainSource>(std::move(reader)); break;
    case ImportCompression::gzip: source = packed_source(std::move(reader), codec::GzipInflater(output_max)); break;
    case ImportCompression::zstd: source = packed_source(std::move(reader), codec::ZstdInflater()); break;
  }
  return source;
}

}  // namespace reprise::dynamo
