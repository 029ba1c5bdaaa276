// reprise verify: starts the scrub (or joins the one that runs), shows how far it is, and prints what is damaged.
#include <fmt/format.h>
#include <poll.h>

#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"

namespace reprise::cli {
namespace {

// Between two looks at the job; the first ones come fast, so that a small store answers at once.
constexpr int first_pause_ms = 20;
constexpr int longest_pause_ms = 1000;

std::string progress_text(const codec::JsonValue& job) {
  const auto report = member_of(job, "Verification");
  std::string text = "verifying ";
  text += bar_text(count_of(job, "Done"), count_of(job, "Total"));
  text += fmt::format("  {} in {} payloads", size_text(count_of(report, "Bytes")), count_of(report, "Blobs"));
  const auto findings = count_of(report, "Findings");
  if (findings > 0) text += fmt::format(", {} damaged", findings);
  return text;
}

// Where a finding is, for people.
std::string place_of(const codec::JsonValue& finding) {
  const std::string bucket = text_of(finding, "Bucket"), key = text_of(finding, "Key");
  if (bucket.empty()) return "(the past)";
  return shown(key.empty() ? bucket : bucket + "/" + key);
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : shown(text); }

void print_report(const Terminal& terminal, const codec::JsonValue& job) {
  const auto report = member_of(job, "Verification");
  const auto findings = count_of(report, "Findings");
  if (findings > 0) {
    Table table({{"OBJECT"}, {"VERSION"}, {"DAMAGE"}, {"BLOB"}});
    std::uint64_t listed = 0;
    for (auto it = member_of(report, "Listed").first_element(); it; it.advance(), ++listed) {
      const auto finding = it.value();
      table.add({place_of(finding), or_dash(text_of(finding, "VersionId")), shown(text_of(finding, "What")),
                 or_dash(text_of(finding, "Blob"))});
    }
    fmt::print("{}", table.text(terminal));
    if (listed < findings) fmt::print("... and {} more\n", findings - listed);
    fmt::print("\n");
  }
  fmt::print("{}  {} payloads, {}, {} records\n",
             findings == 0 ? terminal.paint(Colour::green, "No damage.")
                           : terminal.paint(Colour::red, fmt::format("{} damaged.", findings)),
             count_of(report, "Blobs"), size_text(count_of(report, "Bytes")), count_of(report, "Records"));
}

Bytes describe(const std::string& id) {
  Bytes body;
  codec::JsonWriter w(body);
  w.begin_object();
  w.member("JobId", id);
  w.end_object();
  return body;
}

}  // namespace

Outcome<int> verify(Session& session) {
  TRY_ASSIGN(Bytes text, session.client.call("StartVerify", "{}"));
  for (int pause = first_pause_ms;; pause = std::min(longest_pause_ms, pause * 2)) {
    const Answer answer(text);
    const auto job = member_of(answer.root(), "Job");
    const std::string state = text_of(job, "State");
    if (state == "running") {
      session.terminal.progress(progress_text(job));
      ::poll(nullptr, 0, pause);
      TRY_ASSIGN(text, session.client.call("DescribeJob", describe(text_of(job, "JobId"))));
      continue;
    }
    session.terminal.progress({});
    if (state != "done") {
      return Failure{exit_refused, "the verification has " +
                                       std::string(state == "failed" ? "failed" : "been cancelled") +
                                       (text_of(job, "Message").empty() ? "" : ": " + shown(text_of(job, "Message")))};
    }
    session.json ? answer.print() : print_report(session.terminal, job);
    return count_of(member_of(job, "Verification"), "Findings") == 0 ? 0 : exit_damage;
  }
}

}  // namespace reprise::cli
