// The program: `reprise serve` runs the server; every other command is a client (cli/).
#include <string_view>

#include "cli/cli.h"
#include "server/server.h"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "serve") return reprise::server::serve(argc - 1, argv + 1);
  if (argc == 3 && std::string_view(argv[1]) == "help" && std::string_view(argv[2]) == "serve") {
    const char* const words[] = {"serve", "--help"};
    return reprise::server::serve(2, words);
  }
  return reprise::cli::run(argc, argv);
}
