// Fuzzes policy documents. Oracle: a plain model of patterns (recursive, slow, obvious) agrees with covers(); what is
// refused is refused with Code::invalid and a text; a document that is accepted answers the same every time, an
// anonymous caller gets nothing of an identity's rights that a deny-all statement beside it takes away, and putting the
// same statements behind an explicit deny never allows.
#include <cstddef>
#include <cstdint>
#include <string>

#include "auth/policy/pattern.h"
#include "auth/policy/policy.h"
#include "base/assert.h"

namespace reprise::auth::policy {
namespace {

class Echo final : public Context {
 public:
  using Context::Context;

 protected:
  // Every key is there, with its own name and two more values.
  void find_more(std::string_view key, Values& values) const override {
    values.add(key);
    values.add("1");
    values.add("127.0.0.1");
  }
};

// Exponential: for short texts.
bool model_covers(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern.front() == '*') {
    return model_covers(pattern.substr(1), text) || (!text.empty() && model_covers(pattern, text.substr(1)));
  }
  if (text.empty() || (pattern.front() != '?' && pattern.front() != text.front())) return false;
  return model_covers(pattern.substr(1), text.substr(1));
}

void check_patterns(std::string_view input) {
  constexpr std::size_t short_enough = 12;
  const std::size_t half = input.size() / 2;
  if (half > short_enough) return;
  ASSERT(covers(input.substr(0, half), input.substr(half)) == model_covers(input.substr(0, half), input.substr(half)));
}

void check_document(std::string_view input, Kind kind) {
  const auto document = Document::parse(input, kind, "notes");
  if (!document.ok()) {
    ASSERT(document.error().is(Code::invalid));
    ASSERT(!document.error().message().empty());
    return;
  }
  const Requester who{false, false, "111122223333", "arn:aws:iam::111122223333:user/anna", "anna", "c"};
  const Echo context(who);
  const Question question{"s3:GetObject", "arn:aws:s3:::notes/a", context};
  const Decision first = (*document)->evaluate(question);
  ASSERT(first == (*document)->evaluate(question));
  ASSERT(first != Decision::deny || (*document)->has_deny());
  ASSERT(kind != Kind::identity || first != Decision::allow_account);
  const auto deny = Document::parse(R"({"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}})", Kind::identity);
  ASSERT(PolicySet({*document, *deny}).evaluate(question) == Decision::deny);
  ASSERT(PolicySet({*deny, *document}).evaluate(question) == Decision::deny);
  const Requester nobody;
  const Echo anonymous(nobody);
  const Decision of_nobody = (*document)->evaluate({question.action, question.resource, anonymous});
  ASSERT(of_nobody != Decision::allow_account);
}

}  // namespace
}  // namespace reprise::auth::policy

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace reprise::auth::policy;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  check_patterns(input);
  for (const Kind kind : {Kind::identity, Kind::bucket, Kind::table}) check_document(input, kind);
  return 0;
}
