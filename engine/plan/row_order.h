// In which order the rows of a plan come, without anybody sorting them: scans of one moment go by primary key, and
// filters and projections keep the order. Free functions; any thread.
#pragma once

#include "plan/node.h"

namespace drift::plan {

/// True if the rows of `node` come in the order of these keys.
bool isSortedBy(const Node& node, const std::vector<SortKey>& keys);

/// The scan below an aggregation whose rows come group by group, and how many leading columns of its primary key make
/// the groups: rows that are equal in these are one group. A null scan where groups come mixed.
struct GroupOrder {
  const Scan* scan = nullptr;
  std::size_t keyParts = 0;
};
GroupOrder groupOrder(const Node& node, const Aggregate& aggregate);

}  // namespace drift::plan
