// Functions that are written in SQL: the built-in ones, and those that users make. Free functions; one thread at a time.
#pragma once

#include <string_view>
#include <vector>

#include "catalog/function.h"
#include "plan/environment.h"

namespace drift::plan {

/// The built-in functions of that name that are queries over pg_catalog; their id is 0.
std::vector<catalog::FunctionRef> builtInSqlFunctions(std::string_view name);

/// True if a name is that of a function of ours, of any kind.
bool isBuiltInFunction(std::string_view name, const functions::Registry& registry);

/// Binds the body of a new function, to check it. Of a standard body * is written out, and what it names is noted, so
/// that it means the same later. InvalidObjectDefinition, and whatever binding a query gives; errors have no place.
Result<catalog::Function> bindFunctionDefinition(catalog::Function function, const BindEnvironment& environment);

}  // namespace drift::plan
