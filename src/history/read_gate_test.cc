#include "history/read_gate.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace reprise::history {
namespace {

TEST(ReadGate, DrainsAtOnceWithoutReaders) {
  ReadGate gate;
  const auto generation = gate.advance();
  EXPECT_GE(gate.drained(), generation);
}

TEST(ReadGate, WaitsForReadersOfBeforeAndNotForLaterOnes) {
  ReadGate gate;
  auto before = gate.enter();
  const auto first = gate.advance();
  EXPECT_LT(gate.drained(), first);
  auto after = gate.enter();
  const auto second = gate.advance();
  before.release();
  EXPECT_GE(gate.drained(), first);
  EXPECT_LT(gate.drained(), second) << "a later reader may still see what went away after it came";
  after.release();
  EXPECT_GE(gate.drained(), second);
}

TEST(ReadGate, TicketsMove) {
  ReadGate gate;
  auto ticket = gate.enter();
  const auto generation = gate.advance();
  ReadGate::Ticket moved(std::move(ticket));
  ticket.release();  // NOLINT(bugprone-use-after-move): an empty ticket holds nothing
  EXPECT_LT(gate.drained(), generation);
  moved = ReadGate::Ticket();
  EXPECT_GE(gate.drained(), generation);
}

// Readers look at an object that a writer keeps replacing; nobody may see a destroyed one (TSan and ASan would tell).
TEST(ReadGate, NothingIsDestroyedUnderAReader) {
  ReadGate gate;
  std::atomic<const int*> current{new int(1)};
  std::atomic<bool> stop{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        const auto ticket = gate.enter();
        const int value = *current.load();
        ASSERT_GT(value, 0);
      }
    });
  }
  std::vector<std::pair<std::uint64_t, std::unique_ptr<const int>>> doomed;
  for (int i = 2; i < 3000; ++i) {
    const int* const old = current.exchange(new int(i));
    doomed.emplace_back(gate.advance(), old);
    const auto drained = gate.drained();
    std::erase_if(doomed, [&](const auto& entry) { return entry.first <= drained; });
  }
  stop = true;
  for (auto& reader : readers) reader.join();
  (void)gate.advance();
  for (const auto& entry : doomed) EXPECT_GE(gate.drained(), entry.first);
  delete current.load();
}

}  // namespace
}  // namespace reprise::history
