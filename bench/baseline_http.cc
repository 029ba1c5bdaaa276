// reprise-baseline-http: our own HTTP server with a handler that answers the same bytes to everything, without any
// work: what GetItem is compared with in RESULTS.md.
//
//   reprise-baseline-http PORT THREADS BODY_FILE      (until standard input ends)
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "http/server.h"

namespace {

using reprise::Task;
using reprise::http::Request;
using reprise::http::Response;

Task<Response> answer(Request& request, const std::string& body) {
  auto read = co_await reprise::http::read_all(*request.body, 1 << 20);
  Response response;
  if (!read.ok()) response.status = 400;
  response.headers.add("Content-Type", "application/x-amz-json-1.0");
  response.headers.add("x-amzn-RequestId", request.id);
  response.headers.add("x-amz-crc32", "4294967295");
  response.body = body;
  co_return response;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: reprise-baseline-http PORT THREADS BODY_FILE\n");
    return 2;
  }
  std::ifstream file(argv[3]);
  const std::string body((std::istreambuf_iterator<char>(file)), {});
  auto pool = reprise::http::IoPool::start({.threads = static_cast<std::size_t>(std::atoi(argv[2]))});
  if (!pool.ok()) return 1;
  reprise::http::ServerOptions options;
  options.listen.port = static_cast<std::uint16_t>(std::atoi(argv[1]));
  auto server =
      reprise::http::Server::start(**pool, options, [&body](Request& request) { return answer(request, body); });
  if (!server.ok()) {
    std::fprintf(stderr, "reprise-baseline-http: %s\n", std::string(server.error().message()).c_str());
    return 1;
  }
  std::printf("%s\n", (*server)->address().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
