// One record of a stream as GetRecords shows it.
#pragma once

#include <cstddef>
#include <string_view>

#include "codec/json.h"
#include "dynamo/model/schema.h"
#include "history/version.h"

namespace reprise::dynamo {

// What of an item a stream shows besides its key.
struct StreamView {
  bool new_image = false;
  bool old_image = false;
};
StreamView view_of(std::string_view view_type);

// SizeBytes: the sizes (model/size.h) of the key and of the images that the view shows.
std::size_t record_size(const TableDefinition& table, const StreamView& view, const history::ImagedChange& change);

// Appends the record as an element of an open array. `size` is what record_size() said.
void write_record(codec::JsonWriter& writer, const TableDefinition& table, const StreamSettings& stream,
                  std::string_view region, const history::ImagedChange& change, std::size_t size);

}  // namespace reprise::dynamo
