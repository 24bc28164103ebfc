// A made-up history for tests of the binder: no store, only definitions.
//
//   commit 1: an empty database          commit 3: item gets the column price
//   commit 2: item (id, name), old (a)   commit 4: old is dropped; wide (a, b, c), part (item_id, note) come
//
// Commit n is at 2024-01-01 plus n hours; it is 2024-01-02 now.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plan/bind.h"

namespace drift::plan::test {

class FakeMoments final : public Moments {
 public:
  FakeMoments();

  CommitNumber lastCommit() const override { return 4; }
  CommitNumber firstCommit() const override { return 1; }
  Status checkKept(CommitNumber) const override { return {}; }
  CommitNumber keptFrom(TreeId) const override { return 0; }
  Result<CommitNumber> momentAt(TimeMicros time) const override { return commitAt(time); }
  Result<CommitNumber> commitAt(TimeMicros time) const override;
  Result<TimeMicros> timeOf(CommitNumber number) const override;
  Result<std::optional<CommitNumber>> schemaStep(CommitNumber number, bool forward) const override;
  Result<catalog::CatalogViewRef> tablesAt(CommitNumber number) const override { return m_views[number]; }
  Result<catalog::CatalogViewRef> tablesNow() const override { return m_views.back(); }

 private:
  std::vector<catalog::CatalogViewRef> m_views;  ///< by commit; 0 is the empty database
};

class PlanFixture final {
 public:
  /// Gives the plan of a query, nodes parted by " < ", or the SQLSTATE and the sentence of its error.
  std::string plan(std::string_view sql, std::optional<CommitNumber> moment = std::nullopt);
  /// Gives "name type" of each result column, parted by ", ".
  std::string columns(std::string_view sql);
  /// Gives the error of a query; fails the test where there is none.
  Error error(std::string_view sql);

  std::vector<types::Value> parameters;

 private:
  Result<NodePtr> bind(std::string_view sql, std::optional<CommitNumber> moment);

  FakeMoments m_moments;
  functions::Registry m_registry;
  ManualClock m_clock{1'704'153'600'000'000};  // 2024-01-02T00:00Z
  runtime::MemoryBudget m_memory{1u << 20};
  runtime::QueryContext m_context{m_clock, {}, m_memory, m_clock.now()};
};

}  // namespace drift::plan::test
