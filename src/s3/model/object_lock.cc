// The documents of object lock.
#include "s3/model/object_lock.h"

#include <charconv>

#include "base/clock.h"
#include "codec/xml.h"
#include "s3/model/document.h"

namespace reprise::s3 {
namespace {

using codec::XmlElement;
using codec::XmlWriter;

S3Error malformed() { return s3_error(ErrorCode::malformed_xml); }

Outcome<std::int64_t> read_period(const XmlElement& retention, std::string_view name, std::int64_t most) {
  const auto text = only_text_of(retention, name);
  if (!text) return malformed();
  std::int64_t value = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (fault == std::errc::invalid_argument || end != text->data() + text->size()) return malformed();
  const auto refused = [&](std::string message) {
    return invalid_argument(std::move(message), std::string(name), std::string(*text));
  };
  if (fault == std::errc() && value <= 0) return refused("Default retention period must be a positive integer value.");
  if (fault != std::errc() || value > most) return refused("Default retention period too large.");
  return value;
}

Outcome<DefaultRetention> read_default(const XmlElement& rule) {
  if (!has_only(rule, {"DefaultRetention"}) || rule.children.size() != 1) return malformed();
  const XmlElement& retention = rule.children.front();
  if (retention.child("DefaultEventHold") != nullptr) return event_hold_not_supported();
  if (!has_only(retention, {"Mode", "Days", "Years"}) || count_of(retention, "Mode") != 1) return malformed();
  if (count_of(retention, "Days") + count_of(retention, "Years") != 1) return malformed();
  const auto mode = parse_lock_mode(only_text_of(retention, "Mode").value_or(""));
  if (!mode) return malformed();
  DefaultRetention result;
  result.mode = *mode;
  if (retention.child("Days") != nullptr) {
    TRY_ASSIGN(result.days, read_period(retention, "Days", default_retention_days_max));
  } else {
    TRY_ASSIGN(result.years, read_period(retention, "Years", default_retention_years_max));
  }
  return result;
}

}  // namespace

Outcome<ObjectLockConfiguration> parse_object_lock(BytesView xml) {
  if (xml.empty()) return s3_error(ErrorCode::malformed_xml);  // S3 says so of locks
  TRY_ASSIGN(const XmlElement root, parse_document(xml, "ObjectLockConfiguration"));
  if (!has_only(root, {"ObjectLockEnabled", "Rule"}) || count_of(root, "Rule") > 1) return malformed();
  if (only_text_of(root, "ObjectLockEnabled") != "Enabled") return malformed();
  ObjectLockConfiguration configuration;
  if (const XmlElement* rule = root.child("Rule")) {
    TRY_ASSIGN(configuration.default_retention, read_default(*rule));
  }
  return configuration;
}

Bytes print_object_lock(const ObjectLockConfiguration& configuration) {
  Bytes out;
  XmlWriter xml(out);
  xml.declaration();
  xml.open("ObjectLockConfiguration", codec::s3_namespace);
  xml.element("ObjectLockEnabled", "Enabled");
  if (const auto& retention = configuration.default_retention) {
    xml.open("Rule");
    xml.open("DefaultRetention");
    xml.element("Mode", lock_mode_name(retention->mode));
    if (retention->days > 0) xml.element("Days", static_cast<std::uint64_t>(retention->days));
    if (retention->years > 0) xml.element("Years", static_cast<std::uint64_t>(retention->years));
    xml.close();
    xml.close();
  }
  xml.close();
  return out;
}

Outcome<Retention> parse_retention(BytesView xml) {
  if (xml.empty()) return s3_error(ErrorCode::malformed_xml);
  TRY_ASSIGN(const XmlElement root, parse_document(xml, "Retention"));
  if (root.child("EventHold") != nullptr || root.child("EventHoldDuration") != nullptr) {
    return event_hold_not_supported();
  }
  if (!has_only(root, {"Mode", "RetainUntilDate"})) return malformed();
  if (root.children.empty()) return Retention();
  const auto mode = parse_lock_mode(only_text_of(root, "Mode").value_or(""));
  const auto until = parse_lock_time(only_text_of(root, "RetainUntilDate").value_or(""));
  if (!mode || !until) return malformed();
  return Retention{*mode, *until};
}

Bytes print_retention(const Retention& retention) {
  Bytes out;
  XmlWriter xml(out);
  xml.declaration();
  xml.open("Retention", codec::s3_namespace);
  if (retention.mode != LockMode::none) {
    xml.element("Mode", lock_mode_name(retention.mode));
    xml.element("RetainUntilDate", print_lock_time(retention.until_micros));
  }
  xml.close();
  return out;
}

Outcome<bool> parse_legal_hold(BytesView xml) {
  if (xml.empty()) return s3_error(ErrorCode::malformed_xml);
  TRY_ASSIGN(const XmlElement root, parse_document(xml, "LegalHold"));
  if (!has_only(root, {"Status"})) return malformed();
  const auto status = only_text_of(root, "Status");
  if (status == "ON") return true;
  if (status == "OFF") return false;
  return malformed();
}

Bytes print_legal_hold(bool on) {
  Bytes out;
  XmlWriter xml(out);
  xml.declaration();
  xml.open("LegalHold", codec::s3_namespace);
  xml.element("Status", on ? "ON" : "OFF");
  xml.close();
  return out;
}

S3Error event_hold_not_supported() {
  return s3_error(ErrorCode::not_implemented, "Reprise does not support event holds; see docs/compatibility.md");
}

std::string_view lock_mode_name(LockMode mode) {
  switch (mode) {
    case LockMode::governance: return "GOVERNANCE";
    case LockMode::compliance: return "COMPLIANCE";
    case LockMode::none: break;
  }
  return "";
}

std::optional<LockMode> parse_lock_mode(std::string_view name) {
  if (name == "GOVERNANCE") return LockMode::governance;
  if (name == "COMPLIANCE") return LockMode::compliance;
  return std::nullopt;
}

std::optional<std::int64_t> parse_lock_time(std::string_view text) {
  // Not the seconds since the epoch that parse_time_micros takes as well.
  if (text.size() < 10 || text[4] != '-') return std::nullopt;
  const auto micros = parse_time_micros(text);
  if (!micros.ok()) return std::nullopt;
  return static_cast<std::int64_t>(*micros / 1000 * 1000);
}

std::string print_lock_time(std::int64_t micros) { return format_iso8601(static_cast<std::uint64_t>(micros), 3); }

std::int64_t remaining_retention_days(std::int64_t until_micros, std::int64_t now_micros) {
  constexpr std::int64_t day_micros = 86'400'000'000;
  if (until_micros <= now_micros) return 0;
  return (until_micros - now_micros + day_micros - 1) / day_micros;
}

}  // namespace reprise::s3
