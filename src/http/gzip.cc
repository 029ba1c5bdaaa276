// Keeps: the output never exceeds `limit`, and the output buffer grows with what was inflated, not with what a header
// announced, so a small body cannot make the server allocate much.
#include "http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <string>

namespace reprise::http {

namespace {

constexpr int gzip_only_window_bits = 15 + 16;

class Inflater {
 public:
  Inflater() { ready_ = inflateInit2(&stream_, gzip_only_window_bits) == Z_OK; }
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  [[nodiscard]] bool ready() const { return ready_; }
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

Status damaged(const char* why) { return invalid(std::string("the gzip body is damaged: ") + why); }

}  // namespace

Result<Bytes> gunzip(BytesView compressed, std::size_t limit) {
  if (compressed.size() > std::numeric_limits<uInt>::max()) return Status(Code::exhausted, "the gzip body is too long");
  limit = std::min(limit, std::numeric_limits<std::size_t>::max() / 4);
  Inflater inflater;
  if (!inflater.ready()) return Status(Code::exhausted, "no memory to inflate the gzip body");
  z_stream& stream = inflater.stream();
  // zlib's input pointer is not const for historical reasons; it does not write there.
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(compressed.data()));
  stream.avail_in = static_cast<uInt>(compressed.size());

  Bytes out;
  std::size_t used = 0;
  for (;;) {
    if (used == out.size()) {
      // One byte beyond the limit tells "exactly full" from "too long".
      if (used > limit)
        return Status(Code::exhausted, "the body inflates to more than " + std::to_string(limit) + " bytes");
      const std::size_t step = std::max<std::size_t>(4096, std::max(4 * compressed.size(), used));
      out.resize(used + std::min({step, limit + 1 - used, std::size_t{1} << 30}));
    }
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + used);
    stream.avail_out = static_cast<uInt>(out.size() - used);
    const int code = inflate(&stream, Z_NO_FLUSH);
    used = out.size() - stream.avail_out;
    if (code == Z_STREAM_END) {
      if (used > limit)
        return Status(Code::exhausted, "the body inflates to more than " + std::to_string(limit) + " bytes");
      if (stream.avail_in == 0) break;
      if (inflateReset(&stream) != Z_OK) return internal_error("inflateReset failed");
    } else if (code == Z_MEM_ERROR) {
      return Status(Code::exhausted, "no memory to inflate the gzip body");
    } else if (code == Z_OK || code == Z_BUF_ERROR) {
      if (stream.avail_in == 0 && stream.avail_out != 0) return damaged("it ends too early");
    } else {
      return damaged(stream.msg != nullptr ? stream.msg : "not gzip");
    }
  }
  out.resize(used);
  return out;
}

}  // namespace reprise::http
