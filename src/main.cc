// The program: `reprise serve` runs the server; every other command will be a client (cli/).
#include <cstdio>
#include <string_view>

#include "server/server.h"

namespace {

constexpr const char* usage =
    "Reprise: a store that speaks DynamoDB's protocol and keeps the past.\n"
    "\n"
    "  reprise serve --data DIR    run the server (reprise serve --help tells all flags)\n"
    "  reprise --version\n";

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "serve") return reprise::server::serve(argc - 1, argv + 1);
  if (command == "--version") {
    std::puts("reprise " REPRISE_VERSION);
    return 0;
  }
  const bool asked = command == "--help" || command == "-h" || command == "help";
  if (!asked && !command.empty()) std::fprintf(stderr, "reprise: there is no command '%s'\n", argv[1]);
  std::fputs(usage, asked ? stdout : stderr);
  return asked ? 0 : 2;
}
