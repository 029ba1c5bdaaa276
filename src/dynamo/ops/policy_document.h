// Resource-based policies as text: checked, brought into the form in which they are read back, and asked whether they
// would lock their owner out. Nothing here decides about requests.
//
// Sources: answers of the real service (public probe laboratory, 2026-10); the API reference of PutResourcePolicy.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "dynamo/model/error.h"

namespace reprise::dynamo {

inline constexpr std::size_t policy_size_max = 20480;  // bytes, spaces counted

enum class PolicyTarget : std::uint8_t { table, stream };

// The document without spaces, members in AWS's order, lists of one element as that element, account ids as the ARN of
// their root. Two texts with the same canonical form are the same policy. A missing Version stays missing, because a
// policy without one is not the same policy as one that names the default.
Outcome<std::string> canonical_policy(std::string_view text, PolicyTarget target);

// A canonical policy as GetResourcePolicy shows it: with the default Version when it has none.
std::string policy_as_read(std::string_view canonical);

// Whether a canonical policy denies its owner, account `account`, to change the policy of `resource_arn` again. Only
// what holds without conditions counts.
bool policy_locks_out(std::string_view canonical, std::string_view account, std::string_view resource_arn);

}  // namespace reprise::dynamo
