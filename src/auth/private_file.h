// Small files that only their owner may read: keys. A file is absent or whole, because it is written under another
// name, synced, and only then given its own.
//
// Threading: no state. Two writers of one path are the caller's to prevent (the data directory's lock).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace reprise::auth {

// The file's text; nothing when there is none. Access that others have to it is taken from them, with a warning in the
// log. io_error; invalid: larger than 64 KiB.
Result<std::optional<std::string>> read_private_file(const std::string& path);
// Creates the file with mode 0600, on disk when done. An existing one is replaced.
Status write_private_file(const std::string& path, std::string_view text);

}  // namespace reprise::auth
