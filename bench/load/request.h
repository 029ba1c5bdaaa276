// Turns an operation and its JSON into the bytes of a signed HTTP request.
#pragma once

#include <string>
#include <string_view>

#include "auth/sigv4/signer.h"
#include "load/driver.h"

namespace reprise::bench {

// Not thread-safe: one per thread.
class RequestComposer {
 public:
  explicit RequestComposer(const LoadOptions& options);
  // Replaces `request` by the whole request.
  void compose(std::string_view operation, std::string_view body, std::string& request);
  // The head of an S3 request; `payload_bytes` are to follow it, unsigned.
  void compose_object(std::string_view method, std::string_view target, std::size_t payload_bytes,
                      std::string& request);

 private:
  const LoadOptions& options_;
  std::string host_;
  auth::sigv4::Signer signer_;
};

}  // namespace reprise::bench
