// What the jobs under way keep in memory between their steps: open streams, what has been read ahead. Nothing that a
// crash may not take; a job without a session makes a new one from its checkpoint.
//
// Threading: of() and drop() from any thread; a session is its job's alone, which takes one step at a time.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace reprise::dynamo {

// Session is default-constructible; it need be complete only where of() is called.
template <class Session>
class TransferSessions {
 public:
  // The session of that job, made when there is none.
  std::shared_ptr<Session> of(const std::string& job_id) {
    const std::lock_guard lock(mutex_);
    auto& session = sessions_[job_id];
    if (!session) session = std::make_shared<Session>();
    return session;
  }
  void drop(const std::string& job_id) {
    const std::lock_guard lock(mutex_);
    sessions_.erase(job_id);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Session>> sessions_;  // by the job's id
};

}  // namespace reprise::dynamo
