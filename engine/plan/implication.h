// Whether conditions say all that another one says: which partial indexes may serve a query, and which of them ON
// CONFLICT means. PostgreSQL, 11.8: it need not be found out, only never be claimed in error.
//
// Free function over plain data; one thread at a time.
#pragma once

#include <vector>

#include "plan/expression.h"

namespace drift::plan {

/// True if `condition` is true of every row of which all of `conditions` are: each of its AND occurs among them, or is
/// a range, a list or IS NOT NULL that one of them is within; of an OR one side does.
bool implies(const std::vector<const Expression*>& conditions, const Expression& condition);

}  // namespace drift::plan
