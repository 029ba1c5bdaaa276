#include "kv/rocksdb/diary.h"

#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "kv/rocksdb/scratch.h"

namespace reprise::kv {
namespace {

std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(Diary, KeepsWarningsAndErrors) {
  const ScratchDirectory directory;
  {
    const auto diary = open_diary(directory.path());
    rocksdb::Info(diary, "not this");
    rocksdb::Warn(diary, "table %d is slow", 7);
  }
  rocksdb::Error(open_diary(directory.path()), "later");
  const std::string text = content_of(directory.path() / "LOG");
  EXPECT_EQ(text.find("not this"), std::string::npos);
  EXPECT_NE(text.find("Z [WARN] table 7 is slow\n"), std::string::npos) << text;
  EXPECT_NE(text.find("[ERROR] later\n"), std::string::npos) << text;
}

TEST(Diary, IsBounded) {
  const ScratchDirectory directory;
  const auto diary = open_diary(directory.path());
  const std::string line(5'000, 'x');  // cut to 2,000
  for (int i = 0; i < 2'000; ++i) rocksdb::Warn(diary, "%d %s", i, line.c_str());
  EXPECT_NE(content_of(directory.path() / "LOG").find("[WARN] 1999 xx"), std::string::npos);
  EXPECT_LE(std::filesystem::file_size(directory.path() / "LOG"), std::uintmax_t{1} << 20);
  EXPECT_LE(std::filesystem::file_size(directory.path() / "LOG.old"), std::uintmax_t{1} << 20);
}

TEST(Diary, OnAFullDiskLosesLinesAndNothingElse) {
  const ScratchDirectory directory;
  std::filesystem::create_symlink("/dev/full", directory.path() / "LOG");
  const auto diary = open_diary(directory.path());
  for (int i = 0; i < 1'000; ++i) rocksdb::Warn(diary, "%s", std::string(2'000, 'x').c_str());
  EXPECT_TRUE(std::filesystem::is_symlink(directory.path() / "LOG")) << "what was lost counts for nothing";
  EXPECT_FALSE(std::filesystem::exists(directory.path() / "LOG.old"));
  rocksdb::Error(open_diary("/nowhere"), "nor where it cannot be made");
}

}  // namespace
}  // namespace reprise::kv
