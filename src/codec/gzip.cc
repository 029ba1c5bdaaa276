#include "codec/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace reprise::codec {
namespace {

constexpr int gzip_window = MAX_WBITS + 16;  // zlib: 16 more asks for the gzip wrapping and nothing else
constexpr std::size_t step_max = std::size_t{1} << 16;
constexpr std::size_t input_step_max = std::numeric_limits<unsigned>::max();

Bytef* input_of(BytesView in) { return reinterpret_cast<Bytef*>(const_cast<char*>(in.data())); }

}  // namespace

struct GzipInflater::Impl {
  explicit Impl(std::size_t output_max) : room(output_max) { ASSERT(inflateInit2(&stream, gzip_window) == Z_OK); }
  ~Impl() { inflateEnd(&stream); }

  // One call of inflate() with room for one step of output; `in` moves behind what it took.
  Status step(BytesView& in, Bytes& out) {
    // One byte more than is allowed, so that a stream that fits exactly still gets to see its own end.
    const std::size_t size = std::min(step_max, room) + (room < step_max ? 1 : 0);
    const std::size_t start = out.size();
    out.resize(start + size);
    const std::size_t offered = std::min(in.size(), input_step_max);
    stream.next_in = input_of(in);
    stream.avail_in = static_cast<uInt>(offered);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + start);
    stream.avail_out = static_cast<uInt>(size);
    const int code = inflate(&stream, Z_NO_FLUSH);
    in.remove_prefix(offered - stream.avail_in);
    const std::size_t produced = size - stream.avail_out;
    out.resize(start + std::min(produced, room));
    full = stream.avail_out == 0;
    if (produced > room) return {Code::exhausted, "the gzip stream inflates to more than is allowed"};
    room -= produced;
    if (code == Z_STREAM_END) {
      member_whole = true;
      return {};
    }
    if (code == Z_OK || code == Z_BUF_ERROR) return {};
    return invalid(std::string("not a gzip stream: ") + (stream.msg != nullptr ? stream.msg : "broken data"));
  }

  z_stream stream{};
  std::size_t room;           // how many bytes may still come out
  bool member_whole = false;  // between two members
  bool full = false;          // the last step filled its output, so more may be waiting
};

GzipInflater::GzipInflater(std::size_t output_max) : impl_(std::make_unique<Impl>(output_max)) {}
GzipInflater::~GzipInflater() = default;
GzipInflater::GzipInflater(GzipInflater&&) noexcept = default;
GzipInflater& GzipInflater::operator=(GzipInflater&&) noexcept = default;

Status GzipInflater::feed(BytesView in, Bytes& out) {
  while (!in.empty() || (impl_->full && !impl_->member_whole)) {
    if (impl_->member_whole) {
      inflateReset(&impl_->stream);
      impl_->member_whole = false;
    }
    TRY(impl_->step(in, out));
  }
  return {};
}

bool GzipInflater::complete() const { return impl_->member_whole; }

Result<Bytes> gunzip(BytesView stream, std::size_t output_max) {
  GzipInflater inflater(output_max);
  Bytes out;
  TRY(inflater.feed(stream, out));
  if (!inflater.complete()) return invalid("the gzip stream is cut short");
  return out;
}

struct GzipDeflater::Impl {
  explicit Impl(int level) {
    constexpr int memory_level = 8;  // zlib's default
    ASSERT(deflateInit2(&stream, level, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) == Z_OK);
  }
  ~Impl() { deflateEnd(&stream); }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  // One call of deflate() with room for a piece; what it wrote is appended. Returns its code.
  int step(BytesView& in, int flush, Bytes& out) {
    constexpr std::size_t piece = 64 * 1024;
    const std::size_t offered = std::min(in.size(), input_step_max);
    const std::size_t start = out.size();
    out.resize(start + piece);
    stream.next_in = input_of(in);
    stream.avail_in = static_cast<uInt>(offered);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + start);
    stream.avail_out = static_cast<uInt>(piece);
    const int code = deflate(&stream, flush);
    ASSERT(code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR);
    in.remove_prefix(offered - stream.avail_in);
    out.resize(out.size() - stream.avail_out);
    return code;
  }

  z_stream stream{};
};

GzipDeflater::GzipDeflater(int level) : impl_(std::make_unique<Impl>(level)) {}
GzipDeflater::~GzipDeflater() = default;
GzipDeflater::GzipDeflater(GzipDeflater&&) noexcept = default;
GzipDeflater& GzipDeflater::operator=(GzipDeflater&&) noexcept = default;

void GzipDeflater::append(BytesView in, Bytes& out) {
  while (!in.empty()) impl_->step(in, Z_NO_FLUSH, out);
}

void GzipDeflater::finish(Bytes& out) {
  BytesView nothing;
  while (impl_->step(nothing, Z_FINISH, out) != Z_STREAM_END) {
  }
}

Bytes gzip(BytesView bytes, int level) {
  z_stream stream{};
  constexpr int memory_level = 8;  // zlib's default
  ASSERT(deflateInit2(&stream, level, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) == Z_OK);
  Bytes out;
  int code = Z_OK;
  while (code != Z_STREAM_END) {
    const std::size_t offered = std::min(bytes.size(), input_step_max);
    const std::size_t start = out.size();
    const std::size_t size = std::min<std::size_t>(deflateBound(&stream, offered), input_step_max);
    out.resize(start + size);
    stream.next_in = input_of(bytes);
    stream.avail_in = static_cast<uInt>(offered);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + start);
    stream.avail_out = static_cast<uInt>(size);
    code = deflate(&stream, offered == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    bytes.remove_prefix(offered - stream.avail_in);
    out.resize(out.size() - stream.avail_out);
    ASSERT(code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR);
  }
  deflateEnd(&stream);
  return out;
}

}  // namespace reprise::codec
