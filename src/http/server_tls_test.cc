// TLS with a certificate made here.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "http/server_for_tests.h"

namespace reprise::http {
namespace {

// A directory with a self-signed certificate and its key, and files that cannot be used.
class TlsFiles {
 public:
  TlsFiles() {
    std::string pattern = (std::filesystem::temp_directory_path() / "reprise-tls-XXXXXX").string();
    EXPECT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    write_pair("cert.pem", "key.pem");
    write_pair("other-cert.pem", "other-key.pem");
    std::ofstream(path("junk.pem")) << "not a certificate\n";
  }
  ~TlsFiles() { std::filesystem::remove_all(directory_); }
  TlsFiles(const TlsFiles&) = delete;
  TlsFiles& operator=(const TlsFiles&) = delete;

  [[nodiscard]] std::string path(const std::string& name) const { return (directory_ / name).string(); }
  [[nodiscard]] ServerOptions options() const {
    ServerOptions options;
    options.tls_certificate_file = path("cert.pem");
    options.tls_key_file = path("key.pem");
    return options;
  }

 private:
  void write_pair(const std::string& certificate_name, const std::string& key_name) const {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                               0);
    X509_set_issuer_name(certificate, name);
    EXPECT_GT(X509_sign(certificate, key, EVP_sha256()), 0);
    std::FILE* file = std::fopen(path(certificate_name).c_str(), "wb");
    PEM_write_X509(file, certificate);
    std::fclose(file);
    file = std::fopen(path(key_name).c_str(), "wb");
    PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  std::filesystem::path directory_;
};

class TlsClient {
 public:
  explicit TlsClient(std::uint16_t port, int version_max = TLS1_3_VERSION)
      : raw_(port), context_(SSL_CTX_new(TLS_client_method())) {
    SSL_CTX_set_min_proto_version(context_, 0);
    SSL_CTX_set_max_proto_version(context_, version_max);
    SSL_CTX_set_cipher_list(context_, "ALL:@SECLEVEL=0");
    ssl_ = SSL_new(context_);
    SSL_set_fd(ssl_, raw_.native());
    connected_ = SSL_connect(ssl_) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
  }
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  [[nodiscard]] bool connected() const { return connected_; }
  bool send(std::string_view bytes) {
    return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) == static_cast<int>(bytes.size());
  }
  std::string receive(std::size_t bytes) {
    std::string received;
    char chunk[16384];
    while (received.size() < bytes) {
      const int got = SSL_read(ssl_, chunk, sizeof chunk);
      if (got <= 0) break;
      received.append(chunk, static_cast<std::size_t>(got));
    }
    return received;
  }
  // Ended by the server with a proper close_notify.
  bool closed_by_server() {
    char byte = 0;
    return SSL_read(ssl_, &byte, 1) == 0 && SSL_get_shutdown(ssl_) == SSL_RECEIVED_SHUTDOWN;
  }
  std::string until_end_of(std::string_view mark) {
    std::string received;
    while (received.find(mark) == std::string::npos) {
      const std::string more = receive(1);
      if (more.empty()) break;
      received += more;
    }
    return received;
  }

 private:
  RawClient raw_;
  SSL_CTX* context_;
  SSL* ssl_ = nullptr;
  bool connected_ = false;
};

Task<Response> echo_securely(Request& request) {
  Response response = co_await echo(request);
  response.body += request.secure ? "|secure|" : "|plain|";
  co_return response;
}

TEST(Tls, ServesRequests) {
  const TlsFiles files;
  TestServer server(echo_securely, files.options());
  TlsClient client(server->port());
  ASSERT_TRUE(client.connected());
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(client.send(post("/" + std::to_string(i), "body")));
    const auto answer = client.until_end_of("|secure|");
    EXPECT_EQ(answer.rfind("HTTP/1.1 200 OK\r\n", 0), 0u);
    EXPECT_NE(answer.find("POST /" + std::to_string(i) + "\nbody|secure|"), std::string::npos);
  }
  ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"));
  client.until_end_of("|secure|");
  EXPECT_TRUE(client.closed_by_server());
}

