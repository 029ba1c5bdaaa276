// The HTTP client over libcurl. One connection, kept between calls; no retries: whoever types a command sees at once
// what is wrong.
#include "cli/client.h"

#include <curl/curl.h>

#include <array>
#include <utility>
#include <vector>

#include "auth/sigv4/amz_date.h"
#include "auth/sigv4/signer.h"
#include "base/assert.h"
#include "base/clock.h"
#include "cli/cli.h"
#include "cli/terminal.h"
#include "codec/json.h"

namespace reprise::cli {
namespace {

constexpr std::string_view target_prefix = "Reprise_20261122.";
constexpr std::string_view content_type = "application/x-amz-json-1.0";
constexpr long connect_timeout_seconds = 10;
constexpr long call_timeout_seconds = 120;
constexpr std::size_t answer_bytes_max = std::size_t{64} << 20;

struct EasyFree {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
struct ListFree {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
struct UrlFree {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

std::size_t receive(char* data, std::size_t, std::size_t size, void* target) {
  auto& answer = *static_cast<Bytes*>(target);
  if (answer.size() + size > answer_bytes_max) return 0;  // libcurl then fails the transfer
  answer.append(data, size);
  return size;
}

std::string url_part(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

// "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException" -> "ResourceNotFoundException"
std::string_view bare_name(std::string_view type) {
  const auto hash = type.rfind('#');
  return hash == type.npos ? type : type.substr(hash + 1);
}

std::string one_line(std::string_view text) {
  std::string line(text.substr(0, 500));
  for (char& c : line) {
    if (c == '\n' || c == '\r' || c == '\t') c = ' ';
  }
  return shown(line);
}

}  // namespace

struct Client::Impl {
  Profile profile;
  std::string host;  // with its port where that is not the scheme's
  std::string path;
  auth::sigv4::Signer signer;
  std::unique_ptr<CURL, EasyFree> easy;
  std::array<char, CURL_ERROR_SIZE> error{};

  struct Answer {
    long status = 0;
    Bytes body;
  };
  Outcome<Answer> post(const std::string& target, const Bytes& body);
  [[nodiscard]] Failure refusal(std::string_view operation, const Answer& answer) const;
};

Client::Client(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Outcome<Client> Client::make(Profile profile) {
  const std::unique_ptr<CURLU, UrlFree> url(curl_url());
  const Failure bad{exit_usage, "--endpoint " + profile.endpoint + " is no URL such as http://127.0.0.1:8000"};
  if (!url || curl_url_set(url.get(), CURLUPART_URL, profile.endpoint.c_str(), 0) != CURLUE_OK) return bad;
  const std::string scheme = url_part(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return bad;
  if (!url_part(url.get(), CURLUPART_QUERY).empty() || !url_part(url.get(), CURLUPART_USER).empty()) return bad;
  std::string host = url_part(url.get(), CURLUPART_HOST);
  const std::string port = url_part(url.get(), CURLUPART_PORT);
  if (!port.empty() && port != (scheme == "http" ? "80" : "443")) host += ":" + port;
  auth::sigv4::SignerOptions options;
  options.access_key_id = profile.access_key_id;
  options.secret = profile.secret;
  options.region = profile.region;
  auto impl = std::make_unique<Impl>(Impl{std::move(profile),
                                          std::move(host),
                                          url_part(url.get(), CURLUPART_PATH),
                                          auth::sigv4::Signer(std::move(options)),
                                          std::unique_ptr<CURL, EasyFree>(curl_easy_init()),
                                          {}});
  ASSERT(impl->easy != nullptr);
  return Client(std::move(impl));
}

Outcome<Client::Impl::Answer> Client::Impl::post(const std::string& target, const Bytes& body) {
  const auth::sigv4::AmzDate date(static_cast<std::int64_t>(WallClock::system().now_micros() / 1'000'000));
  std::vector<auth::sigv4::Header> headers{
      {"Host", host}, {"Content-Type", content_type}, {"X-Amz-Target", target}, {"X-Amz-Date", date.text()}};
  if (!profile.session_token.empty()) headers.push_back({"X-Amz-Security-Token", profile.session_token});
  const std::string authorization = signer.authorization({"POST", path, headers, body, {}}, date.text());
  headers.push_back({"Authorization", authorization});
  headers.push_back({"Expect", ""});  // no waiting for "100 Continue"
  std::unique_ptr<curl_slist, ListFree> list;
  for (const auto& [name, value] : headers) {
    const std::string line = std::string(name).append(value.empty() ? ":" : ": ").append(value);
    curl_slist* const longer = curl_slist_append(list.get(), line.c_str());
    ASSERT(longer != nullptr);
    (void)list.release();
    list.reset(longer);
  }
  Answer answer;
  CURL* const curl = easy.get();
  curl_easy_reset(curl);
  curl_easy_setopt(curl, CURLOPT_URL, profile.endpoint.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list.get());
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, receive);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error.data());
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, connect_timeout_seconds);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT, call_timeout_seconds);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "reprise/" REPRISE_VERSION);
  if (!profile.ca_bundle.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, profile.ca_bundle.c_str());
  error[0] = '\0';
  if (const CURLcode code = curl_easy_perform(curl); code != CURLE_OK) {
    const std::string why = error[0] == '\0' ? curl_easy_strerror(code) : error.data();
    return Failure{exit_unreachable, "cannot reach " + profile.endpoint + ": " + one_line(why)};
  }
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
  return answer;
}

Failure Client::Impl::refusal(std::string_view operation, const Answer& answer) const {
  codec::JsonDocument document;
  const auto json = document.parse(answer.body);
  const auto type = json.ok() ? json->find("__type") : std::nullopt;
  if (!type || !type->is(codec::JsonType::string)) {
    return {exit_unreachable, profile.endpoint + " answered with HTTP status " + std::to_string(answer.status) +
                                  " and not as this API does; is it the right endpoint?"};
  }
  const std::string name(bare_name(type->string()));
  if (name == "UnknownOperationException") {
    return {exit_refused, profile.endpoint + " does not know " + std::string(operation) + "; is it a Reprise server?"};
  }
  std::string text = std::string(operation) + " was refused: " + name;
  for (const std::string_view key : {"message", "Message"}) {
    const auto message = json->find(key);
    if (message && message->is(codec::JsonType::string))
      return {exit_refused, one_line(text + ": " + std::string(message->string()))};
  }
  return {exit_refused, one_line(text)};
}

Outcome<Bytes> Client::call(std::string_view operation, const Bytes& body) {
  TRY_ASSIGN(Impl::Answer answer, impl_->post(std::string(target_prefix).append(operation), body));
  if (answer.status != 200) return impl_->refusal(operation, answer);
  codec::JsonDocument document;
  if (!document.parse(answer.body).ok()) return impl_->refusal(operation, answer);
  return std::move(answer.body);
}

}  // namespace reprise::cli
