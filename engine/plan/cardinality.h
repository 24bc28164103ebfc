// Cardinality: how many rows the nodes of a plan may give, for choosing the order of joins.
//
// Tables are counted by the counts in their trees. Of tables that are large enough, what conditions leave is told by
// some thousand of their rows, read there and then, so that it is never out of date and knows which columns go
// together; a condition that holds for few of them, or for none, and conditions over other rows are guessed by their
// kind. How many different values a column has is told by the same rows (P. Haas and L. Stokes, "Estimating the Number
// of Classes in a Finite Population", JASA 1998: the estimator Duj1). The rows of joins are guessed as in P. Selinger et
// al., "Access Path Selection in a Relational Database Management System" (SIGMOD 1979): the product, by the number of
// different keys of the side that has more of them.
//
// Thread rule: one thread at a time; refers to the environment. Results are remembered by table.
#pragma once

#include <map>
#include <string>
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
  /// columnValues() where nothing but rows of the table can tell.
  double sampledValues(const Scan& scan, const catalog::Column& column, double rows);
  /// The share of a table's rows that a condition right above its scan leaves.
  double filterShare(const Expression& condition, const Node& input);
  double comparison(const Expression& condition, const Node& node);

  const BindEnvironment& m_environment;
  using Moment = std::pair<TreeId, CommitNumber>;
  std::map<Moment, double> m_tables;
  std::map<std::pair<Moment, ColumnId>, double> m_values;     ///< different values of columns
  std::map<std::pair<Moment, std::string>, double> m_shares;  ///< of conditions, by their text
  Status m_status;
};

}  // namespace drift::plan