Task<Response> tell_version(Request& request) {
  Response response;
  response.body.append("|").append(request.tls_version).append("|");
  co_return response;
}

TEST(Tls, RequestsTellItsVersion) {
  const TlsFiles files;
  TestServer server(tell_version, files.options());
  for (const auto& [version, text] : {std::pair{TLS1_2_VERSION, "|1.2|"}, std::pair{TLS1_3_VERSION, "|1.3|"}}) {
    TlsClient client(server->port(), version);
    ASSERT_TRUE(client.connected());
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_NE(client.until_end_of(text).find(text), std::string::npos);
  }
}

TEST(Tls, LargeBodiesBothWays) {
  const TlsFiles files;
  TestServer server(echo_securely, files.options());
  TlsClient client(server->port());
  ASSERT_TRUE(client.connected());
  const std::string body(3'000'000, 'b');
  ASSERT_TRUE(client.send(post("/", body)));
  const auto answer = client.until_end_of("|secure|");
  EXPECT_NE(answer.find("\r\n\r\nPOST /\n" + body + "|secure|"), std::string::npos);
}

TEST(Tls, OldVersionsAreRefused) {
  const TlsFiles files;
  TestServer server(hello, files.options());
  EXPECT_FALSE(TlsClient(server->port(), TLS1_1_VERSION).connected());
  EXPECT_TRUE(TlsClient(server->port(), TLS1_2_VERSION).connected());
}

TEST(Tls, PlainClientsAndSilentOnesAreClosed) {
  const TlsFiles files;
  auto options = files.options();
  options.limits.header_time_max = std::chrono::milliseconds(150);
  TestServer server(hello, options);
  auto plain = server.connect();
  plain.send(get("/"));
  EXPECT_EQ(plain.drain().find("HTTP/1.1"), std::string::npos);
  auto silent = server.connect();
  EXPECT_EQ(silent.drain(), "");
}

TEST(Tls, DrainsWithIdleAndUnfinishedConnections) {
  const TlsFiles files;
  TestServer server(hello, files.options());
  TlsClient idle(server->port());
  ASSERT_TRUE(idle.connected());
  ASSERT_TRUE(idle.send(get("/")));
  idle.until_end_of("hello");
  auto silent = server.connect();
  EXPECT_TRUE(server->drain(std::chrono::seconds(20)));
}

std::string start_error(const ServerOptions& options) {
  auto pool = IoPool::start();
  EXPECT_TRUE(pool.ok());
  const auto server = Server::start(**pool, options, hello);
  return server.ok() ? "" : server.error().to_string();
}

TEST(Tls, BadFilesAreNamed) {
  const TlsFiles files;
  auto options = files.options();
  options.tls_certificate_file = files.path("absent.pem");
  EXPECT_EQ(start_error(options),
            "invalid: TLS certificate " + files.path("absent.pem") + ": No such file or directory");
  options = files.options();
  options.tls_certificate_file = files.path("junk.pem");
  EXPECT_EQ(start_error(options).rfind("invalid: TLS certificate " + files.path("junk.pem") + ": ", 0), 0u);
  options = files.options();
  options.tls_key_file = files.path("junk.pem");
  EXPECT_EQ(start_error(options).rfind("invalid: TLS key " + files.path("junk.pem") + ": ", 0), 0u);
  options = files.options();
  options.tls_key_file = files.path("other-key.pem");
  const std::string mismatch = start_error(options);
  EXPECT_NE(mismatch.find(files.path("other-key.pem")), std::string::npos) << mismatch;
  options = files.options();
  options.tls_key_file.clear();
  EXPECT_EQ(start_error(options), "invalid: TLS needs both a certificate and a key");
}

}  // namespace
}  // namespace reprise::http
