#include "dynamo/ops/schema_members.h"

#include <string>
#include <string_view>
#include <vector>

namespace reprise::dynamo {

namespace {

void write_elements(codec::JsonWriter& w, const std::vector<KeyAttribute>& attributes, std::string_view type) {
  for (const KeyAttribute& attribute : attributes) {
    w.begin_object();
    w.member("AttributeName", attribute.name);
    w.member("KeyType", type);
    w.end_object();
  }
}

}  // namespace

void write_key_schema(codec::JsonWriter& w, const KeySchema& schema) {
  w.key("KeySchema");
  w.begin_array();
  write_elements(w, schema.hash, "HASH");
  write_elements(w, schema.range, "RANGE");
  w.end_array();
}

void write_projection(codec::JsonWriter& w, const IndexProjection& projection) {
  w.key("Projection");
  w.begin_object();
  if (!projection.non_key_attributes.empty()) {
    w.key("NonKeyAttributes");
    w.begin_array();
    for (const std::string& name : projection.non_key_attributes) w.string(name);
    w.end_array();
  }
  w.member("ProjectionType", wire_name(projection.type));
  w.end_object();
}

}  // namespace reprise::dynamo
