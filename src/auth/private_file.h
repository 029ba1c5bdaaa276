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

// The file's text; nothing when there is none. io_error; invalid: larger than 64 KiB, or no file.
Result<std::optional<std::string>> read_private_file(const std::string& path);
// Takes from others the access that they have to it, with a warning in the log. For a file whose text has been seen to
// be keys: what was named by mistake keeps its mode.
Status take_access_of_others(const std::string& path);
// Creates the file with mode 0600, on disk when done. An existing one is replaced.
Status write_private_file(const std::string& path, std::string_view text);

}  // namespace reprise::auth
