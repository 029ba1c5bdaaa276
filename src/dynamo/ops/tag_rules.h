// The rules about tags: of CreateTable, TagResource and UntagResource alike. Pure.
//
// Source: answers of the real service (public probe laboratory, 2026-10): all of these are ValidationException, one bad
// tag refuses the whole request, lengths count UTF-16 units, letters of any script are fine, `aws:` is reserved in any
// case.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "dynamo/model/error.h"
#include "dynamo/ops/table_request.h"

namespace reprise::dynamo {

inline constexpr std::size_t tags_max = 50;  // of one table, and in one request

Check check_tags(const std::vector<TagSpec>& tags);
Check check_tag_keys(const std::vector<std::string>& keys);
// "Number of Tags exceed the current limit for the provided ResourceArn"
ApiError too_many_tags();

// Whether AWS's tag alphabet has every character of `text` (UTF-8): letters, digits and spaces of any script, and
// + - = . _ : / @.
bool is_tag_text(std::string_view text);

}  // namespace reprise::dynamo
