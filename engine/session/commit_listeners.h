// CommitListeners: who wants to hear of commits.
//
// Thread rule: thread-safe. notify() runs the callbacks on the calling thread; a handle's destruction waits
// for a call that runs on another thread, so that nobody is called after it.
#pragma once

#include <functional>
#include <memory>

#include "base/ids.h"

namespace drift::session {

class CommitListeners final {
 public:
  CommitListeners();

  /// Calls `notify` at each commit until the handle is gone. The handle may outlive this.
  [[nodiscard]] std::shared_ptr<void> add(std::function<void(CommitNumber)> notify);
  void notify(CommitNumber number) const;

 private:
  struct List;
  std::shared_ptr<List> m_list;
};

}  // namespace drift::session
