// Requests to an S3 endpoint: signed (Signature Version 4), with time limits, tried again with growing pauses when the
// endpoint is not reachable or asks for it. libcurl stays behind this header.
//
// Every call blocks. Threading: any thread; connections are kept and reused.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/status.h"

namespace reprise::blob {

struct S3Options {
  std::string endpoint;  // "https://s3.eu-west-1.amazonaws.com"; buckets are addressed by path
  std::string region = "eu-west-1";
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  // may be empty
  int attempts_max = 5;
  std::int64_t connect_seconds = 10;
  std::int64_t stall_seconds = 60;  // without a byte
};

struct S3Request {
  std::string method = "GET";
  std::string bucket;
  std::string key;                                         // empty: the bucket itself
  std::vector<std::pair<std::string, std::string>> query;  // not encoded; sorted by name
  std::vector<std::pair<std::string, std::string>> headers;
  Bytes body;
};

struct S3Response {
  int status = 0;
  std::map<std::string, std::string> headers;  // lower-case names
  Bytes body;
};

class S3Client {
 public:
  // Fails with Code::invalid when the endpoint is no http or https URL or there are no credentials.
  static Result<std::shared_ptr<S3Client>> make(S3Options options);
  virtual ~S3Client() = default;

  // An answer of 2xx. Others fail: 404 not_found, 403 as permission.h says, 5xx and unreachable endpoints (after the
  // last attempt) unavailable, 507 exhausted, 412 conflict, 416 invalid, anything else io_error; the message has the
  // endpoint's code and text.
  virtual Result<S3Response> send(const S3Request& request) = 0;
};

}  // namespace reprise::blob
