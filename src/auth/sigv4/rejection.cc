// The two tables from reason to wire error. The texts are AWS's own, odd spaces and missing full stops included.
#include "auth/sigv4/rejection.h"

#include "auth/sigv4/amz_date.h"

namespace reprise::auth::sigv4 {
namespace {

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }
std::string printed(std::int64_t seconds) { return std::string(AmzDate(seconds).text()); }

std::string dynamo_incomplete(const Rejection& rejection) {
  const Missing& missing = rejection.missing;
  std::string text;
  auto require = [&](bool lacking, std::string_view name) {
    if (!lacking) return;
    text += rejection.presigned ? "AWS query-string parameters must include " + quoted(name) + ". "
                                : "Authorization header requires " + quoted(name) + " parameter. ";
  };
  if (rejection.presigned) {
    require(missing.algorithm, "X-Amz-Algorithm");
    require(missing.credential, "X-Amz-Credential");
    require(missing.signature, "X-Amz-Signature");
    require(missing.signed_headers, "X-Amz-SignedHeaders");
    require(missing.date, "X-Amz-Date");
    return text + "Re-examine the query-string parameters.";
  }
  require(missing.credential, "Credential");
  require(missing.signature, "Signature");
  require(missing.signed_headers, "SignedHeaders");
  if (missing.date) text += "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
  return text + "Authorization=" + rejection.subject;
}

std::string dynamo_skew(const Rejection& rejection) {
  const std::int64_t now = rejection.now_seconds;
  const std::int64_t tolerance = rejection.tolerance_seconds;
  const std::string minutes = std::to_string(tolerance / 60) + " min.)";
  if (rejection.reason == Reason::expired) {
    return "Signature expired: " + printed(rejection.signed_at_seconds) + " is now earlier than " +
           printed(now - tolerance) + " (" + printed(now) + " - " + minutes;
  }
  return "Signature not yet current: " + printed(rejection.signed_at_seconds) + " is still later than " +
         printed(now + tolerance) + " (" + printed(now) + " + " + minutes;
}

std::string dynamo_scope(const ScopeFault& fault) {
  std::string text;
  if (fault.region) text += "Credential should be scoped to a valid region, not " + quoted(fault.claimed_region) + ". ";
  if (fault.service) text += "Credential should be scoped to correct service: " + quoted(fault.expected_service) + ". ";
  if (fault.terminator) {
    text += "Credential should be scoped with a valid terminator: 'aws4_request', not " +
            quoted(fault.claimed_terminator) + ". ";
  }
  if (fault.day) {
    text += "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: " +
            quoted(fault.claimed_day) + " != " + quoted(std::string_view(fault.date).substr(0, 8)) + ", from " +
            quoted(fault.date) + ".";
  }
  return text;
}

std::string dynamo_mismatch(const Rejection& rejection) {
  return "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
         "Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this "
         "request should have been\n" +
         quoted(rejection.canonical_request) + "\n\nThe String-to-Sign should have been\n" +
         quoted(rejection.string_to_sign) + "\n";
}

std::string s3_malformed(std::string_view what) {
  return "The authorization header is malformed; " + std::string(what);
}

AuthError s3_wrong_scope(const Rejection& rejection) {
  const ScopeFault& fault = rejection.scope;
  std::string what;
  if (fault.region) {
    what = "the region " + quoted(fault.claimed_region) + " is wrong; expecting " + quoted(fault.expected_region);
  } else if (fault.service) {
    what = "incorrect service. This endpoint belongs to \"" + fault.expected_service + "\".";
  } else if (fault.terminator) {
    what = "incorrect terminal \"" + fault.claimed_terminator + "\". This endpoint uses \"aws4_request\".";
  } else {
    what = "Invalid credential date \"" + fault.claimed_day + "\". This date is not the same as X-Amz-Date: \"" +
           fault.date.substr(0, 8) + "\".";
  }
  if (rejection.presigned)
    return {"AuthorizationQueryParametersError", 400, "Error parsing the X-Amz-Credential parameter; " + what};
  return {"AuthorizationHeaderMalformed", 400, s3_malformed(what)};
}

AuthError s3_incomplete(const Rejection& rejection) {
  if (rejection.presigned) {
    return {"AuthorizationQueryParametersError", 400,
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, "
            "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."};
  }
  const Missing& missing = rejection.missing;
  if (missing.credential || missing.signature || missing.signed_headers) {
    const std::string_view part = missing.credential ? "Credential" : missing.signature ? "Signature" : "SignedHeaders";
    return {
        "AuthorizationHeaderMalformed", 400,
        s3_malformed("the authorization header requires three components: Credential, SignedHeaders, and Signature; " +
                     std::string(part) + " is missing.")};
  }
  return {"AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header"};
}

std::string s3_bad_expires(std::string_view expires) {
  if (expires.starts_with('-')) return "X-Amz-Expires must be non-negative";
  if (expires.empty() || expires.find_first_not_of("0123456789") != expires.npos)
    return "X-Amz-Expires should be a number";
  return "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
         "604800 "
         "seconds";
}

}  // namespace

