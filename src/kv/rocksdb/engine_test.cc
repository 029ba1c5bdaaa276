#include "kv/rocksdb/engine.h"

#include "kv/conformance.h"
#include "kv/rocksdb/scratch.h"

namespace reprise::kv::conformance {
namespace {

std::shared_ptr<Engine> make_engine(RocksDbOptions options) {
  auto directory = std::make_shared<ScratchDirectory>();
  options.directory = (directory->path() / "store").string();
  auto engine = open_rocksdb_engine(options);
  EXPECT_TRUE(engine.ok()) << engine.error().to_string();
  return {std::move(engine).value().release(), [directory](Engine* owned) { delete owned; }};
}

// So small that tables are written and merged all the time.
RocksDbOptions tiny() {
  RocksDbOptions options;
  options.block_cache_bytes = 1 << 20;
  options.memtable_bytes = 64 << 10;
  options.log_bytes = 128 << 10;
  return options;
}

INSTANTIATE_TEST_SUITE_P(RocksDb, Conformance,
                         ::testing::Values(EngineCase{"defaults", [] { return make_engine({}); }},
                                           EngineCase{"tiny", [] { return make_engine(tiny()); }}),
                         case_name);

}  // namespace
}  // namespace reprise::kv::conformance
