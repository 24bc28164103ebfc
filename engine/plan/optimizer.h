// Optimizer: rewrites a bound plan into one that does the same with less work: conditions go down to where
// their columns come from, equalities of joins become hash keys, joins come in
// the order that costs least (join_order.h), conditions on a primary key become key
// ranges, scans learn which values are wanted, columns that nobody reads are not read, sorting is left out or cut to
// the rows that count.
//
// Free function; one thread at a time.
#pragma once

#include "base/result.h"
#include "plan/environment.h"
#include "plan/node.h"

namespace drift::plan {

struct KeyRanges;

/// Makes joins of subqueries that refer to the query around them, of IN, and of LATERAL, where that is possible. Comes
/// first; takes new slots from `nextSlot`.
Status unnest(NodePtr& root, const BindEnvironment& environment, Slot& nextSlot);

/// Rewrites a plan; the columns of the root stay as they are. IoError, DataCorrupted where rows are counted.
Result<NodePtr> optimize(NodePtr root, const BindEnvironment& environment);

/// Lets scans of an optimized plan use indexes, where that costs less by the estimates of the environment; sorting
/// that the order of keys gives for free is left out, and min() and max() read one row. The rule: a row that is found
/// by an index costs as much as kLookupCost rows that are read one after the other. IoError, DataCorrupted.
Status chooseIndexes(NodePtr& root, const BindEnvironment& environment);
inline constexpr std::uint64_t kLookupCost = 64;

/// The inside of optimize(): turns conditions on the primary key of a scan into its key, bounds or ranges. The
/// conditions stay true of every row that is left out or in, so they may be kept. Gives false where no row
/// can satisfy them.
bool restrictToKeys(Scan& scan, const std::vector<ExpressionPtr>& conditions);
/// The same with the ranges of the primary key, of which there is one at least.
void restrictToKeys(Scan& scan, KeyRanges found);
/// The inside of optimize(): tells a scan which values of its columns the conditions want, so that it passes by leaves
/// without them.
void tellWants(Scan& scan, const std::vector<ExpressionPtr>& conditions);
/// The same with conditions that are no AND chains.
void tellWants(Scan& scan, const std::vector<const Expression*>& conditions);
/// The inside of optimize(): leaves out sorting that the order of keys gives for free, and tells sorts and
/// scans about limits.
void simplifyOrder(NodePtr& root);
/// The inside of optimize(): drops columns that nobody reads, save those of the root.
void pruneColumns(Node& root);

}  // namespace drift::plan
