#include "exec/plan_cache.h"

namespace drift::exec {

CachedPlanRef PlanCache::find(std::string_view text) {
  const auto found = m_byText.find(text);
  if (found == m_byText.end()) return nullptr;
  m_entries.splice(m_entries.begin(), m_entries, found->second);
  return found->second->plan;
}

void PlanCache::put(std::string_view text, CachedPlanRef plan) {
  if (text.size() > kTextBytesMax) return;
  if (const auto found = m_byText.find(text); found != m_byText.end()) {
    found->second->plan = std::move(plan);
    return;
  }
  if (m_entries.size() == kPlansMax) {
    m_byText.erase(m_entries.back().text);
    m_entries.pop_back();
  }
  m_entries.push_front({std::string(text), std::move(plan)});
  m_byText.emplace(m_entries.front().text, m_entries.begin());
}

}  // namespace drift::exec
