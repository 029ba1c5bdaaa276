// Beast's basic_parser with callbacks that fill our Request directly, and the checks that Beast leaves to its user.
// Keeps: what is complete has one meaning to every HTTP implementation; nothing beyond the limits is ever stored.
#include "http/request_parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>
#include <optional>

namespace reprise::http {

namespace beast = boost::beast;
using beast::error_code;

namespace {

std::string_view view(beast::string_view text) { return {text.data(), text.size()}; }

// An error that makes Beast stop; the refusal says what it was.
error_code stop() { return beast::http::make_error_code(beast::http::error::bad_field); }

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Whether the last line feed among `data` stands without its carriage return.
bool ends_a_line_badly(BytesView data) {
  const auto feed = data.rfind('\n');
  return feed != BytesView::npos && (feed == 0 || data[feed - 1] != '\r');
}

// Whether the request line ends in a version that is well formed, just not one of ours.
bool has_other_version(BytesView data) {
  const auto line = data.substr(0, data.find("\r\n"));
  if (line.size() < 8) return false;
  const auto version = line.substr(line.size() - 8);
  return version.substr(0, 5) == "HTTP/" && all_digits(version.substr(5, 1)) && version[6] == '.' &&
         all_digits(version.substr(7, 1)) && version.substr(5) != "1.0" && version.substr(5) != "1.1";
}

}  // namespace

class RequestParser::Impl {
 public:
  explicit Impl(RequestParser& owner) : owner_(owner) {}

  void start(Request& request) {
    parser_.emplace(*this);
    request_ = &request;
    out_ = nullptr;
  }
  std::size_t put(BytesView data, error_code& error) {
    return parser_->put(boost::asio::const_buffer(data.data(), data.size()), error);
  }
  [[nodiscard]] bool got_some() const { return parser_->got_some(); }
  [[nodiscard]] bool line_done() const { return !request_->method.empty(); }
  [[nodiscard]] bool head_done() const { return parser_->is_header_done(); }
  [[nodiscard]] bool done() const { return parser_->is_done(); }
  [[nodiscard]] const std::optional<Refusal>& refusal() const { return refused_; }
  // Where chunk data goes.
  void collect(Bytes* out, std::size_t out_bytes_max) {
    out_ = out;
    out_bytes_max_ = out_bytes_max;
  }

 private:
  class Parser final : public beast::http::basic_parser<true> {
   public:
    explicit Parser(Impl& owner) : impl_(owner) {
      header_limit(std::numeric_limits<std::uint32_t>::max());  // feed_head has its own, over all calls
      body_limit(owner.owner_.limits_.body_bytes_max);
      owner.refused_.reset();
      owner.hosts_ = 0;
      owner.transfer_encoding_ = false;
    }

   private:
    void on_request_impl(beast::http::verb /*verb*/, beast::string_view method, beast::string_view target, int version,
                         error_code& error) override {
      impl_.on_request(view(method), view(target), version, error);
    }
    void on_response_impl(int /*code*/, beast::string_view /*reason*/, int /*version*/,
                          error_code& /*error*/) override {}
    void on_field_impl(beast::http::field field, beast::string_view name, beast::string_view value,
                       error_code& error) override {
      if (!is_header_done()) impl_.on_field(field, view(name), view(value), error);
    }
    void on_header_impl(error_code& error) override { impl_.on_header(*this, error); }
    void on_body_init_impl(const boost::optional<std::uint64_t>& /*length*/, error_code& /*error*/) override {}
    std::size_t on_body_impl(beast::string_view body, error_code& /*error*/) override { return body.size(); }
    void on_chunk_header_impl(std::uint64_t /*size*/, beast::string_view /*extensions*/,
                              error_code& /*error*/) override {}
    std::size_t on_chunk_body_impl(std::uint64_t /*remaining*/, beast::string_view body,
                                   error_code& /*error*/) override {
      return impl_.on_chunk(view(body));
    }
    void on_finish_impl(error_code& /*error*/) override {}

    Impl& impl_;
  };

  void refuse(int status, std::string_view reason, error_code& error) {
    refused_ = Refusal{status, reason};
    error = stop();
  }

  void on_request(std::string_view method, std::string_view target, int version, error_code& error) {
    if (target.size() > owner_.limits_.target_bytes_max) return refuse(414, "The request target is too long.", error);
    request_->method = method;
    request_->target = target;
    owner_.framing_.http11 = version >= 11;
  }

  void on_field(beast::http::field field, std::string_view name, std::string_view value, error_code& error) {
    if (request_->headers.size() >= owner_.limits_.header_fields_max) {
      return refuse(431, "The request has too many header fields.", error);
    }
    switch (field) {
      case beast::http::field::host:
        if (++hosts_ > 1) return refuse(400, "The request has more than one Host header.", error);
        break;
      case beast::http::field::content_length:
        if (!all_digits(value)) return refuse(400, "The Content-Length header is not a number.", error);
        break;
      case beast::http::field::transfer_encoding:
        if (transfer_encoding_) return refuse(400, "The request has more than one Transfer-Encoding header.", error);
        transfer_encoding_ = true;
        if (!equal_ignoring_case(value, "chunked")) {
          return refuse(501, "The only transfer encoding supported is chunked.", error);
        }
        break;
      case beast::http::field::expect:
        if (!equal_ignoring_case(value, "100-continue")) {
          return refuse(417, "The only expectation supported is 100-continue.", error);
        }
        owner_.framing_.expect_continue = true;
        break;
      default: break;
    }
    request_->headers.add(name, value);
  }

