#include "base/disk_room.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace reprise {
namespace {

TEST(DiskRoom, TellsOfTheFileSystemOfAPath) {
  const auto room = disk_room(std::filesystem::temp_directory_path());
  ASSERT_TRUE(room.has_value());
  EXPECT_GT(room->total_bytes, 0u);
  EXPECT_LE(room->free_bytes, room->total_bytes);
}

TEST(DiskRoom, IsNotKnownWhereThereIsNothing) { EXPECT_FALSE(disk_room("/nowhere/at/all").has_value()); }

TEST(DiskRoom, KeepsLessBackOnASmallDisk) {
  EXPECT_EQ(disk_reserve(std::uint64_t{1} << 40), std::uint64_t{64} << 20);
  EXPECT_EQ(disk_reserve(std::uint64_t{1} << 30), std::uint64_t{64} << 20);
  EXPECT_EQ(disk_reserve(std::uint64_t{160} << 20), std::uint64_t{10} << 20);
  EXPECT_EQ(disk_reserve(0), 0u);
}

}  // namespace
}  // namespace reprise
