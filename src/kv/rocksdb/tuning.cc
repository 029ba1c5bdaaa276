// The settings of RocksDB, each with its reason. Invariant: memory and the log to be replayed are bounded by the
// options, whatever the size of the store.
#include "kv/rocksdb/tuning.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/table_properties_collectors.h>
#include <rocksdb/write_buffer_manager.h>

#include <algorithm>
#include <memory>

#include "kv/rocksdb/diary.h"

namespace reprise::kv {
namespace {

constexpr std::size_t mib = 1u << 20;

rocksdb::CompressionType first_supported(std::initializer_list<rocksdb::CompressionType> wanted) {
  const auto supported = rocksdb::GetSupportedCompressions();
  for (const auto type : wanted) {
    if (std::find(supported.begin(), supported.end(), type) != supported.end()) return type;
  }
  return rocksdb::kNoCompression;
}

// The filter of one table is one entry of the cache, up to a few megabytes large. RocksDB's own choice of shards is so
// small that such an entry finds no room in one: it would be read and checked again for every look-up.
std::shared_ptr<rocksdb::Cache> block_cache(std::size_t bytes) {
  constexpr std::size_t shard_bytes_min = 16 * mib;
  constexpr int shard_bits_max = 6;
  int bits = 0;
  while (bits < shard_bits_max && (bytes >> (bits + 1)) >= shard_bytes_min) ++bits;
  return rocksdb::NewLRUCache(bytes, bits);
}

rocksdb::ColumnFamilyOptions family_options(const std::shared_ptr<rocksdb::Cache>& cache, std::size_t block_bytes) {
  rocksdb::BlockBasedTableOptions table;
  table.format_version = 5;
  table.block_cache = cache;
  table.block_size = block_bytes;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.whole_key_filtering = true;
  // Indexes and filters live in the cache, so that memory is bounded whatever the number of tables; those of the
  // newest tables, which every read asks, stay pinned.
  table.cache_index_and_filter_blocks = true;
  table.cache_index_and_filter_blocks_with_high_priority = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;

  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  family.level_compaction_dynamic_level_bytes = true;
  family.compression = first_supported({rocksdb::kLZ4Compression, rocksdb::kSnappyCompression});
  family.max_write_buffer_number = 3;
  // A partition that was deleted key by key is merged away instead of being skipped over by every scan.
  family.table_properties_collector_factories.push_back(rocksdb::NewCompactOnDeletionCollectorFactory(4096, 2048));
  return family;
}

// The present: overwritten versions are merged away early, so that a scan meets few sources.
rocksdb::ColumnFamilyOptions data_family(const std::shared_ptr<rocksdb::Cache>& cache) {
  auto family = family_options(cache, 8 << 10);
  family.write_buffer_size = 16 * mib;
  // What is young is merged soon, and often: it is not worth the time that compressing takes.
  const auto packed = family.compression;
  family.compression_per_level = {
      rocksdb::kNoCompression, rocksdb::kNoCompression, packed, packed, packed, packed, packed};
  family.level0_file_num_compaction_trigger = 2;
  family.target_file_size_base = 32 * mib;
  family.max_bytes_for_level_base = 64 * mib;
  // Guards of new keys are answered by the memtable's own filter, mostly.
  family.memtable_prefix_bloom_size_ratio = 0.02;
  family.memtable_whole_key_filtering = true;
  return family;
}

// The past: written once, read seldom, dropped by the bucket.
rocksdb::ColumnFamilyOptions past_family(const std::shared_ptr<rocksdb::Cache>& cache) {
  auto family = family_options(cache, 16 << 10);
  family.write_buffer_size = 16 * mib;
  family.target_file_size_base = 64 * mib;
  family.max_bytes_for_level_base = 128 * mib;
  family.bottommost_compression = first_supported({rocksdb::kZSTD, rocksdb::kLZ4Compression});
  return family;
}

// Values lie in files of their own, and tables hold where: what has been written once is moved only when its file has
// become mostly garbage, instead of with every merge. (On the benchmark's machine objects of 4 KB, overwritten at
// random, were written 11 times over in the end; apart from their keys it is 3 times.)
rocksdb::ColumnFamilyOptions payload_family(const std::shared_ptr<rocksdb::Cache>& cache) {
  auto family = family_options(cache, 4 << 10);
  family.write_buffer_size = 16 * mib;
  family.target_file_size_base = 8 * mib;
  family.max_bytes_for_level_base = 16 * mib;
  family.enable_blob_files = true;
  family.min_blob_size = 1 << 10;
  family.blob_file_size = 64 * mib;
  family.blob_cache = cache;
  family.enable_blob_garbage_collection = true;
  family.blob_garbage_collection_age_cutoff = 0.1;
  family.blob_garbage_collection_force_threshold = 0.5;
  return family;
}

}  // namespace

// Range tombstones are never written (see drop in rocks_engine.cc), and are not looked for. With them in play, RocksDB
// before 8.6 ends a scan early and calls it complete when the first block of a table is damaged (its pull request
// 11782).
rocksdb::ReadOptions read_options() {
  rocksdb::ReadOptions options;
  options.ignore_range_deletions = true;
  options.verify_checksums = true;
  return options;
}

rocksdb::DBOptions database_options(const RocksDbOptions& options) {
  rocksdb::DBOptions database;
  database.create_if_missing = true;
  database.create_missing_column_families = true;
  database.paranoid_checks = true;

  // Start: what has to be replayed is bounded, and no table is opened or measured before it is needed.
  database.max_total_wal_size = options.log_bytes;
  database.avoid_flush_during_recovery = true;
  database.skip_stats_update_on_db_open = true;
  database.skip_checking_sst_file_sizes_on_db_open = true;
  database.max_open_files = 256;
  database.max_manifest_file_size = 16 * mib;
  // Each batch is on disk before the next is begun, so a crash can leave at most the last record of the log incomplete,
  // and that one was never acknowledged. Any other damage to a log is reported instead of being dropped.
  database.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;

  // Logs and tables take the room that they need, when they need it: a new log that reserves tens of megabytes could
  // take them from the table that is being written (room.h).
  database.allow_fallocate = false;

  // Memory.
  database.write_buffer_manager = std::make_shared<rocksdb::WriteBufferManager>(options.memtable_bytes);

  // One thread writes (committer.h), so the machinery for many is off.
  database.allow_concurrent_memtable_write = false;
  database.enable_write_thread_adaptive_yield = false;

  // Table writes go to disk as they are made, instead of in one burst that the log's fsync would wait behind.
  database.bytes_per_sync = mib;
  database.max_background_jobs = options.background_threads;
  database.avoid_unnecessary_blocking_io = true;
  // No error heals by itself: see BackgroundWork in open.cc.
  database.max_bgerror_resume_count = 0;

  database.info_log = open_diary(options.directory);
  database.info_log_level = rocksdb::WARN_LEVEL;
  database.stats_dump_period_sec = 0;
  database.stats_persist_period_sec = 0;
  return database;
}

std::vector<rocksdb::ColumnFamilyDescriptor> column_families(const RocksDbOptions& options) {
  const auto cache = block_cache(options.block_cache_bytes);
  auto meta = family_options(cache, 4 << 10);
  meta.write_buffer_size = 2 * mib;
  return {{rocksdb::kDefaultColumnFamilyName, meta},
          {"data", data_family(cache)},
          {"history", past_family(cache)},
          {"log", past_family(cache)},
          {"payload", payload_family(cache)}};
}

}  // namespace reprise::kv
