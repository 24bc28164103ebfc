#include "exec/store_moments.h"

namespace drift::exec {

CommitNumber StoreMoments::lastCommit() const { return m_environment.transaction.snapshot().number(); }

Result<CommitNumber> StoreMoments::commitAt(TimeMicros time) const {
  return m_environment.transaction.store().commitAt(time);
}

Result<TimeMicros> StoreMoments::timeOf(CommitNumber number) const {
  return m_environment.transaction.store().timeOf(number);
}

Result<std::optional<CommitNumber>> StoreMoments::schemaStep(CommitNumber number, bool forward) const {
  return m_environment.transaction.store().step(number, forward, kCatalogTree);
}

Result<catalog::CatalogViewRef> StoreMoments::tablesAt(CommitNumber number) const {
  return m_environment.catalog.viewAt(number);
}

Result<catalog::CatalogViewRef> StoreMoments::tablesNow() const {
  return m_environment.catalog.viewOf(m_environment.transaction);
}

plan::BindEnvironment bindEnvironment(const ExecutionEnvironment& environment, const StoreMoments& moments) {
  return {moments, environment.registry, environment.context, environment.parameters, environment.moment};
}

}  // namespace drift::exec
