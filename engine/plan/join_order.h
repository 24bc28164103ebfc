// Join order: inner joins in the order that gives the fewest rows on the way, by dynamic programming over the sets of
// relations that are connected (G. Moerkotte and T. Neumann, "Analysis of Two Existing and One New Dynamic Programming
// Algorithm", VLDB 2006: DPsub), greedily where there are many. The smaller side of a join is its right one, which the
// executor reads into a hash table. Relations that nothing connects are multiplied last.
//
// Free functions; one thread at a time.
#pragma once

#include <vector>

#include "plan/cardinality.h"
#include "plan/node.h"

namespace drift::plan {

/// Relations of one JoinGraph: sets of them are the bits of a number.
inline constexpr std::size_t kJoinRelationsMax = 64;

/// Relations to be joined, and the conditions that their rows must satisfy together.
struct JoinGraph {
  std::vector<NodePtr> relations;         ///< two to kJoinRelationsMax
  std::vector<ExpressionPtr> conditions;  ///< not volatile; each reads columns of two or more relations, or of none
};

/// Joins all relations. Equalities of columns of one relation each are keys; those that follow from others (a = b and
/// b = c) are used as well.
NodePtr joinInOrder(JoinGraph graph, Cardinality& cardinality);

/// Takes what all arms of an OR have in common out of it: (a AND b) OR (a AND c) becomes a AND (b OR c). Changes the
/// list of conditions that all hold.
void factorConditions(std::vector<ExpressionPtr>& conditions);

/// Gives conditions on the columns of `node` alone that follow from an OR over several relations; they hold besides.
std::vector<ExpressionPtr> impliedConditions(const std::vector<ExpressionPtr>& conditions, const Node& node);

}  // namespace drift::plan