  void on_header(const Parser& parser, error_code& error) {
    Framing& framing = owner_.framing_;
    if (framing.http11 && hosts_ == 0) return refuse(400, "The request has no Host header.", error);
    framing.keep_alive = parser.keep_alive();
    framing.chunked = parser.chunked();
    if (const auto length = parser.content_length()) framing.content_length = *length;
    if (framing.chunked && !framing.http11) {
      return refuse(400, "HTTP/1.0 has no transfer encodings.", error);
    }
    // Whoever announces a body of no bytes may wait all the same (botocore does, and takes no other answer for one).
    const bool announced = framing.chunked || framing.content_length.has_value();
    framing.expect_continue = framing.expect_continue && framing.http11 && announced;
  }

  std::size_t on_chunk(std::string_view body) {
    const std::size_t taken = std::min(body.size(), out_bytes_max_ - std::min(out_bytes_max_, out_->size()));
    out_->append(body.substr(0, taken));
    return taken;
  }

  RequestParser& owner_;
  std::optional<Parser> parser_;
  Request* request_ = nullptr;
  std::optional<Refusal> refused_;
  int hosts_ = 0;
  bool transfer_encoding_ = false;
  Bytes* out_ = nullptr;
  std::size_t out_bytes_max_ = 0;
};

RequestParser::RequestParser(const Limits& limits) : limits_(limits), impl_(std::make_unique<Impl>(*this)) {}
RequestParser::~RequestParser() = default;

void RequestParser::start(Request& request) {
  request.method.clear();
  request.target.clear();
  request.headers.clear();
  head_bytes_ = 0;
  framing_ = {};
  refusal_ = {};
  impl_->start(request);
}

RequestParser::Step RequestParser::refuse(int status, std::string_view reason, std::size_t consumed) {
  refusal_ = {status, reason};
  return {Progress::refused, consumed};
}

RequestParser::Step RequestParser::feed_head(BytesView data) {
  std::size_t consumed = 0;
  if (!impl_->got_some()) {
    // RFC 9112, 2.2: a client may send an empty line in front of its request.
    while (data.substr(consumed, 2) == "\r\n") consumed += 2;
    if (data.substr(consumed) == "\r") return {Progress::need_more, consumed};
    head_bytes_ += consumed;
  }
  error_code error;
  if (consumed < data.size()) {
    const std::size_t parsed = impl_->put(data.substr(consumed), error);
    consumed += parsed;
    head_bytes_ += parsed;
  }
  if (impl_->refusal()) return refuse(impl_->refusal()->status, impl_->refusal()->reason, consumed);
  if (error == beast::http::error::body_limit) return refuse(413, "The request body is too long.", consumed);
  const bool need_more = error == beast::http::error::need_more || !impl_->head_done();
  if (error && error != beast::http::error::need_more) {
    if (error == beast::http::error::bad_version && has_other_version(data.substr(consumed))) {
      return refuse(505, "The HTTP versions supported are 1.0 and 1.1.", consumed);
    }
    return refuse(400, "The request is not valid HTTP.", consumed);
  }
  if (need_more && ends_a_line_badly(data.substr(consumed))) {
    // Beast would wait for the end of the head before it says so.
    return refuse(400, "The request is not valid HTTP.", consumed);
  }
  if (head_bytes_ + (need_more ? data.size() - consumed : 0) > limits_.header_bytes_max) {
    const bool in_line =
        !impl_->line_done() && data.substr(consumed, limits_.target_bytes_max).find('\r') == BytesView::npos;
    return in_line ? refuse(414, "The request target is too long.", consumed)
                   : refuse(431, "The request's header fields are too long.", consumed);
  }
  return {need_more ? Progress::need_more : Progress::complete, consumed};
}

RequestParser::Step RequestParser::feed_chunks(BytesView data, Bytes& out, std::size_t out_bytes_max) {
  impl_->collect(&out, out_bytes_max);
  std::size_t consumed = 0;
  while (!impl_->done() && consumed < data.size() && out.size() < out_bytes_max) {
    error_code error;
    consumed += impl_->put(data.substr(consumed), error);
    if (error == beast::http::error::need_more) break;
    if (error == beast::http::error::body_limit) return refuse(413, "The request body is too long.", consumed);
    if (error) return refuse(400, "The chunked body is not valid HTTP.", consumed);
  }
  if (!impl_->done() && out.size() < out_bytes_max && data.size() - consumed > limits_.header_bytes_max) {
    // A chunk extension or a trailer without end; chunk data would have been consumed.
    return refuse(400, "The chunked body is not valid HTTP.", consumed);
  }
  return {impl_->done() ? Progress::complete : Progress::need_more, consumed};
}

}  // namespace reprise::http
