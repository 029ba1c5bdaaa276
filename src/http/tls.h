// The server's side of TLS: certificate chain and private key, loaded once and shared by all connections.
#pragma once

#include <memory>
#include <string>

#include "base/status.h"

namespace boost::asio::ssl {
class context;
}  // namespace boost::asio::ssl

namespace reprise::http {

class TlsContext {
 public:
  // Reads PEM files: `certificate_file` holds the certificate and, after it, its chain. TLS 1.2 and newer only. Fails
  // with Code::invalid, naming the file and the reason.
  static Result<std::shared_ptr<TlsContext>> load(const std::string& certificate_file, const std::string& key_file);
  ~TlsContext();

  // For the .cc files of http/.
  [[nodiscard]] boost::asio::ssl::context& native() { return *context_; }

 private:
  TlsContext();
  std::unique_ptr<boost::asio::ssl::context> context_;
};

}  // namespace reprise::http
