// For tests: substitutions written as JSON, and the message of whatever went wrong.
#pragma once

#include <optional>
#include <string>

#include "dynamo/expr/substitution.h"
#include "dynamo/model/test_items.h"

namespace reprise::dynamo::test {

// Empty texts: not given.
inline Outcome<Substitutions> try_substitutions(const std::string& names, const std::string& values) {
  codec::JsonDocument names_document;
  codec::JsonDocument values_document;
  std::optional<codec::JsonValue> names_json;
  std::optional<codec::JsonValue> values_json;
  if (!names.empty()) names_json = *names_document.parse(quoted(names));
  if (!values.empty()) values_json = *values_document.parse(quoted(values));
  return Substitutions::parse(names_json, values_json);
}

inline Substitutions substitutions(const std::string& names, const std::string& values) {
  auto parsed = try_substitutions(names, values);
  ASSERT(parsed.ok());
  return std::move(*parsed);
}

// "#a" stands for "a" and so on; ":a" for numbers and strings of every kind:
// :n :m numbers 1 and 2, :s "s", :b binary, :t true, :u null, :l list, :o map, :ss :ns :bs sets.
inline Substitutions usual_substitutions() {
  return substitutions(
      "{'#a':'a','#b':'b','#c':'c','#d':'a.b','#pk':'pk','#sk':'sk','#name':'name'}",
      "{':n':{'N':'1'},':m':{'N':'2'},':s':{'S':'s'},':b':{'B':'AQ=='},':t':{'BOOL':true},':u':{'NULL':true},"
      "':l':{'L':[{'N':'1'}]},':o':{'M':{'k':{'S':'v'}}},':ss':{'SS':['x','y']},':ns':{'NS':['1','2']},"
      "':bs':{'BS':['AQ==']}}");
}

template <class T>
std::string message_of(const Outcome<T>& outcome) {
  return outcome.ok() ? "ok" : outcome.error().message;
}

}  // namespace reprise::dynamo::test
