// Scope: the columns that names may mean at one place of a statement. Plain data, one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "plan/node.h"
#include "sql/ast.h"

namespace drift::plan {

struct ScopeColumn {
  Slot slot = 0;
  types::Type type;
  std::string name;
  std::optional<TreeId> table;
  std::optional<ColumnId> column;
};

/// One table of FROM, under the name it has there.
struct ScopeTable {
  std::string name;  ///< alias or table name; empty: cannot be named
  std::vector<ScopeColumn> columns;
  std::vector<ScopeColumn> hidden;   ///< system columns: found by name, left out of *
  std::vector<ColumnId> primaryKey;  ///< of a plain table: GROUP BY by it covers all columns
};

/// Names are looked up in the tables of one FROM, then in those of the queries around it, from the inside out. Refers
/// to `outer`.
class Scope final {
 public:
  explicit Scope(const Scope* outer = nullptr) : m_outer(outer) {}

  /// Adds a table; its columns become visible without a qualifier. DuplicateAlias.
  Status add(ScopeTable table, SourceSpan span);
  /// Takes in the tables of another scope, after its own. DuplicateAlias.
  Status merge(Scope other, SourceSpan span);

  /// Gives the column that a reference means, which may be one of an outer query. UndefinedColumn, UndefinedTable,
  /// AmbiguousColumn.
  Result<ScopeColumn> resolve(const sql::ColumnReference& reference, SourceSpan span) const;
  /// Gives the visible column of that name, if there is exactly one. AmbiguousColumn.
  Result<std::optional<ScopeColumn>> findVisible(const std::string& name, SourceSpan span) const;

  /// True if the slot is a column of this scope's own tables.
  bool owns(Slot slot) const;

  /// Columns of * in order.
  const std::vector<ScopeColumn>& visible() const { return m_visible; }
  std::vector<ScopeColumn>& visible() { return m_visible; }
  /// Table by name; null if there is none.
  const ScopeTable* findTable(const std::string& name) const;
  const std::vector<ScopeTable>& tables() const { return m_tables; }

 private:
  Result<ScopeColumn> resolveQualified(const sql::QualifiedName& name, SourceSpan span) const;
  Result<std::optional<ScopeColumn>> findHidden(const std::string& name, SourceSpan span) const;
  Error undefinedColumn(const std::string& name, const std::string& shown, SourceSpan span) const;

  const Scope* m_outer;
  std::vector<ScopeTable> m_tables;
  std::vector<ScopeColumn> m_visible;
};

/// Number of single-letter edits between two words: for "did you mean" hints.
std::size_t editDistance(std::string_view a, std::string_view b);

}  // namespace drift::plan
