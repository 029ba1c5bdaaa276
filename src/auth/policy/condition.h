// The Condition block of a statement: operators over condition keys.
// Source: IAM user guide, "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys or
// values".
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/policy/pattern.h"

namespace reprise::auth::policy {

class Context;

enum class Test : std::uint8_t {
  string_equals,
  string_equals_ignore_case,
  string_like,
  arn_like,  // ArnEquals as well
  numeric_equals,
  numeric_less,
  numeric_less_equals,
  numeric_greater,
  numeric_greater_equals,
  date_equals,
  date_less,
  date_less_equals,
  date_greater,
  date_greater_equals,
  boolean,
  binary_equals,
  ip_address,
  null,
};

struct Operator {
  enum class Set : std::uint8_t { none, any, all };  // ForAnyValue:, ForAllValues:
  Test test = Test::string_equals;
  bool negated = false;  // ...Not...
  bool if_exists = false;
  Set set = Set::none;
};
// "ForAllValues:StringNotLikeIfExists"; nothing when there is no such operator. Case does not matter.
[[nodiscard]] std::optional<Operator> parse_operator(std::string_view name);

// The name of a condition key in the form that Context::find is asked with.
[[nodiscard]] std::string normal_key(std::string_view key);

// One operator over one key.
class Condition {
 public:
  // `variables`: whether ${...} means anything in this document.
  Condition(Operator test, std::string_view key, std::vector<std::string> values, bool variables);

  [[nodiscard]] bool holds(const Context& context) const;
  [[nodiscard]] const Operator& test() const { return test_; }
  [[nodiscard]] const std::string& key() const { return key_; }
  // As written.
  [[nodiscard]] const std::vector<std::string>& values() const { return texts_; }
  // Whether every value stands for itself alone.
  [[nodiscard]] bool fixed() const;

 private:
  struct Wanted {
    std::optional<Pattern> pattern;  // strings and ARNs
    std::optional<double> number{};  // numbers, and dates in seconds since the epoch
    std::string bytes{};             // binary: decoded; IP address: network and mask, 16 bytes each
    bool truth = false;
    bool valid = true;
  };
  [[nodiscard]] bool matches_one(std::string_view value, const Context& context) const;
  [[nodiscard]] bool matches(const Wanted& wanted, std::string_view value, const Context& context) const;
  static Wanted compile(Test test, const std::string& text, bool variables);

  Operator test_;
  std::string key_;
  std::vector<std::string> texts_;
  std::vector<Wanted> wanted_;
};

// An IP address, IPv4 as ::ffff:a.b.c.d; nothing when it is none.
using Address = std::array<char, 16>;
[[nodiscard]] std::optional<Address> parse_address(std::string_view text);
// "10.0.0.0/8": network and mask, 32 bytes.
[[nodiscard]] std::optional<std::string> parse_network(std::string_view text);
// The bits of a parsed network's mask (of 128), for telling how broad it is.
[[nodiscard]] int network_bits(std::string_view network);

}  // namespace reprise::auth::policy