AuthError dynamo_auth_error(const Rejection& rejection) {
  auto error = [](std::string_view code, std::string message) {
    return AuthError{std::string(code), 400, std::move(message)};
  };
  constexpr std::string_view incomplete = "IncompleteSignatureException";
  constexpr std::string_view invalid = "InvalidSignatureException";
  const std::string& subject = rejection.subject;
  switch (rejection.reason) {
    case Reason::missing_signature:
    case Reason::other_mechanism:
      return error("MissingAuthenticationTokenException", "Request is missing Authentication Token");
    case Reason::two_mechanisms:
      return error(invalid, "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.");
    case Reason::incomplete: return error(incomplete, dynamo_incomplete(rejection));
    case Reason::bad_date:
      return error(incomplete, "Date must be in ISO-8601 'basic format'. Got " + quoted(subject) +
                                   ". See http://en.wikipedia.org/wiki/ISO_8601");
    case Reason::expired:
    case Reason::not_yet_valid: return error(invalid, dynamo_skew(rejection));
    case Reason::bad_expires: return error(incomplete, s3_bad_expires(subject));
    case Reason::host_not_signed: return error(invalid, "'Host' must be a 'SignedHeader' in the AWS Authorization.");
    case Reason::headers_not_signed:
      return error(invalid, quoted(subject) + " must be a 'SignedHeader' in the AWS Authorization.");
    case Reason::unsupported_algorithm:
      return error(incomplete,
                   "Unsupported AWS 'algorithm': " + quoted(subject) + " (only AWS4-HMAC-SHA256 for now). ");
    case Reason::malformed_credential:
      return error(incomplete,
                   "Credential must have exactly 5 slash-delimited elements, e.g. "
                   "keyid/date/region/service/term, got " +
                       quoted(subject));
    case Reason::wrong_scope: return error(invalid, dynamo_scope(rejection.scope));
    case Reason::unknown_access_key:
      return error("UnrecognizedClientException", "The security token included in the request is invalid.");
    case Reason::mismatch: return error(invalid, dynamo_mismatch(rejection));
    case Reason::bad_session_token: break;
  }
  return error("UnrecognizedClientException", "The security token included in the request is invalid");
}

AuthError s3_auth_error(const Rejection& rejection) {
  const bool presigned = rejection.presigned;
  AuthError denied{"AccessDenied", 403, "Access Denied"};
  switch (rejection.reason) {
    case Reason::missing_signature: return denied;
    case Reason::other_mechanism:
      return {"InvalidRequest", 400,
              "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."};
    case Reason::two_mechanisms:
      return {"InvalidArgument", 400,
              "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string "
              "parameter or the Authorization header should be specified"};
    case Reason::incomplete: return s3_incomplete(rejection);
    case Reason::bad_date:
      if (!presigned) return {"AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header"};
      return {"AuthorizationQueryParametersError", 400,
              "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\""};
    case Reason::expired:
      if (presigned) return {"AccessDenied", 403, "Request has expired"};
      [[fallthrough]];
    case Reason::not_yet_valid:
      if (presigned) return {"AccessDenied", 403, "Request is not valid yet"};
      return {"RequestTimeTooSkewed", 403,
              "The difference between the request time and the current time is too large."};
    case Reason::bad_expires: return {"AuthorizationQueryParametersError", 400, s3_bad_expires(rejection.subject)};
    case Reason::host_not_signed:
    case Reason::headers_not_signed:
      return {"AccessDenied", 403, "There were headers present in the request which were not signed"};
    case Reason::unsupported_algorithm:
      if (!presigned) return {"InvalidRequest", 400, "Please use AWS4-HMAC-SHA256."};
      return {"AuthorizationQueryParametersError", 400, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\""};
    case Reason::malformed_credential:
      if (!presigned) {
        return {"AuthorizationHeaderMalformed", 400,
                s3_malformed("the Credential is mal-formed; expecting "
                             "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".")};
      }
      return {"AuthorizationQueryParametersError", 400,
              "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting "
              "\"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."};
    case Reason::wrong_scope: return s3_wrong_scope(rejection);
    case Reason::unknown_access_key:
      return {"InvalidAccessKeyId", 403, "The AWS Access Key Id you provided does not exist in our records."};
    case Reason::mismatch:
      return {"SignatureDoesNotMatch", 403,
              "The request signature we calculated does not match the signature you provided. Check your key and "
              "signing method."};
    case Reason::bad_session_token: break;
  }
  return {"InvalidToken", 400, "The provided token is malformed or otherwise invalid."};
}

}  // namespace reprise::auth::sigv4
