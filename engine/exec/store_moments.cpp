#include "exec/store_moments.h"

namespace drift::exec {

CommitNumber StoreMoments::lastCommit() const { return m_environment.transaction.snapshot().number(); }

CommitNumber StoreMoments::firstCommit() const { return m_environment.transaction.store().firstCommit(); }

Status StoreMoments::checkKept(CommitNumber number) const {
  return m_environment.transaction.store().checkKept(number);
}

CommitNumber StoreMoments::keptFrom(TreeId table) const { return m_environment.transaction.store().horizon(table); }

Result<CommitNumber> StoreMoments::commitAt(TimeMicros time) const {
  return m_environment.transaction.store().commitAt(time);
}

Result<CommitNumber> StoreMoments::momentAt(TimeMicros time) const {
  return m_environment.transaction.store().momentAt(time);
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

Result<std::uint64_t> StoreMoments::estimateRows(TreeId tree, const std::optional<CommitNumber>& moment,
                                                 const storage::KeyRange& range, std::uint64_t stepsMax) const {
  const auto& transaction = m_environment.transaction;
  if (!moment) return transaction.estimateRows(tree, range, stepsMax);
  DRIFT_ASSIGN(const auto snapshot, transaction.store().at(*moment));
  return snapshot.estimateRows(tree, range, stepsMax);
}

plan::BindEnvironment bindEnvironment(const ExecutionEnvironment& environment, const StoreMoments& moments) {
  return {.moments = moments,
          .registry = environment.registry,
          .context = environment.context,
          .parameters = environment.parameters,
          .moment = environment.moment,
          .estimates = &moments,
          .indexScans = environment.indexScans,
          .tableScans = environment.tableScans};
}

}  // namespace drift::exec
