// One curl handle per request under way, kept afterwards with its connection. A request is signed anew for each
// attempt, since its date is part of the signature.
#include "blob/s3/client.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "auth/sigv4/amz_date.h"
#include "auth/sigv4/canonical.h"
#include "auth/sigv4/signer.h"
#include "base/clock.h"
#include "base/log.h"
#include "blob/permission.h"
#include "codec/hex.h"
#include "codec/sha256.h"
#include "codec/xml.h"

namespace reprise::blob {

namespace {

using auth::sigv4::append_uri_encoded;
using auth::sigv4::Slash;

constexpr std::chrono::milliseconds pause_min{100};
constexpr std::size_t answer_bytes_max = std::size_t{64} << 20;

struct Curl {
  CURL* handle = curl_easy_init();
  ~Curl() { curl_easy_cleanup(handle); }
  Curl() = default;
  Curl(const Curl&) = delete;
  Curl& operator=(const Curl&) = delete;
};

struct HeaderList {
  curl_slist* list = nullptr;
  ~HeaderList() { curl_slist_free_all(list); }
  HeaderList() = default;
  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;
  void add(const std::string& line) { list = curl_slist_append(list, line.c_str()); }
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* target) {
  auto& body = static_cast<S3Response*>(target)->body;
  if (body.size() + size * count > answer_bytes_max) return 0;
  body.append(data, size * count);
  return size * count;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* target) {
  const std::string_view line(data, size * count);
  const auto colon = line.find(':');
  if (colon != std::string_view::npos) {
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    auto value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == '\r' || value.back() == '\n' || value.back() == ' ')) {
      value.remove_suffix(1);
    }
    static_cast<S3Response*>(target)->headers[std::move(name)] = value;
  }
  return size * count;
}

// What the endpoint says is wrong: "NoSuchBucket: The specified bucket does not exist".
std::string explain(const S3Request& request, const S3Response& response) {
  std::string text = request.method + " " + request.bucket + (request.key.empty() ? "" : "/" + request.key) +
                     " was answered with " + std::to_string(response.status);
  const auto root = codec::parse_xml(response.body);
  if (root.ok() && !root->text_of("Code").empty()) {
    text.append(" ").append(root->text_of("Code")).append(": ").append(root->text_of("Message"));
  }
  return text;
}

Status failure(const S3Request& request, const S3Response& response) {
  std::string text = explain(request, response);
  switch (response.status) {
    case 404: return not_found(std::move(text));
    case 401:
    case 403: return permission_denied(text);
    case 412: return conflict(std::move(text));
    case 416: return invalid(std::move(text));
    case 429: return unavailable(std::move(text));
    case 507: return {Code::exhausted, std::move(text)};
    default: break;
  }
  return response.status >= 500 ? unavailable(std::move(text)) : io_error(std::move(text));
}

class CurlClient final : public S3Client {
 public:
  CurlClient(S3Options options, std::string host) : options_(std::move(options)), host_(std::move(host)) {}

  Result<S3Response> send(const S3Request& request) override {
    auto pause = pause_min;
    for (int attempt = 1;; ++attempt) {
      auto response = send_once(request);
      const bool again = !response.ok() && response.error().is(Code::unavailable) && attempt < options_.attempts_max;
      if (!again) return response;
      REPRISE_LOG(LogLevel::info, "blob", "a request to the S3 endpoint is tried again",
                  log_field("reason", response.error().to_string()));
      wait(pause);
      pause *= 2;
    }
  }

 private:
  static void wait(std::chrono::milliseconds pause) {
    std::mutex mutex;
    std::unique_lock lock(mutex);
    std::condition_variable nobody;
    nobody.wait_for(lock, pause, [] { return false; });
  }

  // Path and query, encoded.
  [[nodiscard]] static std::string target_of(const S3Request& request) {
    std::string target = "/";
    append_uri_encoded(target, request.bucket, Slash::encode);
    if (!request.key.empty()) {
      target.push_back('/');
      append_uri_encoded(target, request.key, Slash::keep);
    }
    for (std::size_t i = 0; i < request.query.size(); ++i) {
      target.push_back(i == 0 ? '?' : '&');
      append_uri_encoded(target, request.query[i].first, Slash::encode);
      target.push_back('=');
      append_uri_encoded(target, request.query[i].second, Slash::encode);
    }
    return target;
  }

