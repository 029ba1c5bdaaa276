// What each command does, once cli.cc has read the command line.
//
// Functions return the exit code, or why they cannot go on. They print on standard output: a JSON text with `json`,
// tables for people otherwise.
#pragma once

#include <string>

#include "cli/client.h"
#include "cli/failure.h"
#include "cli/terminal.h"

namespace reprise::cli {

struct Session {
  Client client;
  Terminal& terminal;
  bool json = false;
};

// ---- reprise key --------------------------------------------------------------------------------------------------
Outcome<int> create_key(Session& session, const std::string& alias);
Outcome<int> list_keys(Session& session);
Outcome<int> rotate_key(Session& session, const std::string& name);

// ---- reprise verify -----------------------------------------------------------------------------------------------
Outcome<int> verify(Session& session);

// ---- reprise user -------------------------------------------------------------------------------------------------
struct UserFlags {
  std::string name;
  std::string account;
  std::string access_key;
  std::string secret_key;   // "-": a line of standard input
  std::string policy_file;  // "-": standard input
  bool keep_previous = false;
};
Outcome<int> add_user(Session& session, const UserFlags& flags);
Outcome<int> list_users(Session& session, const UserFlags& flags);
Outcome<int> show_user(Session& session, const UserFlags& flags);
Outcome<int> remove_user(Session& session, const UserFlags& flags);
Outcome<int> rotate_user(Session& session, const UserFlags& flags);
Outcome<int> put_user_policy(Session& session, const UserFlags& flags);

}  // namespace reprise::cli
