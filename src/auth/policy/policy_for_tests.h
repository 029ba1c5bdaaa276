// For tests of policies: a context whose keys are a list.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "auth/policy/policy.h"

namespace reprise::auth::policy {

class ListContext final : public Context {
 public:
  using Keys = std::vector<std::pair<std::string, std::string>>;
  ListContext(const Requester& requester, Keys keys) : Context(requester), keys_(std::move(keys)) {}

 protected:
  void find_more(std::string_view key, Values& values) const override {
    for (const auto& [name, value] : keys_) {
      if (name == key) values.add(value);
    }
  }

 private:
  Keys keys_;
};

inline Requester anna() {
  return {false,          false,
          "111122223333", "arn:aws:iam::111122223333:user/anna",
          "anna",         "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"};
}
inline Requester root_of(std::string_view account, std::string_view arn) { return {false, true, account, arn, {}, {}}; }

inline DocumentPtr parsed(std::string_view text, Kind kind = Kind::identity, std::string_view bucket = "notes") {
  auto document = Document::parse(text, kind, bucket);
  EXPECT_TRUE(document.ok()) << (document.ok() ? "" : document.error().to_string()) << "\n" << text;
  return document.ok() ? *document : nullptr;
}

// "allow", "deny", "account" or "nothing".
inline std::string decided(const DocumentPtr& document, std::string_view action, std::string_view resource,
                           const Requester& who = anna(), ListContext::Keys keys = {}) {
  if (document == nullptr) return "unreadable";
  ListContext context(who, std::move(keys));
  context.now_micros = 1'700'000'000'000'000;  // 2023-11-14T22:13:20Z
  switch (document->evaluate({action, resource, context})) {
    case Decision::nothing: return "nothing";
    case Decision::allow_account: return "account";
    case Decision::allow: return "allow";
    case Decision::deny: return "deny";
  }
  return "";
}

}  // namespace reprise::auth::policy
