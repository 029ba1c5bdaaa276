// CORS rules. Invariant: a rule has an origin and a method at least, methods are the five that S3 knows, and patterns
// have one '*' at most; matching leans on it.
#include "s3/model/cors.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "codec/xml.h"
#include "s3/model/document.h"

namespace reprise::s3 {

namespace {

constexpr std::size_t rules_max = 100;
constexpr std::size_t id_characters_max = 255;
constexpr std::array<std::string_view, 5> known_methods{"GET", "PUT", "HEAD", "POST", "DELETE"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Whether `text` is what `pattern`, in which one '*' stands for anything, describes.
bool matches(std::string_view pattern, std::string_view text, bool any_case) {
  const auto equal = [&](std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [&](char x, char y) { return any_case ? lower(x) == lower(y) : x == y; });
  };
  const auto star = pattern.find('*');
  if (star == std::string_view::npos) return equal(pattern, text);
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  return text.size() >= before.size() + after.size() && equal(before, text.substr(0, before.size())) &&
         equal(after, text.substr(text.size() - after.size()));
}

std::vector<std::string> texts_of(const codec::XmlElement& rule, std::string_view name) {
  std::vector<std::string> texts;
  for (const codec::XmlElement& child : rule.children) {
    if (child.name == name) texts.emplace_back(trimmed(child.text));
  }
  return texts;
}

std::string quoted(std::string_view what, std::string_view text) {
  std::string out(what);
  out.append(" \"").append(text).append("\"");
  return out;
}

Check check_patterns(std::string_view what, const std::vector<std::string>& patterns) {
  for (const std::string& pattern : patterns) {
    if (std::count(pattern.begin(), pattern.end(), '*') > 1) {
      return s3_error(ErrorCode::invalid_request, quoted(what, pattern) + " can not have more than one wildcard.");
    }
  }
  return Passed{};
}

Check check_rule(const CorsRule& rule) {
  if (rule.allowed_origins.empty() || rule.allowed_methods.empty()) return s3_error(ErrorCode::malformed_xml);
  for (const std::string& method : rule.allowed_methods) {
    if (std::find(known_methods.begin(), known_methods.end(), method) == known_methods.end()) {
      return s3_error(ErrorCode::invalid_request,
                      "Found unsupported HTTP method in CORS config. Unsupported method is " + method);
    }
  }
  TRY(check_patterns("AllowedOrigin", rule.allowed_origins));
  TRY(check_patterns("AllowedHeader", rule.allowed_headers));
  for (const std::string& header : rule.expose_headers) {
    if (header.find('*') != std::string::npos) {
      return s3_error(ErrorCode::invalid_request,
                      quoted("ExposeHeader", header) +
                          " contains wildcard. We currently do not support wildcard for ExposeHeader.");
    }
  }
  if (rule.id.size() > id_characters_max) {
    return s3_error(ErrorCode::invalid_argument, "ID length should not exceed allowed limit of 255");
  }
  return Passed{};
}

Outcome<CorsRule> parse_rule(const codec::XmlElement& element) {
  if (element.name != "CORSRule" || count_of(element, "ID") > 1 || count_of(element, "MaxAgeSeconds") > 1 ||
      !has_only(element, {"ID", "AllowedOrigin", "AllowedMethod", "AllowedHeader", "ExposeHeader", "MaxAgeSeconds"})) {
    return s3_error(ErrorCode::malformed_xml);
  }
  CorsRule rule;
  rule.id = std::string(trimmed(element.text_of("ID")));
  rule.allowed_origins = texts_of(element, "AllowedOrigin");
  rule.allowed_methods = texts_of(element, "AllowedMethod");
  rule.allowed_headers = texts_of(element, "AllowedHeader");
  rule.expose_headers = texts_of(element, "ExposeHeader");
  if (const auto age = only_text_of(element, "MaxAgeSeconds")) {
    std::int64_t seconds = 0;
    const auto read = std::from_chars(age->data(), age->data() + age->size(), seconds);
    if (age->empty() || read.ec != std::errc() || read.ptr != age->data() + age->size() || seconds < 0) {
      return s3_error(ErrorCode::malformed_xml);
    }
    rule.max_age_seconds = seconds;
  }
  TRY(check_rule(rule));
  return rule;
}

bool allows(const CorsRule& rule, std::string_view origin, std::string_view method,
            const std::vector<std::string>& requested_headers) {
  const auto& origins = rule.allowed_origins;
  if (std::find(rule.allowed_methods.begin(), rule.allowed_methods.end(), method) == rule.allowed_methods.end() ||
      std::none_of(origins.begin(), origins.end(), [&](const auto& it) { return matches(it, origin, false); })) {
    return false;
  }
  return std::all_of(requested_headers.begin(), requested_headers.end(), [&](const std::string& wanted) {
    return std::any_of(rule.allowed_headers.begin(), rule.allowed_headers.end(),
                       [&](const auto& allowed) { return matches(allowed, wanted, true); });
  });
}

}  // namespace

Outcome<CorsRules> parse_cors(BytesView xml) {
  TRY_ASSIGN(const codec::XmlElement root, parse_document(xml, "CORSConfiguration"));
  if (root.children.empty() || !has_only(root, {"CORSRule"})) return s3_error(ErrorCode::malformed_xml);
  if (root.children.size() > rules_max) {
    return s3_error(ErrorCode::invalid_request,
                    "The number of CORS rules should not exceed allowed limit of 100 rules.");
  }
  CorsRules rules;
  for (const codec::XmlElement& child : root.children) {
    TRY_ASSIGN(CorsRule rule, parse_rule(child));
    rules.push_back(std::move(rule));
  }
  return rules;
}

Bytes print_cors(const CorsRules& rules) {
  Bytes out;
  codec::XmlWriter xml(out);
  xml.declaration();
  xml.open("CORSConfiguration", codec::s3_namespace);
  for (const CorsRule& rule : rules) {
    xml.open("CORSRule");
    if (!rule.id.empty()) xml.element("ID", rule.id);
    for (const std::string& method : rule.allowed_methods) xml.element("AllowedMethod", method);
    for (const std::string& origin : rule.allowed_origins) xml.element("AllowedOrigin", origin);
    for (const std::string& header : rule.allowed_headers) xml.element("AllowedHeader", header);
    for (const std::string& header : rule.expose_headers) xml.element("ExposeHeader", header);
    if (rule.max_age_seconds) xml.element("MaxAgeSeconds", static_cast<std::uint64_t>(*rule.max_age_seconds));
    xml.close();
  }
  xml.close();
  return out;
}

const CorsRule* matching_rule(const CorsRules& rules, std::string_view origin, std::string_view method,
                              const std::vector<std::string>& requested_headers) {
  const auto found = std::find_if(rules.begin(), rules.end(), [&](const CorsRule& rule) {
    return allows(rule, origin, method, requested_headers);
  });
  return found == rules.end() ? nullptr : &*found;
}

}  // namespace reprise::s3
