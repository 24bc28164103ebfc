// What may be kept of a row, because it is the same at all times: PostgreSQL's IMMUTABLE. Free functions; one thread at a
// time.
#pragma once

#include <functional>

#include "plan/environment.h"
#include "plan/expression.h"

namespace drift::plan {

/// True if the same row gives the same value at all times: no call of a stable or volatile function, and no conversion
/// that hangs on the time zone or another setting.
bool isImmutable(const Expression& expression);

/// True if an expression over a table's columns is immutable, and so is what its literals are read as. `bind` binds it in
/// the surroundings that it is given, its columns by the same slots each time; its errors are given back.
Result<bool> isKeptSafely(const BindEnvironment& environment,
                          const std::function<Result<ExpressionPtr>(const BindEnvironment&)>& bind);

/// True if a function that gives rows is called anywhere in the tree.
bool hasSetFunction(const Expression& expression);

}  // namespace drift::plan
