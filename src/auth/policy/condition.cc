// Invariant: a condition that cannot be understood at evaluation (a value that is no number where one is asked) does
// not match; so it gives nothing, and a negated one keeps what it refuses refused.
#include "auth/policy/condition.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "auth/policy/context.h"
#include "base/clock.h"
#include "codec/base64.h"

namespace reprise::auth::policy {
namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower(c);
  return out;
}

struct Named {
  std::string_view name;  // in lower case
  Test test;
  bool negated = false;
};
constexpr Named operators[] = {
    {"stringequals", Test::string_equals},
    {"stringnotequals", Test::string_equals, true},
    {"stringequalsignorecase", Test::string_equals_ignore_case},
    {"stringnotequalsignorecase", Test::string_equals_ignore_case, true},
    {"stringlike", Test::string_like},
    {"stringnotlike", Test::string_like, true},
    {"arnequals", Test::arn_like},
    {"arnlike", Test::arn_like},
    {"arnnotequals", Test::arn_like, true},
    {"arnnotlike", Test::arn_like, true},
    {"numericequals", Test::numeric_equals},
    {"numericnotequals", Test::numeric_equals, true},
    {"numericlessthan", Test::numeric_less},
    {"numericlessthanequals", Test::numeric_less_equals},
    {"numericgreaterthan", Test::numeric_greater},
    {"numericgreaterthanequals", Test::numeric_greater_equals},
    {"dateequals", Test::date_equals},
    {"datenotequals", Test::date_equals, true},
    {"datelessthan", Test::date_less},
    {"datelessthanequals", Test::date_less_equals},
    {"dategreaterthan", Test::date_greater},
    {"dategreaterthanequals", Test::date_greater_equals},
    {"bool", Test::boolean},
    {"binaryequals", Test::binary_equals},
    {"ipaddress", Test::ip_address},
    {"notipaddress", Test::ip_address, true},
    {"null", Test::null},
};

enum class Sort : std::uint8_t { text, number, date, boolean, binary, address, null };
Sort sort_of(Test test) {
  switch (test) {
    case Test::string_equals:
    case Test::string_equals_ignore_case:
    case Test::string_like:
    case Test::arn_like: return Sort::text;
    case Test::numeric_equals:
    case Test::numeric_less:
    case Test::numeric_less_equals:
    case Test::numeric_greater:
    case Test::numeric_greater_equals: return Sort::number;
    case Test::date_equals:
    case Test::date_less:
    case Test::date_less_equals:
    case Test::date_greater:
    case Test::date_greater_equals: return Sort::date;
    case Test::boolean: return Sort::boolean;
    case Test::binary_equals: return Sort::binary;
    case Test::ip_address: return Sort::address;
    case Test::null: break;
  }
  return Sort::null;
}

std::optional<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

// Seconds since the epoch.
std::optional<double> parse_date(std::string_view text) {
  constexpr double micros_per_second = 1e6;
  const auto micros = parse_time_micros(text);
  if (!micros.ok()) return std::nullopt;
  return static_cast<double>(*micros) / micros_per_second;
}

std::optional<bool> parse_truth(std::string_view text) {
  const std::string word = lowered(text);
  if (word == "true") return true;
  if (word == "false") return false;
  return std::nullopt;
}

bool compares(Test test, double value, double wanted) {
  switch (test) {
    case Test::numeric_less:
    case Test::date_less: return value < wanted;
    case Test::numeric_less_equals:
    case Test::date_less_equals: return value <= wanted;
    case Test::numeric_greater:
    case Test::date_greater: return value > wanted;
    case Test::numeric_greater_equals:
    case Test::date_greater_equals: return value >= wanted;
    default: return value == wanted;
  }
}

bool within(std::string_view network, const Address& address) {
  constexpr std::size_t size = std::tuple_size_v<Address>;
  for (std::size_t i = 0; i < size; ++i) {
    if (((address[i] ^ network[i]) & network[size + i]) != 0) return false;
  }
  return true;
}

}  // namespace

