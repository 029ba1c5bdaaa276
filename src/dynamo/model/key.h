// Keys: from items and requests to the ordered bytes that the store sorts by, and back.
//
//   item key   = be64(hash64(partition)) | partition | sort
//   index key  = be64(hash64(index partition)) | index partition | index sort | table partition | table sort
//
// where each attribute is encoded so that byte order is DynamoDB's order (S and B by unsigned octets, N by value) and
// delimits itself. Within one partition the keys therefore stand in sort-key order, a partition is one contiguous
// range, and a segment of a parallel scan is a range of hashes. See docs/formats/keys.md.
//
// All functions are pure. Errors carry AWS's texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "dynamo/model/error.h"
#include "dynamo/model/item.h"
#include "dynamo/model/schema.h"

namespace reprise::dynamo {

// ---- Extraction ----------------------------------------------------------------------------------------------------

// The key of an item about to be put: every key attribute is there, of its type, not empty, not too long. Other
// attributes are of no concern.
Outcome<Bytes> item_key(const KeySchema& schema, ItemView item);

// The key of a Key parameter (GetItem, UpdateItem, DeleteItem, BatchGetItem): exactly the key attributes and nothing
// else, or "The provided key element does not match the schema".
Outcome<Bytes> request_key(const KeySchema& schema, ItemView key);

// What must hold for an item in a table with indexes: an attribute that is a key of an index is absent, or of the
// declared type, not empty and not too long.
Check check_index_keys(const TableDefinition& table, ItemView item);

// The key of the item's entry in an index; nothing when the item has not all its key attributes (the index is sparse)
// or one of them is of another type.
std::optional<Bytes> index_key(const KeySchema& index, const KeySchema& table, ItemView item);

// ---- And back ------------------------------------------------------------------------------------------------------

// The key attributes as an item: what LastEvaluatedKey shows. For an index key the table's attributes as well.
// `key` is one that this file made.
Bytes key_attributes(const KeySchema& schema, BytesView key);
Bytes index_key_attributes(const KeySchema& index, const KeySchema& table, BytesView key);

// The item's own key attributes, as an item (each attribute that is there).
Bytes key_of_item(const KeySchema& schema, ItemView item);

// ---- Ranges --------------------------------------------------------------------------------------------------------

// Keys from `lower` (inclusive) to `upper` (exclusive; empty: no bound).
struct KeyRange {
  Bytes lower;
  Bytes upper;
  [[nodiscard]] bool contains(BytesView key) const { return key >= lower && (upper.empty() || key < upper); }
};

enum class SortOperator : std::uint8_t { none, equal, less, less_equal, greater, greater_equal, between, begins_with };

// What a query asks for: one partition, and possibly a part of it. The values belong to whoever bound the expression.
struct KeyCondition {
  std::vector<ValueView> hash;           // one for each hash attribute of the schema, in its order
  std::vector<ValueView> range_equal;    // leading range attributes bound with "="; only a multi-attribute key has any
  SortOperator op = SortOperator::none;  // on the next range attribute
  ValueView low;                         // the operand; the lower bound of between
  ValueView high;                        // the upper bound of between
};

// The condition's range. The values are of the schema's types (checked when the condition was bound).
KeyRange query_range(const KeySchema& schema, const KeyCondition& condition);
// Every key of a table or index.
KeyRange whole_range();
// One of `total` equal shares of the hashes. 0 <= segment < total.
KeyRange segment_range(std::uint32_t segment, std::uint32_t total);
// The hash of a key made above: which shard and which segment it is in.
[[nodiscard]] std::uint64_t key_hash(BytesView key) noexcept;

// The key behind which a page starts. `start` is a LastEvaluatedKey (for an index: the table's attributes too);
// anything but exactly those attributes is refused, by Query and Scan in different words. Nothing is said yet about
// whether the key lies within the range that is read.
enum class StartOf : std::uint8_t { scan, query };
Outcome<Bytes> start_key(const KeySchema& schema, ItemView start, StartOf use = StartOf::scan);
Outcome<Bytes> index_start_key(const KeySchema& index, const KeySchema& table, ItemView start,
                               StartOf use = StartOf::scan);

}  // namespace reprise::dynamo
