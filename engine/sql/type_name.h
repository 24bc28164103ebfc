// From a type as written to a types::Type. Free function, no thread rule.
#pragma once

#include "base/result.h"
#include "sql/ast_expression.h"
#include "types/type.h"

namespace drift::sql {

/// Gives the type of a name and its modifiers. UndefinedObject for an unknown name, FeatureNotSupported for a
/// type of PostgreSQL that is not there yet, InvalidParameterValue for modifiers out of range.
Result<types::Type> resolveType(const TypeName& name);

}  // namespace drift::sql
