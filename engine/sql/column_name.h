// Names of result columns, by PostgreSQL's rules (FigureColname). Free function, no thread rule.
#pragma once

#include <string>

#include "sql/ast.h"

namespace drift::sql {

/// Gives the name that a column of this expression gets without an alias: the column's, the function's,
/// the type's of a cast, "case", "coalesce", "exists" …, else "?column?".
std::string columnName(const Expression& expression);

/// Gives the name of a select item: its alias, or columnName().
std::string columnName(const SelectItem& item);

}  // namespace drift::sql
