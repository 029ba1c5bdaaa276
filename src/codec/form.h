// The encoding of HTML forms (application/x-www-form-urlencoded), read strictly. Pure function, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reprise::codec {

// '+' is a space, %XX a byte. Nothing when a '%' begins no such thing.
[[nodiscard]] std::optional<std::string> form_decoded(std::string_view text);

}  // namespace reprise::codec
