#include "session/running_statements.h"

namespace drift::session {

std::shared_ptr<const runtime::CancelToken> RunningStatements::start() {
  auto token = std::make_shared<const runtime::CancelToken>();
  const std::lock_guard lock(m_mutex);
  std::erase_if(m_tokens, [](const auto& other) { return other.expired(); });
  m_tokens.push_back(token);
  return token;
}

void RunningStatements::cancel() {
  const std::lock_guard lock(m_mutex);
  for (const auto& weak : m_tokens)
    if (const auto token = weak.lock()) token->cancel();
}

}  // namespace drift::session
