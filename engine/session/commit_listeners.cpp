#include "session/commit_listeners.h"

#include <map>
#include <mutex>

namespace drift::session {

struct CommitListeners::List {
  /// Guards all below; recursive, since a callback may add or end a listener.
  std::recursive_mutex mutex;
  std::map<std::uint64_t, std::function<void(CommitNumber)>> callbacks;
  std::uint64_t lastId = 0;
};

CommitListeners::CommitListeners() : m_list(std::make_shared<List>()) {}

std::shared_ptr<void> CommitListeners::add(std::function<void(CommitNumber)> notify) {
  const std::lock_guard lock(m_list->mutex);
  const auto id = ++m_list->lastId;
  m_list->callbacks.emplace(id, std::move(notify));
  return {m_list.get(), [list = m_list, id](void*) {
            const std::lock_guard ending(list->mutex);
            list->callbacks.erase(id);
          }};
}

void CommitListeners::notify(CommitNumber number) const {
  const std::lock_guard lock(m_list->mutex);
  // By id, since a callback may end itself or another one.
  std::uint64_t after = 0;
  for (auto at = m_list->callbacks.begin(); at != m_list->callbacks.end();
       at = m_list->callbacks.upper_bound(after)) {
    after = at->first;
    const auto callback = at->second;
    callback(number);
  }
}

}  // namespace drift::session
