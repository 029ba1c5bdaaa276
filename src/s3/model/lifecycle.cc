// Reading and writing lifecycle configurations.
//
// Reading has two passes, as the service's answers show: the whole document against the schema first (MalformedXML),
// then what each rule says (lifecycle_rules.cc). Invariant: what print_lifecycle writes, parse_lifecycle reads back as
// the same value.
#include "s3/model/lifecycle.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/clock.h"
#include "base/rng.h"
#include "codec/base64.h"
#include "codec/xml.h"
#include "s3/model/document.h"
#include "s3/model/lifecycle_rules.h"

namespace reprise::s3 {
namespace {

using codec::XmlElement;
using codec::XmlWriter;
using Names = std::initializer_list<std::string_view>;

S3Error malformed() { return s3_error(ErrorCode::malformed_xml); }

// Every child is one of `once`, which come at most once, or of `many`.
Check check_children(const XmlElement& element, Names once, Names many = {}) {
  for (auto child = element.children.begin(); child != element.children.end(); ++child) {
    if (std::ranges::find(many, child->name) != many.end()) continue;
    if (std::ranges::find(once, child->name) == once.end()) return malformed();
    if (&*child != element.child(child->name)) return malformed();
  }
  return Passed{};
}

Outcome<std::int64_t> integer_of(const XmlElement& element) {
  const std::string_view text = trimmed(element.text);
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size()) return malformed();
  return value;
}

Outcome<std::optional<std::int64_t>> optional_integer(const XmlElement& parent, std::string_view name) {
  const XmlElement* const element = parent.child(name);
  if (element == nullptr) return std::optional<std::int64_t>();
  TRY_ASSIGN(const std::int64_t value, integer_of(*element));
  return std::optional(value);
}

// A point in time: ISO 8601 alone, not the seconds that parse_time_micros takes as well.
Outcome<std::optional<std::int64_t>> optional_date(const XmlElement& parent) {
  const XmlElement* const element = parent.child("Date");
  if (element == nullptr) return std::optional<std::int64_t>();
  const std::string_view text = trimmed(element->text);
  if (text.size() < 10 || text[4] != '-') return malformed();
  const auto micros = parse_time_micros(text);
  if (!micros.ok()) return malformed();
  return std::optional(static_cast<std::int64_t>(*micros));
}

Outcome<std::optional<std::uint64_t>> optional_size(const XmlElement& parent, std::string_view name) {
  TRY_ASSIGN(const auto value, optional_integer(parent, name));
  if (!value) return std::optional<std::uint64_t>();
  if (*value < 0) return size_out_of_range(name);
  return std::optional(static_cast<std::uint64_t>(*value));
}

Outcome<Tag> tag_of(const XmlElement& element) {
  TRY(check_children(element, {"Key", "Value"}));
  if (element.child("Key") == nullptr) return malformed();
  return Tag{std::string(element.text_of("Key")), std::string(element.text_of("Value"))};
}

// The predicates that stand in `element`: a Filter, or its And.
Check read_predicates(const XmlElement& element, LifecycleFilter& filter) {
  if (const XmlElement* prefix = element.child("Prefix")) filter.prefix = prefix->text;
  for (const XmlElement& child : element.children) {
    if (child.name != "Tag") continue;
    TRY_ASSIGN(Tag tag, tag_of(child));
    filter.tags.push_back(std::move(tag));
  }
  TRY_ASSIGN(filter.size_greater_than, optional_size(element, "ObjectSizeGreaterThan"));
  TRY_ASSIGN(filter.size_less_than, optional_size(element, "ObjectSizeLessThan"));
  return Passed{};
}

Outcome<LifecycleFilter> read_filter(const XmlElement& element) {
  using Form = LifecycleFilter::Form;
  TRY(check_children(element, {"Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan", "And"}));
  if (element.children.size() > 1) return malformed();
  LifecycleFilter filter;
  if (const XmlElement* both = element.child("And")) {
    TRY(check_children(*both, {"Prefix", "ObjectSizeGreaterThan", "ObjectSizeLessThan"}, {"Tag"}));
    if (both->children.size() < 2) return malformed();
    filter.form = Form::both;
    TRY(read_predicates(*both, filter));
    return filter;
  }
  TRY(read_predicates(element, filter));
  filter.form = filter.prefix              ? Form::prefix
                : !filter.tags.empty()     ? Form::tag
                : filter.size_greater_than ? Form::greater
                : filter.size_less_than    ? Form::less
                                           : Form::empty;
  return filter;
}

Check read_expiration(const XmlElement& element, LifecycleRule& rule) {
  TRY(check_children(element, {"Days", "Date", "ExpiredObjectDeleteMarker"}));
  if (element.children.size() != 1) return malformed();
  TRY_ASSIGN(rule.expiration_days, optional_integer(element, "Days"));
  TRY_ASSIGN(rule.expiration_date_micros, optional_date(element));
  if (const XmlElement* marker = element.child("ExpiredObjectDeleteMarker")) {
    const std::string_view text = trimmed(marker->text);
    if (text != "true" && text != "false") return malformed();
    rule.expired_object_delete_marker = text == "true";
    rule.keeps_expired_markers = text == "false";
  }
  return Passed{};
}

Check read_noncurrent(const XmlElement& element, LifecycleRule& rule) {
  TRY(check_children(element, {"NoncurrentDays", "NewerNoncurrentVersions"}));
  TRY_ASSIGN(rule.noncurrent_days, optional_integer(element, "NoncurrentDays"));
  TRY_ASSIGN(rule.newer_noncurrent_versions, optional_integer(element, "NewerNoncurrentVersions"));
  if (!rule.noncurrent_days) return malformed();
  return Passed{};
}

Outcome<Transition> read_transition(const XmlElement& element) {
  Transition transition;
  transition.noncurrent = element.name == "NoncurrentVersionTransition";
  if (transition.noncurrent) {
    TRY(check_children(element, {"NoncurrentDays", "StorageClass", "NewerNoncurrentVersions"}));
    TRY_ASSIGN(transition.days, optional_integer(element, "NoncurrentDays"));
    TRY_ASSIGN(transition.newer_noncurrent_versions, optional_integer(element, "NewerNoncurrentVersions"));
    if (!transition.days) return malformed();
  } else {
    TRY(check_children(element, {"Days", "Date", "StorageClass"}));
    TRY_ASSIGN(transition.days, optional_integer(element, "Days"));
    TRY_ASSIGN(transition.date_micros, optional_date(element));
    if (transition.days.has_value() == transition.date_micros.has_value()) return malformed();
  }
  transition.storage_class = trimmed(element.text_of("StorageClass"));
  constexpr std::array classes{"GLACIER",      "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING",
                               "DEEP_ARCHIVE", "GLACIER_IR"};
  if (std::ranges::find(classes, transition.storage_class) == classes.end()) return malformed();
  return transition;
}

Check read_actions(const XmlElement& element, DraftRule& draft) {
  LifecycleRule& rule = draft.rule;
  if (const XmlElement* expiration = element.child("Expiration")) TRY(read_expiration(*expiration, rule));
  if (const XmlElement* old = element.child("NoncurrentVersionExpiration")) TRY(read_noncurrent(*old, rule));
  if (const XmlElement* abort = element.child("AbortIncompleteMultipartUpload")) {
    TRY(check_children(*abort, {"DaysAfterInitiation"}));
    TRY_ASSIGN(rule.abort_multipart_days, optional_integer(*abort, "DaysAfterInitiation"));
    if (!rule.abort_multipart_days) return malformed();
  }
  for (const XmlElement& child : element.children) {
    if (child.name != "Transition" && child.name != "NoncurrentVersionTransition") continue;
    TRY_ASSIGN(Transition transition, read_transition(child));
    rule.transitions.push_back(print_transition(transition));
    draft.transitions.push_back(std::move(transition));
  }
  return Passed{};
}

Outcome<DraftRule> read_rule(const XmlElement& element) {
  TRY(check_children(element,
                     {"ID", "Prefix", "Filter", "Status", "Expiration", "NoncurrentVersionExpiration",
                      "AbortIncompleteMultipartUpload"},
                     {"Transition", "NoncurrentVersionTransition"}));
  DraftRule draft;
  draft.rule.id = element.text_of("ID");
  const std::string_view status = trimmed(element.text_of("Status"));
  if (status != "Enabled" && status != "Disabled") return malformed();
  draft.rule.enabled = status == "Enabled";
  const XmlElement* const prefix = element.child("Prefix");
  const XmlElement* const filter = element.child("Filter");
  if ((prefix == nullptr) == (filter == nullptr)) return malformed();
  if (prefix != nullptr) {
    draft.rule.filter.form = LifecycleFilter::Form::legacy_prefix;
    draft.rule.filter.prefix = prefix->text;
  } else {
    TRY_ASSIGN(draft.rule.filter, read_filter(*filter));
  }
  TRY(read_actions(element, draft));
  return draft;
}

void print_predicates(XmlWriter& xml, const LifecycleFilter& filter) {
  if (filter.prefix) xml.element("Prefix", *filter.prefix);
  for (const Tag& tag : filter.tags) {
    xml.open("Tag");
    xml.element("Key", tag.key);
    xml.element("Value", tag.value);
    xml.close();
  }
  if (filter.size_greater_than) xml.element("ObjectSizeGreaterThan", *filter.size_greater_than);
  if (filter.size_less_than) xml.element("ObjectSizeLessThan", *filter.size_less_than);
}

void print_filter(XmlWriter& xml, const LifecycleFilter& filter) {
  if (filter.form == LifecycleFilter::Form::legacy_prefix) {
    print_predicates(xml, filter);
    return;
  }
  const bool both = filter.form == LifecycleFilter::Form::both;
  xml.open("Filter");
  if (both) xml.open("And");
  print_predicates(xml, filter);
  if (both) xml.close();
  xml.close();
}

void number(XmlWriter& xml, std::string_view name, std::int64_t value) { xml.element(name, std::to_string(value)); }

void print_actions(XmlWriter& xml, Bytes& out, const LifecycleRule& rule) {
  for (const Bytes& transition : rule.transitions) out += transition;
  if (rule.expiration_days || rule.expiration_date_micros || rule.expired_object_delete_marker ||
      rule.keeps_expired_markers) {
    xml.open("Expiration");
    if (rule.expiration_days) number(xml, "Days", *rule.expiration_days);
    if (rule.expiration_date_micros) {
      xml.element("Date", format_iso8601(static_cast<std::uint64_t>(*rule.expiration_date_micros), 3));
    }
    if (rule.expired_object_delete_marker) xml.element("ExpiredObjectDeleteMarker", XmlWriter::Truth::yes);
    if (rule.keeps_expired_markers) xml.element("ExpiredObjectDeleteMarker", XmlWriter::Truth::no);
    xml.close();
  }
  if (rule.noncurrent_days) {
    xml.open("NoncurrentVersionExpiration");
    number(xml, "NoncurrentDays", *rule.noncurrent_days);
    if (rule.newer_noncurrent_versions) number(xml, "NewerNoncurrentVersions", *rule.newer_noncurrent_versions);
    xml.close();
  }
  if (rule.abort_multipart_days) {
    xml.open("AbortIncompleteMultipartUpload");
    number(xml, "DaysAfterInitiation", *rule.abort_multipart_days);
    xml.close();
  }
}

}  // namespace

