// Reading the bodies of extension operations, and answering what went wrong.
//
// Threading: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "codec/json.h"
#include "dynamo/model/error.h"

namespace reprise::admin {

// The text called `name`; empty when absent or null. SerializationException when it is no text.
[[nodiscard]] dynamo::Outcome<std::string> text_of(const codec::JsonValue& body, std::string_view name);
// The same, which must be there: ValidationException otherwise.
[[nodiscard]] dynamo::Outcome<std::string> required_text(const codec::JsonValue& body, std::string_view name);

// What to answer when a call of the server's own failed: invalid as ValidationException, not_found as
// ResourceNotFoundException, already_exists and conflict as ResourceInUseException, the rest as the store's errors.
[[nodiscard]] dynamo::ApiError error_of(const Status& status);

}  // namespace reprise::admin
