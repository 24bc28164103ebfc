// PlanCache: the plans of a session's latest queries by their text, so that one that comes again is neither parsed nor
// planned. Bounded: the plan that was not used for longest goes.
//
// A plan serves as long as the tables are the same (any change of the schema, by anybody, makes another view of the
// catalog), the types of the parameters and the settings are, and no commit came that might have made another plan
// better. See plan/plan_reuse.h for what cannot be reused at all.
//
// Thread rule: one thread at a time, its session's.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <unordered_map>

#include "catalog/catalog.h"
#include "exec/statement.h"
#include "plan/plan_reuse.h"

namespace drift::exec {

struct CachedPlan {
  CachedPlan(plan::NodePtr plan, plan::PlanReuse found) : root(std::move(plan)), reuse(std::move(found)) {}

  plan::NodePtr root;
  plan::PlanReuse reuse;
  catalog::CatalogViewRef tables;  ///< that it was made for
  std::vector<types::Type> parameterTypes;
  std::string timeZone;
  bool indexScans = true;
  bool tableScans = true;
  CommitNumber lastCommit = 0;  ///< when it was made
  bool busy = false;            ///< its parameters are in use
};
using CachedPlanRef = std::shared_ptr<CachedPlan>;

class PlanCache final {
 public:
  static constexpr std::size_t kPlansMax = 128;
  static constexpr std::size_t kTextBytesMax = 16 * 1024;

  /// Gives the plan for a text, as the newest one; null if there is none.
  CachedPlanRef find(std::string_view text);
  /// Keeps a plan, in the place of another one for the text.
  void put(std::string_view text, CachedPlanRef plan);
  std::size_t size() const { return m_byText.size(); }

 private:
  struct Entry {
    std::string text;
    CachedPlanRef plan;
  };

  std::list<Entry> m_entries;  ///< the newest first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> m_byText;  ///< keys lie in m_entries
};

/// Starts a query with a plan that was made for its text earlier; gives null where the plan does not serve.
Result<std::unique_ptr<Execution>> executeCached(const CachedPlanRef& plan, const ExecutionEnvironment& environment);

}  // namespace drift::exec
