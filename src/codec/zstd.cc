// The library's streaming decoder; windows larger than its own default (128 MB) are refused by it.
#include "codec/zstd.h"

#include <zstd.h>

#include <string>

#include "base/assert.h"

namespace reprise::codec {

struct ZstdInflater::Impl {
  Impl() { ASSERT(stream != nullptr); }
  ~Impl() { ZSTD_freeDStream(stream); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  ZSTD_DStream* stream = ZSTD_createDStream();
  std::size_t left = 0;  // zero between two frames
};

ZstdInflater::ZstdInflater() : impl_(std::make_unique<Impl>()) {}
ZstdInflater::~ZstdInflater() = default;
ZstdInflater::ZstdInflater(ZstdInflater&&) noexcept = default;
ZstdInflater& ZstdInflater::operator=(ZstdInflater&&) noexcept = default;

Status ZstdInflater::feed(BytesView in, Bytes& out) {
  constexpr std::size_t piece = 128 * 1024;
  ZSTD_inBuffer input{in.data(), in.size(), 0};
  for (bool full = true; input.pos < input.size || full;) {
    const std::size_t start = out.size();
    out.resize(start + piece);
    ZSTD_outBuffer output{out.data() + start, piece, 0};
    impl_->left = ZSTD_decompressStream(impl_->stream, &output, &input);
    out.resize(start + output.pos);
    if (ZSTD_isError(impl_->left) != 0) {
      return invalid(std::string("not a zstd stream: ") + ZSTD_getErrorName(impl_->left));
    }
    full = output.pos == piece && impl_->left != 0;
  }
  return {};
}

bool ZstdInflater::complete() const { return impl_->left == 0; }

Bytes zstd(BytesView bytes, int level) {
  Bytes out(ZSTD_compressBound(bytes.size()), '\0');
  const std::size_t size = ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), level);
  ASSERT(ZSTD_isError(size) == 0);
  out.resize(size);
  return out;
}

}  // namespace reprise::codec
