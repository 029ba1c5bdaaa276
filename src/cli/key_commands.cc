// reprise key create, list, rotate: the named keys of SSE-KMS.
#include <fmt/format.h>

#include "cli/answer.h"
#include "cli/commands.h"

namespace reprise::cli {
namespace {

Bytes request(std::string_view name, const std::string& value) {
  Bytes body;
  codec::JsonWriter w(body);
  w.begin_object();
  if (!value.empty()) w.member(name, value);
  w.end_object();
  return body;
}

void print_key(const codec::JsonValue& key) {
  const auto line = [](std::string_view name, const std::string& value) {
    if (!value.empty()) fmt::print("  {:<12}{}\n", name, shown(value));
  };
  line("alias", text_of(key, "Alias"));
  line("id", text_of(key, "KeyId"));
  line("arn", text_of(key, "Arn"));
  line("created", time_of(key, "Created"));
  line("generations", fmt::format("{}", count_of(key, "Generations")));
  if (key.find("Rotated")) line("rotated", time_of(key, "Rotated"));
}

Outcome<int> call_for_key(Session& session, std::string_view operation, const Bytes& body, std::string_view done) {
  TRY_ASSIGN(Bytes text, session.client.call(operation, body));
  const Answer answer(std::move(text));
  if (session.json) {
    answer.print();
    return 0;
  }
  fmt::print("{}\n", done);
  print_key(member_of(answer.root(), "Key"));
  return 0;
}

}  // namespace

Outcome<int> create_key(Session& session, const std::string& alias) {
  return call_for_key(session, "CreateKey", request("Alias", alias), "The key is made:");
}

Outcome<int> rotate_key(Session& session, const std::string& name) {
  return call_for_key(session, "RotateKey", request("KeyId", name),
                      "New objects are sealed with new key material; what is stored opens as before:");
}

Outcome<int> list_keys(Session& session) {
  TRY_ASSIGN(Bytes text, session.client.call("ListKeys", "{}"));
  const Answer answer(std::move(text));
  if (session.json) {
    answer.print();
    return 0;
  }
  Table table({{"ALIAS"}, {"KEY ID"}, {"GENERATIONS", Align::right}, {"CREATED"}, {"ROTATED"}});
  for (auto key = member_of(answer.root(), "Keys").first_element(); key; key.advance()) {
    const std::string alias = text_of(key.value(), "Alias");
    table.add({alias.empty() ? "-" : shown(alias), shown(text_of(key.value(), "KeyId")),
               fmt::format("{}", count_of(key.value(), "Generations")), time_of(key.value(), "Created"),
               time_of(key.value(), "Rotated")});
  }
  fmt::print("{}", table.text(session.terminal));
  return 0;
}

}  // namespace reprise::cli
