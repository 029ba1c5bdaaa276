// The small change of extension operations: members of their bodies, and errors.
#include "admin/request.h"

#include "dynamo/ops/store_error.h"

namespace reprise::admin {

dynamo::Outcome<std::string> text_of(const codec::JsonValue& body, std::string_view name) {
  if (!body.is(codec::JsonType::object)) return dynamo::serialization("the request must be a JSON object");
  const auto value = body.find(name);
  if (!value || value->is(codec::JsonType::null)) return std::string();
  if (!value->is(codec::JsonType::string)) return dynamo::serialization(std::string(name) + " must be a string");
  return std::string(value->string());
}

dynamo::Outcome<std::string> required_text(const codec::JsonValue& body, std::string_view name) {
  TRY_ASSIGN(std::string text, text_of(body, name));
  if (text.empty()) return dynamo::validation(std::string(name) + " must be given");
  return text;
}

dynamo::ApiError error_of(const Status& status) {
  using dynamo::ErrorKind;
  switch (status.code()) {
    case Code::invalid:
    case Code::unsupported: return dynamo::validation(std::string(status.message()));
    case Code::not_found: return dynamo::api_error(ErrorKind::resource_not_found, std::string(status.message()));
    case Code::already_exists:
    case Code::conflict: return dynamo::api_error(ErrorKind::resource_in_use, std::string(status.message()));
    default: return dynamo::store_error(status);
  }
}

}  // namespace reprise::admin
