#include "http/tls.h"

#include <openssl/ssl.h>

#include <boost/asio/ssl/context.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace reprise::http {

namespace ssl = boost::asio::ssl;

namespace {

// OpenSSL's own words for a missing file are of no help.
Status check_readable(const char* what, const std::string& file) {
  std::FILE* opened = std::fopen(file.c_str(), "rb");
  if (opened == nullptr) return invalid(std::string(what) + " " + file + ": " + std::strerror(errno));
  std::fclose(opened);
  return {};
}

// Every client here speaks HTTP/1.1; one that offers only h2 gets no protocol rather than the wrong one.
int choose_protocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_length, const unsigned char* offered,
                    unsigned int offered_length, void* /*argument*/) {
  static constexpr unsigned char http11[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
  unsigned char* chosen = nullptr;
  const int found = SSL_select_next_proto(&chosen, out_length, http11, sizeof http11, offered, offered_length);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

TlsContext::TlsContext() : context_(std::make_unique<ssl::context>(ssl::context::tls_server)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<TlsContext>> TlsContext::load(const std::string& certificate_file, const std::string& key_file) {
  TRY(check_readable("TLS certificate", certificate_file));
  TRY(check_readable("TLS key", key_file));
  std::shared_ptr<TlsContext> loaded(new TlsContext);
  ssl::context& context = *loaded->context_;
  boost::system::error_code error;
  SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
  // A client that leaves without a close_notify must not look like a failure of OpenSSL's.
  SSL_CTX_set_options(context.native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.native_handle(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context.native_handle(), choose_protocol, nullptr);
  context.use_certificate_chain_file(certificate_file, error);
  if (error) return invalid("TLS certificate " + certificate_file + ": " + error.message());
  // A key with a passphrase cannot be asked for here.
  context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return std::string(); }, error);
  if (!error) context.use_private_key_file(key_file, ssl::context::pem, error);
  if (error) return invalid("TLS key " + key_file + ": " + error.message());
  if (SSL_CTX_check_private_key(context.native_handle()) != 1) {
    return invalid("TLS key " + key_file + " does not belong to the certificate " + certificate_file);
  }
  return loaded;
}

}  // namespace reprise::http
