// The signature a request presents, in its Authorization header or in its query (a presigned URL): found and taken
// apart, not yet judged. Thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "auth/sigv4/request.h"
#include "auth/sigv4/signing_key.h"

namespace reprise::auth::sigv4 {

// Views into the request, or (presigned) into `decoded`. What the request does not say is empty: no part may be.
struct Presented {
  bool presigned = false;
  std::string_view authorization;  // the whole header
  std::string_view algorithm;
  std::string_view credential;
  std::string_view signed_headers;
  std::string_view signature;
  std::string_view date;           // of X-Amz-Date, else of Date
  bool http_date = false;          // came from Date, which may have HTTP's format
  std::string_view expires;        // presigned only
  std::string_view session_token;  // empty when there is none

  struct Decoded {
    std::string algorithm, credential, signed_headers, signature, date, expires, session_token;
  };
  std::unique_ptr<Decoded> decoded;
};

enum class Mechanism : unsigned char {
  none,  // the request is anonymous
  header,
  query,  // Signature Version 4
  both,   // which is an error
  other,  // an Authorization header of another kind: Basic, Bearer, Signature Version 2
};
[[nodiscard]] Mechanism mechanism_of(const RequestView& request) noexcept;

// Needs that mechanism.
[[nodiscard]] Presented presented_in_header(const RequestView& request);
[[nodiscard]] Presented presented_in_query(const RequestView& request);

// A credential's five parts.
struct Credential {
  std::string_view access_key_id;
  Scope scope;
  std::string_view terminator;
  std::string_view scope_text;  // all but the access key id
};
// Nothing when there are not exactly five.
[[nodiscard]] std::optional<Credential> parse_credential(std::string_view text) noexcept;

// The service a request's signature is scoped to, for routing; empty when it has none. Nothing is verified.
[[nodiscard]] std::string claimed_service(const RequestView& request);

}  // namespace reprise::auth::sigv4
