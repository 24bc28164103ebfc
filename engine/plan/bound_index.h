// What is computed of the rows of a table and kept with them: the parts and the condition of an index.
//
// Their texts are bound anew for each use, as those of CHECK are, so they follow the types of the columns. What may be
// computed: PostgreSQL, CREATE INDEX: only what gives the same for the same row at all times. Free functions; one thread
// at a time.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "catalog/table.h"
#include "plan/environment.h"
#include "plan/node.h"

namespace drift::plan {

/// The parts of an index over the table's columns.
struct BoundIndex {
  std::vector<Column> inputs;        ///< the table's columns, in order
  std::vector<ExpressionPtr> parts;  ///< one for each column of the index; a plain column is one of `inputs`
  ExpressionPtr predicate;           ///< null: every row has an entry
};

/// Binds an index. Errors have no place: that within the stored text would mean nothing in a statement.
Result<BoundIndex> bindIndex(const catalog::Table& table, const catalog::Index& index,
                             const BindEnvironment& environment);
/// Binds one part, or the condition, of an index to be made, and refuses what must not be kept: InvalidObjectDefinition
/// for what is not immutable, FeatureNotSupported, GroupingError, WindowingError as PostgreSQL says them.
Status checkIndexPart(const catalog::Table& table, const std::string& text, const BindEnvironment& environment);
Status checkIndexPredicate(const catalog::Table& table, const std::string& text, const BindEnvironment& environment);

/// Refuses types whose values have no order: UndefinedObject.
Status checkIndexable(types::Type type);

/// The columns that an index reads, in its parts and its condition.
Result<std::set<ColumnId>> columnsOfIndex(const catalog::Table& table, const catalog::Index& index,
                                          const BindEnvironment& environment);

/// What an index part is shown as: a column's name, a call as it is, another expression in parentheses.
std::string indexPartText(const catalog::Table& table, const catalog::IndexColumn& column);

/// Puts names for others into the text of an expression: those of `expression`'s columns for which `newName` gives one.
/// `expression` was bound from `text`.
std::string withNames(std::string text, const Expression& expression,
                      const std::function<std::optional<std::string>(const Expression& column)>& newName);

}  // namespace drift::plan
