// Work that blocks on the disk, or computes for long, from operations, whose threads serve connections.
#pragma once

#include <type_traits>
#include <utility>

#include "base/executor.h"
#include "base/task.h"

namespace reprise::s3 {

// Runs work() on a thread of `disk` (Services::disk); the caller resumes on the executor it was on. What `work` refers
// to must outlive it. Give it a named lambda: `auto work = [...] {...}; co_await on_disk(disk, std::move(work))`.
template <class Work>
Task<std::invoke_result_t<Work>> on_disk(Executor& disk, Work work) {
  Executor* const back = Executor::current();
  co_await ResumeOn{disk};
  auto result = work();
  if (back != nullptr) co_await ResumeOn{*back};
  co_return result;
}

}  // namespace reprise::s3
