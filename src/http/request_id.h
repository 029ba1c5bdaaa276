// Request ids: 52 characters of 0-9 and A-V, as AWS's are. Unique for all practical purposes, not secret.
#pragma once

#include <string>

namespace reprise::http {

// Replaces `out` by a new id. Thread-safe: each thread has its own generator.
void make_request_id(std::string& out);

}  // namespace reprise::http
