// Every bound of the HTTP server, in one place. The defaults suit a server that faces its own clients; a test or an
// operator that needs another value sets it here and nowhere else.
//
// Times are checked by a coarse clock per thread (about once a second, four times within the shortest of these times
// when that is shorter), so a connection may live that much longer than its bound.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace reprise::http {

struct Limits {
  // Request line and header fields together, in bytes, with their line ends. Over it: 431, or 414 when the target
  // alone is too long. AWS signs queries of presigned requests of several KB; 64 KB is far beyond any real request.
  std::size_t header_bytes_max = std::size_t{64} * 1024;
  // The request target alone (path and query). Over it: 414.
  std::size_t target_bytes_max = std::size_t{32} * 1024;
  // Number of header fields. Over it: 431.
  std::size_t header_fields_max = 200;
  // A request body as sent. An announced length over it: 413 without asking the handler; a chunked body that grows
  // over it: the handler's read fails with Code::exhausted. The default is DynamoDB's largest request (BatchWriteItem,
  // 16 MB) and some air.
  std::uint64_t body_bytes_max = std::uint64_t{17} * 1024 * 1024;
  // How much of a body that its handler did not read is read and thrown away to keep the connection alive. A longer
  // rest closes the connection after the answer.
  std::uint64_t body_discard_bytes_max = std::uint64_t{256} * 1024;
  // One piece of a body, as BodyReader::read gives it.
  std::size_t body_piece_bytes_max = std::size_t{64} * 1024;

  // From the first byte of a request to the end of its header fields; also the TLS handshake. Over it: 408 and close.
  std::chrono::milliseconds header_time_max{10'000};
  // Between two requests, and before the first. Over it: close.
  std::chrono::milliseconds idle_time_max{60'000};
  // Without any byte of a body that its handler waits for. Over it: the read fails.
  std::chrono::milliseconds body_stall_time_max{20'000};
  // A body may keep its reader waiting for this long, plus a second for every `body_bytes_per_second_min` received.
  // Only waiting counts: a handler that reads slowly costs its client nothing.
  std::chrono::milliseconds body_grace_time{30'000};
  std::uint64_t body_bytes_per_second_min = 1024;
  // Without any byte of an answer accepted by the peer. Over it: close.
  std::chrono::milliseconds write_stall_time_max{30'000};
  // How long, and how many bytes, are read and thrown away after an answer that closes a connection while the peer may
  // still be sending: a reset would take the answer from it.
  std::chrono::milliseconds linger_time_max{2'000};
  std::uint64_t linger_bytes_max = std::uint64_t{4} * 1024 * 1024;

  // Open connections, and never more than half of the descriptors that the process may have when the server starts.
  // Over it: 503 (on TLS: nothing) and close.
  std::size_t connections_max = 4096;
  // Connections being told 503 at the same time. Over it: close without a word.
  std::size_t refusals_max = 64;
  // Pipelined requests are answered one after another; after this many without a wait, other connections of the
  // thread get their turn.
  std::size_t requests_per_turn_max = 16;
};

}  // namespace reprise::http