  static bool has_body(const S3Request& request) { return request.method == "PUT" || request.method == "POST"; }

  // All header lines of the request, the signature with them.
  void add_headers(const S3Request& request, const std::string& target, HeaderList& lines) const {
    const auto now = static_cast<std::int64_t>(WallClock::system().now_micros() / 1'000'000);
    const auth::sigv4::AmzDate date(now);
    const std::string hash = codec::to_hex(codec::bytes_of(codec::sha256(request.body)));
    std::vector<std::pair<std::string, std::string>> all = request.headers;
    all.emplace_back("Host", host_);
    all.emplace_back("X-Amz-Date", date.text());
    all.emplace_back("X-Amz-Content-Sha256", hash);
    if (has_body(request)) all.emplace_back("Content-Type", "application/octet-stream");
    if (!options_.session_token.empty()) all.emplace_back("X-Amz-Security-Token", options_.session_token);
    std::vector<auth::sigv4::Header> views;
    for (const auto& [name, value] : all) views.push_back({name, value});
    auth::sigv4::Signer signer(
        {options_.access_key_id, options_.secret_access_key, options_.region, "s3", auth::sigv4::PathStyle::plain});
    const auth::sigv4::RequestView view{request.method, target, views, request.body, hash};
    for (const auto& [name, value] : all) lines.add(name + ": " + value);
    lines.add("Authorization: " + signer.authorization(view, date.text()));
    lines.add("Expect:");
  }

  Result<S3Response> send_once(const S3Request& request) {
    const std::string target = target_of(request);
    HeaderList lines;
    add_headers(request, target, lines);
    auto curl = take_handle();
    CURL* const handle = curl->handle;
    if (handle == nullptr) return internal_error("libcurl gave no handle");
    S3Response response;
    curl_easy_reset(handle);
    curl_easy_setopt(handle, CURLOPT_URL, (options_.endpoint + target).c_str());
    curl_easy_setopt(handle, CURLOPT_PATH_AS_IS, 1L);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, lines.list);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, static_cast<long>(options_.connect_seconds));
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(handle, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_seconds));
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &response);
    curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(handle, CURLOPT_HEADERDATA, &response);
    if (request.method == "HEAD") curl_easy_setopt(handle, CURLOPT_NOBODY, 1L);
    if (has_body(request)) {
      curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
      curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.data());
    }
    const CURLcode code = curl_easy_perform(handle);
    if (code != CURLE_OK) {
      return unavailable("the S3 endpoint " + options_.endpoint + ": " + curl_easy_strerror(code));
    }
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    response.status = static_cast<int>(status);
    keep_handle(std::move(curl));
    if (response.status < 200 || response.status > 299) return failure(request, response);
    return response;
  }

  std::unique_ptr<Curl> take_handle() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Curl>();
    auto handle = std::move(idle_.back());
    idle_.pop_back();
    return handle;
  }

  void keep_handle(std::unique_ptr<Curl> handle) {
    constexpr std::size_t idle_max = 8;
    const std::lock_guard lock(mutex_);
    if (idle_.size() < idle_max) idle_.push_back(std::move(handle));
  }

  const S3Options options_;
  const std::string host_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Curl>> idle_;
};

// "host:port" as the Host header has it; empty when the URL is none of ours.
std::string host_of(std::string_view endpoint) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!endpoint.starts_with(scheme)) continue;
    std::string host(endpoint.substr(scheme.size()));
    if (host.find_first_of("/?#@ ") != std::string::npos) return {};
    const std::string_view usual = scheme == "http://" ? ":80" : ":443";
    if (host.ends_with(usual)) host.resize(host.size() - usual.size());
    return host;
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<S3Client>> S3Client::make(S3Options options) {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) return internal_error("libcurl could not be started");
  while (options.endpoint.ends_with('/')) options.endpoint.pop_back();
  std::string host = host_of(options.endpoint);
  if (host.empty()) {
    return invalid("'" + options.endpoint + "' is not an S3 endpoint, for instance https://s3.eu-west-1.amazonaws.com");
  }
  if (options.access_key_id.empty() || options.secret_access_key.empty()) {
    return invalid("an S3 endpoint needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment");
  }
  return std::shared_ptr<S3Client>(std::make_shared<CurlClient>(std::move(options), std::move(host)));
}

}  // namespace reprise::blob
