// Cardinality: how many rows the nodes of a plan may give, for choosing the order of joins.
//
// Tables are counted by the counts in their trees. What conditions leave is guessed by their kind, as there are no
// statistics of columns: what counts is which table is much smaller than which. The rows of joins are guessed as in
// P. Selinger et al., "Access Path Selection in a Relational Database Management System" (SIGMOD 1979): the product, by
// the number of different keys of the side that has more of them.
//
// Thread rule: one thread at a time; refers to the environment. Results are remembered by table.
#pragma once

#include <map>
#include <utility>

#include "plan/environment.h"
#include "plan/node.h"

namespace drift::plan {

class Cardinality final {
 public:
  explicit Cardinality(const BindEnvironment& environment) : m_environment(environment) {}

  /// False where nothing tells how many rows tables have: then the other functions must not be asked.
  bool known() const { return m_environment.estimates != nullptr; }

  /// About how many rows a node gives; at least 1.
  double rows(const Node& node);
  /// About how many different values a column of a node has; at most rows().
  double distinctValues(const Node& node, Slot slot);
  /// The share of rows that a condition over `node` leaves.
  double selectivity(const Expression& condition, const Node& node);
  /// The rows of the table whose primary key, or other unique one, is among `slots` as a whole: each combination of
  /// them meets one row at most of it. 0 where there is none.
  double uniqueRows(const Node& node, const std::vector<Slot>& slots);
  /// About how many rows an inner join of sides with `left` and `right` rows gives.
  double joinedRows(const Join& join, const Node& leftNode, double left, const Node& rightNode, double right);

  /// The first error that a table gave. OK where all could be counted.
  const Status& status() const { return m_status; }

 private:
  double tableRows(const Scan& scan);
  double scanRows(const Scan& scan);
  double columnValues(const Scan& scan, Slot slot);
  double comparison(const Expression& condition, const Node& node);

  const BindEnvironment& m_environment;
  std::map<std::pair<TreeId, CommitNumber>, double> m_tables;
  Status m_status;
};

}  // namespace drift::plan
