// Whether what stands at the end of a log of RocksDB's (a commit log, a manifest) is what a crash leaves, or damage.
//
// In the last block of a log, a record that claims more bytes than the file has is to RocksDB (7.8) a write that a
// crash has cut short: it drops the rest of the block and says nothing. A flipped bit in a record's length looks the
// same to it, and all that was committed behind that record, up to 32 KiB, would be gone without a word. But a write
// that was cut short is the last one: behind it are no whole records up to the end of the file, and it is not whole
// itself.
//
// Source: RocksDB's wiki, "Write Ahead Log File Format". Blocks of 32 KiB; a record lies in one of them:
//   4 CRC-32C (masked) of type and payload, 2 length of the payload, 1 type; little-endian; the payload
#pragma once

#include <string>

#include "base/bytes.h"

namespace reprise::kv {

// `block` is the last block of a log. Pure.
[[nodiscard]] bool log_tail_is_damaged(BytesView block);

// Of that file. False when it cannot be read: RocksDB tells that. Blocks.
[[nodiscard]] bool log_tail_is_damaged_in(const std::string& path);

}  // namespace reprise::kv
