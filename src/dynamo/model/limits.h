// Every limit DynamoDB sets on data and requests, each with its source: "quotas" is the developer guide's "Quotas in
// Amazon DynamoDB", "model" the public service model, "guide" another page of the developer guide, "observed" an
// answer of the real service.
#pragma once

#include <cstddef>
#include <cstdint>

namespace reprise::dynamo::limits {

// Items (quotas).
inline constexpr std::size_t item_size_max = 400 * 1024;
inline constexpr int nesting_max = 32;
inline constexpr std::size_t attribute_name_size_max = 65535;
inline constexpr std::size_t key_attribute_name_size_max = 255;
inline constexpr std::size_t partition_key_size_max = 2048;
inline constexpr std::size_t sort_key_size_max = 1024;
inline constexpr std::size_t item_collection_size_max = std::size_t{10} << 30;

// Expressions (quotas).
inline constexpr std::size_t expression_size_max = 4096;
inline constexpr std::size_t expression_operators_max = 300;
inline constexpr std::size_t expression_placeholder_size_max = 255;
inline constexpr std::size_t expression_values_size_max = 2 * 1024 * 1024;
inline constexpr std::size_t in_operands_max = 100;
inline constexpr std::size_t path_depth_max = 32;

// Requests (quotas; model).
inline constexpr std::size_t batch_get_keys_max = 100;
inline constexpr std::size_t batch_write_items_max = 25;
inline constexpr std::size_t batch_bytes_max = 16 * 1024 * 1024;
inline constexpr std::size_t page_bytes_max = 1024 * 1024;
inline constexpr std::size_t transaction_items_max = 100;
inline constexpr std::size_t transaction_bytes_max = 4 * 1024 * 1024;
inline constexpr int scan_segments_max = 1'000'000;
inline constexpr std::size_t list_tables_page_max = 100;

// Tables and indexes (quotas; model). GSIs may have up to four attributes on each side of their key (guide,
// "Multi-attribute keys pattern").
inline constexpr std::size_t table_name_size_min = 3;
inline constexpr std::size_t table_name_size_max = 255;
inline constexpr std::size_t global_indexes_max = 20;
inline constexpr std::size_t local_indexes_max = 5;
inline constexpr std::size_t non_key_attributes_max = 20;           // of one index
inline constexpr std::size_t projected_attributes_total_max = 100;  // over all indexes
inline constexpr std::size_t index_key_attributes_max = 4;

// Capacity units (guide, "Read and write capacity").
inline constexpr std::size_t read_unit_bytes = 4096;
inline constexpr std::size_t write_unit_bytes = 1024;
// What can be provisioned for one table or index (observed).
inline constexpr std::int64_t capacity_units_max = 1'000'000'000'000;

// Continuous backups (model).
inline constexpr int recovery_period_days_max = 35;
inline constexpr int recovery_period_days_min = 1;

static_assert(partition_key_size_max > sort_key_size_max);
static_assert(page_bytes_max > item_size_max);

}  // namespace reprise::dynamo::limits
