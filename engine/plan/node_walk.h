// Walking over the expressions of a plan. Free functions over plain data; one thread at a time.
#pragma once

#include <functional>
#include <vector>

#include "plan/node.h"

namespace drift::plan {

/// Calls `visit` for each expression of a node itself, whole: those of its inputs are left out.
void eachExpression(Node& node, const std::function<void(ExpressionPtr&)>& visit);
void eachExpression(const Node& node, const std::function<void(const Expression&)>& visit);

/// Gives the columns that a plan reads but does not produce, each once: those of a query around it, or of the tables
/// before it in FROM. Pointers live as long as the plan is not changed.
std::vector<const Expression*> freeColumns(const Node& root);

/// True if one of the node's columns has the slot.
bool produces(const Node& node, Slot slot);

}  // namespace drift::plan
