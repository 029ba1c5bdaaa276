#include "dynamo/archive/export_lines.h"

#include <string>

#include "dynamo/archive/ion_writer.h"
#include "dynamo/model/item_json.h"

namespace reprise::dynamo {

namespace {

constexpr std::string_view ion_version = "$ion_1_0 ";

void append_json_change(Bytes& out, const ExportedChange& change) {
  out.append("{\"Metadata\":{\"WriteTimestampMicros\":{\"N\":\"");
  out.append(std::to_string(change.write_micros)).append("\"}},\"Keys\":");
  append_item_json(out, change.keys);
  if (change.new_image) {
    out.append(",\"NewImage\":");
    append_item_json(out, change.new_image);
  }
  if (change.old_image) {
    out.append(",\"OldImage\":");
    append_item_json(out, change.old_image);
  }
  out.append("}\n");
}

void append_ion_change(Bytes& out, const ExportedChange& change) {
  out.append(ion_version).append("{Record:{Keys:");
  append_ion_item(out, change.keys);
  out.append(",Metadata:{WriteTimestampMicros:");
  append_ion_decimal(out, std::to_string(change.write_micros));
  out.append("}");
  if (change.new_image) {
    out.append(",NewImage:");
    append_ion_item(out, change.new_image);
  }
  if (change.old_image) {
    out.append(",OldImage:");
    append_ion_item(out, change.old_image);
  }
  out.append("}}\n");
}

}  // namespace

void append_export_line(Bytes& out, ExportFormat format, ItemView item) {
  if (format == ExportFormat::ion) {
    out.append(ion_version).append("{Item:");
    append_ion_item(out, item);
  } else {
    out.append("{\"Item\":");
    append_item_json(out, item);
  }
  out.append("}\n");
}

void append_change_line(Bytes& out, ExportFormat format, const ExportedChange& change) {
  return format == ExportFormat::ion ? append_ion_change(out, change) : append_json_change(out, change);
}

}  // namespace reprise::dynamo
