// Calls that block (an ObjectStore's), from operations, whose threads serve connections.
#pragma once

#include <thread>
#include <type_traits>
#include <utility>

#include "base/task.h"

namespace reprise::dynamo {

// Runs work() on a thread of its own; the caller resumes where it waited. What `work` refers to must outlive it.
template <class Work>
Task<std::invoke_result_t<Work>> off_thread(Work work) {
  Completion<std::invoke_result_t<Work>> done;
  std::thread([&done, work = std::move(work)]() mutable { done.complete(work()); }).detach();
  co_return co_await done;
}

}  // namespace reprise::dynamo
