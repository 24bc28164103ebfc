// StoreMoments: the history of a database as one transaction sees it, for the binder. One thread at a time;
// refers to the environment's store and catalog.
#pragma once

#include "exec/statement.h"
#include "plan/environment.h"

namespace drift::exec {

class StoreMoments final : public plan::Moments, public plan::RowEstimates {
 public:
  explicit StoreMoments(const ExecutionEnvironment& environment) : m_environment(environment) {}

  CommitNumber lastCommit() const override;
  CommitNumber firstCommit() const override;
  Status checkKept(CommitNumber number) const override;
  CommitNumber keptFrom(TreeId table) const override;
  Result<CommitNumber> commitAt(TimeMicros time) const override;
  Result<CommitNumber> momentAt(TimeMicros time) const override;
  Result<TimeMicros> timeOf(CommitNumber number) const override;
  Result<std::optional<CommitNumber>> schemaStep(CommitNumber number, bool forward) const override;
  Result<catalog::CatalogViewRef> tablesAt(CommitNumber number) const override;
  Result<catalog::CatalogViewRef> tablesNow() const override;
  Result<std::uint64_t> estimateRows(TreeId tree, const std::optional<CommitNumber>& moment,
                                     const storage::KeyRange& range, std::uint64_t stepsMax) const override;
  std::optional<plan::RowSample> sampleCondition(const plan::Scan& scan,
                                                 const plan::Expression& condition) const override;
  std::optional<plan::RowSample> sampleColumn(const plan::Scan& scan, ColumnId column) const override;

 private:
  const ExecutionEnvironment m_environment;
};

/// Gives what the binder needs of an environment; refers to both.
plan::BindEnvironment bindEnvironment(const ExecutionEnvironment& environment, const StoreMoments& moments);

}  // namespace drift::exec
