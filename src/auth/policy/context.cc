#include "auth/policy/context.h"

#include <string>

#include "auth/credentials.h"
#include "base/clock.h"

namespace reprise::auth::policy {

Requester requester_of(const Identity* identity) {
  if (identity == nullptr) return {};
  return {false, identity->root, identity->account, identity->arn, identity->user, {}};
}

std::string iso_time(std::int64_t micros) { return format_iso8601(static_cast<std::uint64_t>(micros), 0); }

void Context::find(std::string_view key, Values& values) const {
  constexpr std::int64_t micros_per_second = 1'000'000;
  const Requester& who = requester_;
  if (!key.starts_with("aws:")) return find_more(key, values);
  if (key == "aws:currenttime") return values.add_owned(iso_time(now_micros));
  if (key == "aws:epochtime") return values.add_owned(std::to_string(now_micros / micros_per_second));
  if (key == "aws:principaltype") return values.add(who.anonymous ? "Anonymous" : who.root ? "Account" : "User");
  if (key == "aws:userid") {
    if (who.anonymous) return values.add("anonymous");
    return values.add(who.root ? who.account : who.user);
  }
  if (key == "aws:username") {
    if (!who.user.empty()) values.add(who.user);
    return;
  }
  if (key == "aws:principalarn") {
    if (!who.anonymous) values.add(who.arn);
    return;
  }
  if (key == "aws:principalaccount") {
    if (!who.anonymous) values.add(who.account);
    return;
  }
  find_more(key, values);
}

}  // namespace reprise::auth::policy