bool LifecycleFilter::matches(std::string_view key, const Tags& object_tags, std::uint64_t size) const {
  if (prefix && !key.starts_with(*prefix)) return false;
  if (size_greater_than && size <= *size_greater_than) return false;
  if (size_less_than && size >= *size_less_than) return false;
  return std::ranges::all_of(tags,
                             [&](const Tag& tag) { return std::ranges::find(object_tags, tag) != object_tags.end(); });
}

Bytes print_transition(const Transition& transition) {
  Bytes out;
  XmlWriter xml(out);
  xml.open(transition.noncurrent ? "NoncurrentVersionTransition" : "Transition");
  if (transition.days) number(xml, transition.noncurrent ? "NoncurrentDays" : "Days", *transition.days);
  if (transition.date_micros) {
    xml.element("Date", format_iso8601(static_cast<std::uint64_t>(*transition.date_micros), 3));
  }
  if (transition.newer_noncurrent_versions) {
    number(xml, "NewerNoncurrentVersions", *transition.newer_noncurrent_versions);
  }
  xml.element("StorageClass", transition.storage_class);
  xml.close();
  return out;
}

Outcome<Lifecycle> parse_lifecycle(BytesView text) {
  if (text.empty()) return s3_error(ErrorCode::missing_request_body);
  const auto root = codec::parse_xml(text);
  // The user guide writes the root both ways.
  if (!root.ok() || !is_of_s3(*root) ||
      (root->name != "LifecycleConfiguration" && root->name != "LifeCycleConfiguration")) {
    return malformed();
  }
  TRY(check_children(*root, {}, {"Rule"}));
  if (root->children.empty() || root->children.size() > lifecycle_rules_max) return malformed();
  std::vector<DraftRule> drafts;
  for (const XmlElement& child : root->children) {
    TRY_ASSIGN(DraftRule draft, read_rule(child));
    drafts.push_back(std::move(draft));
  }
  TRY(check_rules(drafts));
  Lifecycle lifecycle;
  for (DraftRule& draft : drafts) {
    // As S3 names a rule that has no name: 48 characters.
    if (draft.rule.id.empty()) draft.rule.id = codec::to_base64(random_uuid());
    lifecycle.rules.push_back(std::move(draft.rule));
  }
  return lifecycle;
}

Bytes print_lifecycle(const Lifecycle& lifecycle) {
  Bytes out;
  XmlWriter xml(out);
  xml.declaration();
  xml.open("LifecycleConfiguration", codec::s3_namespace);
  for (const LifecycleRule& rule : lifecycle.rules) {
    xml.open("Rule");
    xml.element("ID", rule.id);
    print_filter(xml, rule.filter);
    xml.element("Status", rule.enabled ? "Enabled" : "Disabled");
    print_actions(xml, out, rule);
    xml.close();
  }
  xml.close();
  return out;
}

Check check_transition_minimum(std::string_view value) {
  if (value == "all_storage_classes_128K" || value == "varies_by_storage_class") return Passed{};
  return s3_error(ErrorCode::invalid_request,
                  "Invalid TransitionDefaultMinimumObjectSize found: " + std::string(value));
}

}  // namespace reprise::s3
