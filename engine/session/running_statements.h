// RunningStatements: the cancel tokens of a session's statements that are at work.
//
// Thread rule: thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "runtime/query_context.h"

namespace drift::session {

class RunningStatements final {
 public:
  /// Gives a fresh token for a statement that starts. It is cancelled by cancel() as long as it is held.
  std::shared_ptr<const runtime::CancelToken> start();
  /// Asks all statements that run now to stop. One that starts later is not affected.
  void cancel();

 private:
  std::mutex m_mutex;
  std::vector<std::weak_ptr<const runtime::CancelToken>> m_tokens;  ///< guarded by m_mutex
};

}  // namespace drift::session
