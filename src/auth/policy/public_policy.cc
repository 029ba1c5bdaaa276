// What S3 calls a public policy.
// Source: S3 user guide, "Blocking public access to your Amazon S3 storage", "The meaning of public".
#include <algorithm>
#include <string_view>

#include "auth/policy/policy.h"
#include "auth/policy/statement.h"

namespace reprise::auth::policy {
namespace {

constexpr std::string_view narrowing_keys[] = {
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
};

// Networks broader than these are the world.
constexpr int v4_bits_min = 96 + 8;
constexpr int v6_bits_min = 32;

bool is_narrow_network(std::string_view text) {
  const auto network = parse_network(text);
  if (!network) return false;
  const bool v6 = text.find(':') != std::string_view::npos;
  return network_bits(*network) >= (v6 ? v6_bits_min : v4_bits_min);
}

// Whether the condition lets through only callers that its values name.
bool narrows(const Condition& condition) {
  const Operator& test = condition.test();
  if (test.negated || test.if_exists || test.set == Operator::Set::all || condition.values().empty()) return false;
  if (test.test == Test::ip_address) {
    return condition.key() == "aws:sourceip" && std::ranges::all_of(condition.values(), is_narrow_network);
  }
  const bool compares = test.test == Test::string_equals || test.test == Test::string_equals_ignore_case ||
                        test.test == Test::string_like || test.test == Test::arn_like;
  const bool known =
      std::find(std::begin(narrowing_keys), std::end(narrowing_keys), condition.key()) != std::end(narrowing_keys);
  return compares && known && condition.fixed();
}

bool reaches_everybody(const Statement& statement) {
  if (!statement.has_principal) return false;
  if (statement.not_principal) return true;
  return std::ranges::any_of(statement.principals,
                             [](const PrincipalName& name) { return name.kind == PrincipalName::Kind::everybody; });
}

}  // namespace

bool Document::is_public() const {
  return std::ranges::any_of(statements_, [](const Statement& statement) {
    return !statement.deny && reaches_everybody(statement) && std::ranges::none_of(statement.conditions, narrows);
  });
}

}  // namespace reprise::auth::policy