std::optional<Operator> parse_operator(std::string_view name) {
  Operator found;
  std::string rest = lowered(name);
  for (const auto& [prefix, set] : {std::pair{std::string_view("foranyvalue:"), Operator::Set::any},
                                    std::pair{std::string_view("forallvalues:"), Operator::Set::all}}) {
    if (!rest.starts_with(prefix)) continue;
    found.set = set;
    rest.erase(0, prefix.size());
    break;
  }
  constexpr std::string_view suffix = "ifexists";
  if (rest.ends_with(suffix) && rest != "null" + std::string(suffix)) {
    found.if_exists = true;
    rest.erase(rest.size() - suffix.size());
  }
  const auto* named = std::ranges::find(operators, std::string_view(rest), &Named::name);
  if (named == std::end(operators)) return std::nullopt;
  found.test = named->test;
  found.negated = named->negated;
  return found;
}

std::string normal_key(std::string_view key) {
  std::string normal(key);
  const std::size_t slash = std::min(key.find('/'), key.size());
  for (std::size_t i = 0; i < slash; ++i) normal[i] = lower(normal[i]);
  return normal;
}

Condition::Wanted Condition::compile(Test test, const std::string& text, bool variables) {
  Wanted wanted;
  switch (sort_of(test)) {
    case Sort::text: {
      Pattern::Options options;
      options.variables = variables;
      options.ignore_case = test == Test::string_equals_ignore_case;
      options.wildcards = test == Test::string_like ? Pattern::Wildcards::whole
                          : test == Test::arn_like  ? Pattern::Wildcards::arn
                                                    : Pattern::Wildcards::none;
      wanted.pattern.emplace(text, options);
      break;
    }
    case Sort::number: wanted.number = parse_number(text); break;
    case Sort::date: wanted.number = parse_date(text); break;
    case Sort::boolean:
    case Sort::null: {
      const auto truth = parse_truth(text);
      wanted.valid = truth.has_value();
      wanted.truth = truth.value_or(false);
      break;
    }
    case Sort::binary: {
      auto bytes = codec::from_base64(text);
      wanted.valid = bytes.ok();
      if (bytes.ok()) wanted.bytes = std::move(bytes).value();
      break;
    }
    case Sort::address: {
      auto network = parse_network(text);
      wanted.valid = network.has_value();
      if (network) wanted.bytes = std::move(*network);
    }
  }
  return wanted;
}

Condition::Condition(Operator test, std::string_view key, std::vector<std::string> values, bool variables)
    : test_(test), key_(normal_key(key)), texts_(std::move(values)) {
  for (const std::string& text : texts_) wanted_.push_back(compile(test_.test, text, variables));
}

bool Condition::fixed() const {
  return std::ranges::all_of(wanted_, [](const Wanted& wanted) { return !wanted.pattern || wanted.pattern->fixed(); });
}

bool Condition::matches(const Wanted& wanted, std::string_view value, const Context& context) const {
  if (!wanted.valid) return false;
  switch (sort_of(test_.test)) {
    case Sort::text: return wanted.pattern->matches(value, context);
    case Sort::number:
    case Sort::date: {
      if (!wanted.number) return false;
      const auto number = sort_of(test_.test) == Sort::date ? parse_date(value) : parse_number(value);
      return number && compares(test_.test, *number, *wanted.number);
    }
    case Sort::boolean: {
      const auto truth = parse_truth(value);
      return truth && *truth == wanted.truth;
    }
    case Sort::binary: {
      const auto bytes = codec::from_base64(value);
      return bytes.ok() && *bytes == wanted.bytes;
    }
    case Sort::address: {
      const auto address = parse_address(value);
      return address && within(wanted.bytes, *address);
    }
    case Sort::null: break;
  }
  return false;
}

bool Condition::matches_one(std::string_view value, const Context& context) const {
  return std::ranges::any_of(wanted_, [&](const Wanted& wanted) { return matches(wanted, value, context); });
}

bool Condition::holds(const Context& context) const {
  thread_local Values values;  // nothing below asks for another condition
  values.clear();
  context.find(key_, values);
  if (test_.test == Test::null) {
    return std::ranges::any_of(wanted_,
                               [&](const Wanted& wanted) { return wanted.valid && wanted.truth != values.present(); });
  }
  if (!values.present() && test_.if_exists) return true;
  const auto passes = [&](std::string_view value) { return matches_one(value, context) != test_.negated; };
  switch (test_.set) {
    case Operator::Set::all: return std::ranges::all_of(values, passes);
    case Operator::Set::any: return std::ranges::any_of(values, passes);
    case Operator::Set::none: break;
  }
  // Without a word on sets: a negated operator wants that no value matches, and holds without any.
  if (test_.negated) return std::ranges::all_of(values, passes);
  return std::ranges::any_of(values, passes);
}

}  // namespace reprise::auth::policy
