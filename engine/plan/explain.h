// The text of a plan with a note behind each line, for EXPLAIN ANALYZE. Free function, thread-safe.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plan/node.h"

namespace drift::plan {

/// As explain(root), with what `note` gives of each node behind its line.
std::vector<std::string> explain(const Node& root, const std::function<std::string(const Node&)>& note);

}  // namespace drift::plan
