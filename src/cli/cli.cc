// The command line: which commands there are, and their flags. Invariant: every way out that is not a command's result
// has told one line on standard error.
#include "cli/cli.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <functional>
#include <system_error>

#include "cli/commands.h"

namespace reprise::cli {
namespace {

constexpr const char* footer =
    "Every command but serve talks to an endpoint: --endpoint, AWS_ENDPOINT_URL or http://127.0.0.1:8000.\n"
    "Keys come from --profile, the AWS_* variables, or AWS's credentials file.\n";

// For options where an empty text (an unset variable of a script) would quietly mean the default.
std::string not_empty(const std::string& text) { return text.empty() ? "must not be empty" : ""; }

// A command's work, chosen by its parser and done when the whole line has been read.
using Work = std::function<Outcome<int>(Session&)>;

struct CommandLine {
  ProfileFlags profile;
  bool json = false;
  std::string alias, key_name;
  UserFlags user;
  Work work;
};

// A command below `parent`, with the flags that all have. Nothing refers to `line` but its members, which outlive the
// parsing.
CLI::App* add_command(CLI::App& parent, CommandLine& line, const std::string& name, const std::string& help,
                      Work work) {
  CLI::App* const command = parent.add_subcommand(name, help);
  command->get_formatter()->column_width(30);
  const auto add_text = [&](const std::string& flag, std::string& text, const std::string& about) {
    return command->add_option(flag, text, about)->check(not_empty);
  };
  add_text("--endpoint", line.profile.endpoint, "where the server is")->type_name("URL");
  add_text("--region", line.profile.region, "region to sign for")->type_name("NAME");
  add_text("--profile", line.profile.profile, "profile of AWS's credentials file")->type_name("NAME");
  command->add_flag("--json", line.json, "print the server's answer, for programs");
  command->callback([&line, work = std::move(work)] { line.work = work; });
  return command;
}

void add_key_commands(CLI::App& app, CommandLine& line) {
  CLI::App* const key = app.add_subcommand("key", "Named keys for encryption with SSE-KMS");
  key->require_subcommand(1);
  add_command(*key, line, "create", "Makes a key", [&line](Session& s) { return create_key(s, line.alias); })
      ->add_option("--alias", line.alias, "a name to use it by: alias/NAME")
      ->type_name("NAME")
      ->check(not_empty);
  add_command(*key, line, "list", "Lists the account's keys", [](Session& s) { return list_keys(s); });
  add_command(*key, line, "rotate", "Gives a key new material; what is stored opens as before",
              [&line](Session& s) { return rotate_key(s, line.key_name); })
      ->add_option("NAME", line.key_name, "alias, id or ARN")
      ->required();
}

void add_user_commands(CLI::App& app, CommandLine& line) {
  CLI::App* const group = app.add_subcommand("user", "Users, their access keys and policies");
  group->require_subcommand(1);
  UserFlags& user = line.user;
  const auto add = [&](const std::string& name, const std::string& help,
                       Outcome<int> (*work)(Session&, const UserFlags&)) {
    CLI::App* const command =
        add_command(*group, line, name, help, [&line, work](Session& s) { return work(s, line.user); });
    const char* const otherwise = name == "list" ? "12 digits; all that the caller manages when not given"
                                                 : "12 digits; the caller's own when not given";
    command->add_option("--account", user.account, otherwise)->type_name("ID")->check(not_empty);
    return command;
  };
  const auto named = [&](CLI::App* command) {
    command->add_option("NAME", user.name, "the user's name")->required();
    return command;
  };
  const auto with_keys = [&](CLI::App* command) {
    auto* const id = command->add_option("--access-key", user.access_key, "made up when not given");
    auto* const secret = command->add_option("--secret-key", user.secret_key, "with --access-key; - reads a line");
    id->type_name("ID")->check(not_empty);
    secret->type_name("SECRET")->check(not_empty);
    id->needs(secret);
    secret->needs(id);
    return command;
  };
  with_keys(named(add("add", "Makes a user", add_user)))
      ->add_option("--policy", user.policy_file, "IAM policy document; - reads it")
      ->type_name("FILE")
      ->check(not_empty);
  add("list", "Lists users", list_users);
  named(add("show", "Tells about a user", show_user));
  named(add("remove", "Removes a user and its access keys", remove_user));
  with_keys(named(add("rotate", "Gives a user a new access key in the place of the others", rotate_user)))
      ->add_flag("--keep-previous", user.keep_previous, "the newest of them still signs, too");
  named(add("policy", "Sets what a user may do", put_user_policy))
      ->add_option("--policy", user.policy_file, "IAM policy document; - reads it")
      ->type_name("FILE")
      ->check(not_empty)
      ->required();
}

// The command that was named so far, for "see 'reprise key --help'".
std::string named_so_far(const CLI::App& app) {
  std::string name = "reprise";
  const CLI::App* deepest = &app;
  while (!deepest->get_subcommands().empty()) {
    deepest = deepest->get_subcommands().front();
    name += " " + deepest->get_name();
  }
  return name;
}

int fail(const Failure& failure) {
  // Not fmt's print, which throws where nothing can be written.
  const std::string line = "reprise: " + failure.message + "\n";
  static_cast<void>(std::fputs(line.c_str(), stderr));
  return failure.exit_code;
}

// A full disk or a closed pipe behind standard output is an error like any other.
int cannot_print() { return fail({exit_refused, "cannot write to standard output"}); }

// `code`, once all of it has been printed.
int printed(int code) { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 ? code : cannot_print(); }

const CLI::App* find_command(const CLI::App& parent, std::string_view name) {
  const auto found = parent.get_subcommands([&](const CLI::App* each) { return each->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

int no_such_command(std::string_view name) {
  return fail({exit_usage, "there is no command '" + std::string(name) + "'; see 'reprise --help'"});
}

int print_help(const CLI::App& app, const std::vector<std::string>& about) {
  const CLI::App* command = &app;
  std::string path = "reprise";
  for (const std::string& name : about) {
    command = find_command(*command, name);
    if (command == nullptr) return no_such_command(name);
    path += " " + name;
  }
  fmt::print("{}", command->get_formatter()->make_help(command, path, CLI::AppFormatMode::Normal));
  return printed(0);
}

int execute(const CommandLine& line) {
  auto profile = find_profile(line.profile, process_environment());
  if (!profile.ok()) return fail(profile.error());
  curl_global_init(CURL_GLOBAL_DEFAULT);
  auto client = Client::make(std::move(profile).value());
  if (!client.ok()) return fail(client.error());
  Terminal terminal;
  Session session{std::move(client).value(), terminal, line.json};
  const auto outcome = line.work(session);
  terminal.progress({});
  if (!outcome.ok()) return fail(outcome.error());
  return printed(*outcome);
}

int run_command_line(int argc, const char* const* argv) {
  CommandLine line;
  CLI::App app("Reprise: a store that speaks DynamoDB's and S3's protocols and keeps the past.", "reprise");
  app.footer(footer);
  app.require_subcommand(1);
  app.set_version_flag("--version", "reprise " REPRISE_VERSION, "prints the version");
  app.get_formatter()->column_width(30);
  app.add_subcommand("serve", "Runs the server (reprise serve --help tells all flags)");
  std::vector<std::string> about;
  app.add_subcommand("help", "Prints this, or a command's help")
      ->add_option("COMMAND", about, "such as: key create")
      ->expected(0, 2);
  add_key_commands(app, line);
  add_user_commands(app, line);
  add_command(app, line, "verify", "Reads everything that S3 keeps and names what is damaged",
              [](Session& session) { return verify(session); });
  (void)std::signal(SIGPIPE, SIG_IGN);
  if (argc < 2) return fail({exit_usage, "no command was given; see 'reprise --help'"});
  if (argv[1][0] != '-' && find_command(app, argv[1]) == nullptr) return no_such_command(argv[1]);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    fmt::print("{}", app.help());
    return printed(0);
  } catch (const CLI::CallForVersion& version) {
    fmt::print("{}\n", version.what());
    return printed(0);
  } catch (const CLI::ParseError& error) {
    std::string text = error.what();
    for (char& c : text) {
      if (c == '\n') c = ' ';
    }
    return fail({exit_usage, text + "; see '" + named_so_far(app) + " --help'"});
  }
  return line.work ? execute(line) : print_help(app, about);
}

}  // namespace

int run(int argc, const char* const* argv) {
  try {
    return run_command_line(argc, argv);
  } catch (const std::system_error&) {  // fmt's, when the buffer of standard output cannot be emptied
    return cannot_print();
  }
}

}  // namespace reprise::cli
