// The commands: everything that `reprise` does but serving. Each is a client of an endpoint, Reprise's or AWS's own,
// through its public API.
//
// Exit codes: 0 done; 1 verify has found damage; 2 the command line is wrong; 3 the endpoint cannot be reached or does
// not answer as it should; 4 the request was refused, or failed on the server, or standard output cannot be written.
// Whatever is wrong is told in one line on standard error: "reprise: ...". docs/cli.md is the manual.
#pragma once

namespace reprise::cli {

inline constexpr int exit_damage = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_unreachable = 3;
inline constexpr int exit_refused = 4;

// Runs the command that the program's whole command line names; the exit code. Call it once, from the main thread.
int run(int argc, const char* const* argv);

}  // namespace reprise::cli
