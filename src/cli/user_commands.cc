// reprise user add, list, show, remove, rotate, policy: users, their access keys and their policies.
#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"

namespace reprise::cli {
namespace {

constexpr std::size_t policy_bytes_max = std::size_t{1} << 20;

// istream::read() makes an error of what cannot be read (a directory); an iterator would throw. And it has an end.
Outcome<std::string> read_policy(const std::string& path) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& in = path == "-" ? std::cin : file;
  std::string text(policy_bytes_max + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if ((path != "-" && !file.is_open()) || in.bad()) return Failure{exit_usage, "cannot read --policy " + path};
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > policy_bytes_max) return Failure{exit_usage, "--policy " + path + " is larger than any policy"};
  if (text.find_first_not_of(" \t\r\n") == text.npos) return Failure{exit_usage, "--policy " + path + " is empty"};
  return text;
}

Outcome<std::string> read_secret(const std::string& flag) {
  if (flag != "-") return flag;
  std::string line;
  if (!std::getline(std::cin, line) || line.empty()) {
    return Failure{exit_usage, "--secret-key - reads the secret from standard input, which has none"};
  }
  return line;
}

// The members that are not empty.
Bytes request(std::initializer_list<std::pair<std::string_view, std::string_view>> members) {
  Bytes body;
  codec::JsonWriter w(body);
  w.begin_object();
  for (const auto& [name, value] : members) {
    if (!value.empty()) w.member(name, value);
  }
  w.end_object();
  return body;
}

std::string keys_of(const codec::JsonValue& user) {
  std::string all;
  for (auto key = member_of(user, "AccessKeys").first_element(); key; key.advance()) {
    all += (all.empty() ? "" : " ") + shown(text_of(key.value(), "AccessKeyId"));
  }
  return all.empty() ? "-" : all;
}

void print_line(std::string_view name, const std::string& value) {
  if (!value.empty()) fmt::print("  {:<14}{}\n", name, shown(value));
}

void print_user(const codec::JsonValue& user) {
  print_line("name", text_of(user, "UserName"));
  print_line("account", text_of(user, "Account"));
  print_line("arn", text_of(user, "Arn"));
  print_line("canonical id", text_of(user, "CanonicalId"));
  print_line("access keys", keys_of(user));
  print_line("created", time_of(user, "Created"));
  const std::string policy = text_of(user, "Policy");
  fmt::print("  {}\n", policy.empty() ? "policy        none: nothing is allowed" : "policy");
  if (!policy.empty()) fmt::print("{}{}", policy, policy.back() == '\n' ? "" : "\n");
}

// The one moment at which a secret is told, as AWS's credentials file has it.
void print_secret(const codec::JsonValue& user) {
  for (auto it = member_of(user, "AccessKeys").first_element(); it; it.advance()) {
    const std::string secret = text_of(it.value(), "SecretAccessKey");
    if (secret.empty()) continue;
    fmt::print("\nThe secret is shown this once:\n\n[{}]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
               shown(text_of(user, "UserName")), shown(text_of(it.value(), "AccessKeyId")), shown(secret));
  }
}

// A secret that was given is known, and is not put on the terminal.
enum class NewSecret : std::uint8_t { none, given, made };

Outcome<int> call_for_user(Session& session, std::string_view operation, const Bytes& body, std::string_view done,
                           NewSecret secret = NewSecret::none) {
  TRY_ASSIGN(Bytes text, session.client.call(operation, body));
  const Answer answer(std::move(text));
  if (session.json) {
    answer.print();
    return 0;
  }
  if (!done.empty()) fmt::print("{}\n", done);
  print_user(member_of(answer.root(), "User"));
  if (secret == NewSecret::made) print_secret(member_of(answer.root(), "User"));
  return 0;
}

}  // namespace

Outcome<int> add_user(Session& session, const UserFlags& flags) {
  std::string policy;
  if (!flags.policy_file.empty()) {
    TRY_ASSIGN(policy, read_policy(flags.policy_file));
  }
  TRY_ASSIGN(const std::string secret, read_secret(flags.secret_key));
  return call_for_user(session, "CreateUser",
                       request({{"UserName", flags.name},
                                {"Account", flags.account},
                                {"AccessKeyId", flags.access_key},
                                {"SecretAccessKey", secret},
                                {"Policy", policy}}),
                       "The user is made:", secret.empty() ? NewSecret::made : NewSecret::given);
}

Outcome<int> list_users(Session& session, const UserFlags& flags) {
  TRY_ASSIGN(Bytes text, session.client.call("ListUsers", request({{"Account", flags.account}})));
  const Answer answer(std::move(text));
  if (session.json) {
    answer.print();
    return 0;
  }
  Table table({{"NAME"}, {"ACCOUNT"}, {"ACCESS KEYS"}, {"POLICY"}, {"CREATED"}});
  for (auto it = member_of(answer.root(), "Users").first_element(); it; it.advance()) {
    const auto user = it.value();
    table.add({shown(text_of(user, "UserName")), shown(text_of(user, "Account")), keys_of(user),
               text_of(user, "Policy").empty() ? "no" : "yes", time_of(user, "Created")});
  }
  fmt::print("{}", table.text(session.terminal));
  return 0;
}

Outcome<int> show_user(Session& session, const UserFlags& flags) {
  return call_for_user(session, "GetUser", request({{"UserName", flags.name}, {"Account", flags.account}}), "");
}

Outcome<int> remove_user(Session& session, const UserFlags& flags) {
  TRY_ASSIGN(Bytes text,
             session.client.call("DeleteUser", request({{"UserName", flags.name}, {"Account", flags.account}})));
  if (session.json) {
    Answer(std::move(text)).print();
  } else {
    fmt::print("User {} is removed; its access keys no longer sign.\n", shown(flags.name));
  }
  return 0;
}

Outcome<int> rotate_user(Session& session, const UserFlags& flags) {
  TRY_ASSIGN(const std::string secret, read_secret(flags.secret_key));
  Bytes body = request({{"UserName", flags.name},
                        {"Account", flags.account},
                        {"AccessKeyId", flags.access_key},
                        {"SecretAccessKey", secret}});
  if (flags.keep_previous) body.insert(1, "\"KeepPrevious\":true,");  // there is a member behind it: the name
  return call_for_user(session, "RotateUserKey", body,
                       flags.keep_previous ? "The user has a new access key; the previous one signs as well:"
                                           : "The user has a new access key; the others no longer sign:",
                       secret.empty() ? NewSecret::made : NewSecret::given);
}

Outcome<int> put_user_policy(Session& session, const UserFlags& flags) {
  TRY_ASSIGN(const std::string policy, read_policy(flags.policy_file));
  return call_for_user(session, "PutUserPolicy",
                       request({{"UserName", flags.name}, {"Account", flags.account}, {"Policy", policy}}),
                       "The policy is in force:");
}

}  // namespace reprise::cli
