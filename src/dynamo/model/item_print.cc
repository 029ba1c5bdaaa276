// The item encoding to DynamoDB JSON, and to the short form that messages use.
#include "codec/base64.h"
#include "dynamo/model/item_json.h"

namespace reprise::dynamo {

namespace {

void append_set(Bytes& out, ValueView value) {
  out.push_back('[');
  const AttributeType type = value.type();
  bool first = true;
  for (auto element = value.set().elements(); element; element.advance()) {
    if (!first) out.push_back(',');
    first = false;
    if (type == AttributeType::string_set) {
      codec::JsonWriter::append_quoted(out, element.bytes());
      continue;
    }
    out.push_back('"');
    if (type == AttributeType::number_set) {
      append_number_text(out, element.bytes());
    } else {
      codec::append_base64(out, element.bytes());
    }
    out.push_back('"');
  }
  out.push_back(']');
}

void append_list(Bytes& out, ListView list) {
  out.push_back('[');
  bool first = true;
  for (auto element = list.elements(); element; element.advance()) {
    if (!first) out.push_back(',');
    first = false;
    append_value_json(out, element.value());
  }
  out.push_back(']');
}

void append_map(Bytes& out, MapView map) {
  out.push_back('{');
  bool first = true;
  for (auto member = map.members(); member; member.advance()) {
    if (!first) out.push_back(',');
    first = false;
    codec::JsonWriter::append_quoted(out, member.name());
    out.push_back(':');
    append_value_json(out, member.value());
  }
  out.push_back('}');
}

void describe(std::string& out, ValueView value);

void describe_set(std::string& out, ValueView value) {
  const AttributeType type = value.type();
  bool first = true;
  for (auto element = value.set().elements(); element; element.advance()) {
    if (!first) out += ", ";
    first = false;
    switch (type) {
      case AttributeType::number_set: append_number_text(out, element.bytes()); break;
      case AttributeType::binary_set: codec::append_base64(out, element.bytes()); break;
      default: out.append(element.bytes());
    }
  }
}

void describe_payload(std::string& out, ValueView value) {
  bool first = true;
  switch (value.type()) {
    case AttributeType::string: out.append(value.bytes()); break;
    case AttributeType::number: append_number_text(out, value.bytes()); break;
    case AttributeType::binary: codec::append_base64(out, value.bytes()); break;
    case AttributeType::boolean: out += value.boolean() ? "true" : "false"; break;
    case AttributeType::null: out += "true"; break;
    case AttributeType::list:
      out.push_back('[');
      for (auto element = value.list().elements(); element; element.advance()) {
        if (!first) out += ", ";
        first = false;
        describe(out, element.value());
      }
      out.push_back(']');
      break;
    case AttributeType::map:
      out.push_back('{');
      for (auto member = value.map().members(); member; member.advance()) {
        if (!first) out += ", ";
        first = false;
        out.append(member.name()).push_back('=');
        describe(out, member.value());
      }
      out.push_back('}');
      break;
    default:
      out.push_back('[');
      describe_set(out, value);
      out.push_back(']');
  }
}

void describe(std::string& out, ValueView value) {
  out.push_back('{');
  out.append(type_name(value.type())).push_back(':');
  describe_payload(out, value);
  out.push_back('}');
}

}  // namespace

void append_value_json(Bytes& out, ValueView value) {
  switch (value.type()) {
    case AttributeType::string:
      out.append("{\"S\":");
      codec::JsonWriter::append_quoted(out, value.bytes());
      break;
    case AttributeType::number:
      out.append("{\"N\":\"");
      append_number_text(out, value.bytes());
      out.push_back('"');
      break;
    case AttributeType::binary:
      out.append("{\"B\":\"");
      codec::append_base64(out, value.bytes());
      out.push_back('"');
      break;
    case AttributeType::boolean: out.append(value.boolean() ? "{\"BOOL\":true" : "{\"BOOL\":false"); break;
    case AttributeType::null: out.append("{\"NULL\":true"); break;
    case AttributeType::list:
      out.append("{\"L\":");
      append_list(out, value.list());
      break;
    case AttributeType::map:
      out.append("{\"M\":");
      append_map(out, value.map());
      break;
    default: out.append("{\"").append(type_name(value.type())).append("\":"); append_set(out, value);
  }
  out.push_back('}');
}

void append_item_json(Bytes& out, ItemView item) { append_map(out, item.map()); }

void print_value(codec::JsonWriter& writer, ValueView value) {
  Bytes text;
  append_value_json(text, value);
  writer.raw(text);
}

void print_item(codec::JsonWriter& writer, ItemView item) {
  Bytes text;
  append_item_json(text, item);
  writer.raw(text);
}

std::string describe_value(ValueView value) {
  std::string text;
  describe(text, value);
  return text;
}

}  // namespace reprise::dynamo
